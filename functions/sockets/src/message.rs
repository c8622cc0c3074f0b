//! `$default`: a message of the other side.

use std::sync::Arc;

use aws_lambda_events::apigw::ApiGatewayWebsocketProxyRequest;
use domain::{Actor, Authority, Caller, Origin};
use serde::Deserialize;
use serde_json::{Value, json};
use store::{Connection, Window};

use crate::{SocketAnswer, Sockets, Undone};

/// Messages a minute on one connection, pings aside; how many connections a person opens is bounded with their requests.
const MESSAGES: Window = Window { name: "socket", limit: 120, seconds: 60 };
/// A longer `ref` is left out.
const MAX_REF: usize = 64;

/// A message.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Message {
    action: String,
    /// What the other side knows its question by.
    #[serde(rename = "ref")]
    reference: Option<String>,
    pub(crate) room: Option<String>,
    pub(crate) lead_id: Option<String>,
    pub(crate) cursor: Option<String>,
}

/// Who says something, and where.
pub(crate) struct Saying {
    pub(crate) connection: Connection,
    pub(crate) authority: Arc<Authority>,
    pub(crate) caller: Caller,
}

/// An answer: its event and its data.
pub(crate) struct Said(pub(crate) &'static str, pub(crate) Value);

/// What was asked is not done.
pub(crate) enum Refused {
    /// For a reason that the other side is told.
    For(&'static str, &'static str),
    /// For a fault of ours.
    Undone(Undone),
}

impl Refused {
    pub(crate) const fn new(code: &'static str, detail: &'static str) -> Self {
        Self::For(code, detail)
    }
}

impl<E: Into<Undone>> From<E> for Refused {
    fn from(error: E) -> Self {
        Self::Undone(error.into())
    }
}

impl Sockets {
    /// Answers a message: 1 read of the connection, at most every 30 seconds 3 of who it is, 1 write to count it but for a
    /// ping, and what its action costs.
    pub(crate) async fn message(
        &self,
        id: &str,
        event: &ApiGatewayWebsocketProxyRequest,
    ) -> Result<SocketAnswer, Undone> {
        let body = event.body.as_deref().filter(|_| !event.is_base64_encoded).unwrap_or_default();
        let message = match serde_json::from_str::<Message>(body) {
            Ok(message) if body.trim_start().starts_with('{') => message,
            Ok(_) | Err(_) => {
                return Ok(said(None, "error", &refusal("malformed", "This is no JSON object with an action.")));
            }
        };
        let reference = message.reference.as_deref().filter(|reference| reference.len() <= MAX_REF);
        let Some(saying) = self.saying(id, event).await? else {
            return Ok(said(reference, "error", &refusal("signed_out", "Sign in again, and connect anew.")));
        };
        let answered = match message.action.as_str() {
            "ping" => Ok(self.ping()),
            _ if self.is_too_much(&saying).await? => {
                Err(Refused::new("rate_limited", "That is much in one minute. Ask again in the next."))
            }
            "subscribe" => self.subscribe(&saying, &message).await,
            "unsubscribe" => self.unsubscribe(&saying, &message).await,
            "since" => self.since(&saying, &message).await,
            _ => Err(Refused::new("unknown_action", "The action must be ping, subscribe, unsubscribe or since.")),
        };
        match answered {
            Ok(Said(event, data)) => Ok(said(reference, event, &data)),
            Err(Refused::For(code, detail)) => Ok(said(reference, "error", &refusal(code, detail))),
            Err(Refused::Undone(error)) => {
                tracing::error!(action = message.action, %error, "a message was not dealt with");
                Ok(said(reference, "error", &refusal("internal", "This did not work. Try it again.")))
            }
        }
    }

    /// Counts a message against the connection's limit: 1 write.
    async fn is_too_much(&self, saying: &Saying) -> Result<bool, Undone> {
        let (platform, connection) = (self.platform(), &saying.connection);
        let (organization, id) = (connection.organization, &connection.id);
        let uses = platform.table().count_uses(organization, MESSAGES, id, 1, platform.now()).await?;
        Ok(uses > MESSAGES.limit)
    }

    /// Who says it; nobody where the sign-in is over or the connection was closed by us.
    async fn saying(&self, id: &str, event: &ApiGatewayWebsocketProxyRequest) -> Result<Option<Saying>, Undone> {
        let Some(connection) = self.platform().table().connection(id).await? else { return Ok(None) };
        let (organization, session, user) = (connection.organization, connection.session, connection.user);
        let Some(authority) = self.standings.one(organization, session, user).await? else { return Ok(None) };
        let origin = Origin {
            request_id: event.request_context.request_id.clone().unwrap_or_default(),
            address: event.request_context.identity.source_ip.clone().unwrap_or_default(),
        };
        let caller = Caller::authorized(organization, Actor::User { id: user, session }, &authority, origin);
        Ok(Some(Saying { connection, authority, caller }))
    }
}

fn refusal(code: &str, detail: &str) -> Value {
    json!({"code": code, "detail": detail})
}

fn said(reference: Option<&str>, event: &str, data: &Value) -> SocketAnswer {
    let mut body = json!({"event": event, "data": data});
    if let (Some(reference), Some(members)) = (reference, body.as_object_mut()) {
        members.insert("ref".to_owned(), reference.into());
    }
    SocketAnswer { status_code: 200, body: Some(body.to_string()) }
}
