//! The files between planning and doing: chunks of rows.

use domain::job::RowProblem;
use domain::{JobId, LeadId, UserId};
use serde::{Deserialize, Serialize};

/// Where imports keep their files.
pub(crate) const AREA: &str = "imports";

/// The uploaded file of a job.
pub(crate) fn upload(job: JobId) -> String {
    format!("{job}/file")
}

/// A chunk of a plan.
pub(crate) fn chunk(job: JobId, plan: &str, number: u32) -> String {
    format!("{job}/{plan}/chunk-{number:06}.json")
}

/// A row on its way; `V` is its cells as JSON text while it is planned, as texts while it is done.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct ChunkRow<V> {
    /// Row of the sheet as a person sees it.
    pub(crate) number: u32,
    /// The cells of the columns that carry something.
    pub(crate) values: V,
    /// Why the reader refused it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) refused: Option<RowProblem>,
    /// The leads that had its identifiers when the file was planned.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) holders: Vec<LeadId>,
    /// Whose turn it is to get the lead.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) turn: Option<UserId>,
    /// Whether another row of the chunk may be about the same lead.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) shared: bool,
}
