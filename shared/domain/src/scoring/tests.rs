use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

fn fields(value: Value) -> CustomFields {
    serde_json::from_value(value).expect("fields")
}

fn now() -> Timestamp {
    Timestamp::from_second(1_795_000_000).expect("time")
}

fn unknown(custom_fields: &CustomFields) -> Signals<'_> {
    Signals {
        now: now(),
        has_name: false,
        has_phone: false,
        has_email: false,
        source: None,
        touches: 0,
        last_activity_at: None,
        progress: Progress::Open { stage: 1, of: 3 },
        custom_fields,
    }
}

fn points(score: &Score, name: &str) -> i32 {
    score.factors.iter().find(|factor| factor.name == name).expect("factor").points
}

#[test]
fn nothing_known_scores_nothing() {
    assert_eq!(ScoringRules::default().score(&unknown(&CustomFields::default())).score, 0);
}

#[test]
fn everything_known_scores_a_hundred() {
    let custom_fields = fields(json!({
        "Total Visits": "9", "total_time_spent_on_website": 1_532, "Lead Quality": "High in Relevance", "Last Activity": "Email Opened",
        "Country": "India", "Specialization": "Finance Management", "What is your current occupation": "Student",
    }));
    let signals = Signals {
        has_name: true,
        has_phone: true,
        has_email: true,
        source: Some("reference"),
        touches: 6,
        last_activity_at: Some(now()),
        progress: Progress::Won,
        ..unknown(&custom_fields)
    };
    let score = ScoringRules::default().score(&signals);
    assert_eq!((score.score, score.rule_version), (100, 1));
    assert!(score.factors.iter().all(|factor| factor.points == factor.max && !factor.reason.is_empty()));
}

#[test]
fn an_unanswered_choice_counts_for_nothing_and_a_bad_one_against() {
    let rules = ScoringRules::default();
    let unanswered = fields(json!({"Specialization": "Select", "Country": "", "Lead Quality": null}));
    let score = rules.score(&unknown(&unanswered));
    assert_eq!((points(&score, "completeness"), points(&score, "quality")), (0, 0));
    let worst = rules.score(&unknown(&fields(json!({"Lead Quality": "worst"}))).clone());
    assert_eq!((points(&worst, "quality"), worst.score), (-15, 0));
}

#[test]
fn progress_is_read_off_the_pipeline() {
    let pipeline = Pipeline::default();
    let of = |stage: &str| Progress::of(&pipeline, &stage.parse().expect("key"));
    assert_eq!(of("lead"), Progress::Open { stage: 1, of: 3 });
    assert_eq!(of("meeting"), Progress::Open { stage: 3, of: 3 });
    assert_eq!([of("converted"), of("lost"), of("removed")], [Progress::Won, Progress::Lost, Progress::Lost]);
}

#[test]
fn rules_survive_json_and_the_default_ones_are_sound() {
    let rules = ScoringRules::default();
    assert_eq!(rules.check(), Ok(()));
    let text = serde_json::to_string(&rules).expect("json");
    assert_eq!(serde_json::from_str::<ScoringRules>(&text).expect("rules"), rules);
    let most: i32 = rules.factors.iter().map(|factor| factor.measure.max()).sum();
    assert_eq!(most, 100);
}

#[test]
fn rules_that_punish_engagement_are_refused() {
    let step = |at_least, points| AtLeast { at_least, points };
    let factor = |name: &str, measure| FactorRule { name: name.to_owned(), measure };
    let rules = ScoringRules {
        version: 2,
        factors: vec![
            factor("a", Measure::Touches { steps: vec![step(1, 5), step(2, 4)] }),
            factor("a", Measure::Stage { points: 101 }),
            factor(" ", Measure::Completeness { fields: vec![], points: 1 }),
            factor("d", Measure::Recency { steps: vec![Within { hours: 1, points: -1 }] }),
        ],
    };
    let wrong = rules.check().expect_err("refused");
    let wrong: Vec<_> = wrong.iter().map(|wrong| (wrong.field.as_str(), wrong.invalid.code)).collect();
    assert_eq!(
        wrong,
        [
            ("factors.0.steps", "not_rising"),
            ("factors.1.name", "duplicate"),
            ("factors.1.points", "out_of_range"),
            ("factors.2.name", "length"),
            ("factors.2.fields", "malformed"),
            ("factors.3.steps", "not_falling"),
        ]
    );
}

prop_compose! {
    fn any_signals()(
        known: [bool; 3], source in "[a-zA-Z ]{0,10}|Reference|olark chat", touches: u32, age in -1_000_000..10_000_000_i64,
        stage in 0..6_u16, of in 0..6_u16, visits in -5.0..50.0_f64, time in 0..5_000_u32, quality in "[A-Za-z ]{0,8}|Worst|Might be",
    ) -> ([bool; 3], String, u32, i64, u16, u16, f64, u32, String) {
        (known, source, touches, age, stage, of, visits, time, quality)
    }
}

proptest! {
    #[test]
    fn a_score_is_the_sum_of_its_factors_within_bounds_and_grows_with_engagement(
        (known, source, touches, age, stage, of, visits, time, quality) in any_signals(),
        more in (0..100_u32, 0..100_u32, 0..5_000_u32, 0..1_000_000_i64),
    ) {
        let rules = ScoringRules::default();
        let before = fields(json!({"TotalVisits": visits, "time_on_site": time, "Lead Quality": quality}));
        let after = fields(json!({"TotalVisits": visits + f64::from(more.0), "time_on_site": time + more.2, "Lead Quality": quality}));
        let ago = |seconds: i64| Timestamp::from_second(now().as_second() - seconds).expect("time");
        let signals = Signals {
            has_name: known[0], has_phone: known[1], has_email: known[2], source: Some(&source), touches,
            last_activity_at: Some(ago(age)), progress: Progress::Open { stage, of }, ..unknown(&before)
        };
        let score = rules.score(&signals);
        let sum: i32 = score.factors.iter().map(|factor| factor.points).sum();
        prop_assert_eq!(i32::from(score.score), sum.clamp(0, 100));
        prop_assert!(score.factors.iter().all(|factor| factor.points <= factor.max));
        prop_assert_eq!(&rules.score(&signals), &score);

        let engaged = Signals {
            touches: touches.saturating_add(more.1), last_activity_at: Some(ago(age - more.3)), custom_fields: &after, ..signals
        };
        prop_assert!(rules.score(&engaged).score >= score.score);
    }
}
