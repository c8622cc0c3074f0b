//! A provider of text messages, which go to the outbox.

use providers::{SendError, TextMessage, TextSender};

use crate::faults::Service;
use crate::outbox::Draft;
use crate::{Fault, Faults, Outbox, Setup};

/// Who they come from: a sender as providers register it.
const SENDER: &str = "SAMPRK";

/// A provider of text messages for tests and for the local platform. Clones share one outbox.
#[derive(Clone, Debug)]
pub struct Sms {
    outbox: Outbox,
    faults: Faults,
}

impl Sms {
    /// A provider over an outbox.
    pub fn new(outbox: Outbox, setup: &Setup) -> Self {
        Self { outbox, faults: setup.faults.clone() }
    }
}

#[async_trait::async_trait]
impl TextSender for Sms {
    async fn send(&self, text: &TextMessage) -> Result<String, SendError> {
        let applies = |fault| !matches!(fault, Fault::Conflict | Fault::Partial);
        let unreached = |_| SendError::not_taken("the provider could not be reached");
        let fault = self.faults.next(Service::Sms, "Send", true, applies).map_err(unreached)?;
        if fault == Some(Fault::Throttled) {
            return Err(SendError::not_taken("the provider is busy"));
        }
        let TextMessage { id: _, to, text, sender, template: _ } = text;
        let draft = Draft {
            channel: "sms".to_owned(),
            from: sender.as_deref().unwrap_or(SENDER).to_owned(),
            to: vec![to.clone()],
            subject: String::new(),
            raw: text.clone().into_bytes(),
        };
        let kept = self.outbox.keep(&draft).map_err(|error| SendError::not_taken(error.to_string()))?;
        let unanswered = |_| SendError::Unknown("the provider did not answer in time".to_owned());
        self.faults.answered(fault).map_err(unanswered)?;
        Ok(format!("sms-{kept:016}"))
    }
}
