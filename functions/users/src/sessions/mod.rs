//! Sessions: where somebody is signed in.

pub(crate) mod list;
pub(crate) mod revoke;
pub(crate) mod revoke_all;

use domain::session::{Device, RevokedWhy};
use domain::{
    Caller, Membership, Permission, SecurityEvent, SecurityEventId, SecurityKind, Session, SessionId, UserId,
};
use store::{CommitError, Refused, there};
use web::{App, Problem, SignedIn};

use crate::TRIES;
use crate::beyond::refuse_over;

/// Whether somebody may end this person's sessions: their own, as a person, or with `users:write` those of people who
/// are not over them.
async fn refuse_others(app: &App, signed_in: &SignedIn, user: UserId) -> Result<(), Problem> {
    if user == signed_in.user && signed_in.session.is_some() {
        return Ok(());
    }
    let grant = signed_in.caller.allow(Permission::UsersWrite)?;
    let member: Membership = app.table().get(&grant, Membership::id_of(user)).await?;
    let theirs = app.authority(&grant, &member, signed_in.authority.plan).await?;
    refuse_over(signed_in, &member, &theirs)
}

/// Ends a session, which the security log remembers; tells whether it was not over already. 1 read, 1 transaction.
async fn end(app: &App, signed_in: &SignedIn, id: SessionId, from: &Device) -> Result<bool, Problem> {
    let (grant, now) = (signed_in.own(), app.now());
    let tenant = Caller::system(grant.organization(), "users").own();
    for _ in 0..TRIES {
        let Some(session): Option<Session> = there(app.table().get_to_change(&tenant, id).await)? else {
            return Ok(false);
        };
        if !session.is_live(now) {
            return Ok(false);
        }
        let event = SecurityEventId::at(now, app.platform().random());
        let event = SecurityEvent::new(event, grant.organization(), SecurityKind::SessionRevoked, from, now);
        let mut transaction = app.table().transaction();
        transaction.push(&grant, event.about(session.user).of_session(id).happened())?;
        transaction.push(&grant, session.revoke(RevokedWhy::Revoked, now))?;
        match transaction.commit().await {
            Err(CommitError::Refused { refused: Refused::Conflict, .. }) => {}
            committed => {
                committed?;
                app.forget_session(id);
                return Ok(true);
            }
        }
    }
    Err(Refused::Conflict.into())
}
