//! A service level as it is shown; `GET /sla-policies/{id}`.

use axum::extract::State;
use domain::automation::SubjectKind;
use domain::sla::Target;
use domain::{Label, Meta, Note, Permission, SlaPolicy, SlaPolicyId, UserId};
use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;
use web::{App, Envelope, PathId, Problem, SignedIn, Versioned};

/// What frontends send back of a service level and only we write.
pub(crate) const READ_ONLY: &[&str] = &["id", "revision", "updated_by", "created_at", "updated_at", "version"];

/// A service level.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SlaPolicy)]
pub(crate) struct SlaPolicyView {
    /// Its id.
    id: SlaPolicyId,
    /// What people call it.
    name: Label,
    /// What it is for.
    #[schema(required)]
    description: Option<Note>,
    /// Whether it starts clocks.
    enabled: bool,
    /// The kind of record that it is about.
    applies_to: SubjectKind,
    /// For what records, as it was written: an object, or an expression.
    #[schema(value_type = Value)]
    conditions: Value,
    /// What must happen.
    #[schema(value_type = Vec<Object>)]
    targets: Vec<Value>,
    /// Grows with each change of what it does; clocks run by the one they began with.
    revision: u32,
    /// Who last wrote what it does: it does nothing that they might not.
    updated_by: UserId,
    /// When it was created.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// When it last changed.
    #[schema(value_type = String, format = DateTime)]
    updated_at: Timestamp,
    /// Its version; the number in its entity tag.
    version: u64,
}

impl From<SlaPolicy> for SlaPolicyView {
    fn from(policy: SlaPolicy) -> Self {
        let SlaPolicy {
            meta: Meta { version, created_at, updated_at, organization: _, deleted_at: _ },
            id,
            name,
            description,
            enabled,
            applies_to,
            conditions,
            targets,
            revision,
            author,
            rows: _,
            clear: _,
            may_skip: _,
        } = policy;
        Self {
            id,
            name,
            description,
            enabled,
            applies_to,
            conditions: conditions.written(),
            targets: targets.iter().map(Target::written).collect(),
            revision,
            updated_by: author,
            created_at,
            updated_at,
            version,
        }
    }
}

/// Shows a service level. Costs 1 `GetItem`.
#[utoipa::path(
    get, path = "/sla-policies/{id}", tag = "sla",
    params(("id" = SlaPolicyId, Path)),
    responses((status = 200, body = Envelope<SlaPolicyView>, headers(("ETag" = String)))),
)]
pub(crate) async fn sla_policy_view(
    State(app): State<App>,
    signed_in: SignedIn,
    PathId(id): PathId<SlaPolicyId>,
) -> Result<Versioned<SlaPolicyView>, Problem> {
    let grant = signed_in.caller.allow(Permission::SlaRead)?;
    let policy: SlaPolicy = app.table().get(&grant, id).await?;
    let version = policy.meta.version;
    Ok(Versioned(policy.into(), version))
}
