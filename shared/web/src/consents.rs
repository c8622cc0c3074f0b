//! The ledger of consents: entering what somebody agreed to or withdrew, with what follows from it.

use domain::outreach::ConsentDetails;
use domain::{Change, Consent, Grant};
pub use runtime::Speaker;
use store::{CommitError, Refused, Rests};

use crate::{App, Problem};

/// Tries against other words about the same address, which come one after the other.
const TRIES: u32 = 24;

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
            Err(CommitError::Refused { refused: Refused::Conflict | Refused::Exists, .. }) => {
                tokio::time::sleep(Rests::RACES.part(tried, app.platform().random())).await;
            }
            done => return Ok(done?),
        }
    }
    Err(Problem::unavailable("a consent lost every race for its address"))
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
