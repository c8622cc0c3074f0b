//! The outside: what we ask of services that are not ours.

mod error;
pub mod inbound;
mod mail;
mod sockets;
mod text;
mod webhook;

pub use error::SendError;
pub use mail::{Mail, Mailer};
pub use sockets::{Posted, Sockets};
pub use text::{TextMessage, TextSender};
pub use webhook::{GuardedWebhooks, NotPublic, Reach, WebhookAnswer, WebhookCall, WebhookCaller, WebhookRefused};
