//! What `automation` promises.

mod making;
mod running;
mod support;
mod trying;
