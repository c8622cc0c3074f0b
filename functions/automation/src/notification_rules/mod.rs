//! Rules for notifications: when this happens, tell these people over these channels. Each is an automation that does
//! nothing else, so that it is found under `/automation` too, with its runs and its dry run.

pub(crate) mod body;
pub(crate) mod create;
pub(crate) mod delete;
pub(crate) mod list;
pub(crate) mod update;
pub(crate) mod view;
