//! The connections of demo organizations to the doubles of this machine: what is sent over them is in the outbox, and what
//! becomes of it is told where they said.

use serde_json::{Value, json};

use super::Demo;
use super::api::{Api, DemoError};
use crate::acting::Account;
use crate::{Local, doubles};

/// Makes what is not there, and tells the providers that call one address where it is. Each step may have been done before.
pub(super) async fn make(demo: &Demo, local: &Local, api: &Api<'_>) -> Result<(), DemoError> {
    if all(api).await?.is_empty() {
        for connection in connections(demo) {
            api.post("/integrations", &connection).await?;
        }
    }
    for connection in all(api).await? {
        let account = match connection["provider"].as_str() {
            Some("whatsapp") => Account::Whatsapp { number: text(&connection["settings"]["phone_number_id"]) },
            Some("ses") => Account::Ses { key: ses_key(demo) },
            _ => continue,
        };
        let url = text(&connection["webhook_url"]);
        let connected = local.acting.connect(&account, &url, doubles::WHATSAPP_VERIFY_TOKEN).await;
        connected.map_err(|error| DemoError::NotConnected(error.to_string()))?;
    }
    Ok(())
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

async fn all(api: &Api<'_>) -> Result<Vec<Value>, DemoError> {
    Ok(api.get("/integrations").await?["integrations"].as_array().cloned().unwrap_or_default())
}

fn connections(demo: &Demo) -> [Value; 3] {
    let whatsapp = json!({
        "provider": "whatsapp", "name": "WhatsApp (this machine)",
        "settings": {"phone_number_id": demo.whatsapp, "business_account_id": doubles::WHATSAPP_BUSINESS},
        "credentials": {
            "access_token": doubles::WHATSAPP_TOKEN, "app_secret": doubles::WHATSAPP_SECRET,
            "verify_token": doubles::WHATSAPP_VERIFY_TOKEN,
        },
    });
    let twilio = json!({
        "provider": "twilio", "name": "SMS (this machine)",
        "settings": {"account_sid": doubles::TWILIO_ACCOUNT, "sender": doubles::TWILIO_SENDER},
        "credentials": {"auth_token": doubles::TWILIO_TOKEN},
    });
    let ses = json!({
        "provider": "ses", "name": "E-mail (this machine)",
        "settings": {"region": "ap-south-1", "from": demo.address("office"), "topic_arn": doubles::MAIL_TOPIC},
        "credentials": {"access_key_id": ses_key(demo), "secret_access_key": doubles::SES_SECRET},
    });
    [whatsapp, twilio, ses]
}

/// The access key by which SES's double tells whose mails are whose.
fn ses_key(demo: &Demo) -> String {
    format!("local-{}", demo.domain)
}
