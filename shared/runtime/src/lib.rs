//! How every function starts: settings from the environment, clients, clock and randomness.

mod approvals;
mod automations;
mod cache;
mod clock;
mod data_key;
mod entropy;
mod platform;
mod recent;
mod settings;
mod start;

pub use approvals::Origin as ApprovalOrigin;
pub use automations::BELIEVED;
pub use aws_config::SdkConfig;
pub use cache::Cache;
pub use clock::{Clock, SystemClock};
pub use data_key::{KeyFile, KeyFileError, Kms};
pub use entropy::{Entropy, SystemEntropy};
pub use platform::{NotWired, Platform};
pub use settings::{ADDRESS_REQUESTS, Settings, SettingsError};
pub use start::{StartError, Started, start, telemetry};
