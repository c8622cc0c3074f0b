//! What `broadcasts` promises.

mod faults;
mod support;
mod telling;
