//! What providers told, as it came or as they were asked, and what became of it.

pub(crate) mod list;
pub(crate) mod replay;
pub(crate) mod view;

use domain::integration::{MetaId, Provider};
use domain::provider_delivery::{Backfill, DeliveryStatus};
use domain::{Grant, Integration, IntegrationId, PersonalField, ProviderDelivery, ProviderDeliveryId};
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;
use web::{App, Problem};

/// What was asked for, and what came of it so far.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct BackfillView {
    #[schema(value_type = String, format = DateTime)]
    since: Timestamp,
    /// The forms that are asked; all where empty.
    form_ids: Vec<MetaId>,
    /// Answers that brought a lead, or touched one.
    taken: u32,
    /// Answers that were taken before.
    known: u32,
    /// Answers of which no lead can be made.
    refused: u32,
}

impl From<Backfill> for BackfillView {
    fn from(backfill: Backfill) -> Self {
        let Backfill { since, named: form_ids, taken, known, refused, .. } = backfill;
        Self { since, form_ids, taken, known, refused }
    }
}

/// What a provider told in one request, or is asked to tell again.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DeliveryView {
    id: ProviderDeliveryId,
    /// The connection that it came over.
    integration_id: IntegrationId,
    provider: Provider,
    /// The provider's own id of it, where it has one.
    #[schema(required)]
    event_id: Option<String>,
    content_type: String,
    /// The length of its body.
    bytes: u32,
    #[schema(inline)]
    status: DeliveryStatus,
    /// Tries that failed; after six it has failed.
    tries: u32,
    /// What was done, in a word or two.
    #[schema(required)]
    outcome: Option<String>,
    /// The record that it was about.
    #[schema(required)]
    subject: Option<String>,
    /// Why the last try failed.
    #[schema(required)]
    failure: Option<String>,
    #[schema(value_type = String, format = DateTime)]
    received_at: Timestamp,
    /// When it was dealt with.
    #[schema(value_type = Option<String>, format = DateTime, required)]
    processed_at: Option<Timestamp>,
    /// When it is tried next, while it waits.
    #[schema(value_type = Option<String>, format = DateTime, required)]
    next_try_at: Option<Timestamp>,
    /// What the provider is asked for, where nothing came from it by itself.
    #[schema(required)]
    backfill: Option<BackfillView>,
}

impl From<ProviderDelivery> for DeliveryView {
    fn from(delivery: ProviderDelivery) -> Self {
        let ProviderDelivery {
            meta,
            id,
            integration_id,
            provider,
            event_id,
            content_type,
            bytes,
            body: _,
            status,
            tries,
            next_try_at,
            lease_until: _,
            processed_at,
            outcome,
            subject,
            failure,
            backfill,
            message: _,
        } = delivery;
        Self {
            id,
            integration_id,
            provider,
            event_id,
            content_type,
            bytes,
            status,
            tries,
            outcome,
            subject,
            failure,
            received_at: meta.created_at,
            processed_at,
            next_try_at: (status == DeliveryStatus::Received).then_some(next_try_at),
            backfill: backfill.map(|backfill| (*backfill).into()),
        }
    }
}

/// Whether somebody sees what was told of people.
pub(crate) fn sees_all(grant: &Grant) -> bool {
    PersonalField::ALL.into_iter().all(|field| grant.clear().has(field))
}

/// A delivery of a connection: 2 reads. One of another connection is not there.
async fn delivery(
    app: &App,
    grant: &Grant,
    (integration, id): (IntegrationId, ProviderDeliveryId),
) -> Result<ProviderDelivery, Problem> {
    app.table().get::<Integration>(grant, integration).await?;
    let delivery: ProviderDelivery = app.table().get_to_change(grant, id).await?;
    if delivery.integration_id == integration { Ok(delivery) } else { Err(Problem::not_found()) }
}
