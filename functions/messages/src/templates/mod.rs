//! What messages say.
//!
//! Each template is a file with four blocks: `subject`, `text`, `html` and `sms`. A value that a template uses and
//! a message lacks is an error; `{% if … %}` may ask for one that need not be there. In `html` everything is
//! escaped. Values come from people, so each is brought onto one line and cut before it is used.

mod values;

#[cfg(test)]
mod tests;

use std::sync::LazyLock;

use domain::MessageTemplate;
use minijinja::{Environment, UndefinedBehavior, Value, context};
use serde_json::Map;

/// The most characters of a subject.
const SUBJECT: usize = 150;
/// What one SMS holds, of the letters of GSM 03.38.
const SMS: usize = 160;
/// The most characters of a value in an e-mail.
const LONG: usize = 200;
/// The same in an SMS: the next where it does not fit with the one before.
const SHORT: [usize; 3] = [80, 30, 12];

/// A message as e-mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Letter {
    pub(crate) subject: String,
    pub(crate) text: String,
    pub(crate) html: String,
}

/// A message cannot be written: a fault of ours, which no second try mends.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Unwritable {
    /// A value is missing, or a template is wrong.
    #[error("the template cannot be filled in: {0}")]
    Template(#[from] minijinja::Error),
    /// A link leads nowhere that people can go.
    #[error("the link is none")]
    Link,
    /// It is longer than its channel takes.
    #[error("the text is longer than an SMS of 160 characters")]
    TooLong,
}

const LAYOUT: &str = include_str!("layout.html");

/// A template's file under two names: the ending says whether what is put in is escaped.
struct File {
    text: &'static str,
    html: &'static str,
    source: &'static str,
}

macro_rules! file {
    ($name:literal) => {
        File {
            text: concat!($name, ".txt"),
            html: concat!($name, ".html"),
            source: include_str!(concat!($name, ".jinja")),
        }
    };
}

/// The file of a template.
const fn file(template: MessageTemplate) -> File {
    match template {
        MessageTemplate::SignInCode => file!("sign_in_code"),
        MessageTemplate::PasswordReset => file!("password_reset"),
        MessageTemplate::PasswordChanged => file!("password_changed"),
        MessageTemplate::Invite => file!("invite"),
        MessageTemplate::AccountApproved => file!("account_approved"),
        MessageTemplate::AccountRejected => file!("account_rejected"),
        MessageTemplate::SecurityAlert => file!("security_alert"),
        MessageTemplate::Welcome => file!("welcome"),
        MessageTemplate::ImportDone => file!("import_done"),
        // What stands on somebody's timeline is written as what people wrote is.
        MessageTemplate::Communication | MessageTemplate::Written => file!("written"),
        MessageTemplate::Notification => file!("notification"),
        MessageTemplate::Digest => file!("digest"),
    }
}

static ENVIRONMENT: LazyLock<Environment<'static>> = LazyLock::new(|| {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::SemiStrict);
    environment.add_filter("time", values::time);
    environment
});

/// The message as e-mail.
pub(crate) fn letter(template: MessageTemplate, values: &Map<String, serde_json::Value>) -> Result<Letter, Unwritable> {
    let values = values::clean(values, LONG)?;
    let File { text, html, source } = file(template);
    let subject = values::one_line(&block(text, source, "subject", &values)?, SUBJECT);
    let text = block(text, source, "text", &values)?;
    let body = Value::from_safe_string(block(html, source, "html", &values)?);
    let html = ENVIRONMENT.render_named_str("layout.html", LAYOUT, context! { subject => subject.as_str(), body })?;
    Ok(Letter { subject, text, html })
}

/// The message as SMS: on one line, and in one part. Names are cut where it would not fit.
pub(crate) fn short(template: MessageTemplate, values: &Map<String, serde_json::Value>) -> Result<String, Unwritable> {
    let File { text: name, source, .. } = file(template);
    for length in SHORT {
        let text = block(name, source, "sms", &values::clean(values, length)?)?;
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        if text.chars().count() <= SMS {
            return Ok(text);
        }
    }
    Err(Unwritable::TooLong)
}

/// A block of a template's file, filled in.
fn block(name: &'static str, source: &'static str, block: &str, values: &Value) -> Result<String, Unwritable> {
    let template = ENVIRONMENT.template_from_named_str(name, source)?;
    let filled = template.render_captured(values.clone())?.with_state_mut(|state| state.render_block(block))?;
    Ok(format!("{}\n", filled.trim()))
}
