//! What a failure of Meta's Graph API means, whatever was asked of it:
//! <https://developers.facebook.com/docs/graph-api/guides/error-handling/>.

use serde::Deserialize;

use crate::SendError;
use crate::api::Answer;

#[derive(Default, Deserialize)]
struct Failure {
    #[serde(default)]
    error: GraphError,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct GraphError {
    code: Option<u32>,
    error_subcode: Option<u32>,
    is_transient: bool,
}

/// The failure that an answer of `name` tells. `passes` says of a code and its subcode whether they may pass, `meaning` what
/// people can do something about.
pub(crate) fn failure(
    name: &str,
    answer: &Answer,
    passes: impl Fn(u32, Option<u32>) -> bool,
    meaning: impl Fn(u32) -> &'static str,
) -> SendError {
    let Failure { error: GraphError { code, error_subcode, is_transient } } = answer.json().unwrap_or_default();
    let Some(code) = code else {
        let why = format!("{name} answered {}", answer.status);
        return match answer.status {
            401 | 403 | 404 | 408 | 429 | 500..=599 => answer.not_taken(why),
            _ => SendError::Refused(why),
        };
    };
    let subcode = error_subcode.map(|subcode| format!(".{subcode}")).unwrap_or_default();
    let why = format!("{name}'s error {code}{subcode}{}", meaning(code));
    if is_transient || passes(code, error_subcode) { answer.not_taken(why) } else { SendError::Refused(why) }
}
