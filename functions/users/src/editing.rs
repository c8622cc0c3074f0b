//! Changing somebody's place in the organization with all that goes with it, in one transaction.

use axum::http::StatusCode;
use domain::assignment::Pool;
use domain::{
    AssignmentPool, Caller, Change, Grant, Membership, Message, MessageId, MessageTemplate, OrganizationId, Recipient,
    User, UserId,
};
use serde_json::json;
use store::{CommitError, ReadError, Refused, there};
use web::seats::seating;
use web::{App, IfMatch, Problem, SignedIn, refuse_changed};

use crate::TRIES;
use crate::beyond::{refuse_beyond, refuse_branches, refuse_over};
use crate::known_role::refuse_unknown_role;

/// A change of somebody's account: tells nothing where nothing changes.
pub(crate) type OfAccount<'a> = &'a (dyn Fn(&mut User) + Send + Sync);

/// Whose place changes, and what of their account with it.
pub(crate) struct Edit<'a> {
    pub(crate) app: &'a App,
    pub(crate) signed_in: &'a SignedIn,
    pub(crate) grant: &'a Grant,
    pub(crate) user: UserId,
    pub(crate) if_match: IfMatch,
    /// The fields that the body writes.
    pub(crate) fields: &'a [&'a str],
    /// What of their account changes.
    pub(crate) account: Option<OfAccount<'a>>,
    /// What they are told.
    pub(crate) tell: Option<MessageTemplate>,
}

impl<'a> Edit<'a> {
    /// A change of somebody's place alone.
    pub(crate) const fn of(app: &'a App, signed_in: &'a SignedIn, grant: &'a Grant, user: UserId) -> Self {
        Self { app, signed_in, grant, user, if_match: IfMatch(None), fields: &[], account: None, tell: None }
    }

    /// For a writer who may have seen another version.
    pub(crate) const fn seen(mut self, if_match: IfMatch, fields: &'a [&'a str]) -> Self {
        self.if_match = if_match;
        self.fields = fields;
        self
    }

    /// With their account.
    pub(crate) const fn with_account(mut self, account: OfAccount<'a>) -> Self {
        self.account = Some(account);
        self
    }

    /// They are told.
    pub(crate) const fn telling(mut self, template: MessageTemplate) -> Self {
        self.tell = Some(template);
        self
    }

    /// Decides and commits: again where somebody else was faster. 2 to 6 reads, 1 transaction.
    pub(crate) async fn run(
        self,
        decide: impl Fn(Membership) -> Result<Change<Membership>, Problem>,
    ) -> Result<Membership, Problem> {
        for _ in 0..TRIES {
            let member: Membership = self.app.table().get_to_change(self.grant, Membership::id_of(self.user)).await?;
            refuse_changed(self.app, self.grant, &member, self.if_match, self.fields).await?;
            let mut change = decide(member)?;
            self.refuse(&change).await?;
            let account = self.account(&mut change.after).await?;
            if account.is_none() && change.changes().is_empty() {
                return Ok(change.after);
            }
            match self.commit(change, account).await {
                Ok(Err(CommitError::Refused { refused: Refused::Conflict | Refused::Exists, .. })) => {}
                Ok(other) => return Ok(other?),
                Err(problem) => return Err(problem),
            }
        }
        Err(Refused::Conflict.into())
    }

    /// Their account before and after, where it changes; the membership takes over their name.
    async fn account(&self, after: &mut Membership) -> Result<Option<(User, User)>, Problem> {
        let Some(edit) = self.account else { return Ok(None) };
        let everyone = Caller::system(OrganizationId::PLATFORM, "users").own();
        let before: User = self.app.table().get_to_change(&everyone, self.user).await?;
        let mut user = before.clone();
        edit(&mut user);
        if user == before {
            return Ok(None);
        }
        // An account that several organizations share is its holder's alone to change.
        if self.user != self.signed_in.user && before.organizations.len() > 1 {
            let detail = "They belong to another organization too: only they themselves can change this.";
            return Err(Problem::new(StatusCode::FORBIDDEN, "shared_account", detail));
        }
        user.meta.updated_at = self.app.now();
        after.named_as(&user);
        Ok(Some((before, user)))
    }

    async fn commit(
        &self,
        change: Change<Membership>,
        account: Option<(User, User)>,
    ) -> Result<Result<Membership, CommitError>, Problem> {
        let (app, organization) = (self.app, self.grant.organization());
        let tenant = Caller::system(organization, "users").own();
        let everyone = Caller::system(OrganizationId::PLATFORM, "users").own();
        let seats = seating(app, organization, change.before.as_ref(), Some(&change.after)).await?;
        if change.before.as_ref().is_none_or(|before| before.role != change.after.role) {
            refuse_unknown_role(app, organization, change.after.role).await?;
        }
        let mut transaction = app.table().transaction();
        let mut after = change.after.clone();
        if let Some((before, user)) = account {
            for other in self.elsewhere(&before, &user).await? {
                let grant = Caller::system(other.after.meta.organization, "users").own();
                transaction.push(&grant, other)?;
            }
            transaction.push(&everyone, Change::update(before, user, "user.updated"))?;
        }
        if let Some(pool) = self.out_of_pool(&tenant, &after).await? {
            transaction.push(&tenant, pool)?;
        }
        if let Some(message) = self.message(&tenant, &after).await? {
            transaction.push(&tenant, message)?;
        }
        if let Some(seats) = seats {
            transaction.push(&tenant, seats)?;
        }
        if !change.changes().is_empty() {
            after = transaction.push(self.grant, change)?;
        }
        Ok(transaction.commit().await.map(|()| after))
    }

    /// Nobody changes who is over them, nor grants what they lack.
    async fn refuse(&self, change: &Change<Membership>) -> Result<(), Problem> {
        let (app, grant, after) = (self.app, self.grant, &change.after);
        let Some(before) = &change.before else { return Ok(()) };
        let plan = self.signed_in.authority.plan;
        if self.user != self.signed_in.user {
            let theirs = app.authority(grant, before, plan).await?;
            refuse_over(self.signed_in, before, &theirs)?;
        }
        let kept = (before.role, before.extra, before.reach) == (after.role, after.extra, after.reach);
        if !kept || before.branches != after.branches {
            let wanted = app.authority(grant, after, plan).await?;
            refuse_beyond(&self.signed_in.authority, &wanted)?;
        }
        if before.branches != after.branches {
            refuse_branches(app, self.signed_in, &after.branches, "branch_ids").await?;
        }
        Ok(())
    }

    /// Their name in the other organizations that they belong to.
    async fn elsewhere(&self, before: &User, after: &User) -> Result<Vec<Change<Membership>>, Problem> {
        let mut changes = Vec::new();
        if before.name() == after.name() {
            return Ok(changes);
        }
        for organization in after.organizations.iter().filter(|id| **id != self.grant.organization()) {
            let grant = Caller::system(*organization, "users").own();
            match self.app.table().get_to_change::<Membership>(&grant, Membership::id_of(after.id)).await {
                Ok(member) => {
                    let mut renamed = member.clone();
                    renamed.named_as(after);
                    renamed.meta.updated_at = self.app.now();
                    changes.push(Change::update(member, renamed, "membership.updated"));
                }
                Err(ReadError::NotFound) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(changes)
    }

    /// Who may come in no more takes no leads.
    async fn out_of_pool(&self, tenant: &Grant, after: &Membership) -> Result<Option<Change<AssignmentPool>>, Problem> {
        if after.is_active() {
            return Ok(None);
        }
        let id = AssignmentPool::id_of(tenant.organization());
        let Some(pool): Option<AssignmentPool> = there(self.app.table().get_to_change(tenant, id).await)? else {
            return Ok(None);
        };
        let left: Vec<_> = pool.pool.members().iter().filter(|member| member.user != self.user).cloned().collect();
        if left.len() == pool.pool.members().len() {
            return Ok(None);
        }
        Ok(Some(pool.edit(Pool::new(left)?, self.app.now())))
    }

    async fn message(&self, tenant: &Grant, after: &Membership) -> Result<Option<Change<Message>>, Problem> {
        let Some(template) = self.tell else { return Ok(None) };
        let (app, now) = (self.app, self.app.now());
        let organization = app.organization(tenant).await?;
        let values = json!({"name": after.name, "organization": organization.name, "reason": after.status_reason});
        let id = MessageId::at(now, app.platform().random());
        let to = Recipient::Email(after.email.clone());
        Ok(Some(Message::queue(id, organization.id, to, template, values, now)))
    }
}
