//! Service levels: policies and their clocks.

pub(crate) mod body;
pub(crate) mod clocks;
pub(crate) mod create;
pub(crate) mod delete;
pub(crate) mod list;
pub(crate) mod restore;
pub(crate) mod update;
pub(crate) mod view;

use std::num::NonZeroU32;

use domain::sla::MAX_POLICIES;
use domain::{Grant, SlaPolicy, Slot};
use store::ListQuery;
use web::{App, Problem};

/// Refuses one more policy where there are as many as there may be: 1 Query.
async fn room(app: &App, grant: &Grant) -> Result<(), Problem> {
    let most = u32::try_from(MAX_POLICIES).ok().and_then(NonZeroU32::new).unwrap_or(NonZeroU32::MIN);
    let query = ListQuery::new(Slot::One, "all", "", most);
    if app.table().list::<SlaPolicy>(grant, &query, |_| true).await?.records.len() < MAX_POLICIES {
        return Ok(());
    }
    let detail = format!("An organization may have {MAX_POLICIES} service levels at most.");
    Err(Problem::conflict("too_many_policies", detail))
}
