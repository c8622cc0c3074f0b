use jiff::Timestamp;
use proptest::prelude::*;

use super::*;

fn key(text: &str) -> StageKey {
    text.parse().expect("key")
}

fn stage(name: &str, kind: StageKind) -> Stage {
    Stage { key: key(name), name: name.parse().expect("name"), kind, position: 0, sla_hours: None }
}

fn go(from: &str, to: &str, may_skip: bool, reason: Option<&str>) -> Result<Step, MoveRefused> {
    Pipeline::default().transition(&key(from), &key(to), &MoveContext { may_skip, reason }).map(|moved| moved.step)
}

#[test]
fn a_lead_moves_one_step_forward_at_a_time() {
    for (from, to) in [("lead", "assessment"), ("assessment", "meeting"), ("meeting", "converted")] {
        assert_eq!(go(from, to, false, None), Ok(Step::Advanced));
    }
    assert_eq!(go("lead", "meeting", false, Some("in a hurry")), Err(MoveRefused::SkipNotAllowed(key("assessment"))));
}

#[test]
fn skipping_needs_the_permission_and_a_reason() {
    assert_eq!(go("lead", "converted", true, None), Err(MoveRefused::ReasonRequired));
    assert_eq!(go("lead", "converted", true, Some("  ")), Err(MoveRefused::ReasonRequired));
    let skipped = Step::Skipped(vec![key("assessment"), key("meeting")]);
    assert_eq!(go("lead", "converted", true, Some("walked in")), Ok(skipped));
}

#[test]
fn losing_returning_and_reopening_need_a_reason() {
    for from in ["lead", "assessment", "meeting"] {
        assert_eq!(go(from, "lost", false, None), Err(MoveRefused::ReasonRequired));
        assert_eq!(go(from, "lost", false, Some("no answer")), Ok(Step::Lost));
    }
    assert_eq!(go("meeting", "lead", false, None), Err(MoveRefused::ReasonRequired));
    assert_eq!(go("meeting", "lead", false, Some("wrong person")), Ok(Step::Returned));
    for from in ["converted", "lost"] {
        assert_eq!(go(from, "assessment", false, None), Err(MoveRefused::ReasonRequired));
        assert_eq!(go(from, "assessment", false, Some("called back")), Ok(Step::Reopened));
    }
}

#[test]
fn what_is_closed_or_unknown_is_refused() {
    assert_eq!(go("converted", "lost", true, Some("refund")), Err(MoveRefused::Closed));
    assert_eq!(go("lost", "converted", true, Some("paid")), Err(MoveRefused::Closed));
    assert_eq!(go("lead", "lead", true, Some("again")), Err(MoveRefused::AlreadyThere));
    assert_eq!(go("lead", "nowhere", true, None), Err(MoveRefused::UnknownStage(key("nowhere"))));
    assert_eq!(go("removed", "meeting", false, None), Ok(Step::Rehomed));
}

#[test]
fn an_edit_names_everything_that_is_wrong() {
    let mut twin = stage("b", StageKind::Open);
    twin.key = key("a");
    twin.name = "A".parse().expect("name");
    twin.sla_hours = Some(0);
    let wrong = Pipeline::default().edit(vec![stage("a", StageKind::Open), twin]).expect_err("refused");
    let wrong: Vec<_> = wrong.iter().map(|wrong| (wrong.field.as_str(), wrong.invalid.code)).collect();
    assert_eq!(
        wrong,
        [
            ("stages", "not_one_won_stage"),
            ("stages", "not_one_lost_stage"),
            ("stages.1.key", "duplicate"),
            ("stages.1.name", "duplicate"),
            ("stages.1.sla_hours", "out_of_range"),
        ]
    );
    let many = (0..21).map(|n| stage(&format!("s{n}"), StageKind::Open)).collect();
    assert_eq!(Pipeline::default().edit(many).expect_err("refused")[0].invalid.code, "too_many_stages");
}

#[test]
fn an_edit_puts_the_stages_in_order() {
    let mut second = stage("second", StageKind::Open);
    second.position = 9;
    let stages =
        vec![stage("no", StageKind::Lost), second, stage("yes", StageKind::Won), stage("first", StageKind::Open)];
    let edited = Pipeline::default().edit(stages).expect("pipeline");
    let order: Vec<_> = edited.stages().iter().map(|stage| (stage.key.as_str(), stage.position)).collect();
    assert_eq!(order, [("first", 1), ("second", 2), ("yes", 3), ("no", 4)]);
    assert_eq!((edited.version(), edited.first().key.as_str()), (2, "first"));
}

#[test]
fn a_key_is_read_leniently_and_written_strictly() {
    assert_eq!(key(" In Progress").as_str(), "in_progress");
    for text in ["", "1st", "a.b", "é", "_x"] {
        assert!(text.parse::<StageKey>().is_err(), "{text}");
    }
}

#[test]
fn a_stored_pipeline_is_read_back_and_a_broken_one_is_not() {
    let text = serde_json::to_string(&Pipeline::default()).expect("json");
    assert_eq!(serde_json::from_str::<Pipeline>(&text).expect("pipeline"), Pipeline::default());
    assert!(serde_json::from_str::<Pipeline>(r#"{"version": 1, "stages": []}"#).is_err());
}

#[test]
fn the_default_is_itself_a_valid_edit() {
    let default = Pipeline::default();
    let edited = default.edit(default.stages().to_vec()).expect("pipeline");
    assert_eq!(edited.stages(), default.stages());
}

proptest! {
    #[test]
    fn dwell_adds_up_to_the_time_since_the_beginning(
        steps in prop::collection::vec((0..5_usize, -1_000..100_000_i64, 0..1_000_000_000_i32), 0..30),
    ) {
        let keys = ["lead", "assessment", "meeting", "converted", "lost"].map(key);
        let start = Timestamp::from_second(1_790_000_000).expect("time");
        let mut dwell = Dwell::begin(keys[0].clone(), start);
        let (mut now, mut latest) = (start.as_second(), start);
        for (stage, pause, nanos) in &steps {
            now += pause;
            let at = Timestamp::new(now, *nanos).expect("time");
            latest = latest.max(at);
            dwell = dwell.moved(keys[*stage].clone(), at);
        }
        let stays = dwell.until(latest);
        let total: u64 = stays.iter().map(|stay| stay.seconds_total).sum();
        prop_assert_eq!(total, u64::try_from(latest.as_second() - start.as_second()).expect("forward"));
        let visits: u32 = stays.iter().map(|stay| stay.visits).sum();
        prop_assert_eq!(visits as usize, steps.len() + 1);
    }

    #[test]
    fn no_move_ends_outside_the_pipeline(
        from in "[a-z]{1,4}|lead|meeting|lost|converted",
        to in "lead|assessment|meeting|lost|converted|x",
        may_skip: bool,
        reason in prop::option::of("[a-z ]{0,4}"),
    ) {
        let pipeline = Pipeline::default();
        let context = MoveContext { may_skip, reason: reason.as_deref() };
        if let Ok(moved) = pipeline.transition(&key(&from), &key(&to), &context) {
            prop_assert!(pipeline.stage(&moved.to).is_some_and(|stage| stage.kind == moved.entered));
            prop_assert!(moved.from != moved.to);
        }
    }
}
