//! The account a template is deployed into, which is this machine: what resources are called here.

use standins::Sqs;

/// The stack's name.
pub(super) const STACK: &str = "sampark";
/// The account's number.
pub(crate) const NUMBER: &str = "000000000000";

/// The name of a resource.
pub(crate) fn name(id: &str) -> String {
    format!("{STACK}-{id}")
}

/// The name of a bucket: small letters only.
pub(crate) fn bucket(id: &str) -> String {
    name(id).to_ascii_lowercase()
}

/// The ARN of a resource of a service.
pub(crate) fn arn(service: &str, resource: &str) -> String {
    format!("arn:aws:{service}:{}:{NUMBER}:{resource}", standins::REGION)
}

/// What `Ref` gives for a resource of this type.
pub(super) fn reference(kind: &str, id: &str) -> String {
    match kind {
        "AWS::SQS::Queue" => Sqs::queue_url(&name(id)),
        "AWS::S3::Bucket" => bucket(id),
        "AWS::SNS::Topic" => arn("sns", &name(id)),
        _ => name(id),
    }
}

/// What `GetAtt` gives for an attribute of a resource of this type, if it is known here.
pub(super) fn attribute(kind: &str, id: &str, attribute: &str) -> Option<String> {
    let name = name(id);
    Some(match (kind, attribute) {
        ("AWS::SQS::Queue", "Arn") => Sqs::queue_arn(&name),
        ("AWS::SQS::Queue", "QueueName") => name,
        ("AWS::SQS::Queue", "QueueUrl") => Sqs::queue_url(&name),
        ("AWS::DynamoDB::Table", "Arn") => arn("dynamodb", &format!("table/{name}")),
        ("AWS::DynamoDB::Table", "StreamArn") => arn("dynamodb", &format!("table/{name}/stream/local")),
        ("AWS::S3::Bucket", "Arn") => format!("arn:aws:s3:::{}", bucket(id)),
        ("AWS::Serverless::Function", "Arn") => arn("lambda", &format!("function:{name}")),
        ("AWS::KMS::Key", "Arn") => arn("kms", &format!("key/{name}")),
        ("AWS::IAM::Role", "Arn") => format!("arn:aws:iam::{NUMBER}:role/{name}"),
        ("AWS::Logs::LogGroup", "Arn") => arn("logs", &format!("log-group:{name}")),
        _ => return None,
    })
}
