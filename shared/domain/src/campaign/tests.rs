use jiff::SignedDuration;
use proptest::prelude::*;

use super::*;
use crate::segment::Audience;
use crate::{PersonalFields, Rows};

const NOW: Timestamp = Timestamp::UNIX_EPOCH;

fn later(minutes: i64) -> Timestamp {
    NOW + SignedDuration::from_mins(minutes)
}

fn a_draft(rest: CampaignPatch) -> Campaign {
    let details = CampaignDetails { name: "Renewals".parse().expect("a name"), kind: Some(CampaignType::Email), rest };
    let (id, user) = (CampaignId::at(NOW, [1; 10]), UserId::at(NOW, [2; 10]));
    Campaign::create(id, OrganizationId::PLATFORM, details, user, NOW).expect("a campaign").after
}

fn a_launch() -> Launch {
    let by = UserId::at(NOW, [2; 10]);
    Launch { by, at: NOW, rows: Rows::All, clear: PersonalFields::ALL, begun: None }
}

fn begun(rest: CampaignPatch) -> Campaign {
    let launched = a_draft(rest).launch(a_launch(), NOW).expect("it is launched").after;
    let audience = Audience::Criteria(Conditions::default());
    launched.begin(audience, WordsOf::default(), NOW).expect("it begins").after
}

fn tally(messages: u64) -> Tally {
    Tally { messages, ..Tally::default() }
}

fn variants(weights: &[u32], test_percent: u8, holdout_percent: u8, winner: Option<WinnerRule>) -> Experiment {
    let variant = |(number, weight): (usize, &u32)| Variant {
        key: format!("v{number}"),
        weight: *weight,
        content: CampaignContent::default(),
    };
    let variants = weights.iter().enumerate().map(variant).collect();
    Experiment { variants, test_percent, holdout_percent, winner }
}

fn rule(metric: WinnerMetric) -> WinnerRule {
    WinnerRule { metric, min_sample: 100, after_minutes: 60 }
}

fn figures(delivered: u64, opened: u64) -> CampaignFigures {
    CampaignFigures { delivered, opened, ..CampaignFigures::default() }
}

proptest! {
    /// Over all numbers that can be drawn, each arm gets its part, to a ten-thousandth.
    #[test]
    fn each_variant_gets_its_part(
        weights in prop::collection::vec(1_u32..=1_000, 2..=MAX_VARIANTS),
        test_percent in 1_u8..=100,
        holdout_percent in 0_u8..=50,
    ) {
        let winner = (test_percent < 100).then(|| rule(WinnerMetric::Opens));
        let experiment = variants(&weights, test_percent, holdout_percent, winner).checked().expect("it makes sense");
        let (mut held_out, mut waits, mut says) = (0_u64, 0_u64, vec![0_u64; weights.len()]);
        for bucket in 0..BUCKETS {
            match experiment.arm(bucket) {
                Arm::HeldOut => held_out += 1,
                Arm::Waits => waits += 1,
                Arm::Says(Some(number)) => says[number] += 1,
                Arm::Says(None) => prop_assert!(false, "there are variants"),
            }
        }
        let written_to = u64::from(BUCKETS) - held_out;
        prop_assert_eq!(held_out, u64::from(holdout_percent) * 100);
        let tested = written_to - waits;
        prop_assert_eq!(tested, written_to * u64::from(test_percent) / 100);
        let all: u64 = weights.iter().map(|weight| u64::from(*weight)).sum();
        for (number, weight) in weights.iter().enumerate() {
            let part = tested * u64::from(*weight);
            prop_assert!(says[number] * all <= part + all && part <= says[number] * all + all, "{:?}", says);
        }
    }

    /// The winner has the highest part of what was delivered, and no other.
    #[test]
    fn the_winner_is_best(
        said in prop::collection::vec((100_u64..100_000, 0_u64..100_000), 2..=MAX_VARIANTS)
    ) {
        let figures: Vec<_> = said.iter().map(|(delivered, opened)| figures(*delivered, *opened.min(delivered))).collect();
        let experiment = variants(&vec![1; said.len()], 20, 0, Some(rule(WinnerMetric::Opens)));
        let winner = experiment.winner(&figures, SignedDuration::from_mins(60)).expect("a winner");
        let best = experiment.variants.iter().position(|variant| variant.key == winner.key).expect("one of them");
        for (number, other) in figures.iter().enumerate() {
            let (theirs, ours) = (other.opened * figures[best].delivered, figures[best].opened * other.delivered);
            prop_assert!(theirs < ours || (theirs == ours && best <= number));
        }
    }

    #[test]
    fn a_rate_is_rounded_to_one_decimal(part in 0_u64..1_000_000, whole in 0_u64..1_000_000) {
        let rate = rate(part, whole);
        if whole == 0 {
            prop_assert_eq!(rate.to_bits(), 0.0_f64.to_bits());
        } else {
            #[expect(clippy::cast_precision_loss, reason = "below a million")]
            let exact = part as f64 * 100.0 / whole as f64;
            prop_assert!((rate - exact).abs() <= 0.050_000_1, "{rate} for {exact}");
        }
    }

    /// However its pages fall, what is planned within a minute is no more than two minutes of its throttle, as minutes are
    /// counted from the first of each.
    #[test]
    fn the_throttle_holds(
        most in 1_u32..2_000,
        steps in prop::collection::vec((0_i64..90, 0_u32..=PAGE), 1..40),
    ) {
        let mut campaign = begun(CampaignPatch { throttle_per_minute: Some(Some(most)), ..CampaignPatch::default() });
        let (mut now, mut said) = (NOW, Vec::new());
        for (seconds, wanted) in steps {
            now += SignedDuration::from_secs(seconds);
            if let Next::Plan(at_most) = campaign.next(now) {
                let messages = u64::from(wanted.min(at_most));
                said.push((now, messages));
                campaign = campaign.moved(Some("on".to_owned()), &tally(messages), now).after;
            }
        }
        for (from, _) in &said {
            let within = |at: Timestamp| at >= *from && at < *from + SignedDuration::from_mins(1);
            let sum: u64 = said.iter().filter(|(at, _)| within(*at)).map(|(_, n)| n).sum();
            prop_assert!(sum <= 2 * u64::from(most));
        }
    }
}

#[test]
fn the_seeds_figures_are_what_their_formulas_say() {
    let rates =
        |parts: &[(u64, u64)]| parts.iter().map(|(part, whole)| rate(*part, *whole).to_string()).collect::<Vec<_>>();
    // Admissions: delivered of sent, opened of delivered, clicked of opened, converted of opened.
    assert_eq!(rates(&[(1198, 1250), (456, 1198), (89, 456), (12, 456)]), ["95.8", "38.1", "19.5", "2.6"]);
    // Renewals: opened, clicked and converted of delivered.
    assert_eq!(rates(&[(650, 980), (320, 980), (150, 980)]), ["66.3", "32.7", "15.3"]);
}

#[test]
fn nobody_wins_before_its_time_or_without_a_sample() {
    let experiment = variants(&[1, 1], 20, 0, Some(rule(WinnerMetric::Opens)));
    let (good, few) = ([figures(100, 10), figures(100, 20)], [figures(100, 10), figures(99, 99)]);
    let after = |minutes| SignedDuration::from_mins(minutes);
    assert_eq!(experiment.winner(&good, after(59)), None);
    assert_eq!(experiment.winner(&good, after(60)), Some(Winner { key: "v1".to_owned(), has_sample: true }));
    assert_eq!(experiment.winner(&few, after(179)), None);
    assert_eq!(experiment.winner(&few, after(180)), Some(Winner { key: "v0".to_owned(), has_sample: false }));
}

#[test]
fn it_is_launched_once() {
    let draft = a_draft(CampaignPatch::default());
    let active = draft.launch(a_launch(), NOW).expect("it is launched").after;
    assert_eq!((active.status, active.next(NOW)), (CampaignStatus::Active, Next::Begin));
    let again = active.clone().launch(a_launch(), NOW);
    assert_eq!(again.map(|_| ()), Err(Unlaunchable(CampaignStatus::Active)));
    let begun =
        active.begin(Audience::Criteria(Conditions::default()), WordsOf::default(), NOW).expect("it begins").after;
    let again = begun.clone().begin(Audience::Criteria(Conditions::default()), WordsOf::default(), NOW);
    assert_eq!(again.map(|_| ()), Err(Unlaunchable(CampaignStatus::Active)));
    assert_eq!(begun.next(NOW), Next::Plan(PAGE));
}

#[test]
fn it_begins_at_its_time() {
    let at_noon = CampaignPatch { scheduled_at: Some(Some(later(60))), ..CampaignPatch::default() };
    let scheduled = a_draft(at_noon).launch(a_launch(), NOW).expect("it is launched").after;
    assert_eq!((scheduled.status, scheduled.due()), (CampaignStatus::Scheduled, Some(later(60))));
    assert_eq!((scheduled.next(later(59)), scheduled.next(later(60))), (Next::Nothing, Next::Begin));
    let earlier = CampaignPatch { scheduled_at: Some(Some(later(30))), ..CampaignPatch::default() };
    let moved = scheduled.update(earlier, NOW).expect("it may be changed").after;
    assert_eq!((moved.due(), moved.next(later(30))), (Some(later(30)), Next::Begin));
}

#[test]
fn what_it_says_stays_once_it_has_begun() {
    let active = begun(CampaignPatch::default());
    let subject = CampaignPatch { subject: Some(None), ..CampaignPatch::default() };
    let wrong = active.clone().update(subject, NOW).expect_err("it has begun");
    assert_eq!(wrong.iter().map(|one| one.field.as_str()).collect::<Vec<_>>(), ["content"]);
    let name = CampaignPatch { name: Some("Other".parse().expect("a name")), ..CampaignPatch::default() };
    assert_eq!(active.update(name, NOW).expect("a name").after.name.as_str(), "Other");
}

#[test]
fn it_halts_where_too_much_gets_nowhere_and_what_was_forgiven_stays_so() {
    let active = begun(CampaignPatch::default());
    let figures = |out, failed| CampaignFigures { out, failed, ..CampaignFigures::default() };
    assert!(!active.has_too_many_errors(&figures(99, 99)), "too few were tried");
    assert!(!active.has_too_many_errors(&figures(100, 24)));
    assert!(active.has_too_many_errors(&figures(100, 25)));
    let paused = active.pause(Some("error_rate"), NOW).expect("it halts").after;
    let resumed = paused.resume(&figures(100, 25), NOW).expect("it goes on").after;
    assert!(!resumed.has_too_many_errors(&figures(199, 50)));
    assert!(resumed.has_too_many_errors(&figures(200, 50)));
}

#[test]
fn it_is_over_when_everything_is_out() {
    let planned = begun(CampaignPatch::default()).moved(None, &tally(3), NOW).after;
    let figures = |out| CampaignFigures { out, ..CampaignFigures::default() };
    assert_eq!(planned.next(NOW), Next::Check);
    let waits = planned.clone().looked_at(&figures(2), later(1)).after;
    assert_eq!((waits.status, waits.due()), (CampaignStatus::Active, Some(later(2))));
    assert_eq!(planned.looked_at(&figures(3), later(1)).after.status, CampaignStatus::Completed);
}

#[test]
fn a_variant_says_its_own_in_place_of_the_campaigns() {
    let template = crate::TemplateId::at(NOW, [3; 10]);
    let (body, subject) = ("Hello".parse().ok(), "Hi".parse().ok());
    let base = CampaignContent { template: Some(template), subject: "Base".parse().ok(), ..CampaignContent::default() };
    let only_subject = CampaignContent { subject: subject.clone(), ..CampaignContent::default() };
    assert_eq!(only_subject.over(&base), CampaignContent { subject, ..base.clone() });
    let own = CampaignContent { body: body.clone(), ..CampaignContent::default() };
    assert_eq!(own.over(&base), CampaignContent { body, template: None, ..base });
}
