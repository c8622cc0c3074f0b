//! The stages of an organization's leads, as a record.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::pipeline::Pipeline;
use crate::record::{List, Meta, Record, Slot};
use crate::{OrganizationId, PipelineId};

/// An organization's pipeline of leads.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LeadPipeline {
    /// What every record carries.
    pub meta: Meta,
    /// Its id: the organization's UUID, as there is one pipeline an organization.
    pub id: PipelineId,
    /// Its name.
    pub name: String,
    /// The stages and their order.
    pub pipeline: Pipeline,
}

impl LeadPipeline {
    /// The id of an organization's pipeline.
    pub const fn id_of(organization: OrganizationId) -> PipelineId {
        PipelineId::from_uuid(organization.uuid())
    }

    /// The default stages.
    pub fn new(organization: OrganizationId, now: Timestamp) -> Self {
        Self {
            meta: Meta::new(organization, now),
            id: Self::id_of(organization),
            name: "Leads".to_owned(),
            pipeline: Pipeline::default(),
        }
    }
}

impl Record for LeadPipeline {
    const KIND: &'static str = "pipeline";
    type Id = PipelineId;

    fn id(&self) -> PipelineId {
        self.id
    }
    fn meta(&self) -> &Meta {
        &self.meta
    }
    fn meta_mut(&mut self) -> &mut Meta {
        &mut self.meta
    }
    fn lists(&self) -> Vec<List> {
        vec![List::new(Slot::One, "all", "")]
    }
}
