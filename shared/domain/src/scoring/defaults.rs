//! The rules of an organization that has written none.

use super::{AtLeast, FactorRule, Measure, ScoringRules, Within};

impl Default for ScoringRules {
    /// Rules for leads from web sites and forms. Field names are those of the exports we know,
    /// `Total Time Spent on Website` (in seconds) among them.
    fn default() -> Self {
        let factors = [
            ("contact", Measure::Contact { phone: 7, email: 5, name: 3 }),
            ("source", source()),
            ("visits", number(&["TotalVisits", "visits"], &[(1, 2), (2, 4), (4, 7), (7, 10)])),
            ("time_on_site", time_on_site()),
            ("touches", Measure::Touches { steps: steps(&[(2, 2), (3, 4), (5, 5)]) }),
            ("recency", recency()),
            ("quality", quality()),
            ("stage", Measure::Stage { points: 10 }),
            ("completeness", completeness()),
        ];
        let factors = factors.into_iter().map(|(name, measure)| FactorRule { name: name.to_owned(), measure });
        Self { version: 1, factors: factors.collect() }
    }
}

fn source() -> Measure {
    let points = [
        ("Reference", 15),
        ("Referral", 15),
        ("Walk-in", 12),
        ("Website", 10),
        ("Organic Search", 9),
        ("Google", 8),
        ("Direct Traffic", 8),
        ("Facebook", 6),
        ("Instagram", 6),
        ("Chat", 6),
        ("Olark Chat", 6),
    ];
    Measure::Source { points: points.map(named).into(), otherwise: 4 }
}

fn time_on_site() -> Measure {
    number(
        &["Total Time Spent on Website", "time_on_site", "time_spent"],
        &[(30, 3), (120, 7), (300, 11), (600, 16), (1_200, 20)],
    )
}

fn recency() -> Measure {
    let steps = [(24, 10), (72, 8), (168, 5), (720, 2)];
    Measure::Recency { steps: steps.map(|(hours, points)| Within { hours, points }).into() }
}

fn quality() -> Measure {
    let points = [("High in Relevance", 10), ("Might be", 6), ("Low in Relevance", 3), ("Not Sure", 1), ("Worst", -15)];
    Measure::Choice { fields: names(&["Lead Quality", "quality"]), points: points.map(named).into(), otherwise: 0 }
}

fn completeness() -> Measure {
    let fields = ["Country", "Specialization", "What is your current occupation", "Last Activity"];
    Measure::Completeness { fields: names(&fields), points: 5 }
}

fn number(fields: &[&str], steps_of: &[(u32, i32)]) -> Measure {
    Measure::Number { fields: names(fields), steps: steps(steps_of) }
}

fn steps(steps: &[(u32, i32)]) -> Vec<AtLeast> {
    steps.iter().map(|&(at_least, points)| AtLeast { at_least, points }).collect()
}

fn names(names: &[&str]) -> Vec<String> {
    names.iter().map(|&name| name.to_owned()).collect()
}

fn named((name, points): (&str, i32)) -> (String, i32) {
    (name.to_owned(), points)
}
