//! A campaign begins, halts, goes on and ends.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Campaign, CampaignFigures, CampaignStatus, LEASE, Words};
use crate::segment::Audience;
use crate::{Change, ContactChannel, PersonalFields, Rows, UserId};

/// Who launched a campaign. Nobody beyond their reach is written to, and nothing is told that they do not see.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Launch {
    /// Who.
    pub by: UserId,
    /// When.
    pub at: Timestamp,
    /// The rows that they reach.
    pub rows: Rows,
    /// The personal fields that they see in the clear.
    pub clear: PersonalFields,
    /// What it began with, once it has begun.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub begun: Option<Begun>,
}

/// What a campaign began with: it stays so, whatever becomes of its segment and its templates.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Begun {
    /// When. Who becomes a lead afterwards is not in it, so that it ends.
    pub at: Timestamp,
    /// Whom it is for.
    pub audience: Audience,
    /// What it says.
    pub words: WordsOf,
}

/// What each variant says over each channel, by their names; where there are no variants, that of the empty name.
pub type WordsOf = BTreeMap<String, BTreeMap<String, Words>>;

/// A campaign does not do what is asked of it where it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("it is {}", .0.as_str())]
pub struct Unlaunchable(pub CampaignStatus);

impl Campaign {
    /// Launches it: at once, or at its time. It is launched once.
    pub fn launch(self, launch: Launch, now: Timestamp) -> Result<Change<Self>, Unlaunchable> {
        if self.status != CampaignStatus::Draft {
            return Err(Unlaunchable(self.status));
        }
        let later = self.begins_at().filter(|at| *at > now);
        Ok(self.changed(now, if later.is_some() { "campaign.scheduled" } else { "campaign.launched" }, |campaign| {
            campaign.launch = Some(launch);
            campaign.status = if later.is_some() { CampaignStatus::Scheduled } else { CampaignStatus::Active };
            campaign.lease_until = Some(later.unwrap_or(now + LEASE));
        }))
    }

    /// It begins with this. `Err` where it has begun, or has not been launched.
    pub fn begin(self, audience: Audience, words: WordsOf, now: Timestamp) -> Result<Change<Self>, Unlaunchable> {
        let is_new = self.launch.as_ref().is_some_and(|launch| launch.begun.is_none());
        if !is_new || !matches!(self.status, CampaignStatus::Scheduled | CampaignStatus::Active) {
            return Err(Unlaunchable(self.status));
        }
        Ok(self.changed(now, "campaign.started", |campaign| {
            if let Some(launch) = &mut campaign.launch {
                launch.begun = Some(Begun { at: now, audience, words });
            }
            (campaign.status, campaign.lease_until) = (CampaignStatus::Active, Some(now + LEASE));
        }))
    }

    /// Halts it: what is on its way waits, nothing more is planned. `reason` tells why where no person did.
    pub fn pause(self, reason: Option<&str>, now: Timestamp) -> Result<Change<Self>, Unlaunchable> {
        if self.status != CampaignStatus::Active {
            return Err(Unlaunchable(self.status));
        }
        Ok(self.changed(now, "campaign.paused", |campaign| {
            (campaign.status, campaign.reason) = (CampaignStatus::Paused, reason.map(str::to_owned));
        }))
    }

    /// Goes on with it. The errors so far, by its figures, count no longer against it.
    pub fn resume(self, figures: &CampaignFigures, now: Timestamp) -> Result<Change<Self>, Unlaunchable> {
        if self.status != CampaignStatus::Paused {
            return Err(Unlaunchable(self.status));
        }
        Ok(self.changed(now, "campaign.resumed", |campaign| {
            (campaign.status, campaign.reason) = (CampaignStatus::Active, None);
            campaign.progress.forgiven = (figures.failed, figures.tried());
            campaign.lease_until = Some(now + LEASE);
        }))
    }

    /// Ends it before everybody was written to: what is on its way is taken back.
    pub fn cancel(self, now: Timestamp) -> Result<Change<Self>, Unlaunchable> {
        if !self.status.is_under_way() && self.status != CampaignStatus::Scheduled {
            return Err(Unlaunchable(self.status));
        }
        Ok(self.ended(CampaignStatus::Cancelled, None, now, "campaign.cancelled"))
    }

    /// It cannot go on.
    pub fn fail(self, reason: String, now: Timestamp) -> Change<Self> {
        self.ended(CampaignStatus::Failed, Some(reason), now, "campaign.failed")
    }

    /// Everybody was written to.
    pub(super) fn complete(self, now: Timestamp) -> Change<Self> {
        self.ended(CampaignStatus::Completed, None, now, "campaign.completed")
    }

    /// What a variant says over a channel; `variant` is the empty name where there are none.
    pub fn words(&self, variant: &str, channel: ContactChannel) -> Option<&Words> {
        self.launch.as_ref()?.begun.as_ref()?.words.get(variant)?.get(channel.as_str())
    }

    /// Whether so much got nowhere that it halts by itself.
    pub fn has_too_many_errors(&self, figures: &CampaignFigures) -> bool {
        let (failed, tried) = self.progress.forgiven;
        let (failed, tried) = (figures.failed.saturating_sub(failed), figures.tried().saturating_sub(tried));
        tried >= u64::from(self.error_limit.min_sample).max(1)
            && u128::from(failed) * 100 >= u128::from(tried) * u128::from(self.error_limit.percent)
    }

    fn ended(self, status: CampaignStatus, reason: Option<String>, now: Timestamp, kind: &'static str) -> Change<Self> {
        self.changed(now, kind, |campaign| {
            (campaign.status, campaign.reason, campaign.finished_at) = (status, reason, Some(now));
            campaign.lease_until = None;
        })
    }

    pub(super) fn changed(self, now: Timestamp, kind: &'static str, change: impl FnOnce(&mut Self)) -> Change<Self> {
        let mut after = self.clone();
        after.meta.updated_at = now;
        change(&mut after);
        Change::update(self, after, kind)
    }
}
