//! Made-up leads.

use std::fmt::Write as _;

use serde_json::{Value, json};

/// The words that leads are called by, and searched for: at 1,000 leads a page of 50 for each.
pub(super) const WORDS: [&str; 20] = [
    "Alder", "Banyan", "Cedar", "Deodar", "Ebony", "Fig", "Ginkgo", "Hazel", "Ironwood", "Juniper", "Kapok", "Larch",
    "Mango", "Neem", "Olive", "Peepal", "Rowan", "Sal", "Teak", "Willow",
];
/// Rows of one file: what a request may carry holds more.
const ROWS: u32 = 12_500;
const SOURCES: [&str; 4] = ["Website", "Referral", "Walk-in", "Google"];
const CITIES: [&str; 5] = ["Mumbai", "Delhi", "Chennai", "Kolkata", "Pune"];

fn pick<'a>(from: &[&'a str], number: u32) -> &'a str {
    from[number as usize % from.len()]
}

/// The numbers of rows of each file that so many leads are cut into.
pub(super) fn files(leads: u32) -> impl Iterator<Item = std::ops::Range<u32>> {
    (0..leads).step_by(ROWS as usize).map(move |first| first..(first + ROWS).min(leads))
}

/// A CSV file of these leads, 25 columns as people have them.
pub(super) fn csv(numbers: std::ops::Range<u32>) -> String {
    let mut csv = "Prospect ID,Name,Email,Phone,Lead Source,City,Campaign,Tags".to_owned();
    for column in 1..=17 {
        // Writing to a string cannot fail.
        let _ = write!(csv, ",Answer {column}");
    }
    csv.push('\n');
    for number in numbers {
        let lead = lead(number);
        let cell = |name: &str| lead[name].as_str().unwrap_or_default().to_owned();
        for name in ["external_id", "full_name", "email", "phone", "source", "city", "campaign"] {
            csv.push_str(&cell(name));
            csv.push(',');
        }
        csv.push_str("bench");
        for column in 1..=17 {
            let _ = write!(csv, ",given {}", number % (column + 7));
        }
        csv.push('\n');
    }
    csv
}

/// A lead as a frontend sends it.
pub(super) fn lead(number: u32) -> Value {
    json!({
        "external_id": format!("bench-{number:07}"),
        "full_name": format!("{} Example{number}", pick(&WORDS, number)),
        "email": format!("lead{number}@bench.example"),
        "phone": format!("+91{}", 9_100_000_000_u64 + u64::from(number)),
        "source": pick(&SOURCES, number),
        "city": pick(&CITIES, number),
        "campaign": "Bench",
        "tags": ["bench"],
    })
}
