//! The first milliseconds of a function: log, settings, clients.

use std::sync::Arc;

use aws_config::{BehaviorVersion, SdkConfig};
use store::{KeyRing, StoreError};
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

use crate::data_key::{self, KeyFileError};
use crate::{Platform, Settings, SettingsError, SystemClock, SystemEntropy};

/// A function that has begun to start.
#[derive(Debug)]
pub struct Started {
    /// What its environment tells.
    pub settings: Settings,
    /// Region and credentials for the clients it needs.
    pub aws: SdkConfig,
}

/// Sets up the log and reads the environment. Credentials and region are read once, here.
pub async fn start() -> Result<Started, SettingsError> {
    telemetry();
    let settings = Settings::from_env()?;
    let aws = aws_config::defaults(BehaviorVersion::latest()).load().await;
    Ok(Started { settings, aws })
}

/// One JSON line an entry, as CloudWatch likes them; `RUST_LOG` chooses which: a level, and levels of targets
/// (`info,store=debug`).
pub fn telemetry() {
    let chosen = std::env::var("RUST_LOG").ok().and_then(|text| text.parse::<Targets>().ok());
    let lines = tracing_subscriber::fmt::layer()
        .json()
        .flatten_event(true)
        .with_current_span(true)
        .with_span_list(false)
        .without_time();
    // Set already where several functions share a process.
    let _already_set = tracing_subscriber::registry()
        .with(lines)
        .with(chosen.unwrap_or_else(|| Targets::new().with_default(LevelFilter::INFO)))
        .try_init();
}

/// A function cannot begin.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// Its key file is no good.
    #[error(transparent)]
    KeyFile(#[from] KeyFileError),
    /// The data keys cannot be opened.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Started {
    /// The platform with the table alone, its data keys open: one read of the table and one call of KMS, which also
    /// open their connections while starting is still cheap.
    pub async fn platform(self) -> Result<(Platform, SdkConfig), StartError> {
        let dynamo = aws_sdk_dynamodb::Client::new(&self.aws);
        let entropy = Arc::new(SystemEntropy);
        let wrapper = self.settings.data_key.as_deref();
        let wrapper = wrapper.map(|setting| data_key::named(setting, &self.aws, entropy.clone())).transpose()?;
        let mut platform = Platform::new(self.settings, dynamo, Arc::new(SystemClock), entropy);
        if let Some(wrapper) = wrapper {
            platform = platform.with_keys(KeyRing::new(wrapper));
            platform.table().open_data_keys(platform.now()).await?;
        }
        Ok((platform, self.aws))
    }
}
