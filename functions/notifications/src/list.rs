//! `GET /notifications`.

use axum::extract::State;
use domain::{FieldInvalid, Grant, Invalid, Notification, NotificationType, Permission, Slot, UserId};
use jiff::SignedDuration;
use serde::Serialize;
use store::ListQuery;
use utoipa::ToSchema;
use web::{App, Data, Envelope, Page, PageQuery, Pagination, Params, Problem, SignedIn};

use crate::reach;
use crate::view::NotificationView;

/// A page of notifications.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct NotificationList {
    notifications: Vec<NotificationView>,
    /// All that are not read, of whatever type.
    unread_count: u32,
    pagination: Pagination,
}

/// What of an inbox is asked for.
struct Asked {
    read: Option<bool>,
    kind: Option<NotificationType>,
}

impl Asked {
    fn read(params: &Params, wrong: &mut Vec<FieldInvalid>) -> Self {
        let is_read = if params.get("is_read") == Some("all") { None } else { params.flag("is_read", wrong) };
        let read_status = match params.get("read_status") {
            None | Some("all") => None,
            Some("read" | "true") => Some(true),
            Some("unread" | "false") => Some(false),
            Some(_) => {
                let invalid = Invalid::new("unknown_value", "must be all, read or unread");
                wrong.push(FieldInvalid::new("read_status", invalid));
                None
            }
        };
        if is_read.zip(read_status).is_some_and(|(one, other)| one != other) {
            wrong.push(FieldInvalid::new(
                "read_status",
                Invalid::new("contradiction", "says something else than is_read"),
            ));
        }
        let kind = if params.get("type") == Some("all") { None } else { params.parsed("type", wrong) };
        Self { read: is_read.or(read_status), kind }
    }

    fn name(&self) -> String {
        format!("{:?}#{:?}", self.read, self.kind)
    }
}

/// A page of somebody's notifications: 1 read of their inbox, 1 Query.
pub(crate) async fn listed(
    app: &App,
    grant: &Grant,
    user: UserId,
    params: &Params,
) -> Result<Data<NotificationList>, Problem> {
    let key = app.table().hash_key();
    let mut wrong = Vec::new();
    let asked = Asked::read(params, &mut wrong);
    let name = format!("{}#notification#{user}#{}", grant.organization(), asked.name());
    let page = Page::read(params, key, &name, &mut wrong);
    if !wrong.is_empty() {
        return Err(wrong.into());
    }
    let now = app.now();
    let inbox = app.table().inbox(grant, user, now).await?;
    let unread = asked.read == Some(false);
    let (slot, question) = if unread { (Slot::Two, "unread") } else { (Slot::One, "user") };
    let query = ListQuery {
        // All that lies before was read at once.
        since: inbox.read_through().filter(|_| unread).map(|read| read + SignedDuration::from_micros(1)),
        newest_first: page.newest_first,
        cursor: page.cursor.clone(),
        skip: page.skip,
        ..ListQuery::new(slot, question, user.to_string(), page.limit)
    };
    let keep = |notification: &Notification| {
        !notification.is_expired(now)
            && asked.read.is_none_or(|read| inbox.is_read(notification) == read)
            && asked.kind.is_none_or(|kind| notification.kind == kind)
    };
    let found = app.table().list::<Notification>(grant, &query, keep).await?;
    let figures = inbox.figures(asked.kind, now);
    let total = match asked.read {
        None => figures.total,
        Some(false) => figures.unread,
        Some(true) => figures.total - figures.unread,
    };
    let pagination = page.pagination(key, &name, total.into(), found.next.as_ref());
    let notifications = found.records.into_iter().map(|one| NotificationView::of(one, &inbox)).collect();
    Ok(Data(NotificationList { notifications, unread_count: inbox.figures(None, now).unread, pagination }))
}

/// One's own notifications, or with a permission those of somebody in reach, newest first. What has expired is not
/// there. 1 read and 1 Query.
#[utoipa::path(
    get, path = "/notifications", tag = "notifications",
    params(
        PageQuery,
        ("user_id" = Option<UserId>, Query, description = "Whose; one's own where nothing is said."),
        ("is_read" = Option<bool>, Query, description = "Those that are read, or not."),
        ("read_status" = Option<String>, Query, description = "The same: `all`, `read` or `unread`."),
        ("type" = Option<NotificationType>, Query, description = "Those of a type; `all` for any."),
    ),
    responses((status = 200, description = "A page of notifications.", body = Envelope<NotificationList>)),
)]
pub(crate) async fn notification_list(
    State(app): State<App>,
    signed_in: SignedIn,
    params: Params,
) -> Result<Data<NotificationList>, Problem> {
    let mut wrong = Vec::new();
    let user = params.parsed("user_id", &mut wrong).unwrap_or(signed_in.user);
    if !wrong.is_empty() {
        return Err(wrong.into());
    }
    let grant = reach::of(&app, &signed_in, user, Permission::NotificationsRead).await?;
    listed(&app, &grant, user, &params).await
}
