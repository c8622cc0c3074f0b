//! Setting automations going: what events, the clock, people and other automations have in common.

use std::sync::Arc;

use domain::automation::{MAX_WORKFLOWS, RunStep};
use domain::{Change, Grant, Slot, Workflow, WorkflowRun, WorkflowRunId};
use jiff::{SignedDuration, Timestamp};
use store::{CommitError, ListQuery, Refused, StoreError};

use crate::Platform;

/// How long an organization's automations that were read are believed.
pub const BELIEVED: SignedDuration = SignedDuration::from_secs(30);

impl Platform {
    /// The organization's automations that may be set going, those of higher rank first, as they were within the last 30
    /// seconds: 1 Query, or nothing.
    pub async fn active_workflows(&self, grant: &Grant) -> Result<Arc<Vec<Workflow>>, StoreError> {
        let (organization, now) = (grant.organization(), self.now());
        if let Some(known) = self.workflows().get(organization, now) {
            return Ok(known);
        }
        let query = ListQuery::new(Slot::Two, "active", "", MAX_WORKFLOWS);
        let mut workflows = self.table().list::<Workflow>(grant, &query, |_| true).await?.records;
        workflows.sort_by_key(|workflow| (workflow.rank, workflow.id));
        let workflows = Arc::new(workflows);
        self.workflows().put(organization, Arc::clone(&workflows), now + BELIEVED);
        Ok(workflows)
    }

    /// The id of the run that these set going, and of no other: `at` is when, `parts` what.
    pub fn run_id(&self, at: Timestamp, parts: [&str; 2]) -> WorkflowRunId {
        WorkflowRunId::at(at, self.table().hash_key().id_bits(&["workflow_run", parts[0], parts[1]]))
    }

    /// Writes a new run, once: 1 write. What its queue is to carry, unless it was not to begin.
    pub async fn begin_run(&self, grant: &Grant, run: Change<WorkflowRun>) -> Result<Option<RunStep>, CommitError> {
        let step = RunStep { organization: grant.organization(), run: run.after.id };
        let begins = !run.after.status.is_over();
        match self.table().commit(grant, run).await {
            // One that is there already may have lost its message; whoever brings it twice does no harm.
            Ok(_) | Err(CommitError::Refused { refused: Refused::Exists, .. }) => Ok(begins.then_some(step)),
            Err(error) => Err(error),
        }
    }

    /// Hands runs to their queue. One that it does not take is found by the clock.
    pub async fn send_runs(&self, steps: &[RunStep]) {
        if steps.is_empty() {
            return;
        }
        let sent = match self.automations() {
            Ok(queue) => queue.send_all(steps).await.map_err(|error| error.to_string()),
            Err(error) => Err(error.to_string()),
        };
        if let Err(error) = sent {
            tracing::warn!(runs = steps.len(), error, "the clock will set automations going");
        }
    }
}
