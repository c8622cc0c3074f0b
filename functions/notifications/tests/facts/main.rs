//! What `notifications` promises.

mod broadcasts;
mod inbox;
mod reach;
mod support;
