//! `GET /communications/{id}/thread`.

use axum::extract::State;
use domain::{Communication, CommunicationId, Permission};
use web::listing::{Asked, Shown};
use web::{App, Data, Envelope, PageQuery, Params, PathId, Problem, SignedIn};

use super::list::{CommunicationList, shown};
use super::{reading, seen};

/// The conversation that a communication is part of: all with the same side over the same channel, the latest first.
///
/// Costs 1 or 2 reads and 1 Query, which reads on until the page is full, 2,000 at most.
#[utoipa::path(
    get, path = "/communications/{id}/thread", tag = "communications",
    params(("id" = CommunicationId, Path), PageQuery),
    responses((status = 200, body = Envelope<CommunicationList>)),
)]
pub(crate) async fn communication_thread(
    State(app): State<App>,
    signed_in: SignedIn,
    PathId(id): PathId<CommunicationId>,
    params: Params,
) -> Result<Data<CommunicationList>, Problem> {
    let grant = signed_in.caller.allow(Permission::CommunicationsRead)?;
    let one = seen(&app, &grant, id).await?;
    // Who is no lead is seen by whose it is alone.
    let reading = if one.lead_id.is_some() { reading(&grant) } else { grant.clone() };
    let words = format!("{:?} {}", grant.rows(), one.kind);
    let asked = Asked { shown: Shown::Filtered, words, ..Asked::of(&one.timeline()) };
    shown(&app, &grant, &reading, &params, &asked, |other: &Communication| other.is_of_thread(&one)).await
}
