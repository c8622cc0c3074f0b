//! What `notifications` promises.

mod broadcasts;
mod devices;
mod inbox;
mod preferences;
mod reach;
mod support;
