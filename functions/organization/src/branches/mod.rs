//! Branches.

pub(crate) mod create;
pub(crate) mod delete;
pub(crate) mod list;
pub(crate) mod restore;
pub(crate) mod update;
pub(crate) mod view;

use domain::{Branch, BranchId, Caller, Grant, Membership, Permission};
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;
use web::{App, Problem, SignedIn};

/// A branch.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct BranchView {
    id: BranchId,
    name: String,
    #[schema(required)]
    city: Option<String>,
    /// Whether it is the head office, which cannot be closed.
    head_office: bool,
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    updated_at: Timestamp,
}

impl From<Branch> for BranchView {
    fn from(Branch { meta, id, name, city, head_office }: Branch) -> Self {
        Self { id, name, city, head_office, created_at: meta.created_at, updated_at: meta.updated_at }
    }
}

/// The branches that somebody sees: those of their rows; for those who reach only their own records,
/// the ones they work in.
pub(crate) struct Visible {
    grant: Grant,
    only: Option<Vec<BranchId>>,
}

impl Visible {
    /// To somebody who has `permission`: no call, or 1 read for those who reach only their own.
    pub(crate) async fn to(app: &App, signed_in: &SignedIn, permission: Permission) -> Result<Self, Problem> {
        let grant = signed_in.caller.allow(permission)?;
        if grant.rows().owners().is_none() {
            return Ok(Self { grant, only: None });
        }
        let membership: Membership = app.table().get(&grant, Membership::id_of(signed_in.user)).await?;
        let grant = Caller::system(grant.organization(), "organization").own();
        Ok(Self { grant, only: Some(membership.branches) })
    }

    /// The grant to read them with, together with [`shows`](Self::shows).
    pub(crate) const fn grant(&self) -> &Grant {
        &self.grant
    }

    /// Whether it is one of them.
    pub(crate) fn shows(&self, id: BranchId) -> bool {
        self.only.as_ref().is_none_or(|only| only.contains(&id))
    }

    /// One of them: 1 read.
    pub(crate) async fn get(&self, app: &App, id: BranchId) -> Result<Branch, Problem> {
        if !self.shows(id) {
            return Err(Problem::not_found());
        }
        Ok(app.table().get(&self.grant, id).await?)
    }
}
