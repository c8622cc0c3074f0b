//! `POST /communications`.

use axum::extract::State;
use domain::{Grant, Permission};
use web::{App, Body, Created, Envelope, Problem, SignedIn};

use super::CommunicationView;
use super::body::{NewCommunication, Wanted};
use super::send::prepare;
use super::whom::whom;

/// Says something to somebody, or writes down what was said. Outbound e-mail, SMS and WhatsApp are sent from here, over the
/// organization's own connection where it has one, unless `log_only`; the rest is had by people and stands on the timeline.
///
/// What is sent is refused with 409 and a word for why where its receiver may not be written to (`unsubscribed`,
/// `suppressed`, `consent_withdrawn`, `no_consent`, `do_not_disturb`, `frequency_cap`, `dlt_incomplete`, `dlt_category`;
/// `window_closed` with `window_expires_at` for free words over WhatsApp). Marketing in quiet hours waits for their end.
///
/// Files go with an e-mail as they are when it goes out: one that was deleted by then stops it. 422 `unknown_file` for one that is
/// not there, or not ready.
///
/// Costs 1 or 2 reads for whom it is with, what a template costs, 1 `BatchGetItem` (2 with files) and 1 transaction.
#[utoipa::path(
    post, path = "/communications", tag = "communications",
    request_body = NewCommunication,
    responses((status = 201, body = Envelope<CommunicationView>, headers(("Location" = String), ("ETag" = String)))),
)]
pub(crate) async fn communication_create(
    State(app): State<App>,
    signed_in: SignedIn,
    Body(body): Body<NewCommunication>,
) -> Result<Created<CommunicationView>, Problem> {
    let grant = signed_in.caller.allow(Permission::CommunicationsWrite)?;
    let wanted = body.parse(app.now())?.with_files(&app, &grant).await?;
    let data = made(&app, &signed_in, &grant, wanted).await?;
    let (version, location) = (data.version, format!("/communications/{}", data.id));
    Ok(Created { data, location, version })
}

/// Makes what a body wants.
pub(super) async fn made(
    app: &App,
    signed_in: &SignedIn,
    grant: &Grant,
    wanted: Wanted,
) -> Result<CommunicationView, Problem> {
    let whom = whom(app, signed_in, grant, &wanted).await?;
    let spoken = prepare(app, grant, wanted, whom).await?;
    let mut transaction = app.table().transaction();
    let communication = spoken.push(&mut transaction, grant, app.now())?;
    transaction.commit().await?;
    Ok(CommunicationView::new(communication, grant.clear()))
}
