//! `POST /templates/{id}/sync-approval`.

use axum::extract::State;
use axum::http::StatusCode;
use domain::integration::{Integration, IntegrationSettings, MAX_INTEGRATIONS, MetaId, Provider};
use domain::template::{ApprovalTold, HeldName, TemplateChannel};
use domain::{Grant, Permission, Slot, Template, TemplateId};
use jiff::{RoundMode, Timestamp, TimestampRound, Unit};
use providers::{SendError, TemplateStanding};
use runtime::ProviderFailure;
use serde_json::json;
use store::{CommitError, ListQuery, Refused};
use web::{App, Envelope, PathId, Problem, SignedIn, Versioned};

use super::view::TemplateView;
use super::{TRIES, commit};

/// Asks WhatsApp where its look at a template stands, over the connection that the organization's messages go over, and moves
/// the template there. 409 `not_held` where WhatsApp has no name of it, `not_connected` without a connection that sends,
/// `no_business_account` where that does not say which account has the templates, `not_handed_in` where the account has
/// none of this name and language. 502 `provider_refused` and 503 `provider_unavailable` where WhatsApp does not tell.
///
/// 2 reads, 1 Query of at most 50 connections, 1 to 4 `GET`s, and 1 transaction where it is news.
#[utoipa::path(
    post, path = "/templates/{id}/sync-approval", tag = "templates", params(("id" = TemplateId, Path)),
    responses(
        (status = 200, description = "As it stands now.", body = Envelope<TemplateView>, headers(("ETag" = String))),
        (status = 502, description = "WhatsApp refused to tell: `provider_refused`."),
        (status = 503, description = "WhatsApp did not tell this time: `provider_unavailable`."),
    ),
)]
pub(crate) async fn template_approval_sync(
    State(app): State<App>,
    signed_in: SignedIn,
    PathId(id): PathId<TemplateId>,
) -> Result<Versioned<TemplateView>, Problem> {
    let (grant, now) = (signed_in.caller.allow(Permission::TemplatesWrite)?, app.now());
    let template: Template = app.table().get(&grant, id).await?;
    let held = template.content.held.clone().filter(|_| template.channel == TemplateChannel::Whatsapp);
    let held = held.ok_or_else(|| Problem::conflict("not_held", "WhatsApp has no text that this template names."))?;
    let (integration, account) = connection(&app, &grant).await?;
    let standing = ask(&app, &integration, &account, (&held, &template.language)).await;
    let standing = match standing {
        Ok(standing) => standing,
        Err(error) => return Err(failed(&app, &grant, &integration, &template, &error).await),
    };
    app.platform().note_success(&grant, integration.id).await;
    let words = "WhatsApp's account has no template of this name and language that was handed in.";
    let standing = standing.ok_or_else(|| Problem::conflict("not_handed_in", words))?;
    let template = moved(&app, &grant, &template, standing.since(whole_seconds(now))).await?;
    let version = template.meta.version;
    Ok(Versioned(template.into(), version))
}

/// The connection that messages go over: the oldest one that sends. And its account that has the templates.
async fn connection(app: &App, grant: &Grant) -> Result<(Integration, MetaId), Problem> {
    let all = ListQuery { newest_first: false, ..ListQuery::new(Slot::One, "all", "", MAX_INTEGRATIONS) };
    let sends = |integration: &Integration| integration.provider == Provider::Whatsapp && integration.sends();
    let found = app.table().list::<Integration>(grant, &all, sends).await?.records.into_iter().next();
    let words = "The organization has no connection to WhatsApp that sends.";
    let integration = found.ok_or_else(|| Problem::conflict("not_connected", words))?;
    let account = match &integration.settings {
        IntegrationSettings::Whatsapp(settings) => settings.business_account_id.clone(),
        _ => None,
    };
    let words = "The connection does not say which business account has the templates.";
    let account = account.ok_or_else(|| Problem::conflict("no_business_account", words))?;
    Ok((integration, account))
}

async fn ask(
    app: &App,
    integration: &Integration,
    account: &MetaId,
    (held, language): (&HeldName, &str),
) -> Result<Option<TemplateStanding>, SendError> {
    let outside = app.platform().outside().map_err(|error| SendError::not_taken(error.to_string()))?;
    let is_its = |told: &str| domain::template::is_same_language(language, told);
    outside.templates(integration, account)?.standing(held.as_str(), is_its).await
}

/// Notes the failure in the connection's log.
async fn failed(
    app: &App,
    grant: &Grant,
    integration: &Integration,
    template: &Template,
    error: &SendError,
) -> Problem {
    let (id, now, why) = (template.id.to_string(), app.now(), error.to_string());
    let (name, activity, at) = (integration.provider.as_str(), "template_approval_sync", now.to_string());
    let failure = ProviderFailure {
        integration: Some(integration.id),
        name,
        activity,
        why: &why,
        about: json!({"template": id}),
        key: [&id, &at],
        since: now,
        answered: matches!(error, SendError::Refused(_)),
    };
    app.platform().note_failure(grant, &failure).await;
    match error {
        SendError::Refused(why) => Problem::new(StatusCode::BAD_GATEWAY, "provider_refused", why),
        SendError::NotTaken { why, rest: _ } | SendError::Unknown(why) => {
            Problem::new(StatusCode::SERVICE_UNAVAILABLE, "provider_unavailable", why)
        }
    }
}

/// What WhatsApp tells by itself has a time of whole seconds: of the same second it is not older than what was asked for.
fn whole_seconds(now: Timestamp) -> Timestamp {
    now.round(TimestampRound::new().smallest(Unit::Second).mode(RoundMode::Trunc)).unwrap_or(now)
}

/// Moves a template, unless somebody gave it another name or language in the meantime.
async fn moved(app: &App, grant: &Grant, asked: &Template, told: ApprovalTold) -> Result<Template, Problem> {
    for _ in 0..TRIES {
        let template: Template = app.table().get_to_change(grant, asked.id).await?;
        if template.content.held != asked.content.held || template.language != asked.language {
            break;
        }
        let Some(change) = template.clone().approval_told(told.clone(), app.now()) else { return Ok(template) };
        match commit(app, grant, change).await {
            Err(CommitError::Refused { refused: Refused::Conflict, .. }) => {}
            committed => return Ok(committed?),
        }
    }
    Err(Refused::Conflict.into())
}
