//! `GET /invites`.

use axum::extract::State;
use domain::invite::InviteState;
use domain::{Invite, List, Permission, Slot};
use serde::Serialize;
use utoipa::ToSchema;
use web::listing::{Shown, page_of};
use web::wire::word;
use web::{App, Data, Envelope, PageQuery, Pagination, Params, Problem, SignedIn};

use super::InviteView;

/// A page of invitations.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct InviteList {
    invites: Vec<InviteView>,
    pagination: Pagination,
}

/// The organization's invitations, newest first.
#[utoipa::path(
    get, path = "/invites", tag = "invites",
    params(PageQuery, ("state" = Option<InviteState>, Query, description = "Those that stand there.")),
    responses((status = 200, description = "A page of invitations.", body = Envelope<InviteList>)),
)]
pub(crate) async fn invite_list(
    State(app): State<App>,
    signed_in: SignedIn,
    params: Params,
) -> Result<Data<InviteList>, Problem> {
    let grant = signed_in.caller.allow(Permission::UsersRead)?;
    let mut wrong = Vec::new();
    let state: Option<InviteState> = word(params.get("state").map(str::to_owned), "state", &mut wrong);
    if !wrong.is_empty() {
        return Err(wrong.into());
    }
    let shown = if state.is_some() { Shown::Filtered } else { Shown::Whole };
    let (all, now) = (List::new(Slot::One, "all", ""), app.now());
    let passes = |invite: &Invite| state.is_none_or(|state| invite.state == state);
    let (invites, pagination) = page_of(&app, &grant, &params, &all, shown, passes).await?;
    let invites = invites.into_iter().map(|invite| InviteView::new(invite, now)).collect();
    Ok(Data(InviteList { invites, pagination }))
}
