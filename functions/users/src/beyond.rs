//! Nobody grants what they lack: neither permissions, nor rows, nor branches, nor personal fields.

use axum::http::StatusCode;
use domain::{
    Authority, Beyond, Branch, BranchId, Caller, FieldInvalid, Grant, Invalid, MAX_BRANCHES_OF_A_MEMBER, Membership,
    Rows,
};
use futures::future::try_join_all;
use store::{StoreError, there};
use web::{App, Problem, SignedIn};

/// Refuses an authority that goes beyond somebody's own: 403 for a permission or a personal field, 422 for a reach.
pub(crate) fn refuse_beyond(own: &Authority, wanted: &Authority) -> Result<(), Problem> {
    let forbidden = |detail| Problem::new(StatusCode::FORBIDDEN, "beyond_own", detail);
    Err(match own.exceeded_by(wanted) {
        None => return Ok(()),
        Some(Beyond::Permission(permission)) => {
            forbidden("Nobody grants a permission that they lack.").with("permission", permission.as_str())
        }
        Some(Beyond::Clear(field)) => {
            forbidden("Nobody shows others what they see masked.").with("field", field.as_str())
        }
        Some(Beyond::Reach) => {
            Problem::field("reach", Invalid::new("beyond_own", "must not reach further than your own rows"))
        }
    })
}

/// Refuses to change somebody who may do or reaches more than oneself.
pub(crate) fn refuse_over(signed_in: &SignedIn, target: &Membership, theirs: &Authority) -> Result<(), Problem> {
    let own = &signed_in.authority;
    let reached = match &own.rows {
        Rows::All => true,
        Rows::Branches { branches } => target.branches.iter().all(|branch| branches.contains(branch)),
        Rows::Team { users } => users.contains(&target.user),
        Rows::Own { user } => *user == target.user,
    };
    if reached && own.exceeded_by(theirs).is_none() {
        return Ok(());
    }
    Err(Problem::new(StatusCode::FORBIDDEN, "beyond_own", "They may do more, or reach further, than you."))
}

/// Refuses branches that somebody who gives them cannot give: those that are not there, or not in their reach. Who
/// reaches only people's rows gives the branches that they work in. 1 read each, and 1 more for those.
pub(crate) async fn refuse_branches(
    app: &App,
    signed_in: &SignedIn,
    branches: &[BranchId],
    field: &str,
) -> Result<(), Problem> {
    let grant = Caller::system(signed_in.caller.organization(), "users").own();
    let own = match &signed_in.authority.rows {
        Rows::All => None,
        Rows::Branches { branches } => Some(branches.clone()),
        Rows::Team { .. } | Rows::Own { .. } => {
            Some(app.table().get::<Membership>(&grant, Membership::id_of(signed_in.user)).await?.branches)
        }
    };
    let there = try_join_all(branches.iter().map(|id| is_there(app, &grant, *id))).await?;
    let wrong: Vec<FieldInvalid> = branches
        .iter()
        .zip(there)
        .enumerate()
        .filter(|(_, (id, there))| !there || own.as_ref().is_some_and(|own| !own.contains(id)))
        .map(|(place, _)| {
            let invalid = Invalid::new("unknown_branch", "is not a branch in your reach");
            FieldInvalid::new(format!("{field}.{place}"), invalid)
        })
        .collect();
    if wrong.is_empty() { Ok(()) } else { Err(wrong.into()) }
}

async fn is_there(app: &App, grant: &Grant, id: BranchId) -> Result<bool, StoreError> {
    Ok(there(app.table().get::<Branch>(grant, id).await)?.is_some())
}

/// Refuses a number of branches that nobody works in, and one that is named twice.
pub(crate) fn check_branches(branches: Option<&Vec<BranchId>>, wrong: &mut Vec<FieldInvalid>) {
    if branches.is_some_and(|ids| !(1..=MAX_BRANCHES_OF_A_MEMBER).contains(&ids.len())) {
        wrong.push(FieldInvalid::new("branch_ids", Invalid::new("length", "must name 1 to 20 branches")));
    } else if branches.is_some_and(|ids| is_repeated(ids)) {
        wrong.push(FieldInvalid::new("branch_ids", Invalid::new("repeated", "must name each branch once")));
    }
}

/// Whether a branch is named twice: lists of its records would hold them twice.
pub(crate) fn is_repeated(ids: &[BranchId]) -> bool {
    ids.iter().enumerate().any(|(place, id)| ids[..place].contains(id))
}
