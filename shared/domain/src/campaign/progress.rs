//! How far a campaign has come, and what comes next.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::{Campaign, CampaignFigures, CampaignStatus, Winner};
use crate::Change;

/// A campaign that has not moved for so long has lost its message; the clock sends it again.
pub const LEASE: SignedDuration = SignedDuration::from_mins(2);
/// People planned by a step at most.
pub const PAGE: u32 = 500;
/// Everything that is planned is out at the latest so long afterwards; then it is over anyhow.
const LONGEST: SignedDuration = SignedDuration::from_hours(7 * 24);
const MINUTE: SignedDuration = SignedDuration::from_mins(1);
/// Whether everything is out is looked at so often at least.
const LONGEST_REST: SignedDuration = SignedDuration::from_mins(15);

/// Who is planned now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Pass {
    /// Those in the test, or everybody where there is none.
    #[default]
    First,
    /// Those who waited for the winner.
    Rest,
}

/// What is done now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = CampaignStage)]
pub enum Stage {
    /// People are planned, page by page.
    #[default]
    Planning,
    /// The test is out, and its winner is awaited.
    Testing,
    /// Everybody is planned, and the last messages are on their way.
    Sending,
}

/// What was planned.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    /// People who are written to.
    pub messages: u64,
    /// People who are not, so that one can see what they do by themselves.
    pub held_out: u64,
    /// People whom no channel reaches, by the word of why.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub refused: BTreeMap<String, u64>,
}

impl Tally {
    /// Whom it was to be said to: those who are written to and those who cannot be.
    pub fn recipients(&self) -> u64 {
        self.messages + self.refused.values().sum::<u64>()
    }

    /// With what was planned besides.
    pub fn add(&mut self, other: &Self) {
        self.messages += other.messages;
        self.held_out += other.held_out;
        for (reason, n) in &other.refused {
            *self.refused.entry(reason.clone()).or_default() += n;
        }
    }
}

/// How far a campaign has come.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Progress {
    /// What is done now.
    pub stage: Stage,
    /// Who is planned now.
    pub pass: Pass,
    /// Behind which place of the audience it goes on; `None` at its beginning.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<String>,
    /// What was planned up to there.
    #[serde(default)]
    pub tally: Tally,
    /// When the last of the pass was planned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub planned_at: Option<Timestamp>,
    /// The variant that won.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub winner: Option<Winner>,
    /// The minute that its throttle counts, and how many were planned in it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub minute: Option<(Timestamp, u32)>,
    /// What had failed, and what had been tried, when somebody went on with it last.
    #[serde(default)]
    pub forgiven: (u64, u64),
}

/// What comes next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// Nothing: it has not begun, has halted or has ended.
    Nothing,
    /// It begins.
    Begin,
    /// So many people are planned at most.
    Plan(u32),
    /// It rests until then: as many as may be were planned in this minute.
    Rest(Timestamp),
    /// The winner of its test is looked for.
    Decide,
    /// It is looked at whether everything is out.
    Check,
}

impl Campaign {
    /// What comes next. A message that came early or twice does nothing where there is a time for it.
    pub fn next(&self, now: Timestamp) -> Next {
        let is_begun = self.launch.as_ref().is_some_and(|launch| launch.begun.is_some());
        match self.status {
            CampaignStatus::Scheduled if self.begins_at().is_none_or(|at| at <= now) => Next::Begin,
            CampaignStatus::Active if !is_begun => Next::Begin,
            CampaignStatus::Active => match self.progress.stage {
                Stage::Planning => self.pace(now),
                Stage::Testing => Next::Decide,
                Stage::Sending => Next::Check,
            },
            _ => Next::Nothing,
        }
    }

    fn pace(&self, now: Timestamp) -> Next {
        let Some(most) = self.throttle_per_minute else { return Next::Plan(PAGE) };
        match self.progress.minute {
            Some((since, planned)) if now < since + MINUTE => match most.saturating_sub(planned) {
                0 => Next::Rest(since + MINUTE),
                left => Next::Plan(left.min(PAGE)),
            },
            _ => Next::Plan(most.min(PAGE)),
        }
    }

    /// Whether the planning of those in the test leaves others to wait for a winner.
    fn is_test(&self) -> bool {
        let awaits = self.experiment.as_ref().is_some_and(|experiment| experiment.winner.is_some());
        awaits && self.progress.pass == Pass::First
    }

    /// People up to a place were planned; `None` where that was the end.
    pub fn moved(self, next: Option<String>, planned: &Tally, now: Timestamp) -> Change<Self> {
        let is_test = self.is_test();
        let after_test = self.experiment.as_ref().and_then(|experiment| experiment.winner);
        let after_test = after_test.map(|rule| SignedDuration::from_mins(rule.after_minutes.into()));
        let is_over = next.is_none();
        self.changed(now, "campaign.planned", |campaign| {
            let progress = &mut campaign.progress;
            progress.place = next;
            progress.tally.add(planned);
            let more = u32::try_from(planned.messages).unwrap_or(u32::MAX);
            progress.minute = match progress.minute {
                Some((since, before)) if now < since + MINUTE => Some((since, before.saturating_add(more))),
                _ => Some((now, more)),
            };
            campaign.lease_until = Some(now + LEASE);
            if is_over {
                progress.planned_at = Some(now);
                let rest = if is_test { after_test.unwrap_or(MINUTE) } else { MINUTE };
                progress.stage = if is_test { Stage::Testing } else { Stage::Sending };
                campaign.lease_until = Some(now + rest);
            }
        })
    }

    /// Nothing is done until then.
    pub fn rests(self, until: Timestamp, now: Timestamp) -> Change<Self> {
        self.changed(now, "campaign.rests", |campaign| campaign.lease_until = Some(until))
    }

    /// How long ago the last of its pass was planned.
    pub fn waited(&self, now: Timestamp) -> SignedDuration {
        self.progress.planned_at.map_or(SignedDuration::ZERO, |at| now.duration_since(at))
    }

    /// The test has a winner: those who waited for it are planned from the beginning.
    pub fn decided(self, winner: Winner, now: Timestamp) -> Change<Self> {
        self.changed(now, "campaign.decided", |campaign| {
            let progress = &mut campaign.progress;
            progress.winner = Some(winner);
            (progress.stage, progress.pass, progress.place) = (Stage::Planning, Pass::Rest, None);
            campaign.lease_until = Some(now + LEASE);
        })
    }

    /// By these figures everything is out, and it is over; or it is looked at again later, more seldom the longer it takes.
    pub fn looked_at(self, figures: &CampaignFigures, now: Timestamp) -> Change<Self> {
        let waited = self.waited(now);
        if figures.out >= self.progress.tally.messages || waited >= LONGEST {
            return self.complete(now);
        }
        let rest = (waited / 10).clamp(MINUTE, LONGEST_REST);
        self.rests(now + rest, now)
    }

    /// The clock sent its message again.
    pub fn looked_after(self, now: Timestamp) -> Change<Self> {
        self.rests(now + LEASE, now)
    }
}
