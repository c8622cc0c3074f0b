//! What `automation` promises.

mod levels;
mod making;
mod running;
mod support;
mod trying;
