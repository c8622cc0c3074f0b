//! `PUT /system/settings`.

use axum::extract::State;
use domain::{FieldInvalid, Invalid, Permission, SystemSettings};
use serde::Deserialize;
use serde_json::Value;
use utoipa::ToSchema;
use web::{App, Body, Envelope, Field, Fields, IfMatch, Problem, SignedIn, Versioned, change_or_begin};

use super::Setting;

/// One setting as it shall be.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct SettingUpdate {
    #[serde(default)]
    #[schema(value_type = String, required, min_length = 1, max_length = 100, example = "email_config")]
    category: Field<String>,
    #[serde(default)]
    #[schema(value_type = String, required, min_length = 1, max_length = 100, example = "smtp_server")]
    key: Field<String>,
    /// Anything of up to 4,096 bytes as JSON; `null` removes the setting.
    #[serde(default)]
    #[schema(value_type = Value, required)]
    value: Field<Value>,
}

impl Fields for SettingUpdate {
    const WRITES: &'static [&'static str] = &["category", "key", "value"];
}

impl SettingUpdate {
    fn parse(self) -> Result<Setting, Problem> {
        let mut wrong = Vec::new();
        let category = self.category.required("category", &mut wrong);
        let key = self.key.required("key", &mut wrong);
        let value = self.value.patch("value", &mut wrong);
        if value.is_none() {
            wrong.push(FieldInvalid::new("value", Invalid::required()));
        }
        match (category, key, value) {
            (Some(category), Some(key), Some(value)) if wrong.is_empty() => {
                Ok(Setting { category, key, value: value.unwrap_or(Value::Null) })
            }
            _ => Err(wrong.into()),
        }
    }
}

/// Sets one setting.
#[utoipa::path(
    put, path = "/system/settings", tag = "organization", request_body = SettingUpdate,
    responses((status = 200, description = "As it is now.", body = Envelope<Setting>)),
)]
pub(crate) async fn settings_update(
    State(app): State<App>,
    signed_in: SignedIn,
    if_match: IfMatch,
    Body(body): Body<SettingUpdate>,
) -> Result<Versioned<Setting>, Problem> {
    let grant = signed_in.caller.allow(Permission::OrganizationWrite)?;
    let (setting, now) = (body.parse()?, app.now());
    let begin = SystemSettings::new(grant.organization(), now);
    let settings = change_or_begin(&app, &grant, begin, if_match, &["values"], |settings: SystemSettings| {
        Ok(settings.set(&setting.category, &setting.key, setting.value.clone(), now)?)
    })
    .await?;
    Ok(Versioned(setting, settings.meta.version))
}
