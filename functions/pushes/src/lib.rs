//! Frames to open connections: what happened, to those who listen and may see it.
//!
//! A message may come twice, late or to two workers at once: its frames have the event's id, by which a client tells a
//! repeat. A worker that dies leaves its message to another.

mod page;

use aws_lambda_events::event::sqs::{SqsBatchResponse, SqsEvent};
use domain::realtime::Push;
use providers::SendError;
use runtime::{NotWired, Platform};
use store::{QueueError, StoreError};
use web::{App, Standings};

/// Connections of one page. Each frame is signed on its own, a tenth of a millisecond of a whole core: several workers, who
/// begin one after the other, reach a thousand sooner than one.
const A_PAGE: u16 = 250;
/// Messages of a batch worked on at the same time.
const MESSAGES_AT_ONCE: usize = 4;

/// A page could not be sent; it comes again.
#[derive(Debug, thiserror::Error)]
enum Undone {
    #[error("not a page: {0}")]
    Malformed(serde_json::Error),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Queue(#[from] QueueError),
    #[error(transparent)]
    Send(#[from] SendError),
    #[error(transparent)]
    NotWired(#[from] NotWired),
}

/// The function, with what it remembers from one call to the next.
#[derive(Debug)]
pub struct Pushes {
    standings: Standings,
    a_page: u16,
}

impl Pushes {
    /// The function on a platform.
    pub fn new(platform: Platform) -> Self {
        Self::in_pages(platform, A_PAGE)
    }

    /// [`Self::new`] with so many connections a page: tests see many pages with few connections.
    pub fn in_pages(platform: Platform, a_page: u16) -> Self {
        Self { standings: Standings::new(App::new(platform, &[])), a_page }
    }

    fn platform(&self) -> &Platform {
        self.standings.app().platform()
    }

    /// Works through a batch of pages. Those that could not be sent come back as failed, for the queue to hand them out
    /// again.
    pub async fn handle(&self, event: SqsEvent) -> SqsBatchResponse {
        let one = async |body: String| self.one(&body).await;
        runtime::work_through(event, MESSAGES_AT_ONCE, "a page was not sent", one).await
    }

    async fn one(&self, body: &str) -> Result<(), Undone> {
        let push: Push = serde_json::from_str(body).map_err(Undone::Malformed)?;
        self.page(push).await
    }
}
