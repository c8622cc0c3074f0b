//! What became of a campaign's messages, in numbers.

use std::collections::BTreeMap;

use crate::communication::REFUSED_FOR;

/// What became of the messages of a campaign, or of one of its variants.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CampaignFigures {
    /// Those that wait no longer: sent, refused, failed or taken back.
    pub out: u64,
    /// Those that a provider took.
    pub sent: u64,
    /// Those that are with whom they went to.
    pub delivered: u64,
    /// Those that were looked at.
    pub opened: u64,
    /// Those of which a link was followed.
    pub clicked: u64,
    /// Those that were answered.
    pub responded: u64,
    /// Those whose receiver became what the campaign is for.
    pub converted: u64,
    /// Those that got nowhere.
    pub failed: u64,
    /// Those that were not sent as something spoke against it when they could be.
    pub refused: u64,
    /// Those that were taken back.
    pub cancelled: u64,
    /// The refused ones, by the word of the reason.
    pub refused_for: BTreeMap<String, u64>,
}

impl CampaignFigures {
    /// Reads a figure and the numbers beside it. What is below 0, as a step down came before its step up, reads 0.
    pub fn read(out: i64, parts: &BTreeMap<String, i64>) -> Self {
        let above = |n: i64| u64::try_from(n).unwrap_or(0);
        let part = |name: &str| parts.get(name).copied().map_or(0, above);
        let reasons =
            parts.iter().filter_map(|(name, n)| Some((name.strip_prefix(REFUSED_FOR)?.to_owned(), above(*n))));
        Self {
            out: above(out),
            sent: part("sent"),
            delivered: part("delivered"),
            opened: part("opened"),
            clicked: part("clicked"),
            responded: part("responded"),
            converted: part("converted"),
            failed: part("failed"),
            refused: part("refused"),
            cancelled: part("cancelled"),
            refused_for: reasons.filter(|(_, n)| *n > 0).collect(),
        }
    }

    /// Those that a provider was asked to take.
    pub const fn tried(&self) -> u64 {
        self.out.saturating_sub(self.refused).saturating_sub(self.cancelled)
    }
}

/// A part of a whole in per cent, to one decimal, halves up; 0 of nothing.
pub fn rate(part: u64, whole: u64) -> f64 {
    if whole == 0 {
        return 0.0;
    }
    let tenths = (u128::from(part) * 2_000 + u128::from(whole)) / (u128::from(whole) * 2);
    #[expect(clippy::cast_precision_loss, reason = "a few thousand tenths")]
    let rate = tenths as f64 / 10.0;
    rate
}
