//! A message to a person: a template with its values, on its way over a channel.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

use crate::outreach::{ContactPurpose, Outreach, Refusal};
use crate::record::{List, Meta, Record, Slot};
use crate::{Change, CommunicationId, Count, DeviceId, EmailAddress, MessageId, NotificationId, OrganizationId, Phone};

/// The rests after each try that a provider did not take: after the last of them comes the last try.
pub const RESTS: [SignedDuration; 5] = [
    SignedDuration::from_secs(30),
    SignedDuration::from_mins(2),
    SignedDuration::from_mins(10),
    SignedDuration::from_hours(1),
    SignedDuration::from_hours(6),
];
/// A provider that asks for a longer rest gets this one.
pub const MAX_REST: SignedDuration = SignedDuration::from_hours(24);
/// After this many tries a message has failed.
pub const MAX_TRIES: u32 = 6;
/// A queued message that nobody took up is queued again after this time: its queue may have lost it. Whoever
/// took it up has it to themselves for as long, which is longer than a worker lives.
pub const LEASE: SignedDuration = SignedDuration::from_mins(2);
/// A message that the clock queued again is left to its queue for this long, so that one that has fallen behind is
/// not filled with the same message every minute.
pub const PATIENCE: SignedDuration = SignedDuration::from_mins(10);
/// The figure of messages to people outside that were not sent, by the reason.
pub const REFUSED: &str = "messages_refused";
/// What is said of a message whose last try nobody knows the end of.
pub const UNKNOWN: &str = "nobody knows what became of its last try";
/// Values that let somebody in. They are taken out when the message has ended.
pub const SECRETS: [&str; 2] = ["code", "link"];

/// A message to a person.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Message {
    /// What every record carries.
    pub meta: Meta,
    /// Its id.
    pub id: MessageId,
    /// Where it goes.
    pub to: Recipient,
    /// What it says.
    pub template: MessageTemplate,
    /// What stands in its places. The [secret ones](SECRETS) are taken out when it has ended.
    pub values: Map<String, Value>,
    /// The notification that it carries.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notification: Option<NotificationId>,
    /// What it says, where that stands on somebody's timeline.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub communication: Option<CommunicationId>,
    /// What it is to somebody outside, who may object: it is looked at before each try whether they did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outreach: Option<Outreach>,
    /// Where it stands.
    pub state: MessageState,
    /// Whether its last try was begun, and nobody has told what became of it.
    #[serde(default)]
    pub is_asking: bool,
    /// How often it was tried. A try is counted before it is made, so that none is made uncounted.
    pub tries: u32,
    /// It is not tried before this.
    pub next_try_at: Timestamp,
    /// When the clock queues it again, while it has not ended.
    pub lease_until: Timestamp,
    /// When the provider took it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sent_at: Option<Timestamp>,
    /// The provider's id of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provider_id: Option<String>,
    /// Why the last try failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<String>,
}

/// Where a message goes, which also says over which channel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "channel", content = "address", rename_all = "snake_case")]
pub enum Recipient {
    /// By e-mail.
    Email(EmailAddress),
    /// By text message.
    Sms(Phone),
    /// By WhatsApp.
    Whatsapp(Phone),
    /// To a device, by Web Push.
    Push(DeviceId),
}

impl Recipient {
    /// The channel's name.
    pub const fn channel(&self) -> &'static str {
        match self {
            Self::Email(_) => "email",
            Self::Sms(_) => "sms",
            Self::Whatsapp(_) => "whatsapp",
            Self::Push(_) => "push",
        }
    }
}

/// Where a message stands. It never moves back, but one that was given up because nobody knew what became of it may turn out
/// to have been sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum MessageState {
    /// It waits, or is tried again.
    Queued,
    /// The provider took it.
    Sent,
    /// It was given up.
    Failed,
    /// There was no need for it any more when it could be sent.
    Skipped,
}

/// What a message says, in the words of the platform. Beside each: the values it needs. Times (`at`) are as
/// [`Timestamp`] writes them; `minutes` and `days` are numbers, and tell how long the message is worth sending.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum MessageTemplate {
    /// `code`, `minutes`: a code to sign in with.
    SignInCode,
    /// `code` or `link` or both, `minutes`: to choose a new password.
    PasswordReset,
    /// `name`, `at`, `address`: the password was changed.
    PasswordChanged,
    /// `organization`, `inviter`, `role`, `link`, `days`: to join an organization.
    Invite,
    /// `name`, `organization`: who registered themselves may come in.
    AccountApproved,
    /// `name`, `organization`, `reason`: who registered themselves may not.
    AccountRejected,
    /// `name`, `what` (a sentence), `at`, `address`: something happened around their account that they should know.
    SecurityAlert,
    /// `name`, `organization`: a new organization is ready.
    Welcome,
    /// `name`, `file`; then `failure`, or `rows`, `created`, `updated`, `unchanged`, `rejected`: an import has ended.
    ImportDone,
    /// `subject`, `text`; `html` for an e-mail that has it, in which what was put in is escaped already: what an organization
    /// wrote as a template, filled in.
    Written,
    /// Nothing: what stands on somebody's timeline.
    Communication,
    /// `organization`, `title`, `message`, `kind`, `priority`; `link` where it leads somewhere, `expires_at` where it does: a
    /// notification.
    Notification,
    /// `name`, `organization`, `count`, `message` (a title a line), `more` where there are more than these, `link` where there is a
    /// frontend: what somebody has not read.
    Digest,
}

impl Message {
    /// A message to be sent.
    pub fn queue(
        id: MessageId,
        organization: OrganizationId,
        to: Recipient,
        template: MessageTemplate,
        values: Value,
        now: Timestamp,
    ) -> Change<Self> {
        let values = match values {
            Value::Object(values) => values,
            _ => Map::new(),
        };
        let message = Self {
            meta: Meta::new(organization, now),
            id,
            to,
            template,
            values,
            notification: None,
            communication: None,
            outreach: None,
            state: MessageState::Queued,
            is_asking: false,
            tries: 0,
            next_try_at: now,
            lease_until: now + LEASE,
            sent_at: None,
            provider_id: None,
            failure: None,
        };
        Change::create(message, "message.queued")
    }

    /// A message that carries a notification, to be sent no earlier than at a moment.
    pub fn carry(
        mut queued: Change<Self>,
        notification: NotificationId,
        not_before: Option<Timestamp>,
    ) -> Change<Self> {
        queued.after.notification = Some(notification);
        Self::not_before(queued, not_before)
    }

    /// A message that carries what stands on somebody's timeline, to be sent no earlier than at a moment.
    pub fn speak(
        id: MessageId,
        organization: OrganizationId,
        to: Recipient,
        communication: CommunicationId,
        not_before: Option<Timestamp>,
        now: Timestamp,
    ) -> Change<Self> {
        let mut queued = Self::queue(id, organization, to, MessageTemplate::Communication, Value::Null, now);
        queued.after.communication = Some(communication);
        Self::not_before(queued, not_before.filter(|at| *at > now))
    }

    const fn not_before(mut queued: Change<Self>, at: Option<Timestamp>) -> Change<Self> {
        if let Some(at) = at {
            (queued.after.next_try_at, queued.after.lease_until) = (at, at);
        }
        queued
    }

    /// The same to somebody outside, who may object.
    #[must_use]
    pub fn reaching(mut change: Change<Self>, outreach: Outreach) -> Change<Self> {
        change.after.outreach = Some(outreach);
        change
    }

    /// Whom it goes to objects, or may not be written to now.
    pub fn refused(self, refusal: Refusal, now: Timestamp) -> Change<Self> {
        self.failed(refusal.as_str(), now).counting([Count::daily(REFUSED, None, now, refusal.as_str())])
    }

    /// Whether a worker may take it up: it has not ended, nobody else has it, and it does not rest.
    pub fn is_waiting(&self, now: Timestamp) -> bool {
        self.state == MessageState::Queued && self.next_try_at <= now
    }

    /// Why it need not be tried any more: it was tried often enough (and the worker of the last try died), or
    /// what it tells is no longer good.
    pub fn hopeless(&self, now: Timestamp) -> Option<&'static str> {
        if self.good_until().is_some_and(|until| until <= now) {
            Some("what it tells was no longer good when it could be sent")
        } else if self.tries >= MAX_TRIES {
            Some(UNKNOWN)
        } else {
            None
        }
    }

    /// Whether it is marketing to somebody outside.
    pub fn is_marketing(&self) -> bool {
        self.outreach.as_ref().is_some_and(|outreach| outreach.purpose == ContactPurpose::Marketing)
    }

    /// Whether it may have gone out without anybody having written that down: it was tried and has not ended, or was given up
    /// because nobody knew.
    pub fn may_be_out(&self) -> bool {
        match self.state {
            MessageState::Queued => self.tries > 0,
            MessageState::Failed => self.failure.as_deref() == Some(UNKNOWN),
            MessageState::Sent | MessageState::Skipped => false,
        }
    }

    /// When the code or link in it ends.
    fn good_until(&self) -> Option<Timestamp> {
        let number = |name| self.values.get(name).and_then(Value::as_i64);
        let life = match self.template {
            MessageTemplate::SignInCode | MessageTemplate::PasswordReset => number("minutes")?.checked_mul(60)?,
            MessageTemplate::Invite => number("days")?.checked_mul(86_400)?,
            _ => return None,
        };
        self.meta.created_at.checked_add(SignedDuration::from_secs(life)).ok()
    }

    /// Taken up by a worker, to be committed before the provider is asked: it counts as tried, and nobody else
    /// takes it for a lease.
    pub fn taken(self, now: Timestamp) -> Change<Self> {
        self.changed(now, "message.taken", |message| {
            message.tries += 1;
            message.is_asking = true;
            message.next_try_at = now + LEASE;
            message.lease_until = now + LEASE;
        })
    }

    /// The provider took it, under an id of its own.
    pub fn sent(self, provider_id: String, now: Timestamp) -> Change<Self> {
        let channel = self.to.channel();
        self.ended(now, "message.sent", MessageState::Sent, |message| {
            message.sent_at = Some(now);
            message.provider_id = Some(provider_id);
            message.failure = None;
        })
        .counting([Count::daily("messages_sent", None, now, channel)])
    }

    /// It is given up.
    pub fn failed(self, failure: impl Into<String>, now: Timestamp) -> Change<Self> {
        self.ended(now, "message.failed", MessageState::Failed, |message| message.failure = Some(failure.into()))
    }

    /// There is no need for it any more.
    pub fn skipped(self, why: &str, now: Timestamp) -> Change<Self> {
        self.ended(now, "message.skipped", MessageState::Skipped, |message| message.failure = Some(why.to_owned()))
    }

    /// It must not be sent before a moment; that is no try.
    pub fn deferred(self, until: Timestamp, now: Timestamp) -> Change<Self> {
        self.changed(now, "message.deferred", |message| {
            (message.next_try_at, message.lease_until) = (until, until);
        })
    }

    /// The provider did not take it: it rests, longer each time and `at_least` as long as the provider asks (bounded by
    /// [`MAX_REST`]); after the last try it has failed.
    pub fn not_taken(
        self,
        failure: impl Into<String>,
        at_least: Option<SignedDuration>,
        now: Timestamp,
    ) -> Change<Self> {
        let rest = self.tries.checked_sub(1).and_then(|tried| RESTS.get(usize::try_from(tried).ok()?));
        let Some(rest) = rest.copied() else { return self.failed(failure, now) };
        let rest = rest.max(at_least.unwrap_or_default().min(MAX_REST));
        self.changed(now, "message.postponed", |message| {
            message.is_asking = false;
            message.next_try_at = now + rest;
            message.lease_until = now + rest;
            message.failure = Some(failure.into());
        })
    }

    /// The clock queued it again.
    pub fn looked_after(self, now: Timestamp) -> Change<Self> {
        self.changed(now, "message.looked_after", |message| message.lease_until = now + PATIENCE)
    }

    fn ended(
        self,
        now: Timestamp,
        kind: &'static str,
        state: MessageState,
        change: impl FnOnce(&mut Self),
    ) -> Change<Self> {
        self.changed(now, kind, |message| {
            message.state = state;
            message.is_asking = false;
            message.values.retain(|name, _| !SECRETS.contains(&name.as_str()));
            change(message);
        })
    }

    fn changed(self, now: Timestamp, kind: &'static str, change: impl FnOnce(&mut Self)) -> Change<Self> {
        let mut after = self.clone();
        after.meta.updated_at = now;
        change(&mut after);
        Change::update(self, after, kind)
    }
}

impl Record for Message {
    const KIND: &'static str = "message";
    type Id = MessageId;

    fn id(&self) -> MessageId {
        self.id
    }
    fn meta(&self) -> &Meta {
        &self.meta
    }
    fn meta_mut(&mut self) -> &mut Meta {
        &mut self.meta
    }
    fn lists(&self) -> Vec<List> {
        let of = self.notification.map(|id| List::new(Slot::Two, "notification", id));
        std::iter::once(List::new(Slot::One, "all", "")).chain(of).collect()
    }
    /// A queued message that its queue or its worker lost, or whose rest is over, is found by the clock.
    fn due(&self) -> Option<Timestamp> {
        (self.state == MessageState::Queued).then_some(self.lease_until)
    }
    /// Providers repeat the address in the reason of a failure.
    const SEALED: &'static [&'static str] = &["to", "values", "failure"];
    /// Codes and links stand in no history.
    const DERIVED: &'static [&'static str] = &["values", "is_asking", "tries", "next_try_at", "lease_until"];
}

/// What the queue of messages carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct MessageStep {
    /// The tenant.
    pub organization: OrganizationId,
    /// The message.
    pub message: MessageId,
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn a_code(now: Timestamp) -> Message {
        let to = Recipient::Email("asha@example.com".parse().expect("an address"));
        let values = json!({"code": "123456", "minutes": 5});
        let id = MessageId::at(now, [0; 10]);
        Message::queue(id, OrganizationId::PLATFORM, to, MessageTemplate::SignInCode, values, now).after
    }

    #[test]
    fn it_rests_longer_each_time_and_then_has_failed() {
        let mut now = Timestamp::UNIX_EPOCH;
        let mut message = a_code(now);
        for rest in RESTS {
            assert!(message.is_waiting(now));
            message = message.taken(now).after;
            assert!(!message.is_waiting(now));
            message = message.not_taken("busy", None, now).after;
            assert_eq!((message.state, message.due()), (MessageState::Queued, Some(now + rest)));
            now += rest;
        }
        let change = message.taken(now).after.not_taken("busy", None, now);
        assert_eq!((change.kind, change.after.state, change.after.tries), ("message.failed", MessageState::Failed, 6));
        assert_eq!(change.after.due(), None);
    }

    #[test]
    fn what_lets_people_in_is_gone_when_it_has_ended_and_stands_in_no_event() {
        let now = Timestamp::UNIX_EPOCH;
        for change in [a_code(now).sent("1".into(), now), a_code(now).failed("refused", now)] {
            assert!(!change.after.values.contains_key("code") && change.after.values.contains_key("minutes"));
            assert!(!serde_json::to_string(&change.changes()).expect("JSON").contains("123456"));
        }
    }

    #[test]
    fn a_code_is_not_sent_when_it_has_ended() {
        let now = Timestamp::UNIX_EPOCH;
        let message = a_code(now);
        assert_eq!(message.hopeless(now + SignedDuration::from_secs(299)), None);
        assert!(message.hopeless(now + SignedDuration::from_secs(300)).is_some());
    }
}
