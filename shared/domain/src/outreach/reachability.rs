//! What is known of an address or number now: the last word of the ledger for each channel and purpose, and whether it
//! stands on the national do-not-disturb list.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::{Consent, ConsentState, ContactChannel, ContactPurpose};
use crate::record::{Meta, Record};
use crate::{Change, ConsentId, OrganizationId, ReachabilityId, UserId};

/// What is known of an address or number. One record each; its id is derived from the keyed hash.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reachability {
    /// What every record carries.
    pub meta: Meta,
    /// Its id.
    pub id: ReachabilityId,
    /// The last word for each channel and purpose, by `email:marketing`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub consents: BTreeMap<String, ConsentStanding>,
    /// Whether a number stands on the national list of those who want no calls and texts for marketing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dnd: Option<DoNotDisturb>,
    /// When its owner last wrote over WhatsApp, which opens a window for answers in whatever words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wrote_at: Option<Timestamp>,
}

/// After somebody wrote over WhatsApp they may be answered in whatever words for so long.
///
/// <https://developers.facebook.com/docs/whatsapp/cloud-api/guides/send-messages#customer-service-windows>
pub const WINDOW: SignedDuration = SignedDuration::from_hours(24);

/// The last word of the ledger.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConsentStanding {
    /// What they said.
    pub state: ConsentState,
    /// When.
    pub at: Timestamp,
    /// Which entry says so.
    pub consent: ConsentId,
}

/// What the national list said of a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct DoNotDisturb {
    /// Whether it stands there.
    pub listed: bool,
    /// When somebody looked.
    pub checked_at: Timestamp,
    /// Who.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<UserId>,
}

fn name(channel: ContactChannel, purpose: ContactPurpose) -> String {
    format!("{channel}:{purpose}")
}

impl Reachability {
    /// Nothing is known yet.
    pub const fn new(id: ReachabilityId, organization: OrganizationId, now: Timestamp) -> Self {
        Self { meta: Meta::new(organization, now), id, consents: BTreeMap::new(), dnd: None, wrote_at: None }
    }

    /// What was last said of a channel and purpose.
    pub fn consent(&self, channel: ContactChannel, purpose: ContactPurpose) -> Option<&ConsentStanding> {
        self.consents.get(&name(channel, purpose))
    }

    /// Whether it is on the national list.
    pub fn is_on_dnd(&self) -> bool {
        self.dnd.is_some_and(|dnd| dnd.listed)
    }

    /// Until when its owner may be answered in whatever words over WhatsApp.
    pub fn window_until(&self) -> Option<Timestamp> {
        self.wrote_at.map(|at| at + WINDOW)
    }

    /// Its owner wrote over WhatsApp; of two messages the later one counts.
    pub fn wrote(self, at: Timestamp, now: Timestamp) -> Change<Self> {
        let mut after = self.clone();
        after.wrote_at = after.wrote_at.max(Some(at));
        self.changed(after, "reachability.wrote", now)
    }

    /// An entry came into the ledger. Of two the later word counts, and of two at the same time the later entry, in
    /// whatever order they arrive.
    pub fn heard(self, consent: &Consent, now: Timestamp) -> Change<Self> {
        let word = ConsentStanding { state: consent.state, at: consent.at, consent: consent.id };
        let mut after = self.clone();
        let known = after.consents.get(&name(consent.channel, consent.purpose));
        if known.is_none_or(|known| (known.at, known.consent) < (word.at, word.consent)) {
            after.consents.insert(name(consent.channel, consent.purpose), word);
        }
        self.changed(after, "reachability.heard", now)
    }

    /// Somebody looked at the national list.
    pub fn checked(self, dnd: DoNotDisturb, now: Timestamp) -> Change<Self> {
        let mut after = self.clone();
        after.dnd = Some(dnd);
        self.changed(after, "reachability.dnd_checked", now)
    }

    fn changed(self, mut after: Self, kind: &'static str, now: Timestamp) -> Change<Self> {
        after.meta.updated_at = now;
        if self.meta.version == 0 { Change::create(after, kind) } else { Change::update(self, after, kind) }
    }
}

impl Record for Reachability {
    const KIND: &'static str = "reachability";
    type Id = ReachabilityId;

    fn id(&self) -> ReachabilityId {
        self.id
    }
    fn meta(&self) -> &Meta {
        &self.meta
    }
    fn meta_mut(&mut self) -> &mut Meta {
        &mut self.meta
    }
    /// It follows from the ledger.
    const DERIVED: &'static [&'static str] = &["consents"];
}
