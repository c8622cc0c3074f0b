//! What is told of a segment, in the words of both products.

use domain::segment::{Audience, MAX_LISTED, SegmentDetails, SegmentPatch};
use domain::{FieldInvalid, Grant, Invalid, Label, Lead, LeadId, Note};
use jiff::tz::TimeZone;
use serde::Deserialize;
use serde_json::Value;
use utoipa::ToSchema;
use web::{App, Field, Fields, Problem, refuse_masked};

use super::view::READ_ONLY;

/// A segment: with `criteria`, or with `lead_ids`.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct SegmentBody {
    /// Where it is absent and `target_audience` is text, that is its name.
    #[serde(default)]
    #[schema(value_type = Option<Label>)]
    name: Field<Label>,
    #[serde(default)]
    #[schema(value_type = Option<Note>)]
    description: Field<Note>,
    /// What its leads are like: an object such as `{"city": ["Pune", "Nagpur"], "experience": ">2"}`, or an expression such
    /// as `score > 50 && city == "Pune"`.
    #[serde(default)]
    #[schema(value_type = Option<Value>)]
    criteria: Field<Value>,
    /// The same.
    #[serde(default)]
    #[schema(value_type = Option<Value>)]
    target_criteria: Field<Value>,
    /// The same where it is an object; text is the segment's name.
    #[serde(default)]
    #[schema(value_type = Option<Value>)]
    target_audience: Field<Value>,
    /// Its leads one by one, in your reach.
    #[serde(default)]
    #[schema(value_type = Option<Vec<LeadId>>, max_items = 1000)]
    lead_ids: Field<Vec<LeadId>>,
}

impl Fields for SegmentBody {
    const WRITES: &'static [&'static str] =
        &["name", "description", "criteria", "target_criteria", "target_audience", "lead_ids"];
    const READ_ONLY: &'static [&'static str] = READ_ONLY;
}

impl SegmentBody {
    /// What of a segment changes.
    pub(crate) fn patch(self, zone: &TimeZone) -> Result<SegmentPatch, Vec<FieldInvalid>> {
        let (patch, wrong) = self.read(zone);
        if wrong.is_empty() { Ok(patch) } else { Err(wrong) }
    }

    /// What is to be created.
    pub(crate) fn details(self, zone: &TimeZone) -> Result<SegmentDetails, Vec<FieldInvalid>> {
        let (patch, mut wrong) = self.read(zone);
        let SegmentPatch { name, description, audience } = patch;
        let is_named = |wrong: &[FieldInvalid], names: &[&str]| {
            wrong.iter().any(|wrong| names.iter().any(|name| wrong.field.starts_with(name)))
        };
        if name.is_none() && !is_named(&wrong, &["name", "target_audience"]) {
            wrong.push(FieldInvalid::new("name", Invalid::required()));
        }
        if audience.is_none() && !is_named(&wrong, &["criteria", "target_", "lead_ids"]) {
            wrong.push(FieldInvalid::new("criteria", Invalid::required()));
        }
        match (name, audience) {
            (Some(name), Some(audience)) if wrong.is_empty() => {
                Ok(SegmentDetails { name, description: description.flatten(), audience })
            }
            _ => Err(wrong),
        }
    }

    fn read(self, zone: &TimeZone) -> (SegmentPatch, Vec<FieldInvalid>) {
        let mut wrong = Vec::new();
        let w = &mut wrong;
        let mut name = self.name.replaced("name", w);
        let description = self.description.patch("description", w);
        let mut told = Vec::new();
        told.extend(self.criteria.replaced("criteria", w).map(|value| ("criteria", value)));
        told.extend(self.target_criteria.replaced("target_criteria", w).map(|value| ("target_criteria", value)));
        match self.target_audience.replaced("target_audience", w) {
            Some(Value::String(label)) if name.is_none() => {
                name = label.parse().map_err(|invalid| w.push(FieldInvalid::new("target_audience", invalid))).ok();
            }
            // A label beside a name says nothing more.
            Some(Value::String(_)) | None => {}
            Some(value) => told.push(("target_audience", value)),
        }
        let mut audiences = Vec::new();
        for (field, value) in told {
            match Audience::criteria(&value, zone) {
                Ok(audience) => audiences.push((field, audience)),
                Err(errors) => w.extend(errors.into_iter().map(|error| error.within(field))),
            }
        }
        if let Some(ids) = self.lead_ids.replaced("lead_ids", w) {
            match Audience::leads(ids) {
                Ok(audience) => audiences.push(("lead_ids", audience)),
                Err(invalid) => w.push(FieldInvalid::new("lead_ids", invalid)),
            }
        }
        for (field, _) in audiences.iter().skip(1) {
            w.push(FieldInvalid::new(*field, Invalid::new("two_audiences", "goes with no other way to choose leads")));
        }
        let audience = audiences.into_iter().next().map(|(_, audience)| audience);
        (SegmentPatch { name, description, audience }, wrong)
    }
}

/// Refuses criteria about fields that are masked for the caller, who would learn by them what is in these, and leads that
/// are not in their reach: 1 `BatchGetItem` a 100 leads.
pub(crate) async fn known(app: &App, grant: &Grant, audience: &Audience) -> Result<(), Problem> {
    match audience {
        Audience::Criteria(conditions) => {
            let refused = refuse_masked(grant, |field| conditions.name(field));
            Ok(refused.map_err(|wrong| wrong.into_iter().map(|one| one.within("criteria")).collect::<Vec<_>>())?)
        }
        Audience::Leads(ids) => {
            let ids: Vec<LeadId> = ids.iter().copied().collect();
            in_reach(app, grant, &ids, "lead_ids").await
        }
    }
}

/// Refuses leads that are not in the caller's reach, as those that are not there: 1 `BatchGetItem` a 100.
pub(crate) async fn in_reach(app: &App, grant: &Grant, ids: &[LeadId], field: &str) -> Result<(), Problem> {
    let known = app.table().get_many::<Lead>(grant, ids).await?;
    let unknown: Vec<FieldInvalid> = ids
        .iter()
        .enumerate()
        .filter(|(_, id)| !known.contains_key(id))
        .take(MAX_LISTED)
        .map(|(place, _)| FieldInvalid::new(format!("{field}.{place}"), Invalid::new("unknown_lead", "is not a lead")))
        .collect();
    if unknown.is_empty() { Ok(()) } else { Err(unknown.into()) }
}
