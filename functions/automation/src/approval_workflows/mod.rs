//! The steps by which things are approved.

mod body;
pub(crate) mod create;
pub(crate) mod delete;
pub(crate) mod list;
pub(crate) mod restore;
pub(crate) mod update;
pub(crate) mod view;
