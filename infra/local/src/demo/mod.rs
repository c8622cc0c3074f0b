//! Demo data: an organization for each of the products that the platform serves, made through the public API.

mod api;

use std::path::Path;

use serde_json::{Value, json};

use crate::files;
use crate::idle::NotIdle;
use crate::{Local, doubles};

use api::Api;
pub use api::DemoError;

/// Every demo account's password. It is no secret and opens nothing but demo data: demo accounts are made by the
/// local platform alone, never where the functions are deployed.
pub const PASSWORD: &str = "sampark-demo-only";

/// A sample of leads of the project's own making.
const LEADS: &str = include_str!("../../demo/leads.csv");

/// A demo organization.
struct Demo {
    name: &'static str,
    domain: &'static str,
    /// Its people beside the owner: the part before the `@`, which is their first name too, and their role.
    members: &'static [(&'static str, &'static str)],
    /// The source of the leads that its public form captures.
    form: &'static str,
    /// Whether it begins with the sample of leads.
    has_leads: bool,
}

const ALL: [Demo; 5] = [
    Demo {
        name: "Demo Admissions Office",
        domain: "admissions.example",
        members: &[("manager", "manager"), ("counselor", "counselor"), ("viewer", "viewer")],
        form: "Website",
        has_leads: true,
    },
    Demo {
        name: "Demo Fund Distributors",
        domain: "funds.example",
        members: &[("distributor", "mfd")],
        form: "Website",
        has_leads: false,
    },
    Demo {
        name: "Demo Calling Team",
        domain: "calls.example",
        members: &[("manager", "manager"), ("caller", "agent")],
        form: "Call back",
        has_leads: false,
    },
    Demo {
        name: "Demo Cotton Brokers",
        domain: "cotton.example",
        members: &[("partner", "partner_user")],
        form: "Trade enquiry",
        has_leads: false,
    },
    Demo {
        name: "Demo Renewals Desk",
        domain: "renewals.example",
        members: &[("manager", "manager"), ("agent", "agent")],
        form: "Renewal request",
        has_leads: false,
    },
];

impl Demo {
    fn address(&self, who: &str) -> String {
        format!("{who}@{}", self.domain)
    }
}

/// The demo organizations with their owners' addresses; the first has leads.
pub fn owners() -> impl Iterator<Item = (&'static str, String)> {
    ALL.iter().map(|demo| (demo.name, demo.address("owner")))
}

/// Makes the demo organizations that are not there yet. Those done are remembered in the data folder, because a
/// sign-in at every start would use up the owners' own.
pub(crate) async fn set_up(local: &Local, data: Option<&Path>) -> Result<(), DemoError> {
    let file = data.map(|data| data.join("demo"));
    let done = file.as_deref().map(files::read).transpose()?.flatten().unwrap_or_default();
    let mut done: Vec<_> = done.lines().collect();
    let missing: Vec<_> = ALL.iter().filter(|demo| done.iter().all(|name| *name != demo.domain)).collect();
    if missing.is_empty() {
        return Ok(());
    }
    for demo in missing {
        make(demo, Api::of(local)).await?;
        done.push(demo.domain);
        if let Some(file) = &file {
            files::replace(file, done.join("\n").as_bytes())?;
        }
    }
    local.idle().await.map_err(|NotIdle| DemoError::NotIdle)
}

/// Every step may have been done by a start that was killed before it could remember.
async fn make(demo: &Demo, mut api: Api<'_>) -> Result<(), DemoError> {
    let email = demo.address("owner");
    let owner = json!({
        "organization_name": demo.name, "first_name": "Owner", "last_name": "Example", "email": email, "password": PASSWORD,
    });
    let signed_in = match api.post_once("/auth/register", &owner).await? {
        Some(registered) => registered,
        None => api.post("/auth/login", &json!({"email": email, "password": PASSWORD})).await?,
    };
    api.sign_in(&signed_in)?;
    // Whoever comes back after the week of grace shall still get in with the password on the screen.
    api.put("/organization", &json!({"security": {"admin_second_factor": false}})).await?;

    let branches = api.get("/branches").await?;
    let branch = branches["branches"][0]["id"].clone();
    for (who, role) in demo.members {
        let member = json!({
            "email": demo.address(who), "first_name": capitalized(who), "last_name": "Example",
            "password": PASSWORD, "must_change_password": false, "role": role, "branch_ids": [branch],
        });
        api.post_once("/users", &member).await?;
    }
    if api.get("/forms").await?["forms"].as_array().is_none_or(Vec::is_empty) {
        let form = json!({"name": demo.form, "source": demo.form, "branch_id": branch});
        api.post("/forms", &form).await?;
    }
    if api.get("/integrations").await?["integrations"].as_array().is_none_or(Vec::is_empty) {
        for connection in connections() {
            api.post("/integrations", &connection).await?;
        }
    }
    if demo.has_leads {
        api.upload_once("/leads/import", "leads.csv", LEADS).await?;
    }
    Ok(())
}

/// The doubles of this machine: what is sent over them is in the outbox.
fn connections() -> [Value; 2] {
    let whatsapp = json!({
        "provider": "whatsapp", "name": "WhatsApp (this machine)",
        "settings": {
            "phone_number_id": doubles::WHATSAPP_NUMBER,
            "business_account_id": doubles::WHATSAPP_BUSINESS,
        },
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
    [whatsapp, twilio]
}

fn capitalized(word: &str) -> Value {
    let mut letters = word.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).map_or(Value::Null, Value::String)
}
