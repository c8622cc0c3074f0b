//! The whole platform on one machine: what API Gateway, the event source mappings and the schedules do on AWS,
//! from the same `template.yaml`.
//!
//! Functions run in this process, as the routers and handlers that their `main.rs` gives to the runtime. Their
//! clients are the ordinary AWS SDK's, with [`standins`] in place of the network.
//!
//! Tests start one of their own:
//!
//! ```no_run
//! # async fn test() -> Result<(), Box<dyn std::error::Error>> {
//! use local::{Local, Options};
//!
//! let local = Local::start(Options::default()).await?;
//! println!("{}/v1/health", local.base_url);
//! local.clock.advance(jiff::SignedDuration::from_hours(1))?;
//! local.idle().await?;
//! local.shutdown().await;
//! # Ok(()) }
//! ```

mod acting;
mod clock;
mod console;
mod demo;
pub mod doubles;
mod duty;
mod error;
mod files;
mod functions;
pub mod gateway;
mod idle;
mod invoke;
mod listener;
pub mod mappings;
pub mod openapi;
mod options;
pub mod screen;
mod secrets;
mod start;
mod stop;
pub mod template;
mod webhooks;
mod wiring;

pub use clock::{ClockError, MovableClock};
pub use demo::{DemoError, PASSWORD as DEMO_PASSWORD, owners as demo_owners};
pub use error::StartError;
pub use functions::registered;
pub use idle::NotIdle;
pub use options::Options;
pub use start::Local;

/// The template that this build was made with.
pub const TEMPLATE: &str = include_str!("../../../template.yaml");
