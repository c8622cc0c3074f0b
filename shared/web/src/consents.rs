//! The ledger of consents: entering what somebody agreed to or withdrew, with what follows from it.

use std::time::Duration;

use domain::outreach::ConsentDetails;
use domain::{Change, Consent, Grant};
pub use runtime::Speaker;
use store::{CommitError, Refused};

use crate::{App, Problem};

/// Tries against other words about the same address, which come one after the other.
const TRIES: u32 = 24;
/// The longest rest after the first try, in microseconds; it doubles with each one.
const FIRST_REST: u64 = 4_000;
/// The longest rest of all.
const LONGEST_REST: u64 = 256_000;

/// Enters words of one speaker in the ledger, with what is known of their address: 1 read, and 1 transaction of two
/// writes for each word and one more. A word on marketing moves the suppression that an earlier one left, too.
pub async fn enter(
    app: &App,
    grant: &Grant,
    speaker: &Speaker,
    words: &[ConsentDetails],
) -> Result<Vec<Consent>, Problem> {
    let entries = app.platform().entries(grant, speaker, words)?;
    for tried in 0..TRIES {
        match attempt(app, grant, speaker, entries.clone()).await {
            Err(CommitError::Refused { refused: Refused::Conflict | Refused::Exists, .. }) => rest(app, tried).await,
            done => return Ok(done?),
        }
    }
    Err(Problem::unavailable("a consent lost every race for its address"))
}

/// A random part of a time that doubles, so that those who met do not meet again.
async fn rest(app: &App, tried: u32) {
    let longest = (FIRST_REST << tried.min(16)).min(LONGEST_REST);
    let random = u64::from(u16::from_le_bytes(app.platform().random()));
    tokio::time::sleep(Duration::from_micros(longest * random / (u64::from(u16::MAX) + 1))).await;
}

async fn attempt(
    app: &App,
    grant: &Grant,
    speaker: &Speaker,
    entries: Vec<Change<Consent>>,
) -> Result<Vec<Consent>, CommitError> {
    let heard = app.platform().hear(grant, speaker, entries, None).await?;
    let mut transaction = app.table().transaction();
    let entries = heard.push(&mut transaction, grant)?;
    transaction.commit().await?;
    Ok(entries)
}
