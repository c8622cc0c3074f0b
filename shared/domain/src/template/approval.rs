//! What a provider tells of its look at a template.

use jiff::Timestamp;

use super::{Template, TemplateApproval};
use crate::{Change, Line};

/// A provider's words on why it does not send a template: `INVALID_FORMAT`, `PAUSED`.
pub type ApprovalReason = Line<500>;

/// Where a provider's look at a template stood at some time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApprovalTold {
    /// Where.
    pub state: TemplateApproval,
    /// Why the provider does not send it; kept for [`TemplateApproval::Rejected`] alone.
    pub reason: Option<ApprovalReason>,
    /// When, by the provider's clock.
    pub at: Timestamp,
}

impl ApprovalTold {
    /// What holds of several that are told of one template, in whatever order.
    pub fn latest(all: impl IntoIterator<Item = Self>) -> Option<Self> {
        all.into_iter().max_by(|one, other| one.place().cmp(&other.place()))
    }

    fn place(&self) -> (Option<Timestamp>, u8, Option<&ApprovalReason>) {
        place(Some(self.at), self.state, self.reason.as_ref())
    }
}

impl Template {
    /// Whether this is how the provider calls it.
    pub fn is_held_as(&self, name: &str, language: &str) -> bool {
        self.content.held.as_ref().is_some_and(|held| held.as_str() == name)
            && is_same_language(&self.language, language)
    }

    /// Its provider told where it stands. `None` where that is no news: it was told already, or something later was. So
    /// what is told ends alike in every order and however often it comes. That it still stands so at a later time is an event
    /// of its own, `template.approval_confirmed`, as it decides what is news from then on.
    pub fn approval_told(self, told: ApprovalTold, now: Timestamp) -> Option<Change<Self>> {
        let before = self.approval?;
        self.content.held.as_ref()?;
        if told.place() <= place(self.approval_at, before, self.approval_reason.as_ref()) {
            return None;
        }
        let ApprovalTold { state, reason, at } = told;
        let reason = reason.filter(|_| state == TemplateApproval::Rejected);
        let is_moved = before != state || self.approval_reason != reason;
        let mut after = self.clone();
        after.meta.updated_at = now;
        after.approval = Some(state);
        after.approval_reason = reason;
        after.approval_at = Some(at);
        let kind = if is_moved { "template.approval_changed" } else { "template.approval_confirmed" };
        Some(Change::update(self, after, kind).with("approval", state))
    }

    /// It says something else from now on, which no provider looked at.
    pub(super) fn not_looked_at(&mut self) {
        if self.approval.is_some() {
            self.approval = Some(TemplateApproval::Draft);
            self.approval_reason = None;
            self.approval_at = Some(self.meta.updated_at);
        }
    }
}

/// Whether two tags name one language: providers write `en_US` as well as `en-US`, and in either case.
pub fn is_same_language(one: &str, other: &str) -> bool {
    let plain = |tag: &str| tag.replace('-', "_").to_ascii_lowercase();
    plain(one) == plain(other)
}

/// Where it stands among all that is told of one template: seconds are what providers count in, so two may be told of the
/// same one.
fn place(
    at: Option<Timestamp>,
    state: TemplateApproval,
    reason: Option<&ApprovalReason>,
) -> (Option<Timestamp>, u8, Option<&ApprovalReason>) {
    (at, rank(state), reason.filter(|_| state == TemplateApproval::Rejected))
}

const fn rank(state: TemplateApproval) -> u8 {
    match state {
        TemplateApproval::Draft => 0,
        TemplateApproval::Pending => 1,
        TemplateApproval::Approved => 2,
        TemplateApproval::Rejected => 3,
    }
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;
    use proptest::prelude::*;

    use super::*;
    use crate::template::tests::{details, made};
    use crate::template::{TemplateChannel, TemplatePatch};
    use crate::{Label, UserId};

    const START: Timestamp = Timestamp::UNIX_EPOCH;

    fn held() -> Template {
        let mut details = details(TemplateChannel::Whatsapp, "Hello");
        details.content.held = "visit".parse().ok();
        details.language = Some("en-us".to_owned());
        made(details).expect("a template")
    }

    fn told(state: TemplateApproval, reason: Option<&str>, seconds: i64) -> ApprovalTold {
        let reason = reason.map(|reason| reason.parse().expect("a line"));
        ApprovalTold { state, reason, at: START + SignedDuration::from_secs(seconds) }
    }

    #[test]
    fn a_rejection_keeps_its_reason_until_it_is_approved() {
        let rejected = told(TemplateApproval::Rejected, Some("INVALID_FORMAT"), 5);
        let change = held().approval_told(rejected.clone(), START).expect("news");
        assert_eq!(
            (change.kind, change.after.approval),
            ("template.approval_changed", Some(TemplateApproval::Rejected))
        );
        assert_eq!(change.after.approval_reason.as_ref().map(Line::as_str), Some("INVALID_FORMAT"));
        assert!(change.after.clone().approval_told(rejected, START).is_none(), "it was told already");
        let earlier = told(TemplateApproval::Approved, None, 4);
        assert!(change.after.clone().approval_told(earlier, START).is_none(), "it stood so before");
        let approved = told(TemplateApproval::Approved, Some("NONE"), 6);
        let change = change.after.approval_told(approved, START).expect("news");
        assert_eq!((change.after.approval, change.after.approval_reason), (Some(TemplateApproval::Approved), None));
    }

    #[test]
    fn one_that_no_provider_holds_is_looked_at_by_none() {
        let told = told(TemplateApproval::Approved, None, 5);
        for channel in [TemplateChannel::Sms, TemplateChannel::Whatsapp] {
            let template = made(details(channel, "Hello")).expect("a template");
            assert!(template.approval_told(told.clone(), START).is_none());
        }
    }

    #[test]
    fn what_was_told_before_it_said_something_else_is_no_news() {
        let now = START + SignedDuration::from_secs(10);
        let said = TemplatePatch { body: "Good morning".parse().ok(), ..TemplatePatch::default() };
        let template =
            held().approval_told(told(TemplateApproval::Rejected, Some("SCAM"), 5), START).expect("news").after;
        let template = template.update(said, UserId::at(START, [1; 10]), now).expect("a change").after;
        assert_eq!((template.approval, &template.approval_reason), (Some(TemplateApproval::Draft), &None));
        assert!(template.clone().approval_told(told(TemplateApproval::Approved, None, 9), now).is_none());
        assert!(template.approval_told(told(TemplateApproval::Approved, None, 11), now).is_some());
    }

    #[test]
    fn it_is_known_by_name_and_language() {
        let template = held();
        assert!(template.is_held_as("visit", "en_US") && template.is_held_as("visit", "en-US"));
        assert!(!template.is_held_as("visit", "en") && !template.is_held_as("visits", "en_US"));
        let renamed = TemplatePatch { name: Some(Label::known("visits")), ..TemplatePatch::default() };
        let renamed = template.update(renamed, UserId::at(START, [1; 10]), START).expect("a change").after;
        assert!(!renamed.is_held_as("visits", "en_US"), "what people call it is nothing to the provider");
    }

    proptest! {
        #[test]
        fn every_order_ends_alike(
            all in prop::collection::vec((0_usize..4, prop::option::of("[A-C]"), 0_i64..4), 0..8)
                .prop_flat_map(|all| (Just(all.clone()), Just(all).prop_shuffle())),
        ) {
            let states = [
                TemplateApproval::Draft,
                TemplateApproval::Pending,
                TemplateApproval::Approved,
                TemplateApproval::Rejected,
            ];
            let end = |all: &[(usize, Option<String>, i64)]| {
                all.iter().fold(held(), |template, (state, reason, at)| {
                    let told = told(states[*state], reason.as_deref(), *at);
                    template.clone().approval_told(told, START).map_or(template, |change| change.after)
                })
            };
            let (one, other) = (end(&all.0), end(&all.1));
            let told = |(state, reason, at): &(usize, Option<String>, i64)| told(states[*state], reason.as_deref(), *at);
            let latest = ApprovalTold::latest(all.1.iter().map(told));
            let at_once = latest.map_or_else(held, |told| held().approval_told(told, START).expect("news").after);
            prop_assert_eq!(&at_once, &one);
            prop_assert_eq!(one, other);
        }
    }
}
