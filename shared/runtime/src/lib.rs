//! How every function starts: settings from the environment, clients, clock and randomness.

mod approvals;
mod automations;
mod batches;
mod cache;
mod campaigns;
mod capture;
mod clock;
mod consents;
mod data_key;
mod entropy;
mod holders;
mod integrations;
mod platform;
mod recent;
mod settings;
mod sla;
mod speech;
mod start;
mod webhooks;

pub use approvals::Origin as ApprovalOrigin;
pub use automations::BELIEVED;
pub use aws_config::SdkConfig;
pub use batches::work_through;
pub use cache::Cache;
pub use campaigns::{Resolved, everybody};
pub use capture::{Capture, Captured, Missed, raced};
pub use clock::{Clock, SystemClock};
pub use consents::{Heard, Speaker};
pub use data_key::{KeyFile, KeyFileError, Kms};
pub use entropy::{Entropy, SystemEntropy};
pub use integrations::ProviderFailure;
pub use platform::{NotWired, Platform};
pub use settings::{ADDRESS_REQUESTS, Settings, SettingsError};
pub use speech::{Speech, Spoken, Tell};
pub use start::{StartError, Started, start, telemetry};
pub use webhooks::ENDPOINTS_BELIEVED;
