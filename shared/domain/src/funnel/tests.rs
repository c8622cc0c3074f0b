use proptest::prelude::*;

use super::*;

fn figures(counts: &[(&str, i64)]) -> Figures {
    counts.iter().map(|(dimension, n)| ((*dimension).to_owned(), *n)).collect()
}

fn json(percent: Percent) -> String {
    serde_json::to_string(&percent).expect("a number")
}

#[test]
fn a_share_has_one_decimal_and_of_nothing_is_0() {
    assert_eq!(json(Percent::share(1_235, 2_847)), "43.4");
    assert_eq!(json(Percent::share(856, 2_847)), "30.1");
    assert_eq!(json(Percent::share(672, 2_847)), "23.6");
    assert_eq!(json(Percent::share(1, 1)), "100.0");
    assert_eq!(json(Percent::share(1, 800)), "0.1");
    assert_eq!(json(Percent::share(5, 0)), "0.0");
}

#[test]
fn a_change_is_of_what_was_before() {
    assert_eq!(json(Percent::change(9, 8)), "12.5");
    assert_eq!(json(Percent::change(0, 8)), "-100.0");
    assert_eq!(json(Percent::change(8, 0)), "0.0");
    assert_eq!(json(Percent::change(1_999, 2_000)), "-0.1");
}

#[test]
fn a_share_changes_by_its_exact_value() {
    // 30.0 % after 25.0 %.
    assert_eq!(json(Percent::change_of_share((3, 10), (2, 8))), "20.0");
    assert_eq!(json(Percent::change_of_share((0, 0), (2, 8))), "-100.0");
    assert_eq!(json(Percent::change_of_share((3, 10), (0, 8))), "0.0");
    assert_eq!(json(Percent::change_of_share((3, 10), (0, 0))), "0.0");
}

#[test]
fn the_bottleneck_lets_the_smallest_share_through() {
    let pipeline = Pipeline::default();
    let entered = figures(&[("lead", 200), ("assessment", 150), ("meeting", 30), ("converted", 10), ("lost", 20)]);
    let current = figures(&[("lead", 50), ("lost", 19)]);
    let funnel = Funnel::new(&pipeline, &entered, &current);
    let lines: Vec<_> = funnel
        .stages
        .iter()
        .map(|stage| {
            (stage.key.as_str(), stage.entered, stage.current, stage.conversion.map(json), json(stage.percentage))
        })
        .collect();
    let text = |text: &str| text.to_owned();
    assert_eq!(
        lines,
        [
            ("lead", 200, 50, None, text("100.0")),
            ("assessment", 150, 0, Some(text("75.0")), text("75.0")),
            ("meeting", 30, 0, Some(text("20.0")), text("15.0")),
            ("converted", 10, 0, Some(text("33.3")), text("5.0")),
        ]
    );
    assert_eq!((funnel.lost.entered, funnel.lost.current, json(funnel.lost.percentage)), (20, 19, text("10.0")));
    assert_eq!(json(funnel.conversion_rate), "5.0");
    assert_eq!(funnel.bottleneck.as_ref().map(StageKey::as_str), Some("assessment"));
}

#[test]
fn somebody_is_compared_with_all_in_percentage_points() {
    let pipeline = Pipeline::default();
    let of = |counts| Funnel::new(&pipeline, &figures(counts), &Figures::default());
    let own = of(&[("lead", 10), ("assessment", 8), ("meeting", 2), ("converted", 2)]);
    let all = of(&[("lead", 100), ("assessment", 50), ("meeting", 25), ("converted", 10)]);
    let compared = own.against(all.clone());
    assert_eq!((compared.team, json(compared.conversion_difference)), (all, "10.0".to_owned()));
    let lines: Vec<_> = compared.stages.iter().map(|stage| (stage.key.as_str(), json(stage.difference))).collect();
    let text = |text: &str| text.to_owned();
    assert_eq!(lines, [("assessment", text("30.0")), ("meeting", text("-25.0")), ("converted", text("60.0"))]);
}

#[test]
fn a_funnel_of_nothing_has_no_bottleneck() {
    let funnel = Funnel::new(&Pipeline::default(), &Figures::default(), &Figures::default());
    assert_eq!(funnel.bottleneck, None);
    assert_eq!(funnel.stages.len(), 4);
    assert!(funnel.stages.iter().all(|stage| stage.percentage == Percent::default()));
}

#[test]
fn leads_in_a_removed_stage_are_not_forgotten() {
    let current = figures(&[("lead", 3), ("demo", 1)]);
    let shares = standing(&Pipeline::default(), &current);
    assert_eq!(shares.iter().map(|share| share.count).sum::<u64>(), 4);
    let removed = shares.last().expect("a share");
    assert_eq!((removed.key.as_str(), removed.name.clone(), json(removed.percentage)), ("demo", None, "25.0".into()));
}

#[test]
fn the_largest_source_comes_first_and_none_is_null() {
    let shares = sources(&figures(&[("", 2), ("Website", 5), ("Fair", 2), ("gone", 0)]));
    let names: Vec<_> = shares.iter().map(|share| share.source.as_deref()).collect();
    assert_eq!(names, [Some("Website"), None, Some("Fair")]);
}

proptest! {
    #[test]
    fn a_rounded_share_is_within_half_a_tenth(part in 0..=1_000_000_u64, more in 0..=1_000_000_u64) {
        let whole = part + more;
        prop_assume!(whole > 0);
        let tenths = i128::from(Percent::share(part, whole).tenths());
        prop_assert!((0..=1_000).contains(&tenths));
        prop_assert!((2 * (tenths * i128::from(whole) - i128::from(part) * 1_000)).abs() <= i128::from(whole));
    }

    #[test]
    fn no_figures_panic(numbers in prop::array::uniform4(any::<u64>())) {
        let [a, b, c, d] = numbers;
        for percent in [Percent::share(a, b), Percent::change(a, b), Percent::change_of_share((a, b), (c, d))] {
            let _shown = json(percent);
        }
        let entered = figures(&[("lead", i64::MAX), ("lead", i64::MAX), ("assessment", i64::MIN)]);
        let _funnel = Funnel::new(&Pipeline::default(), &entered, &entered);
    }

    #[test]
    fn growth_and_its_undoing_have_opposite_signs(now in 1..1_000_000_u64, before in 1..1_000_000_u64) {
        let (there, back) = (Percent::change(now, before).tenths(), Percent::change(before, now).tenths());
        prop_assert!(there.signum() * back.signum() <= 0);
    }

    #[test]
    fn the_parts_make_the_whole(counts in prop::collection::vec(("[a-c]?", -5..20_i64), 0..30)) {
        let figures: Figures = counts.iter().cloned().collect();
        let shares = sources(&figures);
        prop_assert_eq!(shares.iter().map(|share| share.count).sum::<u64>(), figures.total());
        let tenths: i32 = shares.iter().map(|share| share.percentage.tenths()).sum();
        let rounding = i32::try_from(shares.len()).expect("few");
        prop_assert!(shares.is_empty() || (tenths - 1_000).abs() <= rounding);
        let standing = standing(&Pipeline::default(), &figures);
        prop_assert_eq!(standing.iter().map(|share| share.count).sum::<u64>(), figures.total());
    }

    #[test]
    fn no_stage_lets_less_through_than_the_bottleneck(entries in prop::array::uniform4(0..1_000_i64)) {
        let keys = ["lead", "assessment", "meeting", "converted"];
        let entered: Figures = keys.iter().zip(entries).map(|(key, n)| ((*key).to_owned(), n)).collect();
        let funnel = Funnel::new(&Pipeline::default(), &entered, &Figures::default());
        let Some(bottleneck) = funnel.bottleneck else {
            prop_assert!(entries[..3].iter().all(|n| *n == 0));
            return Ok(());
        };
        let at = keys.iter().position(|key| *key == bottleneck.as_str()).expect("a stage");
        for step in entries.windows(2).filter(|step| step[0] > 0) {
            prop_assert!(entries[at + 1] * step[0] <= step[1] * entries[at]);
        }
    }
}
