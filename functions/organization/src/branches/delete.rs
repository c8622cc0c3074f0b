//! `DELETE /branches/{id}`.

use std::num::NonZeroU32;

use axum::extract::State;
use domain::{Branch, BranchId, Caller, Change, Form, Grant, Lead, Membership, Permission, Record, Slot};
use store::{ListQuery, StoreError};
use web::{App, Data, Deleted, Envelope, IfMatch, PathId, Problem, SignedIn, change};

/// Closes a branch that nothing belongs to any more. The head office stays.
#[utoipa::path(
    delete, path = "/branches/{id}", tag = "organization", params(("id" = BranchId, Path)),
    responses((status = 200, description = "Closed.", body = Envelope<Deleted>)),
)]
pub(crate) async fn branch_delete(
    State(app): State<App>,
    signed_in: SignedIn,
    PathId(id): PathId<BranchId>,
    if_match: IfMatch,
) -> Result<Data<Deleted>, Problem> {
    let grant = signed_in.caller.allow(Permission::BranchesWrite)?;
    let branch: Branch = app.table().get_to_change(&grant, id).await?;
    refuse_head_office(&branch)?;
    let left = Box::pin(left_behind(&app, &branch)).await?;
    if !left.is_empty() {
        return Err(
            Problem::conflict("branch_in_use", "Move what belongs to this branch elsewhere first.").with("left", left)
        );
    }
    let now = app.now();
    change(&app, &grant, id, if_match, &[], |branch: Branch| {
        refuse_head_office(&branch)?;
        Ok(Change::delete(branch, now, "branch.deleted"))
    })
    .await?;
    Ok(Data(Deleted::restorable(&id, now)))
}

fn refuse_head_office(branch: &Branch) -> Result<(), Problem> {
    if branch.head_office {
        return Err(Problem::conflict("head_office", "The head office cannot be closed."));
    }
    Ok(())
}

/// What still belongs to a branch: 1 Query for each stage of leads, 1 for people, 1 for forms.
async fn left_behind(app: &App, branch: &Branch) -> Result<Vec<&'static str>, Problem> {
    // Rows of others count too.
    let grant = Caller::system(branch.meta.organization, "organization").own();
    let pipeline = app.pipeline(&grant).await?;
    let stages = pipeline.pipeline.stages().iter();
    let leads = ListQuery {
        values: stages.map(|stage| Lead::branch_stage(branch.id, stage.key.as_str())).collect(),
        ..ListQuery::new(Slot::Three, "stage", "", NonZeroU32::MIN)
    };
    let all = || ListQuery::new(Slot::One, "all", "", NonZeroU32::MIN);
    let (leads, members, forms) = futures::try_join!(
        any(app, &grant, leads, |_: &Lead| true),
        any(app, &grant, all(), |member: &Membership| member.branches.contains(&branch.id)),
        any(app, &grant, all(), |form: &Form| form.branch_id == branch.id),
    )?;
    let left = [("leads", leads), ("members", members), ("forms", forms)];
    Ok(left.into_iter().filter_map(|(what, any)| any.then_some(what)).collect())
}

/// Whether a list holds a record that passes.
async fn any<R: Record>(
    app: &App,
    grant: &Grant,
    mut query: ListQuery,
    passes: impl Fn(&R) -> bool,
) -> Result<bool, StoreError> {
    loop {
        let page = app.table().list(grant, &query, &passes).await?;
        if !page.records.is_empty() {
            return Ok(true);
        }
        query.cursor = page.next;
        if query.cursor.is_none() {
            return Ok(false);
        }
    }
}
