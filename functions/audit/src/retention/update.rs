//! `PUT /retention-policies`.

use axum::extract::State;
use domain::retention::{MAX_DAYS, MIN_DAYS};
use domain::{FieldInvalid, Invalid, Permission, RetentionPolicy};
use serde::Deserialize;
use utoipa::ToSchema;
use web::{App, Body, Envelope, Field, Fields, IfMatch, Problem, SignedIn, Versioned, change_or_begin};

use super::RetentionPolicyView;

/// What of the policy changes.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct RetentionPolicyUpdate {
    /// Days that security events and suspicious activities are kept.
    #[serde(default)]
    #[schema(value_type = u32, minimum = 30, maximum = 2555)]
    security_events_days: Field<u32>,
}

impl Fields for RetentionPolicyUpdate {
    const WRITES: &'static [&'static str] = &["security_events_days"];
    const READ_ONLY: &'static [&'static str] = &["next_run_at"];
}

impl RetentionPolicyUpdate {
    fn parse(self) -> Result<Option<u16>, Problem> {
        let mut wrong = Vec::new();
        let days = self.security_events_days.replaced("security_events_days", &mut wrong).and_then(|days| {
            let days = u16::try_from(days).ok().filter(|days| (MIN_DAYS..=MAX_DAYS).contains(days));
            if days.is_none() {
                let invalid = Invalid::new("out_of_range", "must be 30 to 2,555");
                wrong.push(FieldInvalid::new("security_events_days", invalid));
            }
            days
        });
        if wrong.is_empty() { Ok(days) } else { Err(wrong.into()) }
    }
}

/// Changes how long the organization keeps things; what is older goes with the policy's next run.
#[utoipa::path(
    put, path = "/retention-policies", tag = "audit", request_body = RetentionPolicyUpdate,
    responses((status = 200, description = "As it is now.", body = Envelope<RetentionPolicyView>)),
)]
pub(crate) async fn retention_policy_update(
    State(app): State<App>,
    signed_in: SignedIn,
    if_match: IfMatch,
    Body(body): Body<RetentionPolicyUpdate>,
) -> Result<Versioned<RetentionPolicyView>, Problem> {
    let (grant, now) = (signed_in.caller.allow(Permission::SecurityWrite)?, app.now());
    let days = body.parse()?;
    let begin = RetentionPolicy::new(grant.organization(), now);
    let policy = change_or_begin(&app, &grant, begin, if_match, &["security_events_days"], |policy| {
        let days = days.unwrap_or(policy.security_events_days);
        Ok(policy.keep(days, now))
    })
    .await?;
    let version = policy.meta.version;
    Ok(Versioned(policy.into(), version))
}
