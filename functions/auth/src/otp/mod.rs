//! Signing in by a code that is sent.

pub(crate) mod request;
pub(crate) mod verify;
