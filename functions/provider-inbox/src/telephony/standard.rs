//! The document that a telephone system without a scheme of its own sends: see `POST /webhooks/{provider}/{integration}`.

use domain::{CallDirection, HttpsUrl};
use jiff::Timestamp;
use serde::Deserialize;

use super::{Said, Told, number, status};
use crate::failed::Failed;

/// Begins the types that are about calls.
const CALLS: &str = "call.";

#[derive(Deserialize)]
struct Document {
    #[serde(rename = "type")]
    kind: String,
    timestamp: Option<String>,
    #[serde(default)]
    data: serde_json::Value,
}

#[derive(Deserialize)]
struct Data {
    id: String,
    status: Option<String>,
    direction: Option<String>,
    from: Option<String>,
    to: Option<String>,
    duration: Option<u32>,
    recording_url: Option<String>,
}

/// Reads a body.
pub(crate) fn read(body: &[u8]) -> Result<Said, Failed> {
    let senseless = |error: serde_json::Error| Failed::Senseless(format!("it is not the documented JSON: {error}"));
    let Document { kind, timestamp, data } = serde_json::from_slice(body).map_err(senseless)?;
    if !kind.starts_with(CALLS) {
        return Ok(Said::Else("not_about_a_call"));
    }
    let Data { id, status: stands, direction, from, to, duration, recording_url } =
        serde_json::from_value(data).map_err(senseless)?;
    let direction = direction.map(|word| word.parse::<CallDirection>()).transpose();
    Ok(Said::Call(Box::new(Told {
        call: id.parse().map_err(|_| Failed::Senseless("it has no id of a call".to_owned()))?,
        status: stands.as_deref().map(status).transpose()?,
        direction: direction.map_err(|invalid| Failed::Senseless(format!("direction {invalid}")))?,
        from: number(from.as_deref()),
        to: number(to.as_deref()),
        at: timestamp.and_then(|text| text.parse::<Timestamp>().ok()),
        seconds: duration,
        recording_url: recording_url.and_then(|text| text.parse::<HttpsUrl>().ok()),
    })))
}
