//! The templates of a WhatsApp business account: `GET /{version}/{account-id}/message_templates`, by
//! <https://developers.facebook.com/documentation/business-messaging/whatsapp/templates/template-management/>, with the fields
//! and states of <https://developers.facebook.com/docs/graph-api/reference/whats-app-business-hsm>.

use domain::integration::Credential;
use domain::template::{ApprovalTold, TemplateApproval};
use http::HeaderValue;
use jiff::Timestamp;
use serde::Deserialize;

use crate::SendError;
use crate::api::{Answer, Api, secret};
use crate::graph::paging::{Told, query};
use crate::graph::{failure, meaning, passes};

/// So many at once, so that an answer is no longer than one may be, whatever their names.
const PAGE: usize = 50;
/// A name that is part of so many others is not looked for further.
const MAX_PAGES: usize = 4;
/// The longest reason, in characters.
const MAX_REASON: usize = 500;

/// Where Meta's look at a template stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TemplateStanding {
    /// Meta looks at it, or looks again.
    Pending,
    /// It may be sent.
    Approved,
    /// It may not, and why: in Meta's words, 500 characters at most.
    Rejected(String),
}

impl TemplateStanding {
    /// The same as a template takes it, from this moment on.
    pub fn since(&self, at: Timestamp) -> ApprovalTold {
        let (state, reason) = match self {
            Self::Pending => (TemplateApproval::Pending, None),
            Self::Approved => (TemplateApproval::Approved, None),
            Self::Rejected(why) => (TemplateApproval::Rejected, why.parse().ok()),
        };
        ApprovalTold { state, reason, at }
    }

    /// What a state or an event of Meta's means, with the reason and the words that it gives. `None` where it says nothing of
    /// whether the template may be sent.
    pub(crate) fn read(state: &str, reason: Option<&str>, words: Option<&str>) -> Option<Self> {
        match state {
            "PENDING" | "IN_APPEAL" => Some(Self::Pending),
            "APPROVED" | "REINSTATED" => Some(Self::Approved),
            "REJECTED" | "PAUSED" | "DISABLED" | "LIMIT_EXCEEDED" | "ARCHIVED" | "PENDING_DELETION" | "DELETED" => {
                let reason = reason.filter(|reason| !matches!(*reason, "" | "NONE")).unwrap_or(state);
                let why = words.map_or_else(|| reason.to_owned(), |words| format!("{reason}: {words}"));
                let line = |char: char| if char.is_control() { ' ' } else { char };
                Some(Self::Rejected(why.chars().map(line).take(MAX_REASON).collect()))
            }
            _ => None,
        }
    }
}

/// Asks for the templates of one account.
#[derive(Debug, Clone)]
pub struct CloudTemplates {
    api: Api,
    url: String,
    authorization: HeaderValue,
}

#[derive(Deserialize)]
struct InTemplate {
    name: String,
    language: String,
    status: String,
    rejected_reason: Option<String>,
}

impl CloudTemplates {
    /// An account by Meta's id of it and a token that may see its templates (`whatsapp_business_management`), at
    /// [`CloudWhatsApp::BASE`](crate::CloudWhatsApp::BASE) or where a double of it lies.
    pub fn new(api: Api, base: &str, account: &str, token: &Credential) -> Result<Self, SendError> {
        if account.is_empty() || !account.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(SendError::Refused("the id of the WhatsApp account is not one".to_owned()));
        }
        let authorization = secret(&format!("Bearer {}", token.expose()))?;
        Ok(Self { api, url: format!("{base}/{account}/message_templates"), authorization })
    }

    /// Where the template of this name stands whose language `is_its` knows, as Meta writes it. `None` where there is none, or
    /// where nothing is said of whether it may be sent. Meta finds names that a name is part of too: 1 `GET` a 50 of them, 4
    /// at most.
    pub async fn standing(
        &self,
        name: &str,
        is_its: impl Fn(&str) -> bool,
    ) -> Result<Option<TemplateStanding>, SendError> {
        let mut after = None;
        for _ in 0..MAX_PAGES {
            let url = self.page(name, after.as_deref());
            let answer = self.api.get("WhatsApp", name, &url, ("authorization", &self.authorization)).await?;
            let (data, next) = told(&answer)?.parts();
            if let Some(found) = data.into_iter().find(|one| one.name == name && is_its(&one.language)) {
                let InTemplate { name: _, language: _, status, rejected_reason } = found;
                return Ok(TemplateStanding::read(&status, rejected_reason.as_deref(), None));
            }
            if next.is_none() {
                return Ok(None);
            }
            after = next;
        }
        Err(SendError::Refused("WhatsApp has too many templates that are called alike".to_owned()))
    }

    fn page(&self, name: &str, after: Option<&str>) -> String {
        let query = query("name,language,status,rejected_reason", PAGE, after, &[("name", name)]);
        format!("{}?{query}", self.url)
    }
}

/// What an answer means.
fn told(answer: &Answer) -> Result<Told<InTemplate>, SendError> {
    if answer.is_success() {
        return answer.json();
    }
    Err(failure("WhatsApp", answer, passes, meaning))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::api::tests::answer;

    #[test]
    fn each_documented_state_says_whether_it_may_be_sent() {
        let rejected = |why: &str| Some(TemplateStanding::Rejected(why.to_owned()));
        assert_eq!(TemplateStanding::read("APPROVED", Some("NONE"), None), Some(TemplateStanding::Approved));
        assert_eq!(TemplateStanding::read("IN_APPEAL", None, None), Some(TemplateStanding::Pending));
        assert_eq!(TemplateStanding::read("REJECTED", Some("SCAM"), None), rejected("SCAM"));
        assert_eq!(TemplateStanding::read("PAUSED", Some("NONE"), None), rejected("PAUSED"));
        assert_eq!(TemplateStanding::read("REJECTED", Some("A"), Some("b\nc")), rejected("A: b c"));
        for nothing in ["FLAGGED", "LOCKED", "UNLOCKED", "UNARCHIVED", ""] {
            assert_eq!(TemplateStanding::read(nothing, None, None), None, "{nothing}");
        }
    }

    /// The example that Meta documents.
    #[test]
    fn the_documented_answer_reads() {
        let body = r#"{"data": [{"name": "reservation_confirmation", "language": "en_US", "status": "APPROVED",
            "category": "UTILITY", "id": "1387372356726668"}], "paging": {"cursors": {"before": "MAZDZD", "after": "MjQZD"}}}"#;
        let (data, next) = told(&answer(200, body)).expect("it reads").parts();
        assert_eq!((data[0].status.as_str(), data[0].rejected_reason.as_deref()), ("APPROVED", None));
        assert_eq!(next, None);
        for (status, body) in [(200, "{}"), (503, ""), (400, r#"{"error": {"code": 190}}"#)] {
            let told = told(&answer(status, body));
            assert!(matches!(told, Err(SendError::NotTaken { .. } | SendError::Unknown(_))), "{body}");
        }
        assert!(matches!(told(&answer(400, r#"{"error": {"code": 100}}"#)), Err(SendError::Refused(_))));
    }

    proptest! {
        #[test]
        fn no_answer_breaks_it(status in 100_u16..600, body in ".{0,200}", state in "[A-Z_]{0,20}", why in ".{0,600}") {
            let _ = told(&answer(status, &body));
            if let Some(TemplateStanding::Rejected(why)) = TemplateStanding::read(&state, Some(&why), Some(&why)) {
                prop_assert!(why.chars().count() <= MAX_REASON);
            }
        }
    }
}
