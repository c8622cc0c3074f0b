//! Approvals: what people and the clock have in common who move a request on.

use std::collections::{HashMap, HashSet};

use domain::approval::{ApprovalStep, Approver, Pending, Wanted};
use domain::{
    ApprovalId, ApprovalRequest, ApprovalTask, ApprovalTaskId, BranchId, Change, Grant, Membership, MembershipId, Role,
    RoleKey, UserId,
};
use store::{CommitError, StoreError, there};

use crate::Platform;

/// Where a request belongs: by this its approvers are found.
#[derive(Debug, Clone, Copy)]
pub struct Origin {
    /// Who asks.
    pub requester: UserId,
    /// The request's branch.
    pub branch: BranchId,
    /// Whether whoever asks may decide too.
    pub allow_self: bool,
}

impl From<&ApprovalRequest> for Origin {
    fn from(request: &ApprovalRequest) -> Self {
        Self { requester: request.requester, branch: request.branch_id, allow_self: request.allow_self }
    }
}

impl Platform {
    /// Those who decide a step, in the order that it names them: who may come in, and is not whoever asks, unless that is
    /// allowed. Those of a role work in the request's branch or reach every branch. Where that is nobody, the
    /// organization's administrators decide, so that nothing waits for somebody who left.
    ///
    /// 1 `BatchGetItem` for people it names, 1 more read for a manager, and 1 Query where it names a role or nobody is
    /// left.
    pub async fn approvers_of(
        &self,
        grant: &Grant,
        origin: Origin,
        step: &ApprovalStep,
    ) -> Result<Vec<UserId>, StoreError> {
        let named: Vec<UserId> = step
            .approvers
            .iter()
            .filter_map(|approver| match approver {
                Approver::User(user) => Some(*user),
                Approver::Manager | Approver::Role(_) => None,
            })
            .chain(step.approvers.contains(&Approver::Manager).then_some(origin.requester))
            .collect();
        let known = self.members(grant, &named).await?;
        let manager = known.get(&Membership::id_of(origin.requester)).and_then(|member| member.manager);
        let managers = self.members(grant, manager.as_slice()).await?;
        let roles: Vec<RoleKey> = step.roles().map(|(_, role)| role).collect();
        let holders = self.holders(grant, Some(origin.branch), &roles).await?;
        let mut users = Vec::new();
        for approver in &step.approvers {
            let active = |user: &UserId, members: &HashMap<MembershipId, Membership>| {
                members.get(&Membership::id_of(*user)).is_some_and(Membership::is_active)
            };
            match approver {
                Approver::User(user) => users.extend(active(user, &known).then_some(*user)),
                Approver::Manager => users.extend(manager.filter(|manager| active(manager, &managers))),
                Approver::Role(role) => {
                    users.extend(holders.iter().filter(|member| member.role == *role).map(|member| member.user));
                }
            }
        }
        let mut seen = HashSet::new();
        users.retain(|user| (origin.allow_self || *user != origin.requester) && seen.insert(*user));
        if users.is_empty() {
            let administrators = self.of_roles(grant, &[Role::Admin.into()]).await?;
            users = administrators.into_iter().map(|member| member.user).collect();
            users.retain(|user| origin.allow_self || *user != origin.requester);
        }
        Ok(users)
    }

    /// Whom the clock must know of: as those who decide a step, or those of the people it names who may come in.
    pub async fn wanted(&self, grant: &Grant, request: &ApprovalRequest) -> Result<Vec<UserId>, StoreError> {
        match request.wanted() {
            Wanted::Nobody => Ok(Vec::new()),
            Wanted::Of(step) => self.approvers_of(grant, request.into(), step).await,
            Wanted::Among(users) => {
                let known = self.members(grant, users).await?;
                let active = |user: &&UserId| known.get(&Membership::id_of(**user)).is_some_and(Membership::is_active);
                Ok(users.iter().filter(active).copied().collect())
            }
        }
    }

    /// Commits a change of a request together with the entries of the lists of what people have to decide: 1 transaction
    /// of 2 items, and 1 more for each who has to decide from now on or no more.
    pub async fn commit_approval(
        &self,
        grant: &Grant,
        change: Change<ApprovalRequest>,
    ) -> Result<ApprovalRequest, CommitError> {
        let before = change.before.as_ref().map(|before| self.tasks(before)).unwrap_or_default();
        let after = self.tasks(&change.after);
        let mut transaction = self.table().transaction();
        let request = transaction.push(grant, change)?;
        for task in before.iter().filter(|task| after.iter().all(|kept| kept.id != task.id)) {
            // Nobody counts what somebody has to decide.
            transaction.remove(grant, task)?;
        }
        for task in after.into_iter().filter(|task| before.iter().all(|known| known.id != task.id)) {
            transaction.push_unseen(grant, Change::create(task, "approval_task.begun"))?;
        }
        transaction.commit().await?;
        Ok(request)
    }

    /// The entries that a request has in the lists of what people have to decide.
    fn tasks(&self, request: &ApprovalRequest) -> Vec<ApprovalTask> {
        let task = |pending: &Pending| {
            let id = self.approval_task_id(request.id, request.step, *pending);
            ApprovalTask::of(request, request.step, *pending, id)
        };
        request.pending.iter().map(task).collect()
    }

    fn approval_task_id(&self, request: ApprovalId, step: u32, pending: Pending) -> ApprovalTaskId {
        let parts = ["approval_task", &request.to_string(), &step.to_string(), &pending.user.to_string()];
        ApprovalTaskId::at(pending.since, self.table().hash_key().id_bits(&parts))
    }

    /// Members by their users: 1 `BatchGetItem`, or nothing.
    async fn members(&self, grant: &Grant, users: &[UserId]) -> Result<HashMap<MembershipId, Membership>, StoreError> {
        if users.is_empty() {
            return Ok(HashMap::new());
        }
        let unique: HashSet<MembershipId> = users.iter().map(|user| Membership::id_of(*user)).collect();
        let ids: Vec<MembershipId> = unique.into_iter().collect();
        self.table().get_many_to_change(grant, &ids).await
    }

    /// A request as it is now, whatever rows the grant reaches: its own rule says who sees it. 1 read.
    pub async fn approval(&self, grant: &Grant, id: ApprovalId) -> Result<Option<ApprovalRequest>, StoreError> {
        there(self.table().get_to_change(&grant.everywhere(), id).await)
    }
}
