//! Facts about webhooks on their way.

mod delivering;
mod failing;
mod faults;
mod recovering;
mod support;
