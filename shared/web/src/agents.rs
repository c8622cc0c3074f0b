//! Agents, and what they did as it was counted.
//!
//! An agent is a member whose role is one of the templates `agent`, `counselor` and `mfd`, or one of the organization's
//! own that permits `leads:write` and reaches one's own rows: those whom the rotation of new leads is for. Managers, who
//! may take leads as well, are no agents.

use std::collections::BTreeMap;

use domain::agent::{DEFAULT_DAILY_TARGET, Did, SecondsCounted, StatusSeconds};
use domain::call::CallsCounted;
use domain::date_range::DateRange;
use domain::lead::LeadsCounted;
use domain::reminder::RemindersCounted;
use domain::{AgentState, CustomRole, FieldInvalid, Grant, Invalid, Lead, Membership, RoleKey, UserId};
use jiff::Timestamp;
use jiff::civil::Date;
use store::{StoreError, there};

use crate::members::member;
use crate::{App, Params, Problem};

/// Whether the holders of a role are agents: no call, or 1 read.
pub async fn works_leads(app: &App, grant: &Grant, role: RoleKey) -> Result<bool, StoreError> {
    match role {
        RoleKey::Template(role) => Ok(role.works_leads()),
        RoleKey::Own(id) => {
            Ok(there(app.table().get::<CustomRole>(grant, id).await)?.is_some_and(|role| role.works_leads()))
        }
    }
}

/// An agent in reach; whoever is none is not there. 1 read, or 2.
pub async fn agent(app: &App, grant: &Grant, user: UserId) -> Result<Membership, Problem> {
    let member = member(app, grant, user).await?;
    if works_leads(app, grant, member.role).await? { Ok(member) } else { Err(Problem::not_found()) }
}

/// The state of somebody who never said what they are doing.
pub fn begun(member: &Membership) -> AgentState {
    AgentState::begin(member.meta.organization, member.user, member.meta.created_at)
}

/// What somebody is doing: 1 read.
pub async fn state_of(app: &App, grant: &Grant, member: &Membership) -> Result<AgentState, StoreError> {
    Ok(there(app.table().get_to_change(grant, AgentState::id_of(member.user)).await)?.unwrap_or_else(|| begun(member)))
}

/// The calls a day to aim at that the parameters tell, 1 to 1,000; 40 where they tell none.
pub fn daily_target(params: &Params, wrong: &mut Vec<FieldInvalid>) -> u32 {
    let target = params.number("daily_target", wrong).unwrap_or(DEFAULT_DAILY_TARGET);
    if !(1..=1_000).contains(&target) {
        wrong.push(FieldInvalid::new("daily_target", Invalid::new("out_of_range", "must be 1 to 1,000")));
    }
    target
}

/// What an agent has now, and did in some days.
#[derive(Debug, Clone)]
pub struct Record {
    /// All leads that are theirs now.
    pub assigned: u64,
    /// Those of them that are open.
    pub open: u64,
    /// Calls that were over.
    pub calls: Vec<CallsCounted>,
    /// What happened to leads of theirs.
    pub leads: Vec<LeadsCounted>,
    /// Reminders that were completed.
    pub reminders: Vec<RemindersCounted>,
    /// Seconds in each status, without the stay that goes on.
    pub seconds: Vec<SecondsCounted>,
}

impl Record {
    /// Reads it: 4 Queries in the person's own partitions and 2 `GetItem` at once, however many people there are.
    pub async fn read(app: &App, grant: &Grant, member: &Membership, range: DateRange) -> Result<Self, Problem> {
        // Figures of a person are theirs wherever they were made, and this one is in reach.
        let own = grant.of(member).ok_or_else(Problem::not_found)?;
        let values = [member.user.to_string()];
        let table = app.table();
        let (assigned, open, calls, leads, reminders, seconds) = tokio::try_join!(
            table.list_size::<Lead>(&own, "owner", &values),
            table.counts_named(&own, "open_leads_by_owner", &values),
            table.counted(&own, range),
            table.counted(&own, range),
            table.counted(&own, range),
            table.counted(&own, range),
        )?;
        let open = open.values().map(|open| u64::try_from(*open).unwrap_or(0)).sum();
        Ok(Self { assigned, open, calls, leads, reminders, seconds })
    }

    /// What they did on each day that has any of it.
    pub fn days(&self) -> BTreeMap<Date, Did> {
        let calls = self.calls.iter().map(|row| (row.day, Did::from(row)));
        let leads = self.leads.iter().map(|row| (row.day, Did::from(row)));
        let reminders = self.reminders.iter().map(|row| (row.day, Did::from(row)));
        let mut days = BTreeMap::new();
        for (day, did) in calls.chain(leads).chain(reminders) {
            *days.entry(day).or_insert_with(Did::default) += did;
        }
        days
    }

    /// Their seconds in each status in a range, the stay that goes on with them.
    pub fn status_seconds(&self, state: &AgentState, range: DateRange, now: Timestamp) -> StatusSeconds {
        let mut sums = StatusSeconds::default();
        for row in self.seconds.iter().filter(|row| range.contains(row.day)) {
            sums.add(row.status, row.seconds);
        }
        sums.add(state.status, state.running_in(range, now));
        sums
    }
}
