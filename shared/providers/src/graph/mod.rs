//! Meta's Graph API, for what people answered in the forms of lead ads: `GET /{version}/{leadgen-id}`, by
//! <https://developers.facebook.com/docs/marketing-api/guides/lead-ads/retrieving>, with the fields of
//! <https://developers.facebook.com/docs/marketing-api/reference/user-lead-gen-info/>.
//!
//! What a failure means follows [Meta's code of it](failure). What is wrong with the token or its permissions may be mended, so
//! that it is no end.

mod failure;
mod forms;
pub(crate) mod paging;

use domain::integration::Credential;
use http::HeaderValue;
use serde::Deserialize;

use crate::SendError;
use crate::api::{Answer, Api, secret};

pub(crate) use failure::failure;
pub use forms::{FilledForm, GraphPage};

/// What is asked for: nothing that needs more permissions than the answers do.
const FIELDS: &str = "id,field_data";
/// A form has fewer questions; more is nothing of Meta's.
const MAX_ANSWERS: usize = 200;
/// The longest id.
const MAX_ID: usize = 32;

/// Asks the Graph API of one page.
#[derive(Debug, Clone)]
pub struct Graph {
    api: Api,
    base: String,
    authorization: HeaderValue,
}

/// What somebody answered in the form of a lead ad.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeadAnswers {
    /// Meta's id of it.
    pub id: String,
    /// The answers, in the form's order.
    pub answers: Vec<LeadAnswer>,
}

/// One answer.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct LeadAnswer {
    /// The question's name: `full_name`, `phone_number`, or the page's own.
    pub name: String,
    /// What was answered: more than one where several could be chosen, none where nothing was.
    #[serde(default)]
    pub values: Vec<String>,
}

#[derive(Deserialize)]
struct Told {
    id: String,
    field_data: Vec<LeadAnswer>,
}

impl Graph {
    /// With a token that may retrieve leads (`leads_retrieval`), at [`CloudWhatsApp::BASE`](crate::CloudWhatsApp::BASE), which is
    /// the same API, or where a double of it lies.
    pub fn new(api: Api, base: &str, token: &Credential) -> Result<Self, SendError> {
        let authorization = secret(&format!("Bearer {}", token.expose()))?;
        Ok(Self { api, base: base.to_owned(), authorization })
    }

    /// What somebody answered, by Meta's id of it: 1 `GET`. Refused where it will never be told.
    pub async fn lead(&self, id: &str) -> Result<LeadAnswers, SendError> {
        if !is_id(id) {
            return Err(SendError::Refused("the id of the lead is not one".to_owned()));
        }
        let url = format!("{}/{id}?fields={FIELDS}", self.base);
        told(id, &self.api.get("Facebook", id, &url, ("authorization", &self.authorization)).await?)
    }
}

pub(crate) fn is_id(text: &str) -> bool {
    (1..=MAX_ID).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// What an answer means.
fn told(id: &str, answer: &Answer) -> Result<LeadAnswers, SendError> {
    if answer.is_success() {
        let Told { id: told, field_data: answers } = answer.json()?;
        if told != id || answers.len() > MAX_ANSWERS {
            return Err(answer.not_taken("the answer of Facebook is not the lead that was asked for".to_owned()));
        }
        return Ok(LeadAnswers { id: told, answers });
    }
    Err(failure("Facebook", answer, passes, meaning))
}

/// What people can do something about.
pub(crate) const fn meaning(code: u32) -> &'static str {
    if matches!(code, 102 | 190) { ": the access token is not good" } else { "" }
}

/// Whether a failure may pass, or be mended by whoever has the page. Of a lead that is not there and of one that the token
/// may not see Meta tells the same (100.33).
pub(crate) const fn passes(code: u32, subcode: Option<u32>) -> bool {
    let is_hidden = matches!((code, subcode), (100, Some(33)));
    is_hidden
        || matches!(
            code,
            // Meta's side.
            1 | 2
            // Too often: the app, the user, the page, the business.
            | 4 | 17 | 32 | 341 | 613 | 80_000..=80_014
            // The token and its permissions.
            | 3 | 10 | 102 | 190 | 200..=299 | 368
        )
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::api::tests::answer;

    /// The example that Meta documents.
    const DOCUMENTED: &str = r#"{"created_time": "2015-02-28T08:49:14+0000", "id": "444", "ad_id": "1", "form_id": "2",
        "field_data": [{"name": "car_make", "values": ["Honda"]}, {"name": "full_name", "values": ["Joe Example"]}]}"#;

    #[test]
    fn the_documented_answer_reads() {
        let lead = told("444", &answer(200, DOCUMENTED)).expect("it reads");
        let named: Vec<_> = lead.answers.iter().map(|one| (one.name.as_str(), one.values[0].as_str())).collect();
        assert_eq!(named, [("car_make", "Honda"), ("full_name", "Joe Example")]);
    }

    #[test]
    fn another_lead_and_what_does_not_read_is_asked_for_again() {
        for (id, body) in [("445", DOCUMENTED), ("444", "{}"), ("444", "<html>")] {
            let told = told(id, &answer(200, body));
            assert!(matches!(told, Err(SendError::NotTaken { .. } | SendError::Unknown(_))), "{body}");
        }
        let many: Vec<_> = (0..=MAX_ANSWERS).map(|n| serde_json::json!({"name": n.to_string()})).collect();
        let body = serde_json::json!({"id": "444", "field_data": many}).to_string();
        assert!(told("444", &answer(200, &body)).is_err());
    }

    #[test]
    fn a_failure_is_the_end_only_where_nothing_mends_it() {
        let failure = |status: u16, error: &str| told("444", &answer(status, &format!(r#"{{"error": {error}}}"#)));
        for (status, error) in [
            (400, r#"{"code": 190, "message": "Error validating access token"}"#),
            (400, r#"{"code": 100, "error_subcode": 33}"#),
            (403, r#"{"code": 200}"#),
            (400, r#"{"code": 32}"#),
            (500, r#"{"code": 1}"#),
            (400, r#"{"code": 5, "is_transient": true}"#),
            (503, "{}"),
            (404, "{}"),
        ] {
            assert!(matches!(failure(status, error), Err(SendError::NotTaken { .. })), "{status} {error}");
        }
        for (status, error) in [(400, r#"{"code": 100}"#), (400, r#"{"code": 2500}"#), (400, "{}"), (302, "{}")] {
            assert!(matches!(failure(status, error), Err(SendError::Refused(_))), "{status} {error}");
        }
    }

    #[test]
    fn what_is_no_id_is_no_part_of_an_address() {
        for wrong in ["", "me", "1/2", "1?a=b", "../1", "9".repeat(33).as_str()] {
            assert!(!is_id(wrong), "{wrong}");
        }
        assert!(is_id("444444444444"));
    }

    proptest! {
        #[test]
        fn no_answer_breaks_it(status in 100_u16..600, body in ".{0,200}") {
            let _ = told("1", &answer(status, &body));
        }
    }
}
