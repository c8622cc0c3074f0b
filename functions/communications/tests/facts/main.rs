//! What `communications` promises.

mod approvals;
mod attaching;
mod ledger;
mod links;
mod settings;
mod support;
mod suppressions;
mod templates;
mod timeline;
