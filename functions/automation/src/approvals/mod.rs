//! What people ask others to approve, and how it is decided.

pub(crate) mod approve;
pub(crate) mod cancel;
pub(crate) mod create;
pub(crate) mod delegate;
pub(crate) mod list;
mod moving;
pub(crate) mod reject;
pub(crate) mod view;
