//! The machines that webhooks tell.

use std::sync::{Arc, Mutex};

use providers::{WebhookCall, WebhookCaller, WebhookRefused};

/// Remembers what machines were told, and answers as it was set to: success, unless it was. Clones share it.
#[derive(Debug, Clone, Default)]
pub struct Webhooks(Arc<Mutex<Told>>);

#[derive(Debug, Default)]
struct Told {
    calls: Vec<WebhookCall>,
    refuses: Option<WebhookRefused>,
}

impl Webhooks {
    /// What they were told so far.
    pub fn calls(&self) -> Vec<WebhookCall> {
        self.0.lock().expect("no test panicked here").calls.clone()
    }

    /// From now on they answer so.
    pub fn refuse(&self, with: Option<WebhookRefused>) {
        self.0.lock().expect("no test panicked here").refuses = with;
    }
}

#[async_trait::async_trait]
impl WebhookCaller for Webhooks {
    async fn call(&self, call: &WebhookCall) -> Result<u16, WebhookRefused> {
        let mut told = self.0.lock().expect("no test panicked here");
        told.calls.push(call.clone());
        told.refuses.map_or(Ok(200), Err)
    }
}
