//! A request is moved on: read, decide, commit; again where somebody else was faster.

use axum::http::StatusCode;
use domain::approval::Refusal;
use domain::{ApprovalId, ApprovalRequest, Change, Label, Line};
use serde::Deserialize;
use store::{CommitError, Refused};
use utoipa::ToSchema;
use web::{App, Field, Fields, IfMatch, Problem, SignedIn, Versioned, refuse_changed};

use super::view::{ApprovalView, seen};

/// Tries against others who decide the same request before a caller is told to try again.
const TRIES: u32 = 8;

/// Why somebody decides as they do.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = ApprovalComment)]
pub(crate) struct Comment {
    /// At most 255 characters.
    #[serde(default)]
    #[schema(value_type = Option<Label>)]
    pub(super) comment: Field<Line<255>>,
}

impl Fields for Comment {
    const WRITES: &'static [&'static str] = &["comment"];
}

/// Moves a request on as `decide` says, who must know the people of the step at `begins` where that says one begins: 1
/// read, 1 to 4 more where a step begins, 1 transaction. Somebody else's decision of the same step at the same time counts
/// too, where there is room for both; a decision is of the step that the caller saw, and of no later one.
pub(super) async fn move_on(
    app: &App,
    signed_in: &SignedIn,
    id: ApprovalId,
    if_match: IfMatch,
    begins: impl Fn(&ApprovalRequest) -> Option<u32>,
    decide: impl Fn(ApprovalRequest, &[domain::UserId]) -> Result<Change<ApprovalRequest>, Refusal>,
) -> Result<Versioned<ApprovalView>, Problem> {
    let grant = signed_in.own().everywhere();
    let mut step = None;
    for _ in 0..TRIES {
        let request = seen(app, &grant, signed_in, id).await?;
        if step.is_none() {
            refuse_changed(app, &grant, &request, if_match, &["state"]).await?;
        }
        if *step.get_or_insert(request.step) != request.step {
            return Err(refused(Refusal::Decided));
        }
        let people = match begins(&request).and_then(|step| request.step_at(step)) {
            Some(step) => app.platform().approvers_of(&grant, (&request).into(), step).await?,
            None => Vec::new(),
        };
        let change = decide(request, &people).map_err(refused)?;
        match app.platform().commit_approval(&grant, change).await {
            Ok(request) => {
                let version = request.meta.version;
                return Ok(Versioned(ApprovalView::of(request, signed_in.user), version));
            }
            Err(CommitError::Refused { refused: Refused::Conflict | Refused::Exists, .. }) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Err(Refused::Conflict.into())
}

/// A refusal as it is told.
fn refused(refusal: Refusal) -> Problem {
    let forbidden = |code, detail| Problem::new(StatusCode::FORBIDDEN, code, detail);
    match refusal {
        Refusal::Over => Problem::conflict("already_decided", "The request is over."),
        Refusal::Decided => Problem::conflict("already_decided", "You decided this step, or somebody did before you."),
        Refusal::Own => forbidden("own_request", "Nobody decides what they asked for themselves."),
        Refusal::NotApprover => forbidden("not_an_approver", "You have nothing to decide here."),
        Refusal::Untakeable => {
            Problem::field("to", domain::Invalid::new("not_eligible", "has asked for this, or decides it already"))
        }
        Refusal::TooManyDelegations => {
            Problem::conflict("too_many_delegations", "The request was handed on too many times.")
        }
    }
}
