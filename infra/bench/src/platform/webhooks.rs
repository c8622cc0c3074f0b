//! What WhatsApp tells: messages of the leads that the sheet made, signed as Meta signs.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use local::Local;
use providers::inbound::meta;
use serde_json::json;
use standins::Clock as _;

use super::operations::{Ask, Operation, place};
use super::sheet;
use super::tenant::Tenant;
use crate::error::BenchError;

/// A connection takes 100 a second, so the callers share a few.
const CONNECTIONS: u32 = 25;
/// Signs what is told to these connections.
const APP_SECRET: &str = "only-for-the-bench";

/// Connections to WhatsApp, each of a number of its own.
pub(super) struct Connections {
    /// Address and number.
    all: Vec<(String, String)>,
    /// When they were made, in seconds since 1970.
    at: u64,
}

impl Connections {
    pub(super) async fn make(local: &Local, tenant: &Tenant) -> Result<Arc<Self>, BenchError> {
        let mut all = Vec::new();
        for place in 0..CONNECTIONS {
            let number = (100_000_000_000_000_u64 + u64::from(place)).to_string();
            let body = json!({
                "provider": "whatsapp", "name": format!("Number {place}"),
                "settings": {"phone_number_id": number},
                "credentials": {"access_token": "asked-for-nothing", "app_secret": APP_SECRET, "verify_token": "asked-by-nobody"},
            });
            let made = tenant.call(local, &Ask::post("/v1/integrations".to_owned(), body.to_string())).await?;
            let id = made["data"]["id"].as_str().unwrap_or_default();
            all.push((format!("/v1/webhooks/whatsapp/{id}"), number));
        }
        Ok(Arc::new(Self { all, at: local.clock.now_unix_secs() }))
    }
}

/// A message of one of the leads, each time another. What follows (timeline, window, notification) is no part of the answer.
pub(super) fn message(connections: &Arc<Connections>, leads: u32, next: &Arc<AtomicU32>) -> Arc<Operation> {
    let (connections, next) = (Arc::clone(connections), Arc::clone(next));
    Operation::new("webhook", 200, move |caller, turn| {
        let (path, number) = &connections.all[caller % connections.all.len()];
        let lead = u32::try_from(place(caller, turn, leads as usize)).unwrap_or_default();
        let from = sheet::lead(lead)["phone"].as_str().unwrap_or_default().replace('+', "");
        let message = json!({
            "from": from, "id": format!("wamid.{:032X}", next.fetch_add(1, Ordering::Relaxed)),
            "timestamp": connections.at.to_string(), "type": "text", "text": {"body": "What does it cost?"},
        });
        let value = json!({
            "messaging_product": "whatsapp",
            "metadata": {"display_phone_number": "15550000000", "phone_number_id": number},
            "contacts": [{"profile": {"name": "Example"}, "wa_id": from}], "messages": [message],
        });
        let entry = json!({"id": "1", "changes": [{"value": value, "field": "messages"}]});
        let body = json!({"object": "whatsapp_business_account", "entry": [entry]}).to_string();
        let signature = meta::sign(APP_SECRET, body.as_bytes()).unwrap_or_default();
        let headers = vec![("x-hub-signature-256", signature)];
        Ask { signed: false, headers, ..Ask::post(path.clone(), body) }
    })
}
