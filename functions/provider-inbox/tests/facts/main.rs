//! What providers tell comes to what it tells, once, in whatever order and whoever dies.

mod faults;
mod inbox;
mod shuffles;
mod support;
mod telephony;
