//! `POST /templates/{id}/test-send`.

use axum::extract::State;
use domain::template::TemplateChannel;
use domain::{MessageId, Permission, Template, TemplateId};
use serde::Serialize;
use utoipa::ToSchema;
use web::test_send::{Tried, test_send};
use web::{App, Body, Data, Envelope, PathId, Problem, Scope, SignedIn};

use super::filling::{TemplateFilling, filled};

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
    let filled = filled(&app, &signed_in, &grant, &template, body).await?;
    let (channel, of) = (template.channel, ("template", template.id.to_string()));
    let tried = Tried { channel, name: template.name.as_str(), filled, of };
    let (message_id, to) = test_send(&app, &scope, &signed_in, &grant, tried).await?;
    Ok(Data(TemplateTest { message_id, channel, to, revision: template.revision }))
}
