//! What `communications` promises.

mod approvals;
mod ledger;
mod links;
mod settings;
mod support;
mod suppressions;
mod templates;
mod timeline;
