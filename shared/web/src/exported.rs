//! Data that leaves as a file is remembered as a security event.

use domain::session::Device;
use domain::{Grant, SecurityEvent, SecurityEventId, SecurityKind};

use crate::{App, Problem, SignedIn};

/// A file of data that somebody downloads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Download {
    /// The data: `leads`.
    pub what: &'static str,
    /// How many rows of it.
    pub rows: usize,
    /// In which form: `csv`.
    pub format: &'static str,
}

/// Remembers that somebody downloads data, before they are handed it: 1 transaction.
pub async fn note_export(
    app: &App,
    signed_in: &SignedIn,
    grant: &Grant,
    device: &Device,
    download: Download,
) -> Result<(), Problem> {
    let Download { what, rows, format } = download;
    let id = SecurityEventId::at(app.now(), app.platform().random());
    let event = SecurityEvent::new(id, grant.organization(), SecurityKind::Exported, device, app.now());
    let mut event = event.about(signed_in.user);
    event.session = signed_in.session;
    for (key, value) in [("what", what.into()), ("rows", rows.into()), ("format", serde_json::Value::from(format))] {
        event.data.insert(key.to_owned(), value);
    }
    let change = event.happened().with("what", what).with("rows", rows).with("format", format);
    app.table().commit(grant, change).await?;
    Ok(())
}
