//! Variants of a campaign: who gets which, who gets none, and which of them wins.

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

use super::{CampaignContent, CampaignFigures, WinnerMetric};
use crate::{FieldInvalid, Invalid};

/// A campaign has at most so many variants.
pub const MAX_VARIANTS: usize = 5;
/// Who gets what is decided by a number below this, drawn once for each person.
pub const BUCKETS: u32 = 10_000;
/// After so many times its own time the rule of a winner waits no longer for its sample.
const PATIENCE: i32 = 3;

/// How a campaign is tried out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Experiment {
    /// What is said in place of the campaign's own content: none, or 2 to [`MAX_VARIANTS`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub variants: Vec<Variant>,
    /// The part of those who are written to among whom the variants are tried, in per cent; the rest get the winner.
    pub test_percent: u8,
    /// The part of all who are written nothing, in per cent: what they do by themselves tells what the campaign does.
    #[serde(default)]
    pub holdout_percent: u8,
    /// Which variant wins.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub winner: Option<WinnerRule>,
}

/// One of the things that a campaign may say.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Variant {
    /// Its name.
    pub key: String,
    /// How many of those who get a variant get this one, against the weights of the others.
    pub weight: u32,
    /// What it says in place of the campaign.
    #[serde(default)]
    pub content: CampaignContent,
}

/// Which variant wins, and when that is decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct WinnerRule {
    /// By what.
    pub metric: WinnerMetric,
    /// Each variant has so many messages delivered at least before one of them wins.
    pub min_sample: u32,
    /// So long after the last of the test was planned, at the earliest.
    pub after_minutes: u32,
}

/// What somebody gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Arm {
    /// Nothing, ever.
    HeldOut,
    /// This variant; `None` where there is one text for all.
    Says(Option<usize>),
    /// The winner, when there is one.
    Waits,
}

/// How a winner was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Winner {
    /// The variant.
    pub key: String,
    /// Whether each variant had its sample. If not, the first variant won, as nobody knew better.
    pub has_sample: bool,
}

impl Experiment {
    /// Checks that it makes sense.
    pub fn checked(self) -> Result<Self, Vec<FieldInvalid>> {
        let mut wrong = Vec::new();
        let mut refuse = |field: &str, code, message: &'static str| {
            wrong.push(FieldInvalid::new(field, Invalid::new(code, message)));
        };
        if self.variants.len() == 1 || self.variants.len() > MAX_VARIANTS {
            refuse("variants", "out_of_range", "must be 2 to 5, or none");
        }
        let mut keys: Vec<&str> = self.variants.iter().map(|variant| variant.key.as_str()).collect();
        keys.sort_unstable();
        keys.dedup();
        if keys.len() < self.variants.len() {
            refuse("variants", "same_key", "must have keys of their own");
        }
        for (place, variant) in self.variants.iter().enumerate() {
            let is_key = !variant.key.is_empty()
                && variant.key.len() <= 20
                && variant.key.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-');
            if !is_key {
                refuse(&format!("variants.{place}.key"), "bad_key", "must be 1 to 20 letters, digits, - and _");
            }
            if !(1..=1_000).contains(&variant.weight) {
                refuse(&format!("variants.{place}.weight"), "out_of_range", "must be 1 to 1,000");
            }
        }
        if self.holdout_percent > 50 {
            refuse("holdout_percent", "out_of_range", "must be 0 to 50");
        }
        if !(1..=100).contains(&self.test_percent) {
            refuse("test_percent", "out_of_range", "must be 1 to 100");
        }
        if self.winner.is_some() && self.variants.is_empty() {
            refuse("winner", "no_variants", "is one of variants, and there are none");
        }
        if self.winner.is_some() && self.test_percent == 100 {
            refuse("test_percent", "out_of_range", "must be less than 100, so that somebody gets the winner");
        }
        if self.winner.is_none() && self.test_percent < 100 {
            refuse("winner", "required", "is required where not everybody is in the test");
        }
        if self.winner.is_some_and(|rule| !(1..=1_000_000).contains(&rule.min_sample)) {
            refuse("winner.min_sample", "out_of_range", "must be 1 to 1,000,000");
        }
        if self.winner.is_some_and(|rule| !(1..=43_200).contains(&rule.after_minutes)) {
            refuse("winner.after_minutes", "out_of_range", "must be 1 minute to 30 days");
        }
        if wrong.is_empty() { Ok(self) } else { Err(wrong) }
    }

    /// What whoever drew this number gets, of [`BUCKETS`].
    pub fn arm(&self, bucket: u32) -> Arm {
        let (bucket, percent) = (u64::from(bucket % BUCKETS), u64::from(BUCKETS / 100));
        let held_out = u64::from(self.holdout_percent) * percent;
        if bucket < held_out {
            return Arm::HeldOut;
        }
        // Of those who are written to, the first are in the test.
        let (place, written_to) = (bucket - held_out, u64::from(BUCKETS) - held_out);
        let tested = written_to * u64::from(self.test_percent) / 100;
        if place >= tested {
            return Arm::Waits;
        }
        let weights: u64 = self.variants.iter().map(|variant| u64::from(variant.weight)).sum();
        let mut below = 0;
        for (number, variant) in self.variants.iter().enumerate() {
            below += u64::from(variant.weight);
            if place * weights < below * tested {
                return Arm::Says(Some(number));
            }
        }
        Arm::Says(None)
    }

    /// The variant that wins by these figures, in the order of the variants: the highest part of what was delivered, and the
    /// first of several. `waited` is how long ago the test was planned. `None` where it is too early to tell.
    pub fn winner(&self, figures: &[CampaignFigures], waited: SignedDuration) -> Option<Winner> {
        let rule = self.winner?;
        let after = SignedDuration::from_mins(rule.after_minutes.into());
        if waited < after {
            return None;
        }
        let first = self.variants.first()?;
        let has_sample = self.variants.len() == figures.len()
            && figures.iter().all(|figures| figures.delivered >= u64::from(rule.min_sample));
        if !has_sample {
            let is_over = waited >= after * PATIENCE;
            return is_over.then(|| Winner { key: first.key.clone(), has_sample: false });
        }
        let reached = |figures: &CampaignFigures| match rule.metric {
            WinnerMetric::Opens => figures.opened,
            WinnerMetric::Clicks => figures.clicked,
            WinnerMetric::Responses => figures.responded,
            WinnerMetric::Conversions => figures.converted,
        };
        let mut best = 0;
        for number in 1..figures.len() {
            let (challenger, champion) = (&figures[number], &figures[best]);
            let theirs = u128::from(reached(challenger)) * u128::from(champion.delivered);
            if theirs > u128::from(reached(champion)) * u128::from(challenger.delivered) {
                best = number;
            }
        }
        Some(Winner { key: self.variants[best].key.clone(), has_sample: true })
    }
}
