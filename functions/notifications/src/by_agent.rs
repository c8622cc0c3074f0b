//! `GET /notifications/agent/{agentId}`.

use axum::extract::State;
use domain::{NotificationType, Permission, UserId};
use web::{App, Data, Envelope, PageQuery, Params, PathId, Problem, SignedIn};

use crate::list::{NotificationList, listed};
use crate::reach;

/// The notifications of an agent, as `GET /notifications` with their `user_id`.
#[utoipa::path(
    get, path = "/notifications/agent/{agentId}", tag = "notifications",
    params(
        ("agentId" = UserId, Path, description = "A user's id."),
        PageQuery,
        ("is_read" = Option<bool>, Query, description = "Those that are read, or not."),
        ("read_status" = Option<String>, Query, description = "The same: `all`, `read` or `unread`."),
        ("type" = Option<NotificationType>, Query, description = "Those of a type; `all` for any."),
    ),
    responses((status = 200, description = "A page of notifications.", body = Envelope<NotificationList>)),
)]
pub(crate) async fn notification_list_by_agent(
    State(app): State<App>,
    signed_in: SignedIn,
    PathId(agent): PathId<UserId>,
    params: Params,
) -> Result<Data<NotificationList>, Problem> {
    let grant = reach::of(&app, &signed_in, agent, Permission::NotificationsRead).await?;
    listed(&app, &grant, agent, &params).await
}
