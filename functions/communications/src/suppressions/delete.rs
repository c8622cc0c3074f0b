//! `DELETE /suppressions/{id}`.

use axum::extract::State;
use domain::{Permission, Suppression, SuppressionId};
use web::{App, Data, Deleted, Envelope, IfMatch, PathId, Problem, SignedIn, change};

/// Lifts a suppression: its address or number is written to again. Its history stays, and suppressing it anew brings it
/// back. 1 read, 1 transaction.
#[utoipa::path(
    delete, path = "/suppressions/{id}", tag = "suppressions", params(("id" = SuppressionId, Path)),
    responses((status = 200, description = "Lifted.", body = Envelope<Deleted>)),
)]
pub(crate) async fn suppression_delete(
    State(app): State<App>,
    signed_in: SignedIn,
    PathId(id): PathId<SuppressionId>,
    if_match: IfMatch,
) -> Result<Data<Deleted>, Problem> {
    let (grant, now) = (signed_in.caller.allow(Permission::SuppressionsWrite)?, app.now());
    change(&app, &grant, id, if_match, &[], |suppression: Suppression| {
        if suppression.lifted_at.is_some() { Err(Problem::not_found()) } else { Ok(suppression.lift(now)) }
    })
    .await?;
    Ok(Data(Deleted::for_good(&id)))
}
