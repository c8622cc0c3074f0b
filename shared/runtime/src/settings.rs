//! What a function is told by its environment; `template.yaml` sets every one of these.

use std::collections::BTreeMap;

/// Requests an hour of one address without sign-in, where nothing else is set.
pub const ADDRESS_REQUESTS: u32 = 1_000;

/// A function's settings.
#[derive(Clone)]
pub struct Settings {
    /// `SAMPARK_TABLE`: the table's name.
    pub table: String,
    /// `SAMPARK_HASH_KEY`: the secret under which personal identifiers are hashed.
    pub hash_key: String,
    /// `SAMPARK_DATA_KEY`: what wraps the data keys of personal fields, a key of KMS or `file:` and a path, for functions
    /// that see such fields.
    pub data_key: Option<String>,
    /// `SAMPARK_BUCKET`: the files bucket, for functions that keep files.
    pub bucket: Option<String>,
    /// `SAMPARK_IMPORTS_QUEUE`: the URL of the imports queue, for functions that send to it.
    pub imports_queue: Option<String>,
    /// `SAMPARK_MESSAGES_QUEUE`: the URL of the queue of messages to people, for functions that send to it.
    pub messages_queue: Option<String>,
    /// `SAMPARK_BROADCASTS_QUEUE`: the URL of the queue of broadcasts, for functions that send to it.
    pub broadcasts_queue: Option<String>,
    /// `SAMPARK_LAUNCHES_QUEUE`: the URL of the queue of campaigns, for functions that send to it.
    pub launches_queue: Option<String>,
    /// `SAMPARK_AUTOMATIONS_QUEUE`: the URL of the queue of automations, for functions that send to it.
    pub automations_queue: Option<String>,
    /// `SAMPARK_REALTIME_QUEUE`: the URL of the queue of what is told at once, for functions that send to it.
    pub realtime_queue: Option<String>,
    /// `SAMPARK_WEBHOOK_DELIVERIES_QUEUE`: the URL of the queue of webhooks, for functions that send to it.
    pub webhook_deliveries_queue: Option<String>,
    /// `SAMPARK_PROVIDER_INBOX_QUEUE`: the URL of the queue of what providers tell, for functions that send to it.
    pub provider_inbox_queue: Option<String>,
    /// `SAMPARK_SOCKETS`: the address of the WebSocket API's stage, `https://…/v1`, for functions that give it to people or
    /// write to its connections.
    pub sockets: Option<String>,
    /// `SAMPARK_SIGNING_SECRET`: the text the signing key is derived from; `auth` only.
    pub signing_secret: Option<String>,
    /// `SAMPARK_SIGNING_SECRET_PREVIOUS`: the text before it, whose tokens stay good until they end; `auth` only.
    pub signing_secret_previous: Option<String>,
    /// `SAMPARK_ISSUER`: who issues tokens (`iss`), the API's address.
    pub issuer: String,
    /// `SAMPARK_APP_URL`: the frontend's address, which links in messages lead to.
    pub app_url: Option<String>,
    /// `SAMPARK_API_URL`: the address under which the API is reached from outside, `https://…/v1`, where it is not the one
    /// that API Gateway sees.
    pub api_url: Option<String>,
    /// `SAMPARK_CORS_ORIGINS`: the origins of frontends, separated by commas; `*` for any.
    pub cors_origins: Vec<String>,
    /// `SAMPARK_ADDRESS_REQUESTS`: requests an hour that one address may make without sign-in; `None` (0) for any number.
    pub address_requests: Option<u32>,
    /// `SAMPARK_MAIL_FROM`: the sender of our e-mails, for functions that send.
    pub mail_from: Option<String>,
    /// `SAMPARK_MAIL_EVENTS`: the configuration set of SES by which it tells what becomes of our e-mails; `None` where it
    /// tells nothing.
    pub mail_events: Option<String>,
    /// `SAMPARK_PUSH_SECRET`: the text the key of Web Push is derived from, for functions that push or tell its public half.
    pub push_secret: Option<String>,
    /// `SAMPARK_PUSH_SUBJECT`: a `mailto:` or `https:` address under which push services reach whoever runs this.
    pub push_subject: Option<String>,
    /// `SAMPARK_VERSION`: what was deployed.
    pub version: String,
}

impl std::fmt::Debug for Settings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Settings").field("table", &self.table).field("version", &self.version).finish_non_exhaustive()
    }
}

/// A setting is missing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the environment lacks {0}")]
pub struct SettingsError(pub &'static str);

impl Settings {
    /// Reads the process's environment.
    pub fn from_env() -> Result<Self, SettingsError> {
        Self::read(|name| std::env::var(name).ok())
    }

    /// Reads a map: how the local platform hands each function the environment that the template
    /// gives it.
    pub fn from_map(map: &BTreeMap<String, String>) -> Result<Self, SettingsError> {
        Self::read(|name| map.get(name).cloned())
    }

    fn read(get: impl Fn(&str) -> Option<String>) -> Result<Self, SettingsError> {
        let optional = |name| get(name).filter(|value| !value.is_empty());
        let required = |name| optional(name).ok_or(SettingsError(name));
        Ok(Self {
            table: required("SAMPARK_TABLE")?,
            hash_key: required("SAMPARK_HASH_KEY")?,
            data_key: optional("SAMPARK_DATA_KEY"),
            bucket: optional("SAMPARK_BUCKET"),
            webhook_deliveries_queue: optional("SAMPARK_WEBHOOK_DELIVERIES_QUEUE"),
            imports_queue: optional("SAMPARK_IMPORTS_QUEUE"),
            messages_queue: optional("SAMPARK_MESSAGES_QUEUE"),
            broadcasts_queue: optional("SAMPARK_BROADCASTS_QUEUE"),
            launches_queue: optional("SAMPARK_LAUNCHES_QUEUE"),
            automations_queue: optional("SAMPARK_AUTOMATIONS_QUEUE"),
            realtime_queue: optional("SAMPARK_REALTIME_QUEUE"),
            provider_inbox_queue: optional("SAMPARK_PROVIDER_INBOX_QUEUE"),
            sockets: optional("SAMPARK_SOCKETS").map(|url| url.trim_end_matches('/').to_owned()),
            signing_secret: optional("SAMPARK_SIGNING_SECRET"),
            signing_secret_previous: optional("SAMPARK_SIGNING_SECRET_PREVIOUS"),
            issuer: optional("SAMPARK_ISSUER").unwrap_or_else(|| "sampark".to_owned()),
            app_url: optional("SAMPARK_APP_URL").map(|url| url.trim_end_matches('/').to_owned()),
            api_url: optional("SAMPARK_API_URL").map(|url| url.trim_end_matches('/').to_owned()),
            cors_origins: optional("SAMPARK_CORS_ORIGINS")
                .map(|origins| origins.split(',').map(|origin| origin.trim().to_owned()).collect())
                .unwrap_or_default(),
            address_requests: match optional("SAMPARK_ADDRESS_REQUESTS") {
                None => Some(ADDRESS_REQUESTS),
                Some(number) => {
                    Some(number.parse().map_err(|_| SettingsError("a number as SAMPARK_ADDRESS_REQUESTS"))?)
                        .filter(|number| *number > 0)
                }
            },
            mail_from: optional("SAMPARK_MAIL_FROM"),
            mail_events: optional("SAMPARK_MAIL_EVENTS"),
            push_secret: optional("SAMPARK_PUSH_SECRET"),
            push_subject: optional("SAMPARK_PUSH_SUBJECT"),
            version: optional("SAMPARK_VERSION").unwrap_or_else(|| env!("CARGO_PKG_VERSION").to_owned()),
        })
    }
}
