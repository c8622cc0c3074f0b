//! What `notifications` promises.

mod inbox;
mod reach;
mod support;
