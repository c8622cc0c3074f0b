//! A lead: somebody who may become a customer.

mod assign;
mod capture;
mod create;
mod figures;
mod merge;
mod row;
mod stage;
mod update;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

pub use create::{Arrival, LeadDetails};
pub use figures::{LeadsCounted, WORKED, Worked};
pub use merge::MergePreview;
pub use row::{RowField, RowMapping};
pub use update::LeadPatch;

use crate::pipeline::{Dwell, Pipeline, StageKey};
use crate::record::{Claim, List, Meta, Record, Slot};
use crate::scoring::{Progress, Score, ScoringRules, Signals};
use crate::terms::{Term, Terms};
use crate::{BranchId, CustomFields, EmailAddress, Label, LeadId, PersonName, Phone, Priority, Tags, UserId};

/// Somebody who may become a customer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Lead {
    /// What every record carries.
    pub meta: Meta,
    /// Its id.
    pub id: LeadId,
    /// The branch it belongs to.
    pub branch_id: BranchId,
    /// The person who works on it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub assigned_to: Option<UserId>,
    /// The stage it is in.
    pub status: StageKey,
    /// Its name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub full_name: Option<PersonName>,
    /// Its address; one live lead an organization has it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<EmailAddress>,
    /// Its number; one live lead an organization has it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<Phone>,
    /// Its id in the system it came from; one live lead an organization has it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub external_id: Option<Label>,
    /// Where it came from first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<Label>,
    /// The medium of that source: `cpc`, `referral`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub medium: Option<Label>,
    /// The campaign of that source.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub campaign: Option<Label>,
    /// The town.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub city: Option<Label>,
    /// How soon it should be worked on.
    #[serde(default)]
    pub priority: Priority,
    /// Free labels.
    #[serde(default, skip_serializing_if = "Tags::is_empty")]
    pub tags: Tags,
    /// Free fields.
    #[serde(default, skip_serializing_if = "CustomFields::is_empty")]
    pub custom_fields: CustomFields,
    /// How often it came to us; most leads come once, and do not say so.
    #[serde(default = "once", skip_serializing_if = "is_once")]
    pub touches: u32,
    /// When it last did.
    pub last_touch_at: Timestamp,
    /// 0 to 100, as of its last change; [`Lead::score`] explains it.
    pub score: u8,
    /// Why it was lost, where it was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lost_reason: Option<String>,
    /// When it was won, where it was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub converted_at: Option<Timestamp>,
    /// How long it stayed in each stage.
    pub dwell: Dwell,
}

const fn once() -> u32 {
    1
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands a reference over")]
const fn is_once(touches: &u32) -> bool {
    *touches == 1
}

impl Lead {
    /// Its score at `now`, with the factors that make it.
    pub fn score(&self, pipeline: &Pipeline, rules: &ScoringRules, now: Timestamp) -> Score {
        rules.score(&Signals {
            now,
            has_name: self.full_name.is_some(),
            has_phone: self.phone.is_some(),
            has_email: self.email.is_some(),
            source: self.source.as_ref().map(Label::as_str),
            touches: self.touches,
            last_activity_at: Some(self.last_touch_at),
            progress: Progress::of(pipeline, &self.status),
            custom_fields: &self.custom_fields,
        })
    }

    /// Stamps a change and brings the score up to date.
    fn touched_up(mut self, pipeline: &Pipeline, now: Timestamp) -> Self {
        self.meta.updated_at = now;
        self.score = self.score(pipeline, &ScoringRules::default(), now).score;
        self
    }

    /// The claim on an address.
    pub fn email_claim(email: &EmailAddress) -> Claim {
        Claim::new("email", email.normalized())
    }

    /// The claim on a number.
    pub fn phone_claim(phone: &Phone) -> Claim {
        Claim::new("phone", phone.as_str())
    }

    /// The claim on an id of another system.
    pub fn external_id_claim(id: &Label) -> Claim {
        Claim::new("external_id", id.as_str().to_lowercase())
    }

    /// The value of the list of a branch's leads in a stage.
    pub fn branch_stage(branch: BranchId, stage: &str) -> String {
        format!("{branch}#{stage}")
    }

    /// The value of the list of a person's leads; `None` for those that nobody has.
    pub fn owner_value(owner: Option<UserId>) -> String {
        owner.map_or_else(|| "none".to_owned(), |owner| owner.to_string())
    }
}

impl Record for Lead {
    const KIND: &'static str = "lead";
    type Id = LeadId;

    fn id(&self) -> LeadId {
        self.id
    }
    fn meta(&self) -> &Meta {
        &self.meta
    }
    fn meta_mut(&mut self) -> &mut Meta {
        &mut self.meta
    }
    fn branch(&self) -> Option<BranchId> {
        Some(self.branch_id)
    }
    fn owner(&self) -> Option<UserId> {
        self.assigned_to
    }
    fn lists(&self) -> Vec<List> {
        vec![
            List::new(Slot::One, "all", ""),
            List::new(Slot::Two, "owner", Self::owner_value(self.assigned_to)),
            List::new(Slot::Three, "stage", Self::branch_stage(self.branch_id, self.status.as_str())),
        ]
    }
    fn all_of(owner: UserId) -> Vec<List> {
        vec![List::new(Slot::Two, "owner", Self::owner_value(Some(owner)))]
    }
    fn claims(&self) -> Vec<Claim> {
        [
            self.email.as_ref().map(Self::email_claim),
            self.phone.as_ref().map(Self::phone_claim),
            self.external_id.as_ref().map(Self::external_id_claim),
        ]
        .into_iter()
        .flatten()
        .collect()
    }
    fn terms(&self) -> Vec<Term> {
        let mut terms = Terms::new();
        if let Some(name) = &self.full_name {
            terms.words(name.as_str());
        }
        if let Some(phone) = &self.phone {
            terms.phone(phone);
        }
        if let Some(email) = &self.email {
            terms.email(email);
        }
        if let Some(id) = &self.external_id {
            terms.external_id(id.as_str());
        }
        terms.finish()
    }
    /// Free fields too, as PAN and other numbers of people have no other place.
    const SEALED: &'static [&'static str] = &["email", "phone", "custom_fields"];
    const DERIVED: &'static [&'static str] = &["dwell", "score", "touches", "last_touch_at"];
}
