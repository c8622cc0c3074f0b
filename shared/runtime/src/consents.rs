//! What somebody says of what they want to be sent: the entries of the ledger, with all that follows from them.

use domain::outreach::{ConsentDetails, ConsentState, Recording, SuppressionDetails, SuppressionReason};
use domain::{
    BranchId, Change, Consent, ConsentId, ContactAddress, ContactChannel, ContactPurpose, FieldInvalid, Grant, Lead,
    LeadId, Reachability, ReachabilityId, Suppression, UserId,
};
use jiff::Timestamp;
use store::{CommitError, StoreError, Transaction, there};

use crate::Platform;

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

/// What follows from somebody's words. Nothing is written until it is [pushed](Heard::push) and committed.
#[derive(Debug)]
pub struct Heard {
    entries: Vec<Change<Consent>>,
    known: Option<Known>,
    suppressions: Vec<Change<Suppression>>,
}

/// What is known of an address from then on.
#[derive(Debug)]
enum Known {
    /// They wrote, which is an event.
    Wrote(Change<Reachability>),
    /// It follows from the entries, which are.
    Follows(Change<Reachability>),
}

impl Platform {
    /// Whoever has an address or number, which may be a lead's.
    pub fn speaker(&self, grant: &Grant, address: ContactAddress, lead: Option<&Lead>, by: Option<UserId>) -> Speaker {
        let contact = self.table().hash_key().reachability_id(grant.organization(), &address);
        let lead = lead.map(|lead| (lead.id, lead.branch_id, lead.assigned_to));
        Speaker { contact, address: Some(address), lead, by }
    }

    /// Words of one speaker as entries of the ledger, under ids that they keep however often they are tried to be written.
    /// Refuses a channel that does not go to the address, and a time to come.
    pub fn entries(
        &self,
        grant: &Grant,
        speaker: &Speaker,
        words: &[ConsentDetails],
    ) -> Result<Vec<Change<Consent>>, Vec<FieldInvalid>> {
        let now = self.now();
        let entry = |details: &ConsentDetails| {
            let recording = Recording {
                id: ConsentId::at(now, self.random()),
                organization: grant.organization(),
                contact: speaker.contact,
                address: speaker.address.clone(),
                lead: speaker.lead,
                by: speaker.by,
                now,
            };
            Consent::record(details.clone(), recording)
        };
        words.iter().map(entry).collect()
    }

    /// What follows from entries of one speaker, who `wrote` over WhatsApp then, if they did: what is known of their
    /// address, which is read, and for each channel of which they said something on marketing its suppression: 1 read, and
    /// 1 each.
    pub async fn hear(
        &self,
        grant: &Grant,
        speaker: &Speaker,
        entries: Vec<Change<Consent>>,
        wrote: Option<Timestamp>,
    ) -> Result<Heard, StoreError> {
        let now = self.now();
        let before = there(self.table().get_to_change(grant, speaker.contact).await)?
            .unwrap_or_else(|| Reachability::new(speaker.contact, grant.organization(), now));
        let mut after = before.clone();
        // Of two messages the later one counts.
        let wrote = wrote.filter(|at| before.wrote_at < Some(*at));
        if let Some(at) = wrote {
            after = after.wrote(at, now).after;
        }
        for entry in &entries {
            after = after.heard(&entry.after, now).after;
        }
        let mut suppressions = Vec::new();
        for channel in ContactChannel::ALL.iter().filter(|channel| spoken_of(&entries, **channel)) {
            // What the ledger says now, which need not be the word that came in: a later one may stand there already.
            let Some(standing) = after.consent(*channel, ContactPurpose::Marketing) else { continue };
            suppressions.extend(self.follow(grant, speaker, *channel, standing.state).await?);
        }
        let kind = if wrote.is_some() { "reachability.wrote" } else { "reachability.heard" };
        let change =
            if before.meta.version == 0 { Change::create(after, kind) } else { Change::update(before, after, kind) };
        let known = match (wrote, entries.is_empty()) {
            (Some(_), _) => Some(Known::Wrote(change)),
            (None, false) => Some(Known::Follows(change)),
            (None, true) => None,
        };
        Ok(Heard { entries, known, suppressions })
    }

    /// Who withdraws their consent to marketing is unsubscribed, and who agrees again is not: 1 read. What else stands
    /// against an address is not theirs to move.
    async fn follow(
        &self,
        grant: &Grant,
        speaker: &Speaker,
        channel: ContactChannel,
        state: ConsentState,
    ) -> Result<Option<Change<Suppression>>, StoreError> {
        let (table, now) = (self.table(), self.now());
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
}

fn spoken_of(entries: &[Change<Consent>], channel: ContactChannel) -> bool {
    let marketing = |entry: &Change<Consent>| entry.after.purpose == ContactPurpose::Marketing;
    entries.iter().any(|entry| entry.after.channel == channel && marketing(entry))
}

impl Heard {
    /// Adds it to a transaction, two writes for each entry and for each suppression that moves, and one for what is known
    /// of the address, with its event where they wrote; returns the entries as they will be.
    pub fn push(self, transaction: &mut Transaction<'_>, grant: &Grant) -> Result<Vec<Consent>, CommitError> {
        let Self { entries, known, suppressions } = self;
        let entries = entries.into_iter().map(|entry| transaction.push(grant, entry)).collect::<Result<_, _>>()?;
        match known {
            Some(Known::Wrote(change)) => drop(transaction.push(grant, change)?),
            Some(Known::Follows(change)) => drop(transaction.push_unseen(grant, change)?),
            None => {}
        }
        for suppression in suppressions {
            transaction.push(grant, suppression)?;
        }
        Ok(entries)
    }
}
