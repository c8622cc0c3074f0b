//! Pipelines: the stages that leads go through.

pub(crate) mod list;
pub(crate) mod update;
pub(crate) mod view;

use domain::pipeline::Stage;
use domain::{LeadPipeline, PipelineId};
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

/// A pipeline.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PipelineView {
    id: PipelineId,
    name: String,
    /// In their order: open ones, then the one that wins, then the one that loses.
    stages: Vec<Stage>,
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    updated_at: Timestamp,
}

impl From<LeadPipeline> for PipelineView {
    fn from(LeadPipeline { meta, id, name, pipeline }: LeadPipeline) -> Self {
        Self { id, name, stages: pipeline.stages().to_vec(), created_at: meta.created_at, updated_at: meta.updated_at }
    }
}
