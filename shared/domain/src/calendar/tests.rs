use jiff::ToSpan as _;
use proptest::prelude::*;
use serde_json::json;

use super::*;

const ZONES: [&str; 6] =
    ["UTC", "Asia/Kolkata", "Europe/London", "America/New_York", "Pacific/Apia", "Australia/Lord_Howe"];

fn calendar(zone: &str, week: &Value, holidays: &Value) -> Calendar {
    let zone = TimeZone::get(zone).expect("a zone");
    Calendar::new(zone, Week::read(week).expect("a week"), Holiday::read_all(holidays).expect("holidays"))
}

fn usual(zone: &str, holidays: &Value) -> Calendar {
    calendar(zone, &serde_json::to_value(Week::usual()).expect("JSON"), holidays)
}

fn at(text: &str) -> Timestamp {
    text.parse().expect("a time")
}

fn hours(number: i64) -> SignedDuration {
    SignedDuration::from_hours(number)
}

#[test]
fn working_time_goes_over_nights_weekends_and_holidays() {
    let kolkata = usual("Asia/Kolkata", &json!([{"date": "2026-11-23", "name": "A holiday"}]));
    // A Friday at five in the afternoon: an hour of it, then the Tuesday after the holiday.
    let friday = at("2026-11-20T11:30:00Z");
    assert_eq!(kolkata.add(friday, hours(1)), at("2026-11-20T12:30:00Z"));
    assert_eq!(kolkata.add(friday, hours(2)), at("2026-11-24T04:30:00Z"));
    assert_eq!(kolkata.between(friday, at("2026-11-24T04:30:00Z")), hours(2));
    assert_eq!(kolkata.between(at("2026-11-24T04:30:00Z"), friday), hours(-2));
    // On a Sunday nothing counts, and a new day begins at nine.
    assert_eq!(kolkata.add(at("2026-11-22T08:00:00Z"), SignedDuration::ZERO), at("2026-11-24T03:30:00Z"));
}

#[test]
fn a_yearly_holiday_comes_each_year_and_another_does_not() {
    let holidays = json!([
        {"date": "2020-01-26", "name": "Republic Day", "yearly": true}, {"date": "2026-01-27", "name": "Once"},
    ]);
    let calendar = usual("Asia/Kolkata", &holidays);
    let open = |day: &str| calendar.on(day.parse().expect("a day")).next().is_some();
    assert_eq!(["2026-01-26", "2026-01-27", "2027-01-26", "2027-01-27"].map(open), [false, false, false, true]);
}

#[test]
fn a_night_that_changes_the_clocks_is_as_much_shorter_or_longer() {
    let all = json!({"sunday": [{"from": "00:00", "until": "24:00"}]});
    let night = json!({"sunday": [{"from": "01:30", "until": "03:00"}]});
    let (day, shift) = (calendar("Europe/London", &all, &json!([])), calendar("Europe/London", &night, &json!([])));
    let length = |calendar: &Calendar, day: &str| -> SignedDuration {
        calendar.on(day.parse().expect("a day")).map(|(from, until)| until.duration_since(from)).sum()
    };
    let days = ["2026-03-22", "2026-03-29", "2026-10-25"];
    assert_eq!(days.map(|on| length(&day, on)), [24, 23, 25].map(hours));
    assert_eq!(days.map(|on| length(&shift, on).as_mins()), [90, 60, 150]);
}

#[test]
fn everything_wrong_with_a_week_is_told_at_once() {
    let week = json!({
        "monday": [{"from": "18:00", "until": "09:00"}, {"from": "25:00"}], "funday": [], "tuesday": 9,
        "wednesday": [{"from": "09:00", "until": "12:00"}, {"from": "11:00", "until": "24:00"}],
        "thursday": vec![json!({"from": "00:00", "until": "24:00"}); 7],
    });
    let mut wrong: Vec<(String, &str)> =
        Week::read(&week).expect_err("wrong").into_iter().map(|one| (one.field, one.invalid.code)).collect();
    wrong.sort();
    let expected = [
        ("funday", "unknown_day"),
        ("monday.0.until", "not_after_from"),
        ("monday.1.from", "not_a_time_of_day"),
        ("monday.1.until", "required"),
        ("thursday", "too_many"),
        ("tuesday", "not_list"),
        ("wednesday.1.from", "overlap"),
    ];
    assert_eq!(wrong, expected.map(|(field, code)| (field.to_owned(), code)));
    let holidays = json!([{"date": "2026-02-30", "yearly": "yes"}, {"date": "2026-02-28", "name": "Fine"}]);
    let mut wrong: Vec<String> =
        Holiday::read_all(&holidays).expect_err("wrong").into_iter().map(|one| one.field).collect();
    wrong.sort();
    assert_eq!(wrong, ["0.date", "0.name", "0.yearly"]);
}

#[test]
fn a_calendar_that_never_opens_is_known_and_looked_at_no_longer_than_30_years() {
    let never = calendar("UTC", &json!({}), &json!([]));
    let now = at("2026-11-20T11:30:00Z");
    assert!(!never.opens(now) && usual("UTC", &json!([])).opens(now));
    assert_eq!(never.add(now, hours(1)), now);
    assert_eq!(never.between(now, now + hours(24 * 365 * 40)), SignedDuration::ZERO);
}

/// Weeks whose windows begin and end on the hour, several a day, some to the end of it.
fn weeks() -> impl Strategy<Value = Value> {
    let day = prop::collection::btree_set(0..=24_u8, 0..7).prop_map(|hours| {
        let hours: Vec<u8> = hours.into_iter().collect();
        let window = |pair: &[u8]| json!({"from": format!("{:02}:00", pair[0]), "until": format!("{:02}:00", pair[1])});
        hours.chunks_exact(2).map(window).collect::<Value>()
    });
    let names = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
    prop::collection::vec(day, 7)
        .prop_map(move |days| Value::Object(names.iter().map(|name| (*name).to_owned()).zip(days).collect()))
}

fn holidays() -> impl Strategy<Value = Value> {
    let one = (0..800_i32, any::<bool>()).prop_map(|(day, yearly)| {
        let date = Date::constant(2026, 1, 1) + day.days();
        json!({"date": date.to_string(), "name": "A holiday", "yearly": yearly})
    });
    prop::collection::vec(one, 0..6).prop_map(Value::Array)
}

/// Moments of 2026 and 2027 to the second.
fn moments() -> impl Strategy<Value = Timestamp> {
    (1_767_225_600..1_830_297_600_i64).prop_map(|second| Timestamp::from_second(second).expect("a time"))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn adding_and_measuring_are_inverse_and_land_in_a_window(
        week in weeks(), holidays in holidays(), zone in prop::sample::select(&ZONES[..]), from in moments(),
        seconds in 0..400_000_i64,
    ) {
        let calendar = calendar(zone, &week, &holidays);
        prop_assume!(calendar.opens(from));
        let working = SignedDuration::from_secs(seconds);
        let until = calendar.add(from, working);
        prop_assert!(until >= from);
        prop_assert_eq!(calendar.between(from, until), working);
        let day = until.to_zoned(calendar.zone.clone()).date();
        let near = [day.yesterday().expect("a day"), day, day.tomorrow().expect("a day")];
        let inside = near.into_iter().flat_map(|day| calendar.on(day)).any(|(from, to)| from <= until && until <= to);
        prop_assert!(inside, "{until} is outside");
    }

    #[test]
    fn later_and_longer_is_never_earlier(
        week in weeks(), holidays in holidays(), zone in prop::sample::select(&ZONES[..]), one in moments(),
        later in 0..2_000_000_i64, short in 0..200_000_i64, more in 0..200_000_i64,
    ) {
        let calendar = calendar(zone, &week, &holidays);
        let (other, secs) = (one + SignedDuration::from_secs(later), SignedDuration::from_secs);
        prop_assert!(calendar.add(one, secs(short)) <= calendar.add(other, secs(short)));
        prop_assert!(calendar.add(one, secs(short)) <= calendar.add(one, secs(short + more)));
        let middle = one + secs(later / 2);
        let whole = calendar.between(one, other);
        prop_assert_eq!(calendar.between(one, middle) + calendar.between(middle, other), whole);
        prop_assert!(whole <= secs(later) && whole >= SignedDuration::ZERO);
    }

    /// Against a clerk who looks at the wall every minute; in zones that change no clock, where windows have no nights.
    #[test]
    fn a_clerk_who_looks_at_the_wall_counts_the_same(
        week in weeks(), holidays in holidays(), zone in prop::sample::select(&ZONES[..2]), minute in 29_453_760..30_504_960_i64,
        length in 0..20_000_i64,
    ) {
        let calendar = calendar(zone, &week, &holidays);
        let at = |minute: i64| Timestamp::from_second(minute * 60).expect("a time");
        let counted = (minute..minute + length).filter(|minute| {
            let wall = at(*minute).to_zoned(calendar.zone.clone());
            let of_day = u16::try_from(i32::from(wall.hour()) * 60 + i32::from(wall.minute())).expect("a minute");
            let works = |window: &Window| window.from.of_day() <= of_day && of_day < window.until.of_day();
            !calendar.holidays.iter().any(|holiday| holiday.is_on(wall.date()))
                && calendar.week.on(wall.weekday()).iter().any(works)
        });
        let counted = i64::try_from(counted.count()).expect("few");
        prop_assert_eq!(calendar.between(at(minute), at(minute + length)), SignedDuration::from_mins(counted));
    }

    #[test]
    fn nothing_that_people_write_breaks_the_readers(key in "[a-z]{0,9}", text in "\\PC{0,12}") {
        let _ = Week::read(&json!({&key: [{"from": &text, "until": &text}], "monday": &text}));
        let _ = Holiday::read_all(&json!([{"date": &text, "name": &text, "yearly": &text}, &text]));
    }
}
