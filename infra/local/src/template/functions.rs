//! Functions, with what `Globals` says of all of them.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Map, Value};

use super::events::{Events, Route};
use super::intrinsics::Resolver;
use super::{QueueMapping, Schedule, SocketRoute, StreamMapping, TemplateError};

/// A function and what calls it.
#[derive(Clone, Debug)]
pub struct Function {
    /// Its name in the template.
    pub id: String,
    /// The binary that is its code.
    pub binary: String,
    /// How long one call may take.
    pub timeout: Duration,
    /// Its environment, secrets not resolved yet.
    pub environment: BTreeMap<String, String>,
    /// The routes that lead to it.
    pub routes: Vec<Route>,
    /// The queues it works for.
    pub queues: Vec<QueueMapping>,
    /// The streams it follows.
    pub streams: Vec<StreamMapping>,
    /// The routes of the WebSocket API that lead to it.
    pub sockets: Vec<SocketRoute>,
    /// When it is called.
    pub schedules: Vec<Schedule>,
}

/// Lambda's timeout where a template says nothing.
const TIMEOUT_SECONDS: u64 = 3;

/// What the template says of all functions.
pub(super) struct Globals {
    timeout: u64,
    environment: BTreeMap<String, String>,
}

impl Globals {
    pub(super) fn read(resolver: &Resolver<'_>) -> Result<Self, TemplateError> {
        let globals = resolver.globals("Function")?;
        Ok(Self {
            timeout: timeout(&globals).unwrap_or(TIMEOUT_SECONDS),
            environment: environment("Globals", &globals)?,
        })
    }
}

impl Function {
    pub(super) fn read(
        id: &str,
        binary: &str,
        properties: &Map<String, Value>,
        globals: &Globals,
    ) -> Result<Self, TemplateError> {
        let mut variables = globals.environment.clone();
        variables.extend(environment(id, properties)?);
        let Events { routes, queues, streams, schedules } = Events::read(id, properties.get("Events"))?;
        Ok(Self {
            id: id.to_owned(),
            binary: binary.to_owned(),
            timeout: Duration::from_secs(timeout(properties).unwrap_or(globals.timeout)),
            environment: variables,
            routes,
            queues,
            streams,
            sockets: Vec::new(),
            schedules,
        })
    }
}

fn timeout(properties: &Map<String, Value>) -> Option<u64> {
    properties.get("Timeout").and_then(Value::as_u64)
}

fn environment(place: &str, properties: &Map<String, Value>) -> Result<BTreeMap<String, String>, TemplateError> {
    let variables = properties.get("Environment").and_then(|environment| environment.get("Variables"));
    let variables = variables.and_then(Value::as_object).into_iter().flatten();
    variables
        .map(|(name, value)| match value {
            Value::String(text) => Ok((name.clone(), text.clone())),
            Value::Number(_) | Value::Bool(_) => Ok((name.clone(), value.to_string())),
            _ => Err(TemplateError::bad(place, format!("{name} is not text"))),
        })
        .collect()
}
