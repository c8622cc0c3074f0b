//! Open connections of the WebSocket API, through API Gateway's management API.

use aws_sdk_apigatewaymanagement::Client;
use aws_sdk_apigatewaymanagement::error::{DisplayErrorContext, SdkError};
use aws_sdk_apigatewaymanagement::operation::delete_connection::DeleteConnectionError;
use aws_sdk_apigatewaymanagement::operation::post_to_connection::PostToConnectionError;
use aws_sdk_apigatewaymanagement::primitives::Blob;

use crate::SendError;

/// Writes to open connections.
#[derive(Debug, Clone)]
pub struct Sockets {
    client: Client,
}

/// What became of a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Posted {
    /// It is on its way.
    Sent,
    /// There is no such connection any more.
    Gone,
    /// The other side does not take what it is sent.
    Slow,
}

impl Sockets {
    /// Over a client whose endpoint is the WebSocket API's stage.
    pub const fn new(client: Client) -> Self {
        Self { client }
    }

    /// Sends a frame: 1 `PostToConnection`.
    pub async fn post(&self, connection: &str, frame: &str) -> Result<Posted, SendError> {
        let data = Blob::new(frame.as_bytes());
        match self.client.post_to_connection().connection_id(connection).data(data).send().await {
            Ok(_) => Ok(Posted::Sent),
            Err(SdkError::ServiceError(context))
                if matches!(context.err(), PostToConnectionError::GoneException(_)) =>
            {
                Ok(Posted::Gone)
            }
            Err(SdkError::ServiceError(context))
                if matches!(context.err(), PostToConnectionError::LimitExceededException(_)) =>
            {
                Ok(Posted::Slow)
            }
            Err(error) => Err(SendError::not_taken(DisplayErrorContext(&error).to_string())),
        }
    }

    /// Closes a connection: 1 `DeleteConnection`. One that is gone is closed.
    pub async fn close(&self, connection: &str) -> Result<(), SendError> {
        match self.client.delete_connection().connection_id(connection).send().await {
            Ok(_) => Ok(()),
            Err(SdkError::ServiceError(context))
                if matches!(context.err(), DeleteConnectionError::GoneException(_)) =>
            {
                Ok(())
            }
            Err(error) => Err(SendError::not_taken(DisplayErrorContext(&error).to_string())),
        }
    }
}
