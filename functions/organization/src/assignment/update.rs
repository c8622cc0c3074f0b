//! `PUT /organization/assignment`.

use axum::extract::State;
use domain::assignment::{MAX_MEMBERS, Member, Pool, Presence};
use domain::{AssignmentPool, BranchId, FieldInvalid, Grant, Invalid, MAX_BRANCHES_OF_A_MEMBER, Permission, UserId};
use futures::future::try_join_all;
use serde::Deserialize;
use serde_json::Value;
use utoipa::ToSchema;
use web::{App, Body, Envelope, Field, Fields, FromWire, IfMatch, Problem, SignedIn, Versioned, change};

use super::{AssignmentView, is_member};
use web::wire::{fields, word};

/// Memberships read at once.
const AT_ONCE: usize = 20;

/// Who gets new leads from now on.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct AssignmentUpdate {
    /// Everybody who takes leads, in their order; at most 200.
    #[serde(default)]
    #[schema(value_type = Option<Vec<PoolMemberUpdate>>, max_items = 200)]
    members: Field<Vec<PoolMemberUpdate>>,
}

impl Fields for AssignmentUpdate {
    const WRITES: &'static [&'static str] = &["members"];
}

/// One of them: what is absent stays as it is for somebody who takes leads already.
#[derive(Debug, Clone, ToSchema)]
pub(crate) struct PoolMemberUpdate {
    user: UserId,
    /// Their share beside the others' weights.
    #[schema(value_type = u16, required = false, minimum = 1, maximum = 100)]
    weight: Option<u16>,
    /// How many open leads they can hold; `null` for any number.
    #[schema(value_type = Option<u32>)]
    capacity: Option<Option<u32>>,
    #[schema(value_type = Presence, required = false)]
    presence: Option<Presence>,
    /// The branches whose leads they take; empty for all.
    #[schema(value_type = Vec<BranchId>, required = false, max_items = 20)]
    branches: Option<Vec<BranchId>>,
}

#[derive(Deserialize)]
struct MemberFields {
    #[serde(default)]
    user: Field<UserId>,
    #[serde(default)]
    weight: Field<u32>,
    #[serde(default)]
    capacity: Field<u32>,
    #[serde(default)]
    presence: Field<String>,
    #[serde(default)]
    branches: Field<Vec<BranchId>>,
}

impl FromWire for PoolMemberUpdate {
    fn from_wire(value: Value) -> Result<Self, Vec<FieldInvalid>> {
        let given: MemberFields = fields(value)?;
        let mut wrong = Vec::new();
        let user = given.user.required("user", &mut wrong);
        let weight = given.weight.replaced("weight", &mut wrong);
        let capacity = given.capacity.patch("capacity", &mut wrong);
        let presence = given.presence.replaced("presence", &mut wrong);
        let presence = word(presence, "presence", &mut wrong);
        let branches = given.branches.replaced("branches", &mut wrong);
        if branches.as_ref().is_some_and(|branches| branches.len() > MAX_BRANCHES_OF_A_MEMBER) {
            wrong.push(FieldInvalid::new("branches", Invalid::new("too_many", "must name at most 20 branches")));
        }
        match user {
            Some(user) if wrong.is_empty() => Ok(Self {
                user,
                // One that does not fit is out of the pool's range too, and is refused there.
                weight: weight.map(|weight| u16::try_from(weight).unwrap_or(u16::MAX)),
                capacity,
                presence,
                branches,
            }),
            _ => Err(wrong),
        }
    }
}

/// The pool that these members make of the one there is: those who stay keep their place in the turn.
fn merged(pool: &Pool, updates: &[PoolMemberUpdate]) -> Result<Pool, Vec<FieldInvalid>> {
    let members = updates.iter().map(|update| {
        let known = pool.members().iter().find(|member| member.user == update.user);
        let mut member = known.cloned().unwrap_or_else(|| Member::new(update.user));
        member.weight = update.weight.unwrap_or(member.weight);
        member.capacity = update.capacity.unwrap_or(member.capacity);
        member.presence = update.presence.unwrap_or(member.presence);
        if let Some(branches) = &update.branches {
            member.branches.clone_from(branches);
        }
        member
    });
    Pool::new(members.collect())
}

/// Refuses those who do not belong to the organization: 1 read each.
async fn refuse_strangers(app: &App, grant: &Grant, updates: &[PoolMemberUpdate]) -> Result<(), Problem> {
    let mut strangers = Vec::new();
    for (chunk, members) in updates.chunks(AT_ONCE).enumerate() {
        let belong = try_join_all(members.iter().map(|member| is_member(app, grant, member.user))).await?;
        let places = belong.into_iter().enumerate().filter(|(_, belongs)| !belongs);
        strangers.extend(places.map(|(place, _)| {
            let field = format!("members.{}.user", chunk * AT_ONCE + place);
            FieldInvalid::new(field, Invalid::new("not_a_member", "does not belong to the organization"))
        }));
    }
    if strangers.is_empty() { Ok(()) } else { Err(strangers.into()) }
}

/// Sets who gets new leads. Those who stay in the pool keep their place in the turn.
#[utoipa::path(
    put, path = "/organization/assignment", tag = "organization", request_body = AssignmentUpdate,
    responses((status = 200, description = "As it is now.", body = Envelope<AssignmentView>)),
)]
pub(crate) async fn assignment_update(
    State(app): State<App>,
    signed_in: SignedIn,
    if_match: IfMatch,
    Body(body): Body<AssignmentUpdate>,
) -> Result<Versioned<AssignmentView>, Problem> {
    let grant = signed_in.caller.allow(Permission::OrganizationWrite)?;
    let mut wrong = Vec::new();
    let updates = body.members.patch("members", &mut wrong).map(Option::unwrap_or_default);
    if !wrong.is_empty() {
        return Err(wrong.into());
    }
    if let Some(updates) = &updates {
        if updates.len() > MAX_MEMBERS {
            merged(&Pool::default(), updates)?;
        }
        refuse_strangers(&app, &grant, updates).await?;
    }
    let now = app.now();
    let id = AssignmentPool::id_of(grant.organization());
    let pool = change(&app, &grant, id, if_match, &["members"], |pool: AssignmentPool| {
        let members = match &updates {
            Some(updates) => merged(&pool.pool, updates)?,
            None => pool.pool.clone(),
        };
        Ok(pool.edit(members, now))
    })
    .await?;
    let version = pool.meta.version;
    Ok(Versioned(pool.into(), version))
}
