//! `template.yaml`, read for one machine.
//!
//! Everything the platform does comes from here: a route, a queue or a schedule that the template lacks is
//! missing locally too, and what the template asks for and the platform cannot do is refused at the start.

pub(crate) mod account;
mod data;
mod error;
mod events;
mod functions;
mod intrinsics;
mod sockets;

use std::collections::BTreeMap;

use serde_json::Value;

pub use data::{Secret, Table};
pub use error::TemplateError;
pub use events::{Matcher, OnFailure, QueueMapping, Route, Schedule, StartingPosition, StreamMapping};
pub use functions::Function;
pub use sockets::SocketRoute;

use intrinsics::Resolver;

/// What a template describes, as far as it concerns one machine.
#[derive(Clone, Debug, Default)]
pub struct Template {
    /// The API's stage.
    pub stage: String,
    /// The stage of the WebSocket API, if there is one.
    pub socket_stage: Option<String>,
    /// The functions, in the template's order.
    pub functions: Vec<Function>,
    /// The queues; a dead-letter queue stands before the queues it serves.
    pub queues: Vec<standins::sqs::Queue>,
    /// The tables.
    pub tables: Vec<Table>,
    /// The names of the buckets.
    pub buckets: Vec<String>,
    /// The secrets to be made.
    pub secrets: Vec<Secret>,
}

/// Resource types that mean nothing on one machine: permissions, logs, alarms and names; and the key of KMS, whose
/// place a key file takes.
const PASSED_OVER: [&str; 18] = [
    "AWS::ApiGatewayV2::ApiMapping",
    "AWS::ApiGatewayV2::DomainName",
    "AWS::ApiGatewayV2::RouteResponse",
    "AWS::CloudWatch::Alarm",
    "AWS::CloudWatch::Dashboard",
    "AWS::IAM::ManagedPolicy",
    "AWS::IAM::Policy",
    "AWS::IAM::Role",
    "AWS::KMS::Key",
    "AWS::Lambda::Permission",
    "AWS::Logs::LogGroup",
    "AWS::S3::BucketPolicy",
    "AWS::SES::ConfigurationSet",
    "AWS::SES::ConfigurationSetEventDestination",
    "AWS::SNS::Subscription",
    "AWS::SNS::Topic",
    "AWS::SNS::TopicPolicy",
    "AWS::SQS::QueuePolicy",
];

/// The binary that is a function's code.
fn binary<'a>(id: &str, resource: &'a serde_norway::Value) -> Result<&'a str, TemplateError> {
    let build = resource.get("Metadata").and_then(|metadata| metadata.get("BuildProperties"));
    let binary = build.and_then(|build| build.get("Binary")).and_then(serde_norway::Value::as_str);
    binary.ok_or_else(|| TemplateError::lacks(id, "Metadata.BuildProperties.Binary"))
}

impl Template {
    /// Reads a template. `parameters` replace the defaults of the template's own.
    pub fn read(text: &str, parameters: &BTreeMap<String, String>) -> Result<Self, TemplateError> {
        let document: serde_norway::Value = serde_norway::from_str(text)?;
        let resolver = Resolver::new(&document, parameters)?;
        let globals = functions::Globals::read(&resolver)?;
        let mut template = Self::default();
        let mut socket_api = sockets::SocketApi::default();
        for (id, resource) in resolver.resources() {
            if !resolver.stands(resource)? {
                continue;
            }
            let properties = || resolver.properties(id, resource);
            match resolver.type_of(id)? {
                "AWS::Serverless::HttpApi" => {
                    let stage = properties()?.get("StageName").and_then(Value::as_str).map(str::to_owned);
                    template.stage = stage.ok_or_else(|| TemplateError::lacks(id, "StageName"))?;
                }
                "AWS::Serverless::Function" => {
                    let binary = binary(id, resource)?;
                    template.functions.push(Function::read(id, binary, &properties()?, &globals)?);
                }
                kind if sockets::is_part(kind) => socket_api.read(id, kind, &properties()?)?,
                "AWS::SQS::Queue" => template.queues.push(data::queue(id, &properties()?)?),
                "AWS::DynamoDB::Table" => template.tables.push(Table::read(id, properties()?)?),
                "AWS::S3::Bucket" => template.buckets.push(account::bucket(id)),
                "AWS::SecretsManager::Secret" => template.secrets.push(Secret::read(id, &properties()?)?),
                passed_over if PASSED_OVER.contains(&passed_over) => {}
                unknown => return Err(TemplateError::unknown(id, format!("the type {unknown}"))),
            }
        }
        template.socket_stage = socket_api.give_to(&mut template.functions)?;
        template.queues.sort_by_key(|queue| queue.redrive.is_some());
        Ok(template)
    }

    /// The function whose code is this binary.
    pub fn function(&self, binary: &str) -> Option<&Function> {
        self.functions.iter().find(|function| function.binary == binary)
    }
}

#[cfg(test)]
mod tests;
