//! Times that people plan for.

use jiff::{SignedDuration, Timestamp};

use crate::Invalid;

/// Nothing is planned further ahead than ten years; times sort as text far beyond that.
const AHEAD: SignedDuration = SignedDuration::from_hours(24 * 3_653);
/// What was planned is at most so old when we hear of it: a year.
const BEHIND: SignedDuration = SignedDuration::from_hours(24 * 366);

/// Whether somebody may plan for this time: from a year ago to ten years ahead.
pub fn plannable(at: Timestamp, now: Timestamp) -> Result<(), Invalid> {
    if at > now + AHEAD {
        Err(Invalid::new("too_far", "must be within the next ten years"))
    } else if at < now - BEHIND {
        Err(Invalid::new("too_old", "must be within the last year"))
    } else {
        Ok(())
    }
}
