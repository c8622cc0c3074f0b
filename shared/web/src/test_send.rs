//! Tests of what an organization writes, sent to whoever asks.

use domain::message::Recipient;
use domain::template::TemplateChannel;
use domain::{Caller, Grant, Message, MessageId, MessageTemplate, OrganizationId, User};
use serde_json::json;
use store::Window;
use wording::Filled;

use crate::{App, Problem, Scope, SignedIn};

/// Tests that a person may have sent: enough to write by, and no means of filling a mailbox.
const TESTS: Window = Window { name: "template-tests", limit: 30, seconds: 3_600 };
/// One SMS holds so many characters.
const SMS_CHARS: usize = 160;

/// What is tried out.
#[derive(Debug)]
pub struct Tried<'a> {
    /// Over which channel.
    pub channel: TemplateChannel,
    /// What people call it.
    pub name: &'a str,
    /// What it says, filled in.
    pub filled: Filled,
    /// The kind of record that it is of, and its id, for the message's history.
    pub of: (&'static str, String),
}

/// Sends it to whoever asks, at the address or number of their account: by e-mail and SMS. The message, and where to. 409
/// `channel_not_sent`, `no_number` or `too_long` where it cannot go there; 30 an hour for a person. 1 read, 1 write and 1
/// transaction.
pub async fn test_send(
    app: &App,
    scope: &Scope,
    signed_in: &SignedIn,
    grant: &Grant,
    tried: Tried<'_>,
) -> Result<(MessageId, String), Problem> {
    signed_in.person()?;
    let Tried { channel, name, filled: Filled { subject, body, html, held: _ }, of: (kind, id) } = tried;
    let everyone = Caller::system(OrganizationId::PLATFORM, "tests").own();
    let person: User = app.table().get(&everyone, signed_in.user).await?;
    let (to, shown) = match (channel, person.phone) {
        (TemplateChannel::Email, _) => (Recipient::Email(person.email.clone()), person.email.to_string()),
        (TemplateChannel::Sms, Some(number)) => (Recipient::Sms(number.clone()), number.to_string()),
        (TemplateChannel::Sms, None) => {
            return Err(Problem::conflict("no_number", "Your account has no number that a test could go to."));
        }
        (TemplateChannel::Whatsapp | TemplateChannel::Push | TemplateChannel::InApp, _) => {
            return Err(Problem::conflict("channel_not_sent", "Tests are sent by e-mail and SMS."));
        }
    };
    if channel == TemplateChannel::Sms && body.chars().count() > SMS_CHARS {
        return Err(Problem::conflict("too_long", "Filled in, it is longer than an SMS of 160 characters."));
    }
    app.count_use(scope, grant.organization(), TESTS, &signed_in.user.to_string()).await?;
    let (message, now) = (MessageId::at(app.now(), app.platform().random()), app.now());
    let values = json!({"subject": subject.unwrap_or_else(|| name.to_owned()), "text": body, "html": html});
    let queued = Message::queue(message, grant.organization(), to, MessageTemplate::Written, values, now);
    app.table().commit(grant, queued.with(kind, id)).await?;
    Ok((message, shown))
}
