//! Tables, queues and secrets.

use std::time::Duration;

use serde::Deserialize;
use serde_json::{Map, Value};
use standins::sqs::{Queue, Redrive};

use super::{TemplateError, account};

/// A table to be.
#[derive(Clone, Debug, PartialEq)]
pub struct Table {
    /// Its name.
    pub name: String,
    /// The attribute that is its partition key.
    pub partition_key: String,
    /// Its definition, as the stand-in takes it.
    pub definition: Value,
}

/// A secret to be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Secret {
    /// Its name.
    pub name: String,
    /// How many characters it has.
    pub length: usize,
}

impl Table {
    pub(super) fn read(id: &str, mut properties: Map<String, Value>) -> Result<Self, TemplateError> {
        let name = account::name(id);
        properties.insert("TableName".to_owned(), Value::String(name.clone()));
        let keys = properties.get("KeySchema").and_then(Value::as_array).into_iter().flatten();
        let partition = keys.filter(|key| key["KeyType"] == "HASH").find_map(|key| key["AttributeName"].as_str());
        let partition_key = partition.ok_or_else(|| TemplateError::lacks(id, "a partition key"))?.to_owned();
        Ok(Self { name, partition_key, definition: Value::Object(properties) })
    }
}

impl Secret {
    pub(super) fn read(id: &str, properties: &Map<String, Value>) -> Result<Self, TemplateError> {
        let generate = properties.get("GenerateSecretString");
        let length = generate.and_then(|generate| generate.get("PasswordLength")).and_then(Value::as_u64);
        let length = length.and_then(|length| usize::try_from(length).ok()).filter(|length| *length <= 4096);
        let length = length.ok_or_else(|| TemplateError::lacks(id, "GenerateSecretString.PasswordLength"))?;
        Ok(Self { name: account::name(id), length })
    }
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct QueueProperties {
    visibility_timeout: Option<u64>,
    delay_seconds: Option<u64>,
    receive_message_wait_time_seconds: Option<u64>,
    fifo_queue: bool,
    redrive_policy: Option<RedrivePolicy>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct RedrivePolicy {
    dead_letter_target_arn: String,
    max_receive_count: u32,
}

/// A queue's definition.
pub(super) fn queue(id: &str, properties: &Map<String, Value>) -> Result<Queue, TemplateError> {
    let read = QueueProperties::deserialize(Value::Object(properties.clone()));
    let QueueProperties {
        visibility_timeout,
        delay_seconds,
        receive_message_wait_time_seconds,
        fifo_queue,
        redrive_policy,
    } = read.map_err(|error| TemplateError::bad(id, error))?;
    if fifo_queue {
        return Err(TemplateError::unknown(id, "FIFO queues"));
    }
    let standard = Queue::named(&account::name(id));
    Ok(Queue {
        visibility: visibility_timeout.map_or(standard.visibility, Duration::from_secs),
        delay: delay_seconds.map_or(standard.delay, Duration::from_secs),
        wait: receive_message_wait_time_seconds.map_or(standard.wait, Duration::from_secs),
        redrive: redrive_policy.map(|RedrivePolicy { dead_letter_target_arn, max_receive_count }| Redrive {
            dead_letters: last_part(&dead_letter_target_arn).to_owned(),
            max_receives: max_receive_count,
        }),
        ..standard
    })
}

/// The name in a queue's ARN.
pub(super) fn last_part(arn: &str) -> &str {
    arn.rsplit(':').next().unwrap_or(arn)
}
