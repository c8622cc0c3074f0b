//! `GET /consents/{id}`.

use axum::extract::State;
use domain::{Consent, ConsentId, Permission};
use web::{App, Envelope, PathId, Problem, SignedIn, Versioned};

use super::ConsentView;

/// One entry of the ledger: 1 read.
#[utoipa::path(
    get, path = "/consents/{id}", tag = "consents", params(("id" = ConsentId, Path)),
    responses((status = 200, description = "The entry.", body = Envelope<ConsentView>)),
)]
pub(crate) async fn consent_view(
    State(app): State<App>,
    signed_in: SignedIn,
    PathId(id): PathId<ConsentId>,
) -> Result<Versioned<ConsentView>, Problem> {
    let grant = signed_in.caller.allow(Permission::ConsentsRead)?;
    let consent: Consent = app.table().get(&grant, id).await?;
    let version = consent.meta.version;
    Ok(Versioned(ConsentView::new(consent, grant.clear()), version))
}
