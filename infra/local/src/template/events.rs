//! What calls a function: routes, queues, streams, schedules.

use std::time::Duration;

use http::Method;
use jiff::SignedDuration;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::TemplateError;
use super::data::last_part;

pub use crate::mappings::filter::Matcher;

/// A route of the API.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Route {
    /// Its method; `None` for any.
    pub method: Option<Method>,
    /// Its path, with `{name}` for one part and `{name+}` for all that follows.
    pub path: String,
}

/// A queue whose messages go to a function.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueueMapping {
    /// The queue's name.
    pub queue: String,
    /// The most messages of one call.
    pub batch_size: usize,
    /// For how long messages are gathered.
    pub window: Duration,
    /// The most calls at once.
    pub concurrency: usize,
    /// Whether the function says which messages failed.
    pub reports_failures: bool,
}

/// A table's stream that a function follows.
#[derive(Clone, Debug, PartialEq)]
pub struct StreamMapping {
    /// The table's name.
    pub table: String,
    /// Where a follower begins that was never here before.
    pub starts: StartingPosition,
    /// The most records of one call.
    pub batch_size: usize,
    /// How many calls there may be at once; records of one partition key stay in order.
    pub lanes: usize,
    /// What the function wants to see; everything if it is empty.
    pub filters: Vec<Matcher>,
    /// Whether the function says from which record on it failed.
    pub reports_failures: bool,
    /// Whether a failed batch is cut in two.
    pub bisects: bool,
    /// How often a failed batch is tried again; without end if it is not said.
    pub retries: Option<u32>,
    /// Who hears of records that were given up.
    pub on_failure: Option<OnFailure>,
}

/// Where a new follower of a stream begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StartingPosition {
    /// With the oldest record there is.
    Oldest,
    /// With what is written from now on.
    Newest,
}

/// The queue that hears of records given up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OnFailure {
    /// Its name.
    pub queue: String,
}

/// A call by the clock.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Schedule {
    /// Its name.
    pub name: String,
    /// From one call to the next.
    pub every: SignedDuration,
}

/// All that calls one function.
#[derive(Debug, Default)]
pub(super) struct Events {
    pub(super) routes: Vec<Route>,
    pub(super) queues: Vec<QueueMapping>,
    pub(super) streams: Vec<StreamMapping>,
    pub(super) schedules: Vec<Schedule>,
}

impl Events {
    pub(super) fn read(function: &str, events: Option<&Value>) -> Result<Self, TemplateError> {
        let mut read = Self::default();
        for (name, event) in events.and_then(Value::as_object).into_iter().flatten() {
            let place = format!("{function}.Events.{name}");
            let properties = event.get("Properties").cloned().unwrap_or_default();
            match event.get("Type").and_then(Value::as_str).unwrap_or_default() {
                "HttpApi" => read.routes.push(route(&place, properties)?),
                "SQS" => read.queues.push(queue(&place, properties)?),
                "DynamoDB" => read.streams.push(stream(&place, properties)?),
                "Schedule" | "ScheduleV2" => read.schedules.push(schedule(function, name, &place, properties)?),
                unknown => return Err(TemplateError::unknown(place, format!("events of the type {unknown}"))),
            }
        }
        Ok(read)
    }
}

fn read<T: DeserializeOwned>(place: &str, properties: Value) -> Result<T, TemplateError> {
    serde_json::from_value(properties).map_err(|error| TemplateError::bad(place, error))
}

fn route(place: &str, properties: Value) -> Result<Route, TemplateError> {
    #[derive(Deserialize)]
    #[serde(rename_all = "PascalCase", deny_unknown_fields)]
    struct Properties {
        #[serde(rename = "ApiId")]
        _api: String,
        method: String,
        path: String,
    }
    let Properties { _api, method, path } = read(place, properties)?;
    if !path.starts_with('/') {
        return Err(TemplateError::bad(place, "a path begins with /"));
    }
    let method = match method.to_ascii_uppercase().as_str() {
        "ANY" | "*" => None,
        method => Some(method.parse().map_err(|error| TemplateError::bad(place, error))?),
    };
    Ok(Route { method, path })
}

/// The one response type there is.
const REPORTS: &str = "ReportBatchItemFailures";

fn reports(place: &str, types: &[String]) -> Result<bool, TemplateError> {
    match types {
        [] => Ok(false),
        [only] if only == REPORTS => Ok(true),
        _ => Err(TemplateError::unknown(place, format!("the response types {types:?}"))),
    }
}

fn queue(place: &str, properties: Value) -> Result<QueueMapping, TemplateError> {
    #[derive(Deserialize)]
    #[serde(rename_all = "PascalCase", deny_unknown_fields)]
    struct Properties {
        queue: String,
        batch_size: Option<usize>,
        maximum_batching_window_in_seconds: Option<u64>,
        #[serde(default)]
        function_response_types: Vec<String>,
        scaling_config: Option<Scaling>,
    }
    #[derive(Deserialize)]
    #[serde(rename_all = "PascalCase", deny_unknown_fields)]
    struct Scaling {
        maximum_concurrency: usize,
    }
    /// Lambda begins with five readers of a queue.
    const READERS: usize = 5;
    /// What a queue gives in one answer.
    const BATCH: usize = 10;

    let properties: Properties = read(place, properties)?;
    let window = properties.maximum_batching_window_in_seconds.unwrap_or(0);
    let batch_size = properties.batch_size.unwrap_or(BATCH);
    if batch_size == 0 || batch_size > 10_000 || window == 0 && batch_size > BATCH || window > 300 {
        return Err(TemplateError::bad(place, "a batch has from 1 to 10 messages, or to 10,000 with a window"));
    }
    Ok(QueueMapping {
        queue: last_part(&properties.queue).to_owned(),
        batch_size,
        window: Duration::from_secs(window),
        concurrency: properties.scaling_config.map_or(READERS, |scaling| scaling.maximum_concurrency).max(2),
        reports_failures: reports(place, &properties.function_response_types)?,
    })
}

fn stream(place: &str, properties: Value) -> Result<StreamMapping, TemplateError> {
    #[derive(Deserialize)]
    #[serde(rename_all = "PascalCase", deny_unknown_fields)]
    struct Properties {
        stream: String,
        starting_position: String,
        batch_size: Option<usize>,
        parallelization_factor: Option<usize>,
        filter_criteria: Option<Criteria>,
        #[serde(default)]
        function_response_types: Vec<String>,
        #[serde(default)]
        bisect_batch_on_function_error: bool,
        maximum_retry_attempts: Option<i64>,
        destination_config: Option<Destinations>,
    }
    #[derive(Deserialize)]
    #[serde(rename_all = "PascalCase", deny_unknown_fields)]
    struct Criteria {
        filters: Vec<Filter>,
    }
    #[derive(Deserialize)]
    #[serde(rename_all = "PascalCase", deny_unknown_fields)]
    struct Filter {
        pattern: String,
    }
    #[derive(Deserialize)]
    #[serde(rename_all = "PascalCase", deny_unknown_fields)]
    struct Destinations {
        on_failure: Destination,
    }
    #[derive(Deserialize)]
    #[serde(rename_all = "PascalCase", deny_unknown_fields)]
    struct Destination {
        #[serde(rename = "Type")]
        kind: Option<String>,
        destination: String,
    }

    let properties: Properties = read(place, properties)?;
    let on_failure = match properties.destination_config.map(|destinations| destinations.on_failure) {
        None => None,
        Some(Destination { kind, destination }) if kind.as_deref().is_none_or(|kind| kind == "SQS") => {
            Some(OnFailure { queue: last_part(&destination).to_owned() })
        }
        Some(_) => return Err(TemplateError::unknown(place, "a destination that is no queue")),
    };
    let filters = properties.filter_criteria.into_iter().flat_map(|criteria| criteria.filters);
    let filters = filters.map(|filter| Matcher::read(&filter.pattern)).collect::<Result<_, _>>();
    Ok(StreamMapping {
        table: table_of(&properties.stream)
            .ok_or_else(|| TemplateError::bad(place, "not a table's stream"))?
            .to_owned(),
        starts: match properties.starting_position.as_str() {
            "TRIM_HORIZON" => StartingPosition::Oldest,
            "LATEST" => StartingPosition::Newest,
            other => return Err(TemplateError::unknown(place, format!("the position {other}"))),
        },
        batch_size: properties.batch_size.unwrap_or(100).clamp(1, 10_000),
        lanes: properties.parallelization_factor.unwrap_or(1).clamp(1, 10),
        filters: filters.map_err(|error| TemplateError::unknown(place, error.to_string()))?,
        reports_failures: reports(place, &properties.function_response_types)?,
        bisects: properties.bisect_batch_on_function_error,
        retries: properties.maximum_retry_attempts.and_then(|attempts| u32::try_from(attempts).ok()),
        on_failure,
    })
}

/// `…:table/name/stream/label`.
fn table_of(arn: &str) -> Option<&str> {
    arn.split_once(":table/")?.1.split('/').next()
}

fn schedule(function: &str, name: &str, place: &str, properties: Value) -> Result<Schedule, TemplateError> {
    #[derive(Deserialize)]
    #[serde(rename_all = "PascalCase", deny_unknown_fields)]
    struct Properties {
        #[serde(alias = "Schedule")]
        schedule_expression: String,
        retry_policy: Option<Retries>,
    }
    #[derive(Deserialize)]
    #[serde(rename_all = "PascalCase", deny_unknown_fields)]
    struct Retries {
        maximum_retry_attempts: u32,
        #[serde(rename = "MaximumEventAgeInSeconds")]
        _age: Option<u64>,
    }
    let Properties { schedule_expression, retry_policy } = read(place, properties)?;
    if retry_policy.is_none_or(|retries| retries.maximum_retry_attempts > 0) {
        return Err(TemplateError::unknown(place, "retries of a schedule; set MaximumRetryAttempts to 0"));
    }
    let every = rate(&schedule_expression);
    let every = every.ok_or_else(|| TemplateError::unknown(place, format!("the schedule {schedule_expression}")))?;
    Ok(Schedule { name: format!("{function}{name}"), every })
}

/// `rate(5 minutes)`.
fn rate(expression: &str) -> Option<SignedDuration> {
    let (number, unit) = expression.strip_prefix("rate(")?.strip_suffix(')')?.split_once(' ')?;
    let number: i32 = number.parse().ok().filter(|number| *number > 0)?;
    let seconds: i64 = match unit.trim_end_matches('s') {
        "minute" => 60,
        "hour" => 60 * 60,
        "day" => 24 * 60 * 60,
        _ => return None,
    };
    Some(SignedDuration::from_secs(seconds * i64::from(number)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_are_read_and_cron_is_refused() {
        assert_eq!(rate("rate(1 minute)"), Some(SignedDuration::from_mins(1)));
        assert_eq!(rate("rate(2 hours)"), Some(SignedDuration::from_hours(2)));
        assert_eq!(rate("rate(0 minutes)"), None);
        assert_eq!(rate("cron(0 12 * * ? *)"), None);
    }
}
