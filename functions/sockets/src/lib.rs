//! What is said on open connections: who may open one, and what they may ask.

mod connect;
mod message;
mod ping;
mod since;
mod subscribe;

use aws_lambda_events::apigw::ApiGatewayWebsocketProxyRequest;
use domain::OrganizationId;
use domain::realtime::CONNECTION_LIFE;
use runtime::{Cache, Platform};
use serde::Serialize;
use store::{JoinError, StoreError};
use web::{App, Standings};

/// Organizations of which a function remembers that somebody listens.
const MOST_LISTENING: usize = 1_000;

/// The function, with what it remembers from one call to the next.
#[derive(Debug)]
pub struct Sockets {
    standings: Standings,
    /// The organizations of which somebody is known to listen.
    listening: Cache<OrganizationId, ()>,
}

/// The answer to an event of the WebSocket API.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SocketAnswer {
    /// 200, or why a connection is not opened.
    pub status_code: u16,
    /// What goes back over the connection.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub body: Option<String>,
}

/// Something could not be done for a fault of ours.
#[derive(Debug, thiserror::Error)]
enum Undone {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("a frame cannot be read: {0}")]
    Frame(String),
    #[error("an event of no connection")]
    NoConnection,
}

impl From<JoinError> for message::Refused {
    fn from(error: JoinError) -> Self {
        match error {
            JoinError::Refused => {
                Self::new("too_many_rooms", "This connection listens in as many rooms as one may; leave some first.")
            }
            JoinError::Store(error) => Self::Undone(error.into()),
        }
    }
}

impl SocketAnswer {
    const fn bare(status_code: u16) -> Self {
        Self { status_code, body: None }
    }
}

impl Sockets {
    /// The function on a platform.
    pub fn new(platform: Platform) -> Self {
        Self { standings: Standings::new(App::new(platform, &[])), listening: Cache::new(MOST_LISTENING) }
    }

    /// Answers an event: a connection that opens or has closed, or a message on one.
    pub async fn handle(&self, event: &ApiGatewayWebsocketProxyRequest) -> SocketAnswer {
        let route = event.request_context.route_key.as_deref().unwrap_or_default();
        let answered = match event.request_context.connection_id.as_deref() {
            None => Err(Undone::NoConnection),
            Some(id) => match route {
                "$connect" => self.connect(id, event).await,
                "$disconnect" => self.disconnect(id).await,
                _ => self.message(id, event).await,
            },
        };
        answered.unwrap_or_else(|error| {
            tracing::error!(route, %error, "a connection was not served");
            SocketAnswer::bare(500)
        })
    }

    fn platform(&self) -> &Platform {
        self.standings.app().platform()
    }

    /// Says that somebody of the organization listens, where this function has not said so lately: no call, or 1 write.
    async fn listen(&self, organization: OrganizationId) -> Result<(), StoreError> {
        let now = self.platform().now();
        if self.listening.get(&organization, now).is_some() {
            return Ok(());
        }
        self.platform().table().listen(organization, now).await?;
        // The mark outlives a connection that opens at the end of this time.
        self.listening.put(organization, (), now + CONNECTION_LIFE);
        Ok(())
    }

    /// A connection has closed: 1 read, and 1 write a room and for itself.
    async fn disconnect(&self, id: &str) -> Result<SocketAnswer, Undone> {
        let table = self.platform().table();
        if let Some(connection) = table.connection(id).await? {
            table.close_connection(id, connection.organization, &connection.rooms).await?;
        }
        Ok(SocketAnswer::bare(200))
    }
}
