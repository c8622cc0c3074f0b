//! Links in e-mails by which it is told that somebody opened one, or followed a link in it. Whoever asks gets what they ask
//! for, whatever becomes of the telling; what is told is a person's or a program's, as
//! [`Followed`](domain::communication::Followed) has it.

pub(crate) mod click;
pub(crate) mod open;

use std::time::Duration;

use axum::http::{HeaderMap, Method, header};
use domain::communication::{DeliveryReport, Followed, FollowedBy, Following, PURPOSE_HEADERS};
use domain::{Caller, Change, Communication, CommunicationStatus};
use jiff::Timestamp;
use store::{CommitError, Refused, TrackingLink, there};
use web::{Address, App, Problem, Routes, Scope, routes};

use crate::limits;

/// How long somebody waits for the telling before they get what they asked for.
const PATIENCE: Duration = Duration::from_secs(2);
/// How often it is tried with an e-mail that others change at the same moment.
const TAKES: usize = 3;

/// The operations and their document.
pub(crate) fn routes() -> Routes {
    Routes::new().routes(routes!(open::open_track)).routes(routes!(click::click_track))
}

/// Who asks, as far as a request tells.
struct Request<'a> {
    scope: &'a Scope,
    address: &'a Address,
    method: &'a Method,
    headers: &'a HeaderMap,
}

impl Request<'_> {
    fn header(&self, name: impl header::AsHeaderName) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    fn by(&self, following: Following, communication: &Communication, now: Timestamp) -> FollowedBy {
        let followed = Followed {
            following,
            method: self.method.as_str(),
            user_agent: self.header(header::USER_AGENT),
            purposes: PURPOSE_HEADERS.map(|name| self.header(name)),
            since_sent: communication.since_sent(now),
        };
        followed.by()
    }

    /// Writes down that a link was followed; what hinders it goes to the log.
    async fn tell(&self, app: &App, link: &TrackingLink) {
        let told = match tokio::time::timeout(PATIENCE, self.try_to_tell(app, link)).await {
            Ok(told) => told,
            Err(_) => Err(Problem::unavailable("the table did not answer in time")),
        };
        if let Err(problem) = told {
            tracing::warn!(communication = %link.communication, ?problem, "a link was followed, which is not written down");
        }
    }

    async fn try_to_tell(&self, app: &App, link: &TrackingLink) -> Result<(), Problem> {
        let (table, following) = (app.table(), link.following());
        let grant = Caller::visitor(link.organization).own();
        for take in 0..TAKES {
            let Some(communication) = there(table.get_to_change(&grant, link.communication).await)? else {
                return Ok(());
            };
            let now = app.now();
            let by = self.by(following, &communication, now);
            let Some(change) = change(communication, following, by, now) else { return Ok(()) };
            if take == 0 {
                limits::count_following(app, self.scope, self.address).await?;
            }
            let written = match by {
                FollowedBy::Person => table.commit(&grant, change).await,
                FollowedBy::Machine(_) => table.commit_unseen(&grant, change).await,
            };
            match written {
                Err(CommitError::Refused { refused: Refused::Conflict, .. }) => continue,
                written => drop(written?),
            }
            if let FollowedBy::Machine(reason) = by {
                tracing::info!(communication = %link.communication, %following, %reason, "a program followed a link");
            }
            return Ok(());
        }
        Err(Problem::unavailable("others changed the e-mail at the same moment"))
    }
}

/// What it changes; `None` where it tells nothing new.
fn change(
    communication: Communication,
    following: Following,
    by: FollowedBy,
    now: Timestamp,
) -> Option<Change<Communication>> {
    match (by, following) {
        (FollowedBy::Machine(_), _) => communication.followed_by_machine(following),
        (FollowedBy::Person, _) if communication.knows(following) => None,
        (FollowedBy::Person, Following::Open) => {
            communication.report(DeliveryReport { status: CommunicationStatus::Read, at: now, failure: None }, now)
        }
        (FollowedBy::Person, Following::Click) => communication.clicked(now, now),
    }
}
