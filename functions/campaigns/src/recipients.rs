//! `GET /campaigns/{id}/recipients`.

use std::collections::HashMap;

use axum::extract::State;
use domain::campaign::{CampaignRecipient, RecipientState};
use domain::{
    Campaign, CampaignId, CampaignRecipientId, Communication, CommunicationId, CommunicationStatus, ContactChannel,
    LeadId, Permission,
};
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;
use web::listing::{Shown, page_of};
use web::{App, Data, Envelope, PageQuery, Pagination, Params, PathId, Problem, SignedIn};

/// A page of recipients.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CampaignRecipientList {
    recipients: Vec<RecipientView>,
    pagination: Pagination,
}

/// A person whom a campaign was planned for.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CampaignRecipient)]
pub(crate) struct RecipientView {
    id: CampaignRecipientId,
    lead_id: LeadId,
    state: RecipientState,
    /// The word of why they are not written to.
    #[schema(required)]
    reason: Option<String>,
    #[schema(required)]
    channel: Option<ContactChannel>,
    #[schema(required)]
    variant: Option<String>,
    /// The channels that were passed over before.
    passed: Vec<PassedView>,
    #[schema(required)]
    communication_id: Option<CommunicationId>,
    /// Where the message stands.
    #[schema(required)]
    status: Option<CommunicationStatus>,
    /// Why it got nowhere.
    #[schema(required)]
    failure: Option<String>,
    #[schema(value_type = Option<String>, format = DateTime, required)]
    sent_at: Option<Timestamp>,
    #[schema(value_type = Option<String>, format = DateTime, required)]
    delivered_at: Option<Timestamp>,
    #[schema(value_type = Option<String>, format = DateTime, required)]
    opened_at: Option<Timestamp>,
    #[schema(value_type = Option<String>, format = DateTime, required)]
    clicked_at: Option<Timestamp>,
    #[schema(value_type = Option<String>, format = DateTime, required)]
    responded_at: Option<Timestamp>,
    #[schema(value_type = Option<String>, format = DateTime, required)]
    converted_at: Option<Timestamp>,
}

/// A channel that does not reach somebody.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CampaignChannelPassed)]
pub(crate) struct PassedView {
    channel: ContactChannel,
    reason: String,
}

impl RecipientView {
    fn new(recipient: CampaignRecipient, said: &HashMap<CommunicationId, Communication>) -> Self {
        let reason = recipient.reason().map(str::to_owned);
        let CampaignRecipient { id, lead, state, variant, channel, communication, passed, .. } = recipient;
        let said = communication.and_then(|communication| said.get(&communication));
        let status = said.map(|said| said.status);
        Self {
            id,
            lead_id: lead,
            state,
            reason,
            channel,
            variant,
            passed: passed.into_iter().map(|(channel, reason)| PassedView { channel, reason }).collect(),
            communication_id: communication,
            status,
            failure: said.and_then(|said| said.failure.clone()).filter(|_| status == Some(CommunicationStatus::Failed)),
            sent_at: said.and_then(|said| said.sent_at),
            delivered_at: said.and_then(|said| said.delivered_at.or(said.read_at)),
            opened_at: said.and_then(|said| said.read_at),
            clicked_at: said.and_then(|said| said.clicked_at),
            responded_at: said.and_then(|said| said.responded_at),
            converted_at: said.and_then(|said| said.converted_at),
        }
    }
}

/// Lists those in your reach whom a campaign was planned for, with where their messages stand. Costs 1 `GetItem`, 1 Query and
/// 1 `BatchGetItem` a 100.
#[utoipa::path(
    get, path = "/campaigns/{id}/recipients", tag = "campaigns",
    params(
        ("id" = CampaignId, Path),
        PageQuery,
        ("state" = Option<RecipientState>, Query, description = "Those for whom this was planned."),
    ),
    responses((status = 200, body = Envelope<CampaignRecipientList>)),
)]
pub(crate) async fn campaign_recipient_list(
    State(app): State<App>,
    signed_in: SignedIn,
    PathId(id): PathId<CampaignId>,
    params: Params,
) -> Result<Data<CampaignRecipientList>, Problem> {
    let grant = signed_in.caller.allow(Permission::CampaignsRead)?;
    let campaign: Campaign = app.table().get(&grant, id).await?;
    let mut wrong = Vec::new();
    let state = params.parsed::<RecipientState>("state", &mut wrong);
    if !wrong.is_empty() {
        return Err(wrong.into());
    }
    let list = state
        .map_or_else(|| CampaignRecipient::of(campaign.id), |state| CampaignRecipient::of_state(campaign.id, state));
    let keep = |_: &CampaignRecipient| true;
    let (found, pagination) = page_of(&app, &grant, &params, &list, Shown::Filtered, keep).await?;
    let ids: Vec<CommunicationId> = found.iter().filter_map(|recipient| recipient.communication).collect();
    let said = app.table().get_many::<Communication>(&grant.everywhere(), &ids).await?;
    let recipients = found.into_iter().map(|recipient| RecipientView::new(recipient, &said)).collect();
    Ok(Data(CampaignRecipientList { recipients, pagination }))
}
