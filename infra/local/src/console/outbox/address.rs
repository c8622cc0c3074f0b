//! `POST /outbox/{id}/address`.

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::response::Redirect;

use super::form::{Form, unknown};
use super::{Failure, Shown, failed, message};

/// `POST /outbox/{id}/address`: gives the provider of a message the address of the organization's connection, and goes back
/// to the message, which shows what came of it.
pub(in crate::console) async fn address(
    State(shown): State<Shown>,
    Path(id): Path<i64>,
    body: Bytes,
) -> Result<Redirect, Failure> {
    let message = message(&shown, id)?;
    let form = Form::read(&body);
    let stage = shown.acting.stage(&message).map_err(|error| failed(&error))?;
    let account = stage.account.ok_or_else(|| unknown("its provider wants no address"))?;
    let given = shown.acting.give_address(id, &account, form.field("url"), form.field("verify_token")).await;
    given.map_err(|error| failed(&error))?;
    Ok(Redirect::to(&format!("/outbox/{id}#told")))
}
