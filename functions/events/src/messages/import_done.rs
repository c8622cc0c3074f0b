//! Whoever uploaded a file is told how its import ended.

use domain::job::{Job, JobKind, Tally};
use domain::{Event, Grant, MessageTemplate, Recipient};
use runtime::Platform;
use serde_json::json;

use super::{Asked, Unmade, there, user};

/// To whoever asked for the import: 2 reads. A dry run is watched, not waited for: no message.
pub(super) async fn asked(platform: &Platform, grant: &Grant, event: &Event) -> Result<Option<Asked>, Unmade> {
    let Ok(id) = event.subject.parse() else { return Ok(None) };
    let Some(job) = there::<Job>(platform.table().get_to_change(grant, id).await)? else { return Ok(None) };
    let Some(creator) = job.created_by.filter(|_| job.kind == JobKind::LeadImport && !job.options.dry_run) else {
        return Ok(None);
    };
    let Some(user) = user(platform, creator).await? else { return Ok(None) };
    let values = match &job.failure {
        Some(failure) => json!({"name": user.first_name, "file": job.file_name, "failure": failure.message}),
        None => {
            let Tally { created, updated, unchanged, rejected } = job.tally;
            json!({
                "name": user.first_name, "file": job.file_name, "rows": job.rows,
                "created": created, "updated": updated, "unchanged": unchanged, "rejected": rejected,
            })
        }
    };
    Ok(Some(Asked { to: Recipient::Email(user.email), template: MessageTemplate::ImportDone, values }))
}
