//! `POST /realtime/token`.

use axum::extract::State;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::realtime::TOKEN_LIFE;
use jiff::Timestamp;
use serde::Serialize;
use store::Ticket;
use utoipa::ToSchema;
use web::{App, Data, Envelope, Problem, Secret, SignedIn};

/// What opens a connection.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RealtimeToken {
    /// Good once, for a minute.
    token: String,
    /// When it is no good any more.
    #[schema(value_type = String, format = DateTime)]
    expires_at: Timestamp,
    /// Where to connect: `wss://…/v1?token=…`.
    url: String,
}

/// A token that opens a WebSocket connection of the person who asks, and its address. It is good once, for 60 seconds;
/// ask for a new one for each connection. A machine's key gets none.
///
/// **Asking.** Messages are JSON of at most 32 KB: `{"action": …, "ref": …}`; `ref` comes back with the answer.
///
/// | action | what it does | answer |
/// | --- | --- | --- |
/// | `ping` | keeps the connection; API Gateway ends one that is still for 10 minutes, and any after 2 hours | `pong` with the time |
/// | `subscribe`, `room: "own"` | what is yours; so from the beginning | `subscribed` |
/// | `subscribe`, `room: "team"` | all that your role reaches: your team, your branches or everything | `subscribed` |
/// | `subscribe`, `room: "lead"`, `lead_id` | a lead, its calls, reminders and notes | `subscribed` |
/// | `unsubscribe` | likewise | `unsubscribed` |
/// | `since`, `cursor` | what you missed: `cursor` is the time of the last frame that you have (its `at`), or the `cursor` of the part before; subscribe first | `sync` with `frames`, `cursor` and `more`; `sync:required` after more than an hour: fetch anew |
///
/// What cannot be done is answered with `error` and its `code` and `detail`; pings aside, a connection takes 120 messages a minute.
///
/// **Being told.** `{"event": "lead:status", "id": "evt_…", "at": "…", "data": {"type": "lead", "id": "lead_…", "version": 3,
/// "changed": ["status"], "fields": {"status": "meeting", …}}}`. Events are `lead:` and `created`, `updated`, `assigned`,
/// `status`, `deleted`, `restored`; `call:` and `created`, `updated`, `started`, `ended`, `deleted`, `restored`; `reminder:` and
/// `created`, `updated`, `due`, `completed`, `deleted`, `restored`; `note:` and `created`, `updated`, `deleted`, `restored`;
/// `notification:` and `new`, `read`, `deleted`; `agent:status`; and `lead:gone`, `call:gone` … for what you saw and do not
/// see any more. `fields` are those of the record as it is now that say nothing of a person; fetch it for the others.
/// A frame may come twice, with the same `id`, and after a later one: keep the higher `version`.
#[utoipa::path(
    post, path = "/realtime/token", tag = "realtime",
    responses((status = 200, description = "The token.", body = Envelope<RealtimeToken>)),
)]
pub(crate) async fn realtime_token_create(
    State(app): State<App>,
    signed_in: SignedIn,
) -> Result<Secret<Data<RealtimeToken>>, Problem> {
    let session = signed_in.person()?;
    let Some(address) = &app.platform().settings().sockets else {
        return Err(Problem::internal("SAMPARK_SOCKETS is not set"));
    };
    let token = URL_SAFE_NO_PAD.encode(app.platform().random::<32>());
    let expires_at = app.now() + TOKEN_LIFE;
    let organization = signed_in.caller.organization();
    let ticket = Ticket { organization, user: signed_in.user, session, expires_at };
    app.table().keep_ticket(&token, &ticket).await?;
    // https becomes wss, http on one's own machine ws.
    let url = format!("ws{}", address.strip_prefix("http").unwrap_or(address));
    Ok(Secret(Data(RealtimeToken { token, expires_at, url })))
}
