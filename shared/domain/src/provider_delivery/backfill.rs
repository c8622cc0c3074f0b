//! What people filled in while nobody listened, asked for step by step.

use std::collections::VecDeque;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::UserId;
use crate::integration::MetaId;

/// Facebook keeps what was filled in for so many days:
/// <https://developers.facebook.com/docs/marketing-api/guides/lead-ads/retrieving>.
pub const BACKFILL_DAYS: i64 = 90;
/// So many forms can be named at once.
pub const MAX_NAMED_FORMS: usize = 50;
/// Whoever is told of more than this asks in a circle.
pub const MAX_BACKFILL_STEPS: u32 = 20_000;

/// The forms of a page, and what people filled into them since a moment. Each step asks for one page of a list, so that it
/// ends in time, and what it brought is told with its place: a worker may die anywhere.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Backfill {
    /// What was filled in before this is left.
    pub since: Timestamp,
    /// The forms that are asked, by Meta's ids; all of the page's where none is named.
    pub named: Vec<MetaId>,
    /// Who wants it.
    pub by: UserId,
    /// Answers that brought a lead, or touched one.
    pub taken: u32,
    /// Answers that were taken before, by a webhook or another backfill.
    pub known: u32,
    /// Answers of which no lead can be made.
    pub refused: u32,
    /// How many steps were done.
    pub steps: u32,
    place: Place,
}

/// Where a backfill is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Place {
    /// Whether there are forms that were not listed yet.
    has_more_forms: bool,
    /// Meta's place behind the forms that were listed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    forms: Option<String>,
    /// Forms that were listed and not read to their end; the first of them is being read.
    left: VecDeque<MetaId>,
    /// Meta's place behind the answers of the first form that were read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    answers: Option<String>,
}

/// What is asked for next. A place is Meta's own word for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BackfillNext<'a> {
    /// The page's forms behind a place.
    Forms(Option<&'a str>),
    /// What was filled into a form, behind a place.
    Answers(&'a MetaId, Option<&'a str>),
    /// Nothing: it has come to its end.
    Nothing,
}

/// What a page of answers brought.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct BackfillTally {
    /// Those that brought a lead, or touched one.
    pub taken: u32,
    /// Those that were taken before.
    pub known: u32,
    /// Those of which no lead can be made.
    pub refused: u32,
}

impl Backfill {
    /// It begins: with the forms that are named, or with a look at which there are.
    pub fn new(since: Timestamp, named: Vec<MetaId>, by: UserId) -> Self {
        let place = Place {
            has_more_forms: named.is_empty(),
            forms: None,
            left: named.iter().cloned().collect(),
            answers: None,
        };
        Self { since, named, by, taken: 0, known: 0, refused: 0, steps: 0, place }
    }

    /// The same from its beginning.
    #[must_use]
    pub fn anew(self) -> Self {
        Self::new(self.since, self.named, self.by)
    }

    /// What is asked for next.
    pub fn next(&self) -> BackfillNext<'_> {
        let Place { has_more_forms, forms, left, answers } = &self.place;
        match left.front() {
            Some(form) => BackfillNext::Answers(form, answers.as_deref()),
            None if *has_more_forms => BackfillNext::Forms(forms.as_deref()),
            None => BackfillNext::Nothing,
        }
    }

    /// These forms were listed, and more behind `next`.
    #[must_use]
    pub fn listed(mut self, forms: Vec<MetaId>, next: Option<String>) -> Self {
        self.place.left.extend(forms);
        self.place.has_more_forms = next.is_some();
        self.place.forms = next;
        self.steps = self.steps.saturating_add(1);
        self
    }

    /// A page of the first form's answers was taken; there are more behind `next`.
    #[must_use]
    pub fn took(mut self, tally: BackfillTally, next: Option<String>) -> Self {
        let BackfillTally { taken, known, refused } = tally;
        self.taken = self.taken.saturating_add(taken);
        self.known = self.known.saturating_add(known);
        self.refused = self.refused.saturating_add(refused);
        if next.is_none() {
            self.place.left.pop_front();
        }
        self.place.answers = next;
        self.steps = self.steps.saturating_add(1);
        self
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn ids(from: u32, count: u32) -> Vec<MetaId> {
        (from..from + count).map(|id| id.to_string().parse().expect("an id")).collect()
    }

    fn backfill(named: Vec<MetaId>) -> Backfill {
        Backfill::new(Timestamp::UNIX_EPOCH, named, UserId::at(Timestamp::UNIX_EPOCH, [1; 10]))
    }

    #[test]
    fn those_that_are_named_are_not_looked_for() {
        let named = ids(1, 2);
        let begun = backfill(named.clone());
        assert_eq!(begun.next(), BackfillNext::Answers(&named[0], None));
        let tally = BackfillTally { taken: 2, known: 1, refused: 0 };
        let on = begun.clone().took(tally, Some("b".to_owned()));
        assert_eq!(on.next(), BackfillNext::Answers(&named[0], Some("b")));
        let on = on.took(tally, None);
        assert_eq!(on.next(), BackfillNext::Answers(&named[1], None));
        let ended = on.took(BackfillTally::default(), None);
        assert_eq!((ended.next(), ended.taken, ended.known, ended.steps), (BackfillNext::Nothing, 4, 2, 3));
        assert_eq!(ended.anew(), begun);
    }

    proptest! {
        /// However Meta cuts its lists, each page of each form's answers is asked for once, and then it ends.
        #[test]
        fn every_form_is_read_to_its_end(lists in prop::collection::vec((0_u32..4, 1_u32..4), 1..5)) {
            let mut backfill = backfill(Vec::new());
            let (mut list, mut read, mut asked) = (0, 0_u32, 0_u32);
            let (mut seen, mut want) = (Vec::new(), Vec::new());
            for (forms, pages) in &lists {
                for form in ids(u32::try_from(want.len()).expect("few"), *forms) {
                    want.push((form, *pages));
                }
            }
            loop {
                asked += 1;
                prop_assert!(asked < 1_000);
                backfill = match backfill.next() {
                    BackfillNext::Nothing => break,
                    BackfillNext::Forms(_) => {
                        let (forms, _) = lists[list];
                        let from = lists[..list].iter().map(|(forms, _)| forms).sum();
                        list += 1;
                        let next = (list < lists.len()).then(|| list.to_string());
                        backfill.listed(ids(from, forms), next)
                    }
                    BackfillNext::Answers(form, after) => {
                        prop_assert_eq!(after.is_some(), read > 0);
                        let pages = want.iter().find(|(id, _)| id == form).map(|(_, pages)| *pages).expect("it was listed");
                        read += 1;
                        let next = (read < pages).then(|| read.to_string());
                        if next.is_none() {
                            seen.push((form.clone(), read));
                            read = 0;
                        }
                        backfill.took(BackfillTally { taken: 1, ..BackfillTally::default() }, next)
                    }
                };
            }
            prop_assert_eq!(&seen, &want);
            prop_assert_eq!(backfill.taken, want.iter().map(|(_, pages)| pages).sum::<u32>());
        }
    }
}
