//! `GET /users`.

use axum::extract::State;
use domain::{BranchId, List, MemberStatus, Membership, Permission, RoleKey, Slot};
use serde::Serialize;
use utoipa::ToSchema;
use web::listing::{Shown, page_of};
use web::wire::word;
use web::{App, Data, Envelope, PageQuery, Pagination, Params, Problem, SignedIn};

use super::UserView;

/// A page of people.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct UserList {
    users: Vec<UserView>,
    pagination: Pagination,
}

/// Whom a list is about.
pub(crate) struct Wanted {
    status: Option<MemberStatus>,
    role: Option<RoleKey>,
    branch: Option<BranchId>,
    words: Vec<String>,
}

impl Wanted {
    /// Reads it; `of_status` names the parameter that says whether they may come in.
    pub(crate) fn read(params: &Params, of_status: &str) -> Result<Self, Problem> {
        let mut wrong = Vec::new();
        let status = params.get(of_status).filter(|status| *status != "all").map(str::to_owned);
        let wanted = Self {
            status: word(status, of_status, &mut wrong),
            role: params.parsed("role", &mut wrong),
            branch: params.parsed("branch_id", &mut wrong),
            words: params
                .get("search")
                .map(str::to_lowercase)
                .map_or_else(Vec::new, |text| text.split_whitespace().map(str::to_owned).collect()),
        };
        if wrong.is_empty() { Ok(wanted) } else { Err(wrong.into()) }
    }

    fn shown(&self) -> Shown {
        match self {
            Self { status: None, role: None, branch: None, words } if words.is_empty() => Shown::Whole,
            _ => Shown::Filtered,
        }
    }

    pub(crate) fn is(&self, member: &Membership) -> bool {
        let found = |word: &String| {
            member.name.to_lowercase().contains(word.as_str()) || member.email.normalized().contains(word.as_str())
        };
        self.status.is_none_or(|status| member.status == status)
            && self.role.is_none_or(|role| member.role == role)
            && self.branch.is_none_or(|branch| member.branches.contains(&branch))
            && self.words.iter().all(found)
    }
}

/// The organization's people, newest first: those whom leads can be assigned to, and those who may come in no more.
#[utoipa::path(
    get, path = "/users", tag = "users",
    params(
        PageQuery,
        ("status" = Option<MemberStatus>, Query, description = "Those who may come in, who wait, …; `all` for any."),
        ("role" = Option<RoleKey>, Query, description = "Those of a role."),
        ("branch_id" = Option<BranchId>, Query, description = "Those who work in a branch."),
        ("search" = Option<String>, Query, description = "Parts of a name or an address."),
    ),
    responses((status = 200, description = "A page of people.", body = Envelope<UserList>)),
)]
pub(crate) async fn user_list(
    State(app): State<App>,
    signed_in: SignedIn,
    params: Params,
) -> Result<Data<UserList>, Problem> {
    let grant = signed_in.caller.allow(Permission::UsersRead)?;
    let wanted = Wanted::read(&params, "status")?;
    let all = List::new(Slot::One, "all", "");
    let (members, pagination) =
        page_of(&app, &grant, &params, &all, wanted.shown(), |member: &Membership| wanted.is(member)).await?;
    Ok(Data(UserList { users: members.into_iter().map(UserView::from).collect(), pagination }))
}
