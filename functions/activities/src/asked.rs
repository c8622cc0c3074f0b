//! Which index answers a list, and what remains to be checked on what it gives.

use std::borrow::Cow;

use domain::date_range::{DateRange, RangeParams};
use domain::filter::{Fields, Filter, Literal, Test};
use domain::{FieldInvalid, Grant, Invalid, Priority, Record, Rows, Slot, UserId};
use jiff::Timestamp;
use serde::Serialize;
use web::listing::{Asked, Shown};
use web::{App, Page, Params, Problem, Sort};

/// The parameters of a range of days.
const RANGE: [&str; 4] = ["range", "date_range", "start_date", "end_date"];

/// A list is merged from so many partitions at most.
const MAX_PARTITIONS: usize = 40;

/// A field whose values are known words, and how one is read.
pub(crate) type Words = (&'static str, fn(&str) -> Result<(), Invalid>);

/// How a kind of record that has the lists `all`, `agent` and `lead` is asked for.
pub(crate) struct Kind {
    /// What it can be filtered by.
    pub(crate) fields: Fields,
    /// Those of them that hold known words.
    pub(crate) words: &'static [Words],
    /// Where its list `agent` is one for each status: the statuses.
    pub(crate) statuses: Option<&'static [&'static str]>,
    /// What its lists are ordered by.
    pub(crate) sort: Sort,
}

/// What is asked, and what is checked on each record.
pub(crate) struct Question {
    pub(crate) asked: Asked,
    pub(crate) residual: Filter,
}

/// The days of a list, for its document.
#[derive(Debug, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "the document's only; DateRange reads them")]
pub(crate) struct RangeQuery {
    /// `30d`, `4w`, `6m`, `1y`, `today`, `week`, `month`, `year` or `custom`: days in the organization's zone that end
    /// with the present one. Every day where nothing is said.
    #[param(example = "30d")]
    range: Option<String>,
    /// The same by another name.
    date_range: Option<String>,
    /// The first day of a custom range, `2026-01-01`.
    start_date: Option<String>,
    /// Its last day; a range has at most 731 days.
    end_date: Option<String>,
}

impl Kind {
    /// What the parameters ask for, of one person's records where `agent` is given: the organization's zone is read
    /// where a filter or a range may need it. A lead's records are in one list, a person's in another; without either,
    /// who reaches their own or their team's asks for these, and everybody else for all.
    pub(crate) async fn question(
        &self,
        app: &App,
        grant: &Grant,
        params: &Params,
        agent: Option<UserId>,
    ) -> Result<Question, Problem> {
        let mut filter = Filter::default();
        let mut days = None;
        let others: Vec<_> = params.others(&Page::RESERVED).collect();
        if !others.is_empty() {
            let zone = app.organization(grant).await?.time_zone();
            let (ranged, plain): (Vec<_>, Vec<_>) = others.into_iter().partition(|(name, _)| RANGE.contains(name));
            let plain: Vec<_> =
                plain.into_iter().map(|(name, value)| (own_name(name), own_word(name, value))).collect();
            let plain = plain.iter().map(|(name, value)| (*name, value.as_ref()));
            let mut wrong = Vec::new();
            match Filter::from_query(plain, &self.fields, &zone) {
                Ok(read) => filter = read,
                Err(errors) => wrong.extend(errors),
            }
            wrong.extend(self.unknown_words(&filter));
            if ranged.iter().any(|(_, value)| !value.is_empty() && !value.eq_ignore_ascii_case("all")) {
                match DateRange::parse(range(params), app.now(), &zone) {
                    Ok(range) => days = Some(range.instants(&zone)),
                    Err(errors) => wrong.extend(errors),
                }
            }
            if !wrong.is_empty() {
                return Err(wrong.into());
            }
        }
        Ok(self.plan(grant, filter, agent, days, params))
    }

    fn plan(
        &self,
        grant: &Grant,
        filter: Filter,
        agent: Option<UserId>,
        days: Option<(Timestamp, Timestamp)>,
        params: &Params,
    ) -> Question {
        let words = format!("{:?} {} {:?}", grant.rows(), filter.to_json(), range(params));
        let (lead, after_lead) = filter.clone().split_equality("lead_id");
        let (named, after_agent) = filter.clone().split_equality("agentId");
        let named = named.map(|named| vec![named]);
        let owners = grant.rows().owners().map(|owners| owners.iter().map(UserId::to_string).collect());
        let (people, filter) = match (agent, lead, named, owners) {
            (Some(agent), ..) => (Ok(vec![agent.to_string()]), filter),
            (None, Some(lead), ..) => (Err((Slot::Three, "lead", lead)), after_lead),
            (None, None, Some(named), _) => (Ok(named), after_agent),
            (None, None, None, Some(owners)) => (Ok(owners), filter),
            (None, None, None, None) => (Err((Slot::One, "all", String::new())), filter),
        };
        let (slot, question, values, residual) = match people {
            Ok(people) => self.of_people(people, filter),
            Err((slot, question, value)) => (slot, question, vec![value], filter),
        };
        let by_people = question == "agent" && grant.rows().owners().is_some();
        let whole = residual.is_empty() && (by_people || *grant.rows() == Rows::All);
        let (since, until) = days.map_or((None, None), |(since, until)| (Some(since), Some(until)));
        let shown = if whole { Shown::Whole } else { Shown::Filtered };
        let asked = Asked { slot, question, values, since, until, shown, sort: self.sort, words };
        Question { asked, residual }
    }

    /// The lists of people: one for each, or for each of a status. Where these are too many, all is read and filtered by
    /// whose it is.
    fn of_people(&self, people: Vec<String>, filter: Filter) -> (Slot, &'static str, Vec<String>, Filter) {
        let Some(statuses) = self.statuses else { return (Slot::Two, "agent", people, filter) };
        let (status, rest) = filter.clone().split_equality("status");
        let known = |status: &str| statuses.iter().copied().find(|known| known.eq_ignore_ascii_case(status));
        let (statuses, filter) = match status.as_deref().and_then(known) {
            Some(status) => (vec![status], rest),
            None => (statuses.to_vec(), filter),
        };
        if people.len() > 1 && people.len() * statuses.len() > MAX_PARTITIONS {
            return (Slot::One, "all", vec![String::new()], filter);
        }
        let of = |person: &String| statuses.iter().map(|status| format!("{person}#{status}")).collect::<Vec<_>>();
        (Slot::Two, "agent", people.iter().flat_map(of).collect(), filter)
    }

    /// Values that are no words of their fields.
    fn unknown_words(&self, filter: &Filter) -> Vec<FieldInvalid> {
        let mut wrong = Vec::new();
        for condition in filter.conditions() {
            let Some((field, read)) = self.words.iter().find(|(field, _)| *field == condition.field) else { continue };
            let literals: &[Literal] = match &condition.test {
                Test::Eq(literal) | Test::Ne(literal) => std::slice::from_ref(literal),
                Test::In(literals) | Test::Nin(literals) => literals,
                _ => &[],
            };
            for literal in literals {
                let Literal::Text(text) = literal else { continue };
                wrong.extend(read(text).err().map(|invalid| FieldInvalid::new(*field, invalid)));
            }
        }
        wrong
    }
}

/// The word's reader of a type, for [`Words`].
pub(crate) fn word<T: std::str::FromStr<Err = Invalid>>(text: &str) -> Result<(), Invalid> {
    text.parse::<T>().map(drop)
}

/// Whether a record passes what is left of a filter: the view's names are the filter's names.
pub(crate) fn passes<R: Record, V: Serialize>(residual: &Filter, record: &R, view: impl Fn(R) -> V) -> bool {
    residual.is_empty() || serde_json::to_value(view(record.clone())).is_ok_and(|view| residual.matches(&view))
}

/// The name of a field, of which some frontends have another.
fn own_name(name: &str) -> &str {
    match name {
        "agent_id" => "agentId",
        "leadId" => "lead_id",
        name => name,
    }
}

/// A value of a field, of which some frontends have another word: a priority is written as `normal`.
pub(crate) fn own_word<'a>(name: &str, value: &'a str) -> Cow<'a, str> {
    if name == "priority" || name.starts_with("priority[") {
        let words =
            value.split(',').map(|word| word.trim().parse().map_or(word, |priority: Priority| priority.as_str()));
        words.collect::<Vec<_>>().join(",").into()
    } else {
        value.into()
    }
}

fn range(params: &Params) -> RangeParams<'_> {
    RangeParams {
        range: params.get("range"),
        date_range: params.get("date_range"),
        start_date: params.get("start_date"),
        end_date: params.get("end_date"),
    }
}
