//! Agents: the members who work leads ([`web::agents`] tells who they are), what they are doing, and how they do.

pub(crate) mod create;
pub(crate) mod list;
pub(crate) mod stats;
pub(crate) mod status;
pub(crate) mod update;
pub(crate) mod view;

use std::collections::HashSet;
use std::num::NonZeroU32;

use domain::agent::StatusSeconds;
use domain::{
    AgentState, AgentStatus, BranchId, CustomRole, EmailAddress, Grant, Invalid, MemberStatus, Membership, RoleId,
    RoleKey, Slot, UserId,
};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::Serialize;
use store::{ListQuery, StoreError};
use utoipa::ToSchema;
use web::agents::{begun, state_of, works_leads};
use web::{App, Problem};

/// Roles of its own that an organization's agents may have.
const ROLES: NonZeroU32 = NonZeroU32::MIN.saturating_add(199);

/// An agent.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AgentView {
    /// The person: the `agentId` of every path.
    id: UserId,
    name: String,
    first_name: String,
    /// May be empty.
    last_name: String,
    email: EmailAddress,
    /// Whether they may come in.
    account_status: MemberStatus,
    role: RoleKey,
    /// Where they work; the first is where their new records go.
    branch_ids: Vec<BranchId>,
    /// Whose team they belong to.
    #[schema(required)]
    manager_id: Option<UserId>,
    #[schema(required)]
    department: Option<String>,
    #[schema(required)]
    designation: Option<String>,
    /// What they are doing.
    status: AgentStatus,
    #[schema(value_type = String, format = DateTime)]
    status_since: Timestamp,
    /// Seconds in each status since midnight in the organization's zone.
    seconds_today: StatusSeconds,
    /// The same since they came.
    seconds_total: StatusSeconds,
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    updated_at: Timestamp,
}

impl AgentView {
    fn of(member: Membership, state: Option<AgentState>, now: Timestamp, zone: &TimeZone) -> Self {
        let state = state.unwrap_or_else(|| begun(&member));
        let (seconds_today, seconds_total) = state.seconds(now, zone);
        let last_name = member.last_name().to_owned();
        Self {
            id: member.user,
            name: member.name,
            first_name: member.first_name,
            last_name,
            email: member.email,
            account_status: member.status,
            role: member.role,
            branch_ids: member.branches,
            manager_id: member.manager,
            department: member.department,
            designation: member.designation,
            status: state.status,
            status_since: state.since,
            seconds_today,
            seconds_total,
            created_at: member.meta.created_at,
            updated_at: member.meta.updated_at.max(state.meta.updated_at),
        }
    }
}

/// The organization's own roles whose holders are agents.
struct AgentRoles(HashSet<RoleId>);

impl AgentRoles {
    /// 1 Query.
    async fn of(app: &App, grant: &Grant) -> Result<Self, StoreError> {
        let query = ListQuery::new(Slot::One, "all", "", ROLES);
        let page = app.table().list::<CustomRole>(grant, &query, CustomRole::works_leads).await?;
        Ok(Self(page.records.iter().map(|role| role.id).collect()))
    }

    fn has(&self, role: RoleKey) -> bool {
        match role {
            RoleKey::Template(role) => role.works_leads(),
            RoleKey::Own(id) => self.0.contains(&id),
        }
    }
}

/// Refuses a role whose holders are no agents.
async fn refuse_other_role(app: &App, grant: &Grant, role: RoleKey) -> Result<(), Problem> {
    if works_leads(app, grant, role).await? {
        return Ok(());
    }
    Err(Problem::field("role", Invalid::new("no_agent", "is not a role of people who work leads")))
}

/// An agent as they are now: 1 read, and 1 every 30 seconds.
async fn shown(app: &App, grant: &Grant, member: Membership) -> Result<AgentView, Problem> {
    let zone = app.organization(grant).await?.time_zone();
    let state = state_of(app, grant, &member).await?;
    Ok(AgentView::of(member, Some(state), app.now(), &zone))
}
