//! The machines that webhooks tell.

use std::fmt;
use std::sync::{Arc, Mutex};

use providers::{WebhookAnswer, WebhookCall, WebhookCaller, WebhookRefused};

type Answering = dyn Fn(&WebhookCall) -> Result<WebhookAnswer, WebhookRefused> + Send;

/// Remembers what machines were told, and answers as it was set to: success, unless it was. Clones share it.
#[derive(Clone, Default)]
pub struct Webhooks(Arc<Mutex<Told>>);

#[derive(Default)]
struct Told {
    calls: Vec<WebhookCall>,
    answering: Option<Box<Answering>>,
}

impl fmt::Debug for Webhooks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Webhooks")
    }
}

impl Webhooks {
    /// What they were told so far.
    pub fn calls(&self) -> Vec<WebhookCall> {
        self.0.lock().expect("no test panicked here").calls.clone()
    }

    /// From now on they cannot be told, for this reason, or answer with success.
    pub fn refuse(&self, with: Option<WebhookRefused>) {
        self.answer(move |_| with.map_or_else(|| Ok(Self::status(200)), Err));
    }

    /// From now on they answer so.
    pub fn answer(&self, answering: impl Fn(&WebhookCall) -> Result<WebhookAnswer, WebhookRefused> + Send + 'static) {
        self.0.lock().expect("no test panicked here").answering = Some(Box::new(answering));
    }

    /// An answer of this status and nothing else.
    pub fn status(status: u16) -> WebhookAnswer {
        WebhookAnswer { status, ..WebhookAnswer::default() }
    }
}

#[async_trait::async_trait]
impl WebhookCaller for Webhooks {
    async fn call(&self, call: &WebhookCall) -> Result<WebhookAnswer, WebhookRefused> {
        let mut told = self.0.lock().expect("no test panicked here");
        told.calls.push(call.clone());
        told.answering.as_ref().map_or_else(|| Ok(Self::status(200)), |answering| answering(call))
    }
}
