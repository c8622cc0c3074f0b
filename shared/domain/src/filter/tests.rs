use proptest::prelude::*;
use serde_json::json;

use super::*;

const FIELDS: Fields = Fields::with_custom_fields(&[
    ("status", FieldType::Text),
    ("source", FieldType::Text),
    ("score", FieldType::Number),
    ("is_active", FieldType::Boolean),
    ("created_at", FieldType::Timestamp),
    ("due_on", FieldType::Date),
    ("assigned_to", FieldType::Id),
    ("tags", FieldType::TextList),
]);

fn kolkata() -> TimeZone {
    TimeZone::get("Asia/Kolkata").expect("zone")
}

fn query(text: &str) -> Result<Filter, Vec<(String, &'static str)>> {
    let params = text.split('&').filter(|param| !param.is_empty()).map(|param| param.split_once('=').expect("param"));
    Filter::from_query(params, &FIELDS, &kolkata()).map_err(codes)
}

#[expect(clippy::needless_pass_by_value, reason = "tests hand in literals")]
fn json(value: Value) -> Result<Filter, Vec<(String, &'static str)>> {
    Filter::from_json(&value, &FIELDS, &kolkata()).map_err(codes)
}

fn codes(wrong: Vec<FieldInvalid>) -> Vec<(String, &'static str)> {
    wrong.into_iter().map(|wrong| (wrong.field, wrong.invalid.code)).collect()
}

fn one(field: &str, code: &'static str) -> Vec<(String, &'static str)> {
    vec![(field.to_owned(), code)]
}

fn lead() -> Value {
    json!({
        "status": "lead", "source": "Facebook", "score": 62, "is_active": true, "created_at": "2026-11-19T18:30:00Z",
        "due_on": "2026-12-01", "assigned_to": "usr_1", "tags": ["Fellowship", "medical"], "email": null, "phone": "",
        "custom_fields": {"city": "Pune", "experience": 3, "visits": "7", "a.b": 1, "Do Not Call": "No", "applied": "2026-03-05"},
    })
}

fn holds(value: Value) -> bool {
    json(value).expect("filter").matches(&lead())
}

#[test]
fn three_spellings_mean_the_same() {
    let expected = json(json!({"score": {"gte": 50}})).expect("filter");
    assert_eq!(query("score[gte]=50").expect("filter"), expected);
    assert_eq!(json(json!({"score": ">=50"})).expect("filter"), expected);
    assert_eq!(query("score=>=50").expect("filter"), expected);
    let tags = json(json!({"tags": ["a", "b"]})).expect("filter");
    assert_eq!(query("tags[in]=a,b").expect("filter"), tags);
    assert_eq!(query("tags=a&tags=b").expect("filter"), tags);
    assert_eq!(json(json!({"status": {"eq": "lead"}})), json(json!({"status": "lead"})));
}

#[test]
fn all_and_nothing_equal_absent_in_queries() {
    assert!(query("status=all&score=&source=ALL&tags[in]=all").expect("filter").is_empty());
    assert!(json(json!({})).expect("filter").is_empty());
    assert!(Filter::default().matches(&lead()));
}

#[test]
fn text_is_compared_without_case_and_ids_exactly() {
    assert!(holds(json!({"source": "facebook"})) && holds(json!({"tags": "FELLOWSHIP"})));
    assert!(holds(json!({"assigned_to": "usr_1"})) && !holds(json!({"assigned_to": "USR_1"})));
}

#[test]
fn every_operator_does_as_its_name_says() {
    for (yes, no) in [
        (json!({"score": {"gt": 61}}), json!({"score": {"gt": 62}})),
        (json!({"score": {"lt": 63}}), json!({"score": {"lt": 62}})),
        (json!({"score": {"gte": 62, "lte": 62}}), json!({"score": {"gte": 62, "lte": 61}})),
        (json!({"score": {"between": [62, 70]}}), json!({"score": {"between": [63, 70]}})),
        (json!({"status": {"ne": "lost"}}), json!({"status": {"ne": "LEAD"}})),
        (json!({"status": "!=lost"}), json!({"status": "!=lead"})),
        (json!({"status": {"in": ["x", "lead"]}}), json!({"status": {"nin": ["x", "lead"]}})),
        (json!({"tags": {"contains": "fellow"}}), json!({"tags": {"starts_with": "ship"}})),
        (json!({"tags": {"nin": ["law"]}}), json!({"tags": {"ne": "medical"}})),
        (json!({"is_active": true}), json!({"is_active": "false"})),
        (json!({"due_on": {"between": ["2026-12-01", "2026-12-31"]}}), json!({"due_on": {"lt": "2026-12-01"}})),
        (json!({"custom_fields.city": {"in": ["Pune", "Nashik"]}}), json!({"custom_fields.city": "Nashik"})),
        (json!({"custom_fields.experience": ">2"}), json!({"custom_fields.experience": ">3"})),
        (json!({"custom_fields.visits": {"gt": 6}}), json!({"custom_fields.visits": {"gt": 10}})),
        (json!({"custom_fields.Do Not Call": false}), json!({"custom_fields.Do Not Call": true})),
        (json!({"custom_fields.applied": "<2026-04-01"}), json!({"custom_fields.applied": "<2026-03-05"})),
        (json!({"custom_fields.a.b": 1}), json!({"custom_fields.a.b": 2})),
    ] {
        assert!(holds(yes.clone()), "{yes}");
        assert!(!holds(no.clone()), "{no}");
    }
}

#[test]
fn a_field_without_a_value_meets_only_what_asks_for_none() {
    for field in ["custom_fields.email", "custom_fields.nothing"] {
        assert!(holds(json!({field: null})) && holds(json!({field: {"exists": false}})));
        assert!(holds(json!({field: {"ne": "x"}})) && holds(json!({field: {"nin": ["x"]}})));
        assert!(
            !holds(json!({field: {"lt": 5}}))
                && !holds(json!({field: "x"}))
                && !holds(json!({field: {"contains": "x"}}))
        );
    }
    assert!(holds(json!({"status": {"ne": null}})));
}

#[test]
fn a_day_means_all_of_it_in_the_zone_of_the_asker() {
    // The lead came at midnight of 20 November in Kolkata.
    for (day, op, met) in [
        ("2026-11-20", "eq", true),
        ("2026-11-19", "eq", false),
        ("2026-11-20", "gte", true),
        ("2026-11-19", "gt", true),
        ("2026-11-20", "gt", false),
        ("2026-11-20", "lt", false),
        ("2026-11-20", "lte", true),
        ("2026-11-19", "lte", false),
        ("2026-11-20", "ne", false),
        ("2026-11-19", "ne", true),
        ("2026-11-19T18:30:00Z", "eq", true),
        ("2026-11-19T18:30:01Z", "gte", false),
        ("2026-11-20T00:00:00+05:30", "lte", true),
        ("2026-11-19T18:30:00Z", "ne", false),
    ] {
        assert_eq!(holds(json!({"created_at": {op: day}})), met, "{op} {day}");
    }
    assert!(holds(json!({"created_at": {"between": ["2026-11-01", "2026-11-20"]}})));
    assert!(!holds(json!({"created_at": {"between": ["2026-11-01", "2026-11-19"]}})));
}

#[test]
fn groups_are_met_by_any_or_all() {
    assert!(holds(json!({"any": [{"status": "lost"}, {"score": ">60", "source": "facebook"}]})));
    assert!(!holds(json!({"any": [{"status": "lost"}, {"score": ">60", "source": "google"}]})));
    assert!(!holds(json!({"status": "lead", "any": [{"status": "lost"}]})));
    assert!(holds(json!({"all": [{"status": "lead"}, {"any": [{"tags": "law"}, {"tags": "medical"}]}]})));
}

#[test]
fn every_wrong_condition_is_named() {
    assert_eq!(
        query(
            "nope=1&score=high&score[near]=5&is_active[gt]=true&created_at[gte]=soon&due_on=1.2.2026&score[between]=1&tags[gt=1"
        ),
        Err(vec![
            ("score[near]".to_owned(), "unknown_operator"),
            ("is_active[gt]".to_owned(), "operator_not_allowed"),
            ("created_at[gte]".to_owned(), "not_a_time"),
            ("score[between]".to_owned(), "not_a_pair"),
            ("tags[gt".to_owned(), "malformed"),
            ("nope".to_owned(), "unknown_field"),
            ("score".to_owned(), "not_a_number"),
            ("due_on".to_owned(), "not_a_date"),
        ])
    );
    assert_eq!(
        json(json!({
            "any": [{"score": {"gte": "x"}}, 5, {}], "status": {}, "tags": [], "all": [], "custom_fields.": 1, "score": {"near": 1},
            "due_on": {"between": ["2026-02-01", "2026-01-01"]}, "source": {"in": "x"}, "assigned_to": {"contains": "u"},
        })),
        Err(vec![
            ("any.0.score.gte".to_owned(), "not_a_number"),
            ("any.1".to_owned(), "not_an_object"),
            ("any.2".to_owned(), "empty_group"),
            ("status".to_owned(), "no_operator"),
            ("tags".to_owned(), "list_length"),
            ("all".to_owned(), "not_a_group"),
            ("custom_fields.".to_owned(), "unknown_field"),
            ("score.near".to_owned(), "unknown_operator"),
            ("due_on.between".to_owned(), "range_reversed"),
            ("source.in".to_owned(), "list_length"),
            ("assigned_to.contains".to_owned(), "operator_not_allowed"),
        ])
    );
    assert_eq!(json(json!("status")), Err(one("filter", "not_an_object")));
    assert_eq!(query(&format!("status={}", "x".repeat(501))), Err(one("status", "too_long")));
}

#[test]
fn filters_are_bounded() {
    let conditions = |count: usize| json!({"any": (0..count).map(|n| json!({"score": n})).collect::<Vec<_>>()});
    assert!(json(conditions(50)).is_ok());
    assert_eq!(json(conditions(51)), Err(one("any.50.score", "too_many_conditions")));
    assert_eq!(json(conditions(5_000)), Err(one("any.50.score", "too_many_conditions")));

    let nested = |depth: usize| (0..depth).fold(json!({"score": 1}), |inner, _| json!({"any": [inner, {"score": 2}]}));
    assert!(json(nested(4)).is_ok());
    let refused = json(nested(5)).expect_err("refused");
    assert_eq!(refused[0].1, "too_deep");
    let deep = (0..120).fold(json!(1), |inner, _| json!({"any": [inner]}));
    assert_eq!(json(deep).expect_err("refused")[0].1, "too_deep");
}

#[test]
fn a_planner_takes_an_equality_out() {
    let filter = query("status=lead&score[gte]=50&assigned_to=usr_1").expect("filter");
    assert_eq!((filter.equals("status"), filter.equals("score"), filter.equals("source")), (Some("lead"), None, None));
    let (status, rest) = filter.split_equality("status");
    assert_eq!(status.as_deref(), Some("lead"));
    assert_eq!(rest, query("score[gte]=50&assigned_to=usr_1").expect("filter"));
    let either = json(json!({"any": [{"status": "lead"}, {"status": "lost"}]})).expect("filter");
    assert_eq!(either.clone().split_equality("status"), (None, either));
}

#[test]
fn two_conditions_on_one_field_and_operator_survive_json() {
    let filter = query("status[ne]=lead&status[ne]=lost").expect("filter");
    let other = query("source=x").expect("filter").and(filter.clone());
    for filter in [filter, other] {
        assert_eq!(json(filter.to_json()), Ok(filter));
    }
}

fn any_test() -> impl Strategy<Value = (String, Value)> {
    let number = prop_oneof![(-100..100_i64).prop_map(|n| json!(n)), (-5.0..5.0_f64).prop_map(|n| json!(n))];
    let day = (1..=28_u8, 1..=12_u8).prop_map(|(day, month)| json!(format!("2026-{month:02}-{day:02}")));
    let order = || prop::sample::select(vec!["eq", "ne", "gt", "gte", "lt", "lte"]);
    let word = || "[a-zA-Zé]{1,4}";
    prop_oneof![
        (order(), number).prop_map(|(op, n)| ("score".to_owned(), json!({op: n}))),
        (order(), day.clone()).prop_map(|(op, day)| ("created_at".to_owned(), json!({op: day}))),
        (order(), day).prop_map(|(op, day)| ("due_on".to_owned(), json!({op: day}))),
        (prop::sample::select(vec!["eq", "ne", "contains", "starts_with"]), word())
            .prop_map(|(op, w)| ("tags".to_owned(), json!({op: w}))),
        (prop::sample::select(vec!["in", "nin"]), prop::collection::vec(word(), 1..4))
            .prop_map(|(op, ws)| ("source".to_owned(), json!({op: ws}))),
        (order(), word()).prop_map(|(op, w)| (format!("custom_fields.{w}"), json!({op: w}))),
        any::<bool>().prop_map(|yes| ("is_active".to_owned(), json!({"exists": yes}))),
    ]
}

fn any_object() -> impl Strategy<Value = Value> {
    let leaf = prop::collection::vec(any_test(), 1..4).prop_map(|tests| Value::Object(tests.into_iter().collect()));
    leaf.prop_recursive(3, 20, 3, |inner| {
        (any_test(), prop::collection::vec(inner.clone(), 1..3), prop::collection::vec(inner, 0..3)).prop_map(
            |((field, test), any, all)| {
                let mut object = json!({field: test, "any": any});
                if !all.is_empty() {
                    object["all"] = Value::Array(all);
                }
                object
            },
        )
    })
}

fn any_json() -> impl Strategy<Value = Value> {
    let key = || "status|score|tags|created_at|custom_fields\\.a|any|all|eq|in|between|exists|[a-z]{0,3}";
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "\\PC{0,6}|[<>!=]{0,2}[0-9]{0,3}|2026-0[0-9]-[0-9]{2}".prop_map(Value::from),
    ];
    leaf.prop_recursive(6, 40, 4, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::Array),
            prop::collection::vec((key(), inner), 0..4).prop_map(|fields| Value::Object(fields.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn the_canonical_form_reads_back_as_the_same_filter(value in any_object()) {
        if let Ok(filter) = json(value) {
            let again = json(filter.to_json()).expect("canonical");
            prop_assert_eq!(again.to_json(), filter.to_json());
            prop_assert_eq!(again.matches(&lead()), filter.matches(&lead()));
        }
    }

    /// A day counts as what it is read as, so that what was accepted is accepted again.
    #[test]
    fn days_count_as_they_are_read(days in 1..60_usize, op in "eq|ne|gte") {
        let days: Vec<Value> = (0..days).map(|_| json!({"created_at": {&op: "2026-01-31"}})).collect();
        if let Ok(filter) = json(json!({"any": days})) {
            prop_assert!(filter.size() <= MAX_CONDITIONS);
            prop_assert!(json(filter.to_json()).is_ok());
        } else {
            prop_assert!(days.len() > MAX_CONDITIONS / 3);
        }
    }

    #[test]
    fn no_json_and_no_record_panic(value in any_json(), record in any_json()) {
        if let Ok(filter) = json(value) {
            let again = json(filter.to_json()).expect("canonical");
            prop_assert_eq!(again.to_json(), filter.to_json());
            prop_assert_eq!(again.matches(&record), filter.matches(&record));
        }
    }

    #[test]
    fn no_query_panics(params in prop::collection::vec(("status|score(\\[[a-z]{0,3}\\]?)?|\\PC{0,8}", "\\PC{0,8}|[<>!=0-9]{0,4}"), 0..8)) {
        let params = params.iter().map(|(key, value)| (key.as_str(), value.as_str()));
        if let Ok(filter) = Filter::from_query(params, &FIELDS, &TimeZone::UTC) {
            let _met = filter.matches(&lead());
        }
    }

    #[test]
    fn a_condition_and_its_opposite_part_all_records(score in -50..50_i32, bound in -50..50_i32) {
        let record = json!({"score": score});
        for (one, other) in [("gt", "lte"), ("gte", "lt"), ("eq", "ne")] {
            let met = |op: &str| json(json!({"score": {op: bound}})).expect("filter").matches(&record);
            prop_assert!(met(one) != met(other));
        }
    }

    #[test]
    fn taking_an_equality_out_changes_nothing_for_those_who_have_it(value in any_object(), status in "lead|lost") {
        if let Ok(filter) = json(value) {
            let whole = filter.clone().and(query(&format!("status={status}")).expect("filter"));
            let (taken, rest) = whole.clone().split_equality("status");
            prop_assert_eq!(taken, Some(status));
            let record = lead();
            prop_assert_eq!(whole.matches(&record), rest.matches(&record) && whole.equals("status") == Some("lead"));
        }
    }
}
