//! `POST /templates/{id}/test-send`.

use axum::extract::State;
use domain::message::Recipient;
use domain::template::TemplateChannel;
use domain::{Caller, Message, MessageId, MessageTemplate, OrganizationId, Permission, Template, TemplateId, User};
use serde::Serialize;
use serde_json::json;
use store::Window;
use utoipa::ToSchema;
use web::{App, Body, Data, Envelope, PathId, Problem, Scope, SignedIn};

use super::filling::{Filled, TemplateFilling, filled};

/// Tests that a person may have sent: enough to write a template by, and no means of filling a mailbox.
const TESTS: Window = Window { name: "template-tests", limit: 30, seconds: 3_600 };
/// One SMS holds so many characters.
const SMS_CHARS: usize = 160;

/// A test that is on its way.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TemplateTest {
    message_id: MessageId,
    channel: TemplateChannel,
    /// Where to: whoever asked, at the address or number of their account.
    to: String,
    /// The number of the version.
    revision: u32,
}

/// Fills a template in as its preview does, and sends it to whoever asks, at the address or number of their account:
/// e-mail and SMS. 409 `channel_not_sent`, `no_number` or `too_long` where it cannot go there.
///
/// 30 an hour for a person; 2 to 4 reads, 1 write and 1 transaction.
#[utoipa::path(
    post, path = "/templates/{id}/test-send", tag = "templates", params(("id" = TemplateId, Path)),
    request_body = TemplateFilling,
    responses((status = 200, description = "On its way.", body = Envelope<TemplateTest>)),
)]
pub(crate) async fn template_test_send(
    State(app): State<App>,
    signed_in: SignedIn,
    scope: Scope,
    PathId(id): PathId<TemplateId>,
    Body(body): Body<TemplateFilling>,
) -> Result<Data<TemplateTest>, Problem> {
    let grant = signed_in.caller.allow(Permission::CommunicationsWrite)?;
    signed_in.person()?;
    let template: Template = app.table().get(&grant, id).await?;
    let Filled { subject, body, html, held: _ } = filled(&app, &signed_in, &grant, &template, body).await?;
    let everyone = Caller::system(OrganizationId::PLATFORM, "communications").own();
    let person: User = app.table().get(&everyone, signed_in.user).await?;
    let (to, shown) = match (template.channel, person.phone) {
        (TemplateChannel::Email, _) => (Recipient::Email(person.email.clone()), person.email.to_string()),
        (TemplateChannel::Sms, Some(number)) => (Recipient::Sms(number.clone()), number.to_string()),
        (TemplateChannel::Sms, None) => {
            return Err(Problem::conflict("no_number", "Your account has no number that a test could go to."));
        }
        (TemplateChannel::Whatsapp | TemplateChannel::Push | TemplateChannel::InApp, _) => {
            return Err(Problem::conflict("channel_not_sent", "Tests are sent by e-mail and SMS."));
        }
    };
    if template.channel == TemplateChannel::Sms && body.chars().count() > SMS_CHARS {
        return Err(Problem::conflict("too_long", "Filled in, it is longer than an SMS of 160 characters."));
    }
    app.count_use(&scope, grant.organization(), TESTS, &signed_in.user.to_string()).await?;
    let (message, now) = (MessageId::at(app.now(), app.platform().random()), app.now());
    let values = json!({"subject": subject.unwrap_or_else(|| template.name.to_string()), "text": body, "html": html});
    let queued = Message::queue(message, grant.organization(), to, MessageTemplate::Written, values, now);
    app.table().commit(&grant, queued.with("template", template.id)).await?;
    Ok(Data(TemplateTest { message_id: message, channel: template.channel, to: shown, revision: template.revision }))
}
