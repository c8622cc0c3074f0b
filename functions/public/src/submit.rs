//! `POST /public/forms/{key}/leads`.

use axum::extract::State;
use axum::http::StatusCode;
use domain::FormId;
use serde::Serialize;
use utoipa::ToSchema;
use web::{Address, App, Body, Data, Envelope, PathId, Problem, Scope};

use crate::capture::capture;
use crate::find::{OpenForm, link_of, open_form};
use crate::limits;
use crate::submission::LeadForm;

/// That it arrived, and nothing else.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Received {
    /// Always `true`.
    received: bool,
}

/// Takes a lead from a page; 10 a minute for an address and 120 for a form.
///
/// The person may be known already: then what is missing is filled in and a touch is added, never a
/// second lead, and the source of the first touch stays. The answer is the same either way.
///
/// 2 writes for the limits and 2 reads for the form; then for somebody known 2 reads and a transaction
/// of the lead and its event, for somebody new 3 reads and a transaction of the lead, its event, its
/// claims and the assignment's turn. Beaten by another writer it is tried again.
#[utoipa::path(
    post, path = "/public/forms/{key}/leads", tag = "public", security(()), request_body = LeadForm,
    params(("key" = FormId, Path, description = "The form's public key.")),
    responses((status = 202, description = "Received.", body = Envelope<Received>)),
)]
pub(crate) async fn public_form_submit(
    State(app): State<App>,
    scope: Scope,
    address: Address,
    PathId(key): PathId<FormId>,
    Body(body): Body<LeadForm>,
) -> Result<(StatusCode, Data<Received>), Problem> {
    limits::count_address(&app, &scope, &address).await?;
    let OpenForm { form, grant } = open_form(&app, key).await?;
    limits::count_form(&app, &scope, &form).await?;
    if body.is_a_robots() {
        tracing::info!(form = %form.id, "a robot filled in the hidden field: nothing is stored");
    } else {
        let submission = body.parse(&form)?;
        let link = match &submission.referral {
            Some(code) => {
                link_of(&app, code.as_str()).await?.filter(|link| link.meta.organization == grant.organization())
            }
            None => None,
        };
        capture(&app, &grant, &form, link.as_ref(), &submission).await?;
    }
    Ok((StatusCode::ACCEPTED, Data(Received { received: true })))
}
