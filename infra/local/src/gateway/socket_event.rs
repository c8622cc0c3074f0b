//! What happens on a connection as the event API Gateway makes of it.
//!
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-websocket-api-mapping-template-reference.html>

use std::net::IpAddr;

use aws_lambda_events::apigw::{
    ApiGatewayRequestIdentity, ApiGatewayWebsocketProxyRequest, ApiGatewayWebsocketProxyRequestContext,
};
use http::HeaderMap;
use jiff::Timestamp;

/// The API's id.
const API: &str = "local";

/// An open connection.
#[derive(Clone, Debug)]
pub(super) struct Peer {
    /// Its id.
    pub(super) id: String,
    /// Since when it is open.
    pub(super) at: Timestamp,
    /// Where it came from.
    pub(super) address: IpAddr,
    /// What it calls itself.
    pub(super) agent: Option<String>,
    /// The name it came to.
    pub(super) host: String,
}

/// What happened on it.
pub(super) enum Happened {
    /// It wants to be opened.
    Connect { headers: HeaderMap, query: String },
    /// The other side said something.
    Message(String),
    /// It was closed, and why.
    Disconnect { code: u16, reason: String },
}

/// Makes the event.
pub(super) fn event(
    peer: &Peer,
    route: &str,
    stage: &str,
    number: u128,
    now: Timestamp,
    happened: Happened,
) -> ApiGatewayWebsocketProxyRequest {
    let mut identity = ApiGatewayRequestIdentity::default();
    identity.source_ip = Some(peer.address.to_string());
    identity.user_agent.clone_from(&peer.agent);

    let id = format!("{number:032x}");
    let mut context = ApiGatewayWebsocketProxyRequestContext::default();
    context.apiid = Some(API.to_owned());
    context.connected_at = peer.at.as_millisecond();
    context.connection_id = Some(peer.id.clone());
    context.domain_name = Some(peer.host.clone());
    context.extended_request_id = Some(id.clone());
    context.identity = identity;
    context.message_direction = Some("IN".to_owned());
    context.request_id = Some(id.clone());
    context.request_time = Some(now.strftime("%d/%b/%Y:%H:%M:%S +0000").to_string());
    context.request_time_epoch = now.as_millisecond();
    context.route_key = Some(route.to_owned());
    context.stage = Some(stage.to_owned());

    let mut event = ApiGatewayWebsocketProxyRequest::default();
    match happened {
        Happened::Connect { headers, query } => {
            context.event_type = Some("CONNECT".to_owned());
            if !query.is_empty() {
                event.query_string_parameters = query.parse().unwrap_or_default();
                event.multi_value_query_string_parameters = event.query_string_parameters.clone();
            }
            event.multi_value_headers = headers.clone();
            event.headers = headers;
        }
        Happened::Message(body) => {
            context.event_type = Some("MESSAGE".to_owned());
            context.message_id = Some(id);
            event.body = Some(body);
        }
        Happened::Disconnect { code, reason } => {
            context.event_type = Some("DISCONNECT".to_owned());
            context.disconnect_status_code = Some(code.into());
            context.disconnect_reason = Some(reason);
        }
    }
    event.request_context = context;
    event
}
