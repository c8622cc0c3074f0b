//! Taking and leaving an organization's seats.

use std::num::NonZeroU32;

use domain::seats::SeatsRefused;
use domain::{Caller, Change, Membership, Organization, OrganizationId, Plan, Seats, Slot};
use store::{ListQuery, ReadError};

use crate::{App, Problem, room};

/// Memberships read at once where the seats of an organization were never counted.
const AT_ONCE: NonZeroU32 = NonZeroU32::MIN.saturating_add(199);

/// What a membership's change changes of the seats, to be committed in one transaction with it; `None` where it
/// changes nothing of them. No call, 1 read, or 2 where a seat is taken.
///
/// 409 `last_admin` where nobody would be left who may do everything, 403 `plan_limit` where the plan has no seat left.
pub async fn seating(
    app: &App,
    organization: OrganizationId,
    before: Option<&Membership>,
    after: Option<&Membership>,
) -> Result<Option<Change<Seats>>, Problem> {
    if !Seats::are_touched(before, after) {
        return Ok(None);
    }
    let seats = seats(app, organization).await?;
    // Read after the seats, and not from memory: a smaller plan holds the seats while it is chosen.
    let plan = if Seats::is_taken(before, after) {
        let grant = Caller::system(organization, "seats").own();
        app.table().get_to_change::<Organization>(&grant, organization).await?.plan
    } else {
        Plan::Enterprise
    };
    seats.change(before, after, plan, app.now()).map(Some).map_err(refused)
}

/// The seats of an organization as they are now: 1 read, or a count of everybody where there was none yet.
pub async fn seats(app: &App, organization: OrganizationId) -> Result<Seats, Problem> {
    let grant = Caller::system(organization, "seats").own();
    match app.table().get_to_change(&grant, Seats::id_of(organization)).await {
        Err(ReadError::NotFound) => {}
        read => return Ok(read?),
    }
    let mut query = ListQuery::new(Slot::One, "all", "", AT_ONCE);
    let mut members: Vec<Membership> = Vec::new();
    loop {
        let page = app.table().list(&grant, &query, |_: &Membership| true).await?;
        members.extend(page.records);
        query.cursor = page.next;
        if query.cursor.is_none() {
            return Ok(Seats::taken_by(organization, &members, app.now()));
        }
    }
}

fn refused(refused: SeatsRefused) -> Problem {
    match refused {
        SeatsRefused::LastAdmin => Problem::conflict(
            "last_admin",
            "Somebody must be left who may do everything: an administrator of all rows.",
        ),
        SeatsRefused::Full { limit } => {
            room::full("Your organization's plan has no seat left.", limit, Plan::with_more_seats(limit))
        }
    }
}
