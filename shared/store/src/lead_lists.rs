//! Which index answers a list of leads.

use domain::filter::Filter;
use domain::pipeline::Stage;
use domain::{BranchId, Grant, Lead, LeadPipeline, Rows, Slot, UserId};

use crate::error::{ReadError, StoreError};
use crate::table::Table;

/// A list is merged from so many partitions at most; beyond, the whole organization's list is read and filtered.
const MAX_PARTITIONS: usize = 40;

/// An index with its partitions, and what is left to be checked on each lead.
#[derive(Debug, Clone, PartialEq)]
pub struct LeadLists {
    /// The index.
    pub slot: Slot,
    /// The question.
    pub question: &'static str,
    /// The values whose lists are merged.
    pub values: Vec<String>,
    /// What the index does not answer.
    pub residual: Filter,
}

/// No index was chosen.
#[derive(Debug, thiserror::Error)]
pub enum NotChosen {
    /// It asks for a stage that the pipeline has not.
    #[error("no such stage")]
    UnknownStage,
    /// It goes on where it never was.
    #[error("no such place")]
    BadCursor,
    /// The pipeline could not be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// The branches could not be.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Table {
    /// Chooses the index for a filter over the grant's rows: one Query for an owner's leads, for a branch's leads in a stage,
    /// or for all; a branch's leads are merged from its stages, an organization's leads in a stage from its branches. Costs
    /// nothing, or what `pipeline` does, which is asked for where stages matter, and 1 Query for the branches.
    pub async fn lead_lists(
        &self,
        grant: &Grant,
        filter: Filter,
        pipeline: impl Future<Output = Result<LeadPipeline, ReadError>>,
    ) -> Result<LeadLists, NotChosen> {
        let all = |residual| LeadLists { slot: Slot::One, question: "all", values: vec![String::new()], residual };
        let owned = |values, residual| LeadLists { slot: Slot::Two, question: "owner", values, residual };
        match (grant.rows().owners(), filter.equals("assigned_to")) {
            // A filter by somebody else's leads stays in the filter, and lets nothing through.
            (Some(owners), _) => return Ok(owned(owners.iter().map(UserId::to_string).collect(), filter)),
            (None, Some(owner)) => {
                let owner = owner.to_owned();
                return Ok(owned(vec![owner], filter.split_equality("assigned_to").1));
            }
            (None, None) => {}
        }
        let (stage, after_stage) = filter.clone().split_equality("status");
        let (branch, residual) = after_stage.split_equality("branch_id");
        if matches!(grant.rows(), Rows::All) && stage.is_none() && branch.is_none() {
            return Ok(all(filter));
        }
        let branches: Vec<BranchId> = match &branch {
            Some(branch) => branch.parse().ok().into_iter().collect(),
            None => self.branches_in_reach(grant).await?,
        };
        let pipeline = pipeline.await?;
        let known: Vec<&str> = pipeline.pipeline.stages().iter().map(|stage: &Stage| stage.key.as_str()).collect();
        let stages: Vec<&str> = match &stage {
            Some(stage) => {
                let known = known.into_iter().find(|key| key.eq_ignore_ascii_case(stage));
                vec![known.ok_or(NotChosen::UnknownStage)?]
            }
            None => known,
        };
        if branches.len() * stages.len() > MAX_PARTITIONS {
            return Ok(all(filter));
        }
        let values =
            branches.iter().flat_map(|branch| stages.iter().map(|stage| Lead::branch_stage(*branch, stage))).collect();
        Ok(LeadLists { slot: Slot::Three, question: "stage", values, residual })
    }
}
