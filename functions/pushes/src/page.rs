//! One page: the next connections that may hear of a change.

use std::collections::BTreeSet;
use std::sync::Arc;

use domain::realtime::{Push, Room, Told};
use domain::{OrganizationId, SessionId, UserId};
use futures::stream::{self, StreamExt as _};
use providers::Posted;
use store::Hearers;

use crate::{Pushes, Undone};

/// Frames under way at the same time.
const AT_ONCE: usize = 64;

impl Pushes {
    /// Sends a change to the next page of connections: 1 `BatchGetItem` of the record (2 where it needs another), 1 Query a
    /// room, what [`web::Standings`] reads of whom it does not know, and 1 `PostToConnection` for each who hears of it.
    pub(crate) async fn page(&self, push: Push) -> Result<(), Undone> {
        let Push { told, after } = push;
        let (table, now) = (self.platform().table(), self.platform().now());
        let organization = told.organization;
        let mut views = web::telling::views(table, organization, std::slice::from_ref(&told)).await?;
        let Some(view) = views.pop().flatten() else { return Ok(()) };
        let rooms = view.rooms();
        let Hearers { hearers, next } = table.hearers(organization, &rooms, after.as_deref(), self.a_page, now).await?;
        if let Some(next) = next {
            // Before this page is sent, so that another worker sends the next one meanwhile.
            self.platform().realtime()?.send(&Push { told: Told::clone(&told), after: Some(next) }).await?;
        }
        let people: BTreeSet<(SessionId, UserId)> =
            hearers.iter().map(|hearer| (hearer.session, hearer.user)).collect();
        let standings = self.standings.of(organization, &people.into_iter().collect::<Vec<_>>()).await?;
        let told = hearers.into_iter().filter_map(|hearer| match standings.get(&hearer.session) {
            Some(authority) => {
                let frame = Arc::clone(view.frame_for(hearer.user, authority)?);
                Some((hearer.connection, Some(frame)))
            }
            // The sign-in is over.
            None => Some((hearer.connection, None)),
        });
        let told: Vec<(String, Option<Arc<str>>)> = told.collect();
        let mut sent = stream::iter(told)
            .map(|(connection, frame)| self.tell(organization, connection, frame, &rooms))
            .buffer_unordered(AT_ONCE);
        let mut first = Ok(());
        while let Some(one) = sent.next().await {
            if let Err(error) = one {
                tracing::warn!(%error, "a frame was not sent");
                first = first.and(Err(error));
            }
        }
        first
    }

    /// Sends a frame; closes a connection without one, and one that is gone or takes nothing.
    async fn tell(
        &self,
        organization: OrganizationId,
        id: String,
        frame: Option<Arc<str>>,
        found_in: &BTreeSet<Room>,
    ) -> Result<(), Undone> {
        let sockets = self.platform().sockets()?;
        if let Some(frame) = frame {
            match sockets.post(&id, &frame).await? {
                Posted::Sent => return Ok(()),
                Posted::Gone => {}
                Posted::Slow => close(sockets, &id).await,
            }
        } else {
            close(sockets, &id).await;
        }
        Ok(self.platform().table().close_connection(&id, organization, found_in).await?)
    }
}

/// What nobody listens to is not told again, closed or not; API Gateway ends what is left open.
async fn close(sockets: &providers::Sockets, id: &str) {
    if let Err(error) = sockets.close(id).await {
        tracing::warn!(%error, "a connection was not closed");
    }
}
