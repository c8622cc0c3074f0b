//! `GET /communications/history`.

use axum::extract::State;
use domain::{FieldInvalid, Invalid, Lead, LeadId, Permission};
use web::{App, Data, Envelope, PageQuery, Params, Problem, SignedIn};

use super::list::{Choice, CommunicationList, filter, of_lead, of_rows};

/// All that was said to a lead in reach, and by them, the latest first, whosever it is; where no lead is named, what
/// `GET /communications` lists.
///
/// Costs 1 read and 1 Query; a filter reads on until the page is full, 2,000 at most.
#[utoipa::path(
    get, path = "/communications/history", tag = "communications",
    params(
        PageQuery,
        ("entityId" = Option<String>, Query, description = "The lead."),
        ("entityType" = Option<String>, Query, description = "`lead`."),
        ("type" = Option<String>, Query, description = "How it was said; `all` means any."),
        ("direction" = Option<String>, Query, description = "By whom."),
    ),
    responses((status = 200, body = Envelope<CommunicationList>)),
)]
pub(crate) async fn communication_history(
    State(app): State<App>,
    signed_in: SignedIn,
    params: Params,
) -> Result<Data<CommunicationList>, Problem> {
    let grant = signed_in.caller.allow(Permission::CommunicationsRead)?;
    let mut wrong = Vec::new();
    let lead = params.parsed::<LeadId>("entityId", &mut wrong);
    if params.get("entityType").is_some_and(|kind| !kind.eq_ignore_ascii_case("lead")) {
        wrong.push(FieldInvalid::new("entityType", Invalid::new("unknown_entity", "must be lead")));
    }
    if !wrong.is_empty() {
        return Err(wrong.into());
    }
    let filter = filter(&app, &grant, &params, &["entityId", "entityType"]).await?;
    let Some(lead) = lead else { return of_rows(&app, &grant, &params, &filter, Choice::default()).await };
    let _: Lead = app.table().get(&grant, lead).await?;
    of_lead(&app, &grant, &params, lead, &filter, |_| true).await
}
