//! People whom an operation is about.

use domain::{Grant, Membership, UserId};

use crate::{App, Problem};

/// Makes sure that a person belongs to the organization and is within the caller's reach; whoever is not is not there.
/// 1 read.
pub async fn member(app: &App, grant: &Grant, user: UserId) -> Result<Membership, Problem> {
    if grant.rows().owners().is_some_and(|owners| !owners.contains(&user)) {
        return Err(Problem::not_found());
    }
    let member: Membership = app.table().get(grant, Membership::id_of(user)).await?;
    if member.is_in_reach(grant.rows()) { Ok(member) } else { Err(Problem::not_found()) }
}
