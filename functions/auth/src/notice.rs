//! Messages around signing in.

use domain::message::MessageTemplate;
use domain::{Change, Message, MessageId, OrganizationId, Recipient, User};
use serde_json::{Value, json};
use web::App;

use crate::visit::Visit;

/// A message to be committed with what it tells of; it goes out by itself.
pub(crate) fn message(
    app: &App,
    organization: OrganizationId,
    to: Recipient,
    template: MessageTemplate,
    values: Value,
) -> Change<Message> {
    let now = app.now();
    Message::queue(MessageId::at(now, app.platform().random()), organization, to, template, values, now)
}

/// Tells somebody that their password was changed.
pub(crate) fn password_changed(app: &App, visit: &Visit, organization: OrganizationId, user: &User) -> Change<Message> {
    let values = json!({"name": user.name(), "at": app.now(), "address": visit.device.address});
    message(app, organization, Recipient::Email(user.email.clone()), MessageTemplate::PasswordChanged, values)
}

/// Tells somebody of something around their account that they should know.
pub(crate) fn alert(
    app: &App,
    visit: &Visit,
    organization: OrganizationId,
    user: &User,
    what: &str,
) -> Change<Message> {
    let values = json!({"name": user.name(), "what": what, "at": app.now(), "address": visit.device.address});
    message(app, organization, Recipient::Email(user.email.clone()), MessageTemplate::SecurityAlert, values)
}
