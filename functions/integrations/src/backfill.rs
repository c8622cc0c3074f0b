//! `POST /integrations/{id}/backfill`.

use axum::extract::State;
use axum::http::{HeaderName, StatusCode, header};
use domain::integration::{IntegrationSettings, MetaId};
use domain::integration_log::{IntegrationOutcome, IntegrationWork};
use domain::provider_delivery::{BACKFILL_DAYS, Backfill, DeliveryStep, MAX_NAMED_FORMS};
use domain::{
    FieldInvalid, Integration, IntegrationId, IntegrationLog, IntegrationLogId, Invalid, Permission, ProviderDelivery,
    ProviderDeliveryId,
};
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;
use web::{App, Body, Data, Envelope, Field, Fields, PathId, Problem, SignedIn};

use crate::deliveries::DeliveryView;

/// What is to be asked for.
#[derive(Deserialize, ToSchema)]
pub(crate) struct LeadBackfill {
    /// What was filled in from here on, within the last 90 days: Facebook keeps it no longer.
    #[serde(default)]
    #[schema(value_type = String, format = DateTime, required)]
    since: Field<Timestamp>,
    /// The forms that are asked, by Facebook's ids, 50 at most; all of the page's where absent or empty.
    #[serde(default)]
    #[schema(value_type = Option<Vec<MetaId>>)]
    form_ids: Field<Vec<MetaId>>,
}

impl Fields for LeadBackfill {
    const WRITES: &'static [&'static str] = &["since", "form_ids"];
}

impl LeadBackfill {
    fn parse(self, now: Timestamp) -> Result<(Timestamp, Vec<MetaId>), Problem> {
        let mut wrong = Vec::new();
        let since = self.since.required("since", &mut wrong);
        if since.is_some_and(|since| since > now || since < now - SignedDuration::from_hours(24 * BACKFILL_DAYS)) {
            let invalid = Invalid::new("out_of_range", "must lie within the last 90 days");
            wrong.push(FieldInvalid::new("since", invalid));
        }
        let mut forms = Vec::new();
        for form in self.form_ids.optional("form_ids", &mut wrong).unwrap_or_default() {
            if !forms.contains(&form) {
                forms.push(form);
            }
        }
        if forms.len() > MAX_NAMED_FORMS {
            wrong.push(FieldInvalid::new("form_ids", Invalid::new("too_many", "must be at most 50")));
        }
        match since {
            Some(since) if wrong.is_empty() => Ok((since, forms)),
            _ => Err(wrong.into()),
        }
    }
}

/// Asks Facebook, in the background, for what people filled into the forms of a page's lead ads since a time, as those before
/// the page was connected, or while its webhook was not heard. Each becomes a lead as its webhook would make it one, once,
/// however often it is told or asked for. 202 with the delivery to watch: its `backfill` counts, its `status` tells when it
/// is through, and `POST …/replay` begins it anew. The log says who asked, and what came of it.
///
/// 409 `no_lead_ads` for a connection to another provider, `not_connected` for one that is paused or lacks its secrets, and
/// `no_page` where no form is named and the connection does not say which page has them. Costs 1 read, 1 transaction and 1
/// message.
#[utoipa::path(
    post, path = "/integrations/{id}/backfill", tag = "integrations", params(("id" = IntegrationId, Path)),
    request_body = LeadBackfill,
    responses((status = 202, description = "It is on its way.", body = Envelope<DeliveryView>, headers(("Location" = String)))),
)]
pub(crate) async fn integration_backfill(
    State(app): State<App>,
    signed_in: SignedIn,
    PathId(id): PathId<IntegrationId>,
    Body(body): Body<LeadBackfill>,
) -> Result<(StatusCode, [(HeaderName, String); 1], Data<DeliveryView>), Problem> {
    let grant = signed_in.caller.allow(Permission::IntegrationsWrite)?;
    let now = app.now();
    let (since, forms) = body.parse(now)?;
    let integration: Integration = app.table().get(&grant, id).await?;
    refuse(&integration, &forms)?;
    let over = (id, integration.provider);
    let work = IntegrationWork::over(over, "lead_backfill", IntegrationOutcome::Info).map_err(Problem::internal)?;
    let delivery = ProviderDeliveryId::at(now, app.platform().random());
    let asked = json!({"delivery": delivery, "since": since, "form_ids": forms});
    let work = IntegrationWork { request_data: Some(asked), ..work };
    let (row, organization) = (IntegrationLogId::at(now, app.platform().random()), grant.organization());
    let mut transaction = app.table().transaction();
    transaction.push_unseen(&grant, IntegrationLog::write(row, organization, work, Some(signed_in.user), now))?;
    let backfill = Backfill::new(since, forms, signed_in.user);
    let asked = ProviderDelivery::fill_back(delivery, organization, over, backfill, now);
    let waiting = transaction.push_unseen(&grant, asked)?;
    transaction.commit().await?;
    app.platform().send_delivery(DeliveryStep { organization, delivery }).await?;
    let place = (header::LOCATION, format!("/integrations/{id}/deliveries/{delivery}"));
    Ok((StatusCode::ACCEPTED, [place], Data(waiting.into())))
}

fn refuse(integration: &Integration, forms: &[MetaId]) -> Result<(), Problem> {
    let IntegrationSettings::Facebook(settings) = &integration.settings else {
        return Err(Problem::conflict("no_lead_ads", "Only a connection to Facebook has lead ads."));
    };
    if !integration.is_active || !integration.is_configured() {
        return Err(Problem::conflict("not_connected", "The connection is paused, or lacks its secrets."));
    }
    if forms.is_empty() && settings.page_id.is_none() {
        return Err(Problem::conflict("no_page", "The connection does not say which page has the forms."));
    }
    Ok(())
}
