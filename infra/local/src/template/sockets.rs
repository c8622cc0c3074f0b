//! The WebSocket API: its stage, and which function its routes lead to.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::{Function, TemplateError, account};

/// How a message finds its route, the only way known here.
const SELECTION: &str = "$request.body.action";

/// A route of the WebSocket API.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SocketRoute {
    /// `$connect`, `$disconnect`, `$default`, or the action of a message.
    pub key: String,
    /// Whether the function's answer goes back over the connection.
    pub answers: bool,
}

/// The parts of the API, as they are read.
#[derive(Debug, Default)]
pub(super) struct SocketApi {
    stage: Option<String>,
    /// Which function an integration calls, both by what they are called here.
    integrations: BTreeMap<String, String>,
    /// Each route with its integration, and where it stands.
    routes: Vec<(SocketRoute, String, String)>,
}

/// Whether a resource is a part of the API.
pub(super) fn is_part(kind: &str) -> bool {
    matches!(
        kind,
        "AWS::ApiGatewayV2::Api"
            | "AWS::ApiGatewayV2::Integration"
            | "AWS::ApiGatewayV2::Route"
            | "AWS::ApiGatewayV2::Stage"
    )
}

impl SocketApi {
    pub(super) fn read(&mut self, id: &str, kind: &str, properties: &Map<String, Value>) -> Result<(), TemplateError> {
        let text = |name: &'static str| {
            let text = properties.get(name).and_then(Value::as_str);
            text.ok_or_else(|| TemplateError::lacks(id, name))
        };
        match kind {
            "AWS::ApiGatewayV2::Api" => {
                let (protocol, selection) = (text("ProtocolType")?, text("RouteSelectionExpression")?);
                if protocol != "WEBSOCKET" || selection != SELECTION {
                    return Err(TemplateError::unknown(id, format!("an API of {protocol} by {selection}")));
                }
            }
            "AWS::ApiGatewayV2::Stage" => self.stage = Some(text("StageName")?.to_owned()),
            "AWS::ApiGatewayV2::Integration" => {
                let uri = text("IntegrationUri")?;
                let function = uri.split(":function:").nth(1).and_then(|rest| rest.strip_suffix("/invocations"));
                let function = function.ok_or_else(|| TemplateError::bad(id, format!("{uri} is no function")))?;
                self.integrations.insert(account::name(id), function.to_owned());
            }
            _ => {
                let route = SocketRoute {
                    key: text("RouteKey")?.to_owned(),
                    answers: properties.contains_key("RouteResponseSelectionExpression"),
                };
                let target = text("Target")?;
                let integration = target.strip_prefix("integrations/");
                let integration = integration.ok_or_else(|| TemplateError::bad(id, target.to_owned()))?;
                self.routes.push((route, integration.to_owned(), id.to_owned()));
            }
        }
        Ok(())
    }

    /// Gives each function its routes, and returns the stage.
    pub(super) fn give_to(self, functions: &mut [Function]) -> Result<Option<String>, TemplateError> {
        let Self { stage, integrations, routes } = self;
        for (route, integration, place) in routes {
            let name = integrations.get(&integration);
            let function = functions.iter_mut().find(|function| Some(&account::name(&function.id)) == name);
            let function = function.ok_or_else(|| TemplateError::lacks(place, "a function to lead to"))?;
            function.sockets.push(route);
        }
        Ok(stage)
    }
}
