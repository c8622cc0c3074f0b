//! Webhooks of this machine: really sent, and shown in the outbox.

use providers::{GuardedWebhooks, Reach, WebhookAnswer, WebhookCall, WebhookCaller, WebhookRefused};
use standins::Outbox;
use standins::outbox::Draft;

/// The addresses that webhooks may ask here.
#[expect(clippy::disallowed_methods, reason = "the one place where webhooks may ask the machine itself")]
pub(crate) const fn reach(to_loopback: bool) -> Reach {
    if to_loopback { Reach::with_loopback() } else { Reach::PUBLIC }
}

/// Tells machines, and notes in the outbox what they were told and what came of it.
#[derive(Debug)]
pub(crate) struct ShownWebhooks {
    told: GuardedWebhooks,
    outbox: Outbox,
}

impl ShownWebhooks {
    pub(crate) fn new(reach: Reach, outbox: Outbox) -> std::io::Result<Self> {
        Ok(Self { told: GuardedWebhooks::new(reach)?, outbox })
    }
}

#[async_trait::async_trait]
impl WebhookCaller for ShownWebhooks {
    async fn call(&self, call: &WebhookCall) -> Result<WebhookAnswer, WebhookRefused> {
        let answer = self.told.call(call).await;
        let came = match &answer {
            Ok(answer) => format!("{} to {}", answer.status, call.id),
            Err(refused) => format!("{} for {}", refused.code(), call.id),
        };
        let draft = Draft {
            channel: "webhook".to_owned(),
            from: "sampark".to_owned(),
            to: vec![call.url.clone()],
            subject: came,
            raw: call.body.clone().into_bytes(),
        };
        if let Err(error) = self.outbox.keep(&draft) {
            tracing::warn!(%error, "a webhook is not shown in the outbox");
        }
        answer
    }
}
