//! What `audit` promises.

mod chain;
mod logs;
mod retention;
mod security_events;
mod support;
mod suspicious;
mod tampering;
