//! Giving a lead to a person.

use axum::extract::State;
use domain::{Lead, LeadId, Note, Permission, UserId};
use serde::Deserialize;
use utoipa::ToSchema;
use views::LeadView;
use web::{App, Body, Envelope, Field, Fields, IfMatch, PathId, Problem, SignedIn, Versioned, change};

use web::members::assignee;

/// Who gets a lead; `null` takes it back.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct LeadAssign {
    #[serde(default)]
    #[schema(value_type = Option<UserId>)]
    assigned_to: Field<UserId>,
    /// The same as `assigned_to`.
    #[serde(default, rename = "agentId")]
    #[schema(value_type = Option<UserId>)]
    agent_id: Field<UserId>,
    /// Kept in the history.
    #[serde(default)]
    #[schema(value_type = Option<Note>)]
    notes: Field<Note>,
}

impl Fields for LeadAssign {
    const WRITES: &'static [&'static str] = &["assigned_to", "agentId", "notes"];
}

/// Gives a lead to a person of the organization, or takes it back.
#[utoipa::path(
    post, path = "/leads/{id}/assign", tag = "leads",
    params(("id" = LeadId, Path)),
    request_body = LeadAssign,
    responses((status = 200, body = Envelope<LeadView>, headers(("ETag" = String)))),
)]
pub(crate) async fn lead_assign(
    State(app): State<App>,
    signed_in: SignedIn,
    PathId(id): PathId<LeadId>,
    if_match: IfMatch,
    Body(LeadAssign { assigned_to, agent_id, notes }): Body<LeadAssign>,
) -> Result<Versioned<LeadView>, Problem> {
    let grant = signed_in.caller.allow(Permission::LeadsAssign)?;
    let mut wrong = Vec::new();
    let absent = !assigned_to.is_present() && !agent_id.is_present();
    let to = assigned_to.patch("assigned_to", &mut wrong).or(agent_id.patch("agentId", &mut wrong)).flatten();
    let notes = notes.optional("notes", &mut wrong).map(|notes| notes.to_string());
    if absent {
        wrong.push(domain::FieldInvalid::new("assigned_to", domain::Invalid::required()));
    }
    if !wrong.is_empty() {
        return Err(wrong.into());
    }
    if let Some(user) = to {
        assignee(&app, &grant, user, "assigned_to").await?;
    }
    let pipeline = app.pipeline(&grant).await?;
    let now = app.now();
    let lead = change(&app, &grant, id, if_match, &["assigned_to"], |lead: Lead| {
        Ok(lead.assign(to, notes.clone(), &pipeline.pipeline, now))
    })
    .await?;
    let version = lead.meta.version;
    Ok(Versioned(LeadView::seen_by(&grant, lead), version))
}
