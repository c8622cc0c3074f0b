//! `since`: what was missed.

use std::sync::Arc;

use domain::realtime::{OVERLAP, REMEMBERED, Told};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use store::{ToldFrom, ToldPage};

use crate::message::{Message, Refused, Said, Saying};
use crate::{Sockets, Undone};

/// Events looked at in one Query, and Queries for one answer: those who reach little pass over much.
const A_QUERY: u16 = 100;
const QUERIES: usize = 5;
/// Bytes of frames in an answer, well below API Gateway's 128 KB.
const BYTES: usize = 48 * 1024;
/// A client's clock may be so far ahead of ours.
const AHEAD: SignedDuration = SignedDuration::from_mins(1);

impl Sockets {
    /// Tells again what was told in the connection's rooms since a time, or goes on behind where the part before ended; of
    /// whatever was told twice the frame has the same id. At most 5 Queries, and 2 `BatchGetItem` each.
    pub(crate) async fn since(&self, saying: &Saying, message: &Message) -> Result<Said, Refused> {
        let now = self.platform().now();
        let mut cursor = message.cursor.clone().unwrap_or_default();
        let Some(mut from) = read(&cursor, now) else {
            return Err(Refused::new("bad_cursor", "The cursor must be a time, or the cursor of the part before."));
        };
        if began(&from).is_none_or(|time| time < now - REMEMBERED) {
            return Ok(Said("sync:required", json!({"at": now})));
        }
        let (table, organization) = (self.platform().table(), saying.connection.organization);
        let (mut frames, mut bytes) = (Vec::new(), 0);
        for _ in 0..QUERIES {
            let ToldPage { told, next } = table.told_since(organization, &from, A_QUERY).await?;
            for frame in self.frames(saying, &told).await? {
                bytes += frame.len();
                frames.push(serde_json::from_str::<Value>(&frame).map_err(|error| Undone::Frame(error.to_string()))?);
            }
            let Some(next) = next else {
                return Ok(Said("sync", json!({"frames": frames, "cursor": now, "more": false})));
            };
            cursor.clone_from(&next);
            from = ToldFrom::Behind(next);
            if bytes > BYTES {
                break;
            }
        }
        Ok(Said("sync", json!({"frames": frames, "cursor": cursor, "more": true})))
    }

    async fn frames(&self, saying: &Saying, told: &[Told]) -> Result<Vec<Arc<str>>, Refused> {
        let connection = &saying.connection;
        let views = web::telling::views(self.platform().table(), connection.organization, told).await?;
        let heard = views.iter().flatten().filter(|view| !view.rooms().is_disjoint(&connection.rooms));
        Ok(heard.filter_map(|view| view.frame_for(connection.user, &saying.authority)).cloned().collect())
    }
}

/// A time, from a little before on; or a place in what was told.
fn read(cursor: &str, now: Timestamp) -> Option<ToldFrom> {
    if let Ok(time) = cursor.parse::<Timestamp>() {
        return (time <= now + AHEAD).then(|| ToldFrom::Time(time - OVERLAP));
    }
    let (time, id) = cursor.split_once('#')?;
    let is_time = time.len() == 14 && time.bytes().all(|byte| byte.is_ascii_hexdigit());
    (is_time && id.len() <= 40).then(|| ToldFrom::Behind(cursor.to_owned()))
}

/// The time from which on it tells.
fn began(from: &ToldFrom) -> Option<Timestamp> {
    match from {
        ToldFrom::Time(time) => Some(*time + OVERLAP),
        ToldFrom::Behind(place) => {
            let micros = i64::from_str_radix(place.split_once('#')?.0, 16).ok()?;
            Timestamp::from_microsecond(micros).ok()
        }
    }
}
