//! The outside: what we ask of services that are not ours.

mod api;
mod attachment;
mod breaker;
mod error;
mod graph;
pub mod inbound;
mod mail;
mod outside;
pub mod push;
mod sockets;
mod text;
mod webhook;
mod whatsapp;

pub use api::Api;
pub use attachment::Attachment;
pub use breaker::{Breaker, BreakerSettings, Held, Outcome, Pass};
pub use error::SendError;
pub use graph::{FilledForm, Graph, GraphPage, LeadAnswer, LeadAnswers};
pub use mail::{Mail, MailCarrier, Mailer, RawMail, Smtp, SmtpInvalid, SmtpSecurity};
pub use outside::{Bases, Outside, Way};
pub use push::{
    GuardedPushes, PushAnswer, PushError, PushMessage, PushRequest, PushService, Pusher, Unreached, Urgency, Vapid,
    VapidError,
};
pub use sockets::{Posted, Sockets};
pub use text::{Msg91, TextMessage, TextSender, TextTemplate, Twilio, TwilioSender};
pub use webhook::{GuardedWebhooks, NotPublic, Reach, WebhookAnswer, WebhookCall, WebhookCaller, WebhookRefused};
pub use whatsapp::{
    CloudMedia, CloudTemplates, CloudWhatsApp, TemplateComponent, TemplateStanding, TemplateValue, WhatsApp,
    WhatsAppBody, WhatsAppMedia, WhatsAppMessage, WhatsAppRecipient, WhatsAppTemplate,
};
