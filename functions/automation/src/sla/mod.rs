//! Service levels: policies and their clocks.

pub(crate) mod body;
pub(crate) mod clocks;
pub(crate) mod create;
pub(crate) mod delete;
pub(crate) mod list;
pub(crate) mod restore;
pub(crate) mod update;
pub(crate) mod view;

use domain::sla::MAX_POLICIES;
use domain::{Grant, SlaPolicy};
use web::room::room_for;
use web::{App, Problem};

/// Refuses one more policy where there are as many as there may be: 1 Query.
async fn room(app: &App, grant: &Grant) -> Result<(), Problem> {
    room_for::<SlaPolicy>(app, grant, MAX_POLICIES, "too_many_policies", "service levels").await
}
