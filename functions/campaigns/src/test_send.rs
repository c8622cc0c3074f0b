//! `POST /campaigns/{id}/test-send`.

use axum::extract::State;
use domain::campaign::{Campaign, Words};
use domain::template::TemplateChannel;
use domain::{
    CampaignId, ContactChannel, FieldInvalid, Grant, Invalid, Lead, LeadId, Membership, MessageId, Permission,
};
use serde::{Deserialize, Serialize};
use serde_json::Map;
use store::{ReadError, there};
use utoipa::ToSchema;
use web::test_send::{Tried, test_send};
use web::{App, Body, Data, Envelope, Field, Fields, PathId, Problem, Scope, SignedIn};
use wording::{Filled, Whom, filled};

/// What of a campaign is tried out, and as if to whom.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct CampaignTesting {
    /// The first of its channels where absent.
    #[serde(default)]
    #[schema(value_type = Option<ContactChannel>)]
    channel: Field<ContactChannel>,
    /// The first of its variants where absent.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    variant: Field<String>,
    /// A lead in reach; a made-up one where nobody is named.
    #[serde(default)]
    #[schema(value_type = Option<LeadId>)]
    lead_id: Field<LeadId>,
}

impl Fields for CampaignTesting {
    const WRITES: &'static [&'static str] = &["channel", "variant", "lead_id"];
}

/// A test that is on its way.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CampaignTested {
    message_id: MessageId,
    channel: ContactChannel,
    /// Where to: whoever asked, at the address or number of their account.
    to: String,
    #[schema(required)]
    variant: Option<String>,
}

/// Fills in what a campaign says, as if for a lead, and sends it to whoever asks, at the address or number of their account:
/// e-mail and SMS. It counts nowhere. 409 `channel_not_sent`, `no_number` or `too_long` where it cannot go there.
///
/// 30 an hour for a person, tests of templates included; 3 to 5 reads, 1 `BatchGetItem`, 1 write and 1 transaction.
#[utoipa::path(
    post, path = "/campaigns/{id}/test-send", tag = "campaigns",
    params(("id" = CampaignId, Path)),
    request_body = CampaignTesting,
    responses((status = 200, description = "On its way.", body = Envelope<CampaignTested>)),
)]
pub(crate) async fn campaign_test_send(
    State(app): State<App>,
    signed_in: SignedIn,
    scope: Scope,
    PathId(id): PathId<CampaignId>,
    Body(body): Body<CampaignTesting>,
) -> Result<Data<CampaignTested>, Problem> {
    let grant = signed_in.caller.allow(Permission::CampaignsWrite)?;
    let mut wrong = Vec::new();
    let channel = body.channel.optional("channel", &mut wrong);
    let variant = body.variant.optional("variant", &mut wrong);
    let lead = body.lead_id.optional("lead_id", &mut wrong);
    let campaign: Campaign = app.table().get(&grant, id).await?;
    let mut refuse = |field: &str, why| wrong.push(FieldInvalid::new(field, Invalid::new("not_of_campaign", why)));
    let channel = channel.or_else(|| campaign.channels.first().copied());
    if channel.is_some_and(|channel| !campaign.channels.contains(&channel)) {
        refuse("channel", "is none of the campaign's");
    }
    let first = campaign.experiment.as_ref().and_then(|experiment| experiment.variants.first());
    let variant = variant.unwrap_or_else(|| first.map(|first| first.key.clone()).unwrap_or_default());
    // Whom it is for does not matter to a test.
    let tried = Campaign { target: Some(runtime::everybody()), ..campaign };
    let (_, words) = app.platform().resolve_campaign(&grant, &tried).await??;
    let Some(said) = words.get(&variant) else {
        refuse("variant", "is none of the campaign's");
        return Err(wrong.into());
    };
    let (Some(channel), true) = (channel, wrong.is_empty()) else { return Err(wrong.into()) };
    let (Some(words), Ok(over)) = (said.get(channel.as_str()), channel.as_str().parse::<TemplateChannel>()) else {
        return Err(Problem::conflict("channel_not_sent", "Tests are sent by e-mail and SMS."));
    };
    let filled = shown(&app, &signed_in, &grant, (&tried, words), lead).await?;
    let (of, name) = (("campaign", id.to_string()), tried.name.as_str());
    let tried = Tried { channel: over, name, filled, of };
    let (message_id, to) = test_send(&app, &scope, &signed_in, &grant, tried).await?;
    let variant = Some(variant).filter(|variant| !variant.is_empty());
    Ok(Data(CampaignTested { message_id, channel, to, variant }))
}

/// What it says to a lead, as whoever asks sees them.
async fn shown(
    app: &App,
    signed_in: &SignedIn,
    grant: &Grant,
    (campaign, words): (&Campaign, &Words),
    lead: Option<LeadId>,
) -> Result<Filled, Problem> {
    let content = &words.content;
    if words.template.is_none() && !campaign.personalization {
        return Ok(wording::as_written(content));
    }
    let lead: Option<Lead> = match lead {
        Some(lead) => {
            let theirs = signed_in.caller.allow(Permission::LeadsRead)?;
            match app.table().get(&theirs, lead).await {
                Err(ReadError::NotFound) => {
                    return Err(Problem::field("lead_id", Invalid::new("unknown_lead", "is not a lead")));
                }
                read => Some(read?),
            }
        }
        None => None,
    };
    let agent = match lead.as_ref().and_then(|lead| lead.assigned_to) {
        Some(user) => there(app.table().get::<Membership>(grant, Membership::id_of(user)).await)?,
        None => None,
    };
    let organization = app.organization(grant).await?;
    let whom = Whom { clear: grant.clear(), lead: lead.as_ref(), agent: agent.as_ref(), organization: &organization };
    let values = content.values(&Map::new())?;
    Ok(filled(content, &words.language, whom, values)?)
}
