//! A lead's score, explained.

use axum::extract::State;
use domain::scoring::{Score, ScoringRules};
use domain::{Lead, LeadId, Permission};
use web::{App, Data, Envelope, PathId, Problem, SignedIn};

/// Shows a lead's score as of now, with the factors that make it and the version of the rules.
#[utoipa::path(
    get, path = "/leads/{id}/score", tag = "leads",
    params(("id" = LeadId, Path)),
    responses((status = 200, body = Envelope<Score>)),
)]
pub(crate) async fn lead_score(
    State(app): State<App>,
    signed_in: SignedIn,
    PathId(id): PathId<LeadId>,
) -> Result<Data<Score>, Problem> {
    let grant = signed_in.caller.allow(Permission::LeadsRead)?;
    let lead: Lead = app.table().get(&grant, id).await?;
    let pipeline = app.pipeline(&grant).await?;
    Ok(Data(lead.score(&pipeline.pipeline, &ScoringRules::default(), app.now())))
}
