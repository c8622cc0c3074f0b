//! The outside: what we ask of services that are not ours.

mod error;
pub mod inbound;
mod mail;
pub mod push;
mod sockets;
mod text;
mod webhook;

pub use error::SendError;
pub use mail::{Mail, Mailer};
pub use push::{
    GuardedPushes, PushAnswer, PushError, PushMessage, PushRequest, PushService, Pusher, Unreached, Urgency, Vapid,
    VapidError,
};
pub use sockets::{Posted, Sockets};
pub use text::{TextMessage, TextSender};
pub use webhook::{GuardedWebhooks, NotPublic, Reach, WebhookAnswer, WebhookCall, WebhookCaller, WebhookRefused};
