//! What a report is asked: whose rows, which days.

use domain::date_range::DateRange;
use domain::{Branch, BranchId, FieldInvalid, Grant, Permission};
use web::{App, Params, Problem, SignedIn, range};

/// The rows of a report, for its document.
#[derive(Debug, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "the document's only; Question reads it")]
pub(crate) struct BranchQuery {
    /// One branch of those the caller reaches; absent or `all` for all of them.
    #[param(value_type = Option<String>)]
    branch_id: Option<BranchId>,
}

/// What a report is asked.
pub(crate) struct Question {
    /// The rows.
    pub(crate) grant: Grant,
    /// The days.
    pub(crate) range: DateRange,
}

impl Question {
    /// Reads it; every wrong parameter is named. With a branch: 1 `GetItem`.
    pub(crate) async fn read(
        app: &App,
        signed_in: &SignedIn,
        permission: Permission,
        params: &Params,
    ) -> Result<Self, Problem> {
        let grant = signed_in.caller.allow(permission)?;
        let mut wrong = Vec::new();
        let branch = branch(params, &mut wrong);
        match range(app, params) {
            Ok(range) if wrong.is_empty() => Ok(Self { grant: within(app, grant, branch).await?, range }),
            Ok(_) => Err(wrong.into()),
            Err(errors) => Err(Problem::invalid(wrong.into_iter().chain(errors))),
        }
    }
}

/// The rows alone, for a report of now.
pub(crate) async fn rows(
    app: &App,
    signed_in: &SignedIn,
    permission: Permission,
    params: &Params,
) -> Result<Grant, Problem> {
    let grant = signed_in.caller.allow(permission)?;
    let mut wrong = Vec::new();
    let branch = branch(params, &mut wrong);
    if wrong.is_empty() { within(app, grant, branch).await } else { Err(wrong.into()) }
}

fn branch(params: &Params, wrong: &mut Vec<FieldInvalid>) -> Option<BranchId> {
    match params.get("branch_id") {
        Some("all") => None,
        _ => params.parsed("branch_id", wrong),
    }
}

/// The part of a grant that is one branch, where one is asked for. A branch out of its reach is 404,
/// exactly as one that does not exist.
async fn within(app: &App, grant: Grant, branch: Option<BranchId>) -> Result<Grant, Problem> {
    let Some(branch) = branch else { return Ok(grant) };
    let branch: Branch = app.table().get(&grant, branch).await?;
    grant.within(branch.id).ok_or_else(Problem::not_found)
}
