//! `POST /outbox/{id}/play`.

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::response::Redirect;
use standins::Act;

use super::form::{Form, unknown};
use super::{Failure, Shown, failed, message};
use crate::acting::Part;

/// The longest text that WhatsApp carries.
const MAX_WORDS: usize = 4_096;

/// `POST /outbox/{id}/play`: plays the part that a button names, and goes back to the message, which shows what came of it.
pub(in crate::console) async fn play(
    State(shown): State<Shown>,
    Path(id): Path<i64>,
    body: Bytes,
) -> Result<Redirect, Failure> {
    let message = message(&shown, id)?;
    let part = part(&Form::read(&body))?;
    shown.acting.play(&message, &part).await.map_err(|error| failed(&error))?;
    Ok(Redirect::to(&format!("/outbox/{id}#told")))
}

fn part(form: &Form) -> Result<Part, Failure> {
    match form.field("part") {
        "reply" => {
            let words = form.field("words");
            if words.is_empty() || words.chars().count() > MAX_WORDS {
                return Err(unknown("an answer has 1 to 4096 characters"));
            }
            Ok(Part::Replies(words.to_owned()))
        }
        "unsubscribe" => Ok(Part::Unsubscribes),
        name => Act::named(name).map(Part::Becomes).ok_or_else(|| unknown("there is no such button")),
    }
}
