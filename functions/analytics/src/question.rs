//! What a report is asked: whose rows, which days.

use domain::date_range::DateRange;
use domain::{Branch, BranchId, FieldInvalid, Grant, Permission, UserId};
use web::members::member;
use web::{App, Params, Problem, SignedIn, range};

/// The rows of a report, for its document.
#[derive(Debug, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "the document's only; Rows reads it")]
pub(crate) struct RowsQuery {
    /// One branch of those the caller reaches; absent or `all` for all of them. Figures of a person are theirs
    /// wherever they were made: beside `agent_id`, and for somebody who reaches only people, it says where these work.
    #[param(value_type = Option<String>)]
    branch_id: Option<BranchId>,
    /// One person of those the caller reaches; absent or `all` for all. `agentId` is the same.
    #[param(value_type = Option<String>)]
    agent_id: Option<UserId>,
}

/// Whose rows a report is about.
pub(crate) struct Asked {
    /// The rows.
    pub(crate) grant: Grant,
    /// The person, where it is about one, and the rows that the caller would have seen otherwise.
    pub(crate) agent: Option<(UserId, Grant)>,
}

/// What a report is asked.
pub(crate) struct Question {
    /// The rows.
    pub(crate) asked: Asked,
    /// The days.
    pub(crate) range: DateRange,
}

/// The parameters that choose rows.
struct Chosen {
    branch: Option<BranchId>,
    agent: Option<UserId>,
}

impl Question {
    /// Reads it; every wrong parameter is named, with those that were found before in `wrong`. With a branch: 1
    /// `GetItem`, and 1 with a person.
    pub(crate) async fn read(
        app: &App,
        signed_in: &SignedIn,
        permission: Permission,
        params: &Params,
        mut wrong: Vec<FieldInvalid>,
    ) -> Result<Self, Problem> {
        let grant = signed_in.caller.allow(permission)?;
        let chosen = Chosen::read(params, &mut wrong);
        match range(app, params) {
            Ok(range) if wrong.is_empty() => Ok(Self { asked: chosen.of(app, grant).await?, range }),
            Ok(_) => Err(wrong.into()),
            Err(errors) => Err(Problem::invalid(wrong.into_iter().chain(errors))),
        }
    }
}

impl Asked {
    /// The rows alone, for a report of now.
    pub(crate) async fn read(
        app: &App,
        signed_in: &SignedIn,
        permission: Permission,
        params: &Params,
    ) -> Result<Self, Problem> {
        let grant = signed_in.caller.allow(permission)?;
        let mut wrong = Vec::new();
        let chosen = Chosen::read(params, &mut wrong);
        if wrong.is_empty() { chosen.of(app, grant).await } else { Err(wrong.into()) }
    }

    /// The person, where it is about one.
    pub(crate) fn agent_id(&self) -> Option<UserId> {
        self.agent.as_ref().map(|(user, _)| *user)
    }
}

impl Chosen {
    fn read(params: &Params, wrong: &mut Vec<FieldInvalid>) -> Self {
        let named = |name: &'static str| params.get(name).is_some_and(|value| !value.eq_ignore_ascii_case("all"));
        let person = ["agent_id", "agentId"].into_iter().find(|name| named(name));
        Self {
            branch: if named("branch_id") { params.parsed("branch_id", wrong) } else { None },
            agent: person.and_then(|name| params.parsed(name, wrong)),
        }
    }

    /// The part of a grant that is one branch, or one person, where one is asked for. What is out of its reach is 404,
    /// exactly as what does not exist.
    async fn of(self, app: &App, grant: Grant) -> Result<Asked, Problem> {
        let grant = match self.branch {
            Some(branch) => {
                let branch: Branch = app.table().get(&grant, branch).await?;
                grant.within(branch.id).ok_or_else(Problem::not_found)?
            }
            None => grant,
        };
        let Some(agent) = self.agent else { return Ok(Asked { grant, agent: None }) };
        let member = member(app, &grant, agent).await?;
        let own = grant.of(&member).ok_or_else(Problem::not_found)?;
        Ok(Asked { grant: own, agent: Some((agent, grant)) })
    }
}
