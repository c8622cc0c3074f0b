//! `PUT /communication-settings`.

use axum::extract::State;
use domain::outreach::{Caps, DltSettings, QuietHours, SettingsPatch};
use domain::{CommunicationSettings, FieldInvalid, Invalid, Label, Permission};
use jiff::civil::Time;
use serde::Deserialize;
use serde_json::Value;
use utoipa::ToSchema;
use web::wire::written;
use web::{App, Body, Envelope, Field, Fields, FromWire, IfMatch, Problem, SignedIn, Versioned, change_or_begin};

use super::{CommunicationSettingsView, DailyCaps, DltView, QuietHoursView};

/// What of the settings changes. The objects in it are merged, too.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct CommunicationSettingsUpdate {
    #[serde(default)]
    #[schema(value_type = Option<QuietHoursView>)]
    quiet_hours: Field<NewQuietHours>,
    #[serde(default)]
    #[schema(value_type = DailyCaps)]
    daily_caps: Field<NewCaps>,
    #[serde(default)]
    #[schema(value_type = bool)]
    require_consent: Field<bool>,
    #[serde(default)]
    #[schema(value_type = DltView)]
    dlt: Field<NewDlt>,
    #[serde(default)]
    #[schema(value_type = Option<Label>)]
    sender_name: Field<Label>,
    #[serde(default)]
    #[schema(value_type = bool)]
    tracking: Field<bool>,
}

impl Fields for CommunicationSettingsUpdate {
    const WRITES: &'static [&'static str] =
        &["quiet_hours", "daily_caps", "require_consent", "dlt", "sender_name", "tracking"];
}

/// Reads an object of the body.
macro_rules! object {
    ($($name:ident),*) => {$(
        impl FromWire for $name {
            fn from_wire(value: Value) -> Result<Self, Vec<FieldInvalid>> {
                web::wire::fields(value)
            }
        }
    )*};
}

object!(NewQuietHours, NewCaps, NewDlt);

#[derive(Debug, Deserialize)]
struct NewQuietHours {
    #[serde(default)]
    from: Field<String>,
    #[serde(default)]
    to: Field<String>,
}

impl NewQuietHours {
    fn parse(self, wrong: &mut Vec<FieldInvalid>) -> Option<QuietHours> {
        let mut time = |field: Field<String>, name: &str| {
            let text = field.required(name, wrong)?;
            let invalid = || Invalid::new("not_a_time", "must be a time of day, as in 21:00");
            text.parse::<Time>().map_err(|_| wrong.push(FieldInvalid::new(name, invalid()))).ok()
        };
        let (from, to) = (time(self.from, "quiet_hours.from"), time(self.to, "quiet_hours.to"));
        Some(QuietHours { from: from?, to: to? })
    }
}

#[derive(Debug, Deserialize)]
struct NewCaps {
    #[serde(default)]
    email: Field<u32>,
    #[serde(default)]
    sms: Field<u32>,
    #[serde(default)]
    whatsapp: Field<u32>,
    #[serde(default)]
    phone: Field<u32>,
}

type Written<T> = Option<Option<T>>;

struct ParsedCaps {
    email: Written<u32>,
    sms: Written<u32>,
    whatsapp: Written<u32>,
    phone: Written<u32>,
}

impl NewCaps {
    fn parse(self, wrong: &mut Vec<FieldInvalid>) -> ParsedCaps {
        ParsedCaps {
            email: self.email.patch("daily_caps.email", wrong),
            sms: self.sms.patch("daily_caps.sms", wrong),
            whatsapp: self.whatsapp.patch("daily_caps.whatsapp", wrong),
            phone: self.phone.patch("daily_caps.phone", wrong),
        }
    }
}

impl ParsedCaps {
    fn over(&self, caps: Caps) -> Caps {
        Caps {
            email: self.email.unwrap_or(caps.email),
            sms: self.sms.unwrap_or(caps.sms),
            whatsapp: self.whatsapp.unwrap_or(caps.whatsapp),
            phone: self.phone.unwrap_or(caps.phone),
        }
    }
}

#[derive(Debug, Deserialize)]
struct NewDlt {
    #[serde(default)]
    entity_id: Field<String>,
    #[serde(default)]
    header: Field<String>,
    #[serde(default)]
    required: Field<bool>,
}

struct ParsedDlt {
    entity_id: Written<String>,
    header: Written<String>,
    required: Option<bool>,
}

impl NewDlt {
    fn parse(self, wrong: &mut Vec<FieldInvalid>) -> ParsedDlt {
        ParsedDlt {
            entity_id: self.entity_id.patch("dlt.entity_id", wrong),
            header: self.header.patch("dlt.header", wrong),
            required: self.required.replaced("dlt.required", wrong),
        }
    }
}

impl ParsedDlt {
    fn over(&self, dlt: &DltSettings) -> DltSettings {
        DltSettings {
            entity_id: self.entity_id.clone().unwrap_or_else(|| dlt.entity_id.clone()),
            header: self.header.clone().unwrap_or_else(|| dlt.header.clone()),
            required: self.required.unwrap_or(dlt.required),
        }
    }
}

/// Changes what the organization asks of its own sending; it holds from the next message on. 1 read, 1 transaction.
#[utoipa::path(
    put, path = "/communication-settings", tag = "communication settings", request_body = CommunicationSettingsUpdate,
    responses((status = 200, description = "As they are now.", body = Envelope<CommunicationSettingsView>)),
)]
pub(crate) async fn communication_settings_update(
    State(app): State<App>,
    signed_in: SignedIn,
    if_match: IfMatch,
    Body(body): Body<CommunicationSettingsUpdate>,
) -> Result<Versioned<CommunicationSettingsView>, Problem> {
    let (grant, now) = (signed_in.caller.allow(Permission::OrganizationWrite)?, app.now());
    let CommunicationSettingsUpdate { quiet_hours, daily_caps, require_consent, dlt, sender_name, tracking } = body;
    let fields = written([
        ("quiet_hours", quiet_hours.is_present()),
        ("caps", daily_caps.is_present()),
        ("require_consent", require_consent.is_present()),
        ("dlt", dlt.is_present()),
        ("sender_name", sender_name.is_present()),
        ("tracking", tracking.is_present()),
    ]);
    let mut wrong = Vec::new();
    let quiet_hours = match quiet_hours.patch("quiet_hours", &mut wrong) {
        Some(Some(hours)) => hours.parse(&mut wrong).map(Some),
        Some(None) => Some(None),
        None => None,
    };
    let caps = daily_caps.replaced("daily_caps", &mut wrong).map(|caps| caps.parse(&mut wrong));
    let require_consent = require_consent.replaced("require_consent", &mut wrong);
    let dlt = dlt.replaced("dlt", &mut wrong).map(|dlt| dlt.parse(&mut wrong));
    let sender_name = sender_name.patch("sender_name", &mut wrong);
    let tracking = tracking.replaced("tracking", &mut wrong);
    if !wrong.is_empty() {
        return Err(wrong.into());
    }
    let begin = CommunicationSettings::new(grant.organization(), now);
    let settings = change_or_begin(&app, &grant, begin, if_match, &fields, |settings: CommunicationSettings| {
        let patch = SettingsPatch {
            quiet_hours,
            caps: caps.as_ref().map(|caps| caps.over(settings.caps)),
            require_consent,
            dlt: dlt.as_ref().map(|dlt| dlt.over(&settings.dlt)),
            sender_name: sender_name.clone(),
            tracking,
        };
        Ok(settings.update(patch, now)?)
    })
    .await?;
    let version = settings.meta.version;
    Ok(Versioned(settings.into(), version))
}
