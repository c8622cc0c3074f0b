//! `$connect`.

use aws_lambda_events::apigw::ApiGatewayWebsocketProxyRequest;
use domain::realtime::Room;
use store::{Connection, Ticket};

use crate::{SocketAnswer, Sockets, Undone};

/// No token of ours is longer.
const MAX_TOKEN: usize = 64;

impl Sockets {
    /// Opens the connection of whoever shows a token, once: 401 without a good one. 1 write for the token, 3 reads of who
    /// it is, 2 writes for the connection; 1 more where the organization was not known to listen.
    pub(crate) async fn connect(
        &self,
        id: &str,
        event: &ApiGatewayWebsocketProxyRequest,
    ) -> Result<SocketAnswer, Undone> {
        let token = event.query_string_parameters.first("token").unwrap_or_default();
        if token.is_empty() || token.len() > MAX_TOKEN {
            return Ok(SocketAnswer::bare(401));
        }
        let (table, now) = (self.platform().table(), self.platform().now());
        let Some(Ticket { organization, user, session, expires_at: _ }) = table.take_ticket(token, now).await? else {
            return Ok(SocketAnswer::bare(401));
        };
        if self.standings.one(organization, session, user).await?.is_none() {
            return Ok(SocketAnswer::bare(401));
        }
        // First, so that nothing is missed from the moment the connection is in its room.
        self.listen(organization).await?;
        let rooms = [Room::User(user)].into();
        let connection = Connection { id: id.to_owned(), organization, user, session, connected_at: now, rooms };
        table.open_connection(&connection).await?;
        Ok(SocketAnswer::bare(200))
    }
}
