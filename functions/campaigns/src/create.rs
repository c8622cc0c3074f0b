//! `POST /campaigns`.

use axum::extract::State;
use domain::campaign::CampaignDetails;
use domain::{Campaign, CampaignId, CampaignStatus, Invalid, Permission};
use web::{App, Body, Created, Envelope, Problem, SignedIn};

use crate::body::{CampaignBody, Told};
use crate::launch::{known, launching};
use crate::refused;
use crate::view::CampaignView;

/// Makes a campaign: a draft, or with the status `active` one that is launched at once, as `/launch` does. Costs 1
/// transaction, and what a launch costs.
#[utoipa::path(
    post, path = "/campaigns", tag = "campaigns", request_body = CampaignBody,
    responses((status = 201, body = Envelope<CampaignView>, headers(("Location" = String), ("ETag" = String)))),
)]
pub(crate) async fn campaign_create(
    State(app): State<App>,
    signed_in: SignedIn,
    Body(body): Body<CampaignBody>,
) -> Result<Created<CampaignView>, Problem> {
    let grant = signed_in.caller.allow(Permission::CampaignsWrite)?;
    let Told { mut patch, status } = body.read(&app.organization(&grant).await?)?;
    let (name, kind) = (patch.name.take(), patch.kind.take());
    let launches = match status {
        None | Some(CampaignStatus::Draft) => false,
        Some(CampaignStatus::Active | CampaignStatus::Scheduled) => true,
        Some(_) => {
            return Err(Problem::field("status", Invalid::new("not_a_beginning", "of a new one is draft or active")));
        }
    };
    let Some(name) = name else { return Err(Problem::field("name", Invalid::required())) };
    known(&grant, patch.target.as_ref().and_then(Option::as_ref))?;
    let now = app.now();
    let id = CampaignId::at(now, app.platform().random());
    let details = CampaignDetails { name, kind, rest: patch };
    let mut change = Campaign::create(id, grant.organization(), details, signed_in.user, now)?;
    if launches {
        let launch = launching(&app, &signed_in, &grant, &change.after).await?;
        change = change.then(|campaign| campaign.launch(launch, now)).map_err(refused)?;
    }
    let campaign = app.table().commit(&grant, change).await?;
    if campaign.status == CampaignStatus::Active {
        app.platform().send_campaign(&campaign).await;
    }
    let version = campaign.meta.version;
    Ok(Created { data: campaign.into(), location: format!("/campaigns/{id}"), version })
}
