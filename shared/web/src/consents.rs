//! The ledger of consents: entering what somebody agreed to or withdrew, with what follows from it.

use std::time::Duration;

use domain::outreach::{ConsentDetails, ConsentState, Recording, SuppressionDetails, SuppressionReason};
use domain::{
    BranchId, Change, Consent, ConsentId, ContactAddress, ContactChannel, ContactPurpose, Grant, Lead, LeadId,
    Reachability, ReachabilityId, Suppression, UserId,
};
use store::{CommitError, Refused, StoreError, there};

use crate::{App, Problem};

/// Tries against other words about the same address, which come one after the other.
const TRIES: u32 = 24;
/// The longest rest after the first try, in microseconds; it doubles with each one.
const FIRST_REST: u64 = 4_000;
/// The longest rest of all.
const LONGEST_REST: u64 = 256_000;

/// Whose word it is, and who enters it.
#[derive(Debug, Clone)]
pub struct Speaker {
    /// The address or number, by its keyed hash.
    pub contact: ReachabilityId,
    /// The same in the clear, where it is known.
    pub address: Option<ContactAddress>,
    /// Whose it is, with their branch and who works on them.
    pub lead: Option<(LeadId, BranchId, Option<UserId>)>,
    /// Who enters it; nobody where they spoke themselves.
    pub by: Option<UserId>,
}

impl Speaker {
    /// Whoever has an address or number, which may be a lead's.
    pub fn of(app: &App, grant: &Grant, address: ContactAddress, lead: Option<&Lead>, by: Option<UserId>) -> Self {
        let contact = app.table().hash_key().reachability_id(grant.organization(), &address);
        let lead = lead.map(|lead| (lead.id, lead.branch_id, lead.assigned_to));
        Self { contact, address: Some(address), lead, by }
    }
}

/// Enters words of one speaker in the ledger, with what is known of their address: 1 read, and 1 transaction of two
/// writes for each word and one more. A word on marketing moves the suppression that an earlier one left, too.
pub async fn enter(
    app: &App,
    grant: &Grant,
    speaker: &Speaker,
    words: &[ConsentDetails],
) -> Result<Vec<Consent>, Problem> {
    let now = app.now();
    let mut entries = Vec::with_capacity(words.len());
    for details in words {
        let recording = Recording {
            id: ConsentId::at(now, app.platform().random()),
            organization: grant.organization(),
            contact: speaker.contact,
            address: speaker.address.clone(),
            lead: speaker.lead,
            by: speaker.by,
            now,
        };
        entries.push(Consent::record(details.clone(), recording)?);
    }
    for tried in 0..TRIES {
        match attempt(app, grant, speaker, &entries).await {
            Ok(()) => return Ok(entries.into_iter().map(|entry| written(entry.after)).collect()),
            Err(CommitError::Refused { refused: Refused::Conflict | Refused::Exists, .. }) => rest(app, tried).await,
            Err(error) => return Err(error.into()),
        }
    }
    Err(Problem::unavailable("a consent lost every race for its address"))
}

/// An entry as it was written: the first version, and the last.
fn written(mut entry: Consent) -> Consent {
    entry.meta.version = 1;
    entry
}

/// A random part of a time that doubles, so that those who met do not meet again.
async fn rest(app: &App, tried: u32) {
    let longest = (FIRST_REST << tried.min(16)).min(LONGEST_REST);
    let random = u64::from(u16::from_le_bytes(app.platform().random()));
    tokio::time::sleep(Duration::from_micros(longest * random / (u64::from(u16::MAX) + 1))).await;
}

async fn attempt(app: &App, grant: &Grant, speaker: &Speaker, entries: &[Change<Consent>]) -> Result<(), CommitError> {
    let now = app.now();
    let known = there(app.table().get_to_change(grant, speaker.contact).await)?
        .unwrap_or_else(|| Reachability::new(speaker.contact, grant.organization(), now));
    let mut transaction = app.table().transaction();
    let mut after = known.clone();
    for entry in entries {
        after = after.heard(&entry.after, now).after;
        transaction.push(grant, entry.clone())?;
    }
    let change = if known.meta.version == 0 {
        Change::create(after, "reachability.heard")
    } else {
        Change::update(known, after, "reachability.heard")
    };
    let after = transaction.push_unseen(grant, change)?;
    for channel in ContactChannel::ALL.iter().filter(|channel| spoken_of(entries, **channel)) {
        // What the ledger says now, which need not be the word that came in: a later one may stand there already.
        let Some(standing) = after.consent(*channel, ContactPurpose::Marketing) else { continue };
        if let Some(change) = follow(app, grant, speaker, *channel, standing.state).await? {
            transaction.push(grant, change)?;
        }
    }
    transaction.commit().await
}

fn spoken_of(entries: &[Change<Consent>], channel: ContactChannel) -> bool {
    let marketing = |entry: &Change<Consent>| entry.after.purpose == ContactPurpose::Marketing;
    entries.iter().any(|entry| entry.after.channel == channel && marketing(entry))
}

/// Who withdraws their consent to marketing is unsubscribed, and who agrees again is not: 1 read. What else stands
/// against an address is not theirs to move.
async fn follow(
    app: &App,
    grant: &Grant,
    speaker: &Speaker,
    channel: ContactChannel,
    state: ConsentState,
) -> Result<Option<Change<Suppression>>, StoreError> {
    let (table, now) = (app.table(), app.now());
    let id = table.hash_key().suppression_id(speaker.contact, channel);
    let before: Option<Suppression> = there(table.get_to_change(grant, id).await)?;
    let unsubscribed =
        before.as_ref().is_some_and(|one| one.is_active(now) && one.reason == SuppressionReason::Unsubscribe);
    Ok(match state {
        ConsentState::Granted => before.filter(|_| unsubscribed).map(|one| one.lift(now)),
        ConsentState::Withdrawn if unsubscribed => None,
        ConsentState::Withdrawn => {
            let (address, by) = (speaker.address.clone(), speaker.by);
            let reason = SuppressionReason::Unsubscribe;
            let details = SuppressionDetails { address, channel, reason, note: None, expires_at: None, by };
            let change = Suppression::suppress(before, id, grant.organization(), speaker.contact, details, now);
            change.before.as_ref().is_none_or(|before| *before != change.after).then_some(change)
        }
    })
}
