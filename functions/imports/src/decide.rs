//! What a row does to the leads there are.

use domain::job::{ImportAssign, Job, RowProblem};
use domain::lead::{Arrival, RowMapping};
use domain::pipeline::Pipeline;
use domain::{Change, Claim, FieldInvalid, Invalid, Label, Lead, LeadId};
use jiff::{SignedDuration, Timestamp};
use store::HashKey;

use crate::known::Known;
use crate::rows::ChunkRow;
use crate::turns;

/// What every row of a job is decided by.
#[derive(Debug)]
pub(crate) struct Rules<'a> {
    pub(crate) job: &'a Job,
    pub(crate) mapping: RowMapping,
    pub(crate) pipeline: &'a Pipeline,
    /// The source of rows that name none.
    pub(crate) source: Option<Label>,
    pub(crate) hash_key: &'a HashKey,
    pub(crate) now: Timestamp,
}

/// What a row does.
#[derive(Debug)]
pub(crate) enum Decision {
    /// Adds a lead.
    Create(Change<Lead>),
    /// Completes one that is there.
    Touch(Change<Lead>),
    /// Nothing: all it tells is known.
    Unchanged,
    /// Nothing, as it is wrong.
    Rejected(Vec<RowProblem>),
}

impl Rules<'_> {
    /// The row's identifiers.
    pub(crate) fn identifiers(&self, row: &ChunkRow<Vec<String>>) -> Vec<Claim> {
        self.mapping.identifiers(row.values.iter().map(String::as_str))
    }

    /// Decides one row.
    pub(crate) fn decide(&self, known: &Known, row: &ChunkRow<Vec<String>>) -> Decision {
        if let Some(refused) = &row.refused {
            return Decision::Rejected(vec![refused.clone()]);
        }
        let values = row.values.iter().map(String::as_str);
        let details = match self.mapping.details(row.number, values, self.source.as_ref()) {
            Ok(details) => details,
            Err(problems) => return Decision::Rejected(problems),
        };
        match known.about(&details.claims()).as_slice() {
            [] => self.create(row, details),
            [lead] if lead.learns_from(&details) => {
                let change = (*lead).clone().touch(details, self.pipeline, self.now.max(lead.meta.updated_at));
                Decision::Touch(change.with("import", self.job.id))
            }
            [_] => Decision::Unchanged,
            [..] => {
                let why = "its identifiers belong to different leads";
                Decision::Rejected(vec![RowProblem::new(row.number, "", &Invalid::new("ambiguous", why), "")])
            }
        }
    }

    fn create(&self, row: &ChunkRow<Vec<String>>, details: domain::lead::LeadDetails) -> Decision {
        let (id, now) = self.place(row.number);
        let assigned_to = match self.job.options.assign {
            ImportAssign::Nobody => None,
            ImportAssign::Pool => row.turn,
            ImportAssign::User(user) => Some(user),
        };
        let arrival = Arrival {
            id,
            organization: self.job.meta.organization,
            branch: self.job.branch_id,
            assigned_to,
            pipeline: self.pipeline,
            now,
        };
        match Lead::create(details, arrival) {
            Ok(change) => {
                let change = change.with("import", self.job.id);
                Decision::Create(match row.turn {
                    Some(user) => change.decided(&turns::decision(user)),
                    None => change,
                })
            }
            Err(errors) => {
                let problem = |FieldInvalid { field, invalid }| RowProblem::new(row.number, &field, &invalid, "");
                Decision::Rejected(errors.into_iter().map(problem).collect())
            }
        }
    }

    /// The id and the time of a row's lead: the same whenever the row is done, and in the order of the
    /// rows, a microsecond each.
    fn place(&self, row: u32) -> (LeadId, Timestamp) {
        let began = self.job.meta.created_at;
        let at = began.checked_add(SignedDuration::from_micros(i64::from(row))).unwrap_or(began);
        let bits = self.hash_key.id_bits(&["import", &self.job.id.to_string(), &row.to_string()]);
        (LeadId::at(at, bits), at)
    }
}
