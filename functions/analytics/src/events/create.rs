//! `POST /analytics/events`.

use std::net::IpAddr;

use axum::extract::State;
use domain::analytics_event::{AnalyticsDetails, EventType, Telling, UserAgent};
use domain::{
    AnalyticsEvent, AnalyticsEventId, BranchId, Currency, CustomFields, FieldInvalid, Invalid, Label, LeadId, Money,
    Note, Permission, UserId,
};
use serde::Deserialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;
use web::members::{assignee, branch_for, named_lead};
use web::{App, Body, Created, Envelope, Field, Fields, Problem, SignedIn};

use super::EventView;

/// Something that somebody did.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = AnalyticsEventCreate)]
pub(crate) struct EventCreate {
    /// Its id, for clients that work offline; made here where it is absent.
    #[serde(default)]
    #[schema(value_type = Option<AnalyticsEventId>)]
    id: Field<AnalyticsEventId>,
    /// What kind of thing it is: `lead_conversion`.
    #[serde(default)]
    #[schema(value_type = EventType, required)]
    event_type: Field<EventType>,
    /// What people call it.
    #[serde(default)]
    #[schema(value_type = Option<Label>)]
    event_name: Field<Label>,
    #[serde(default)]
    #[schema(value_type = Option<Note>)]
    description: Field<Note>,
    /// Who did it, of those in reach: you where absent.
    #[serde(default)]
    #[schema(value_type = Option<UserId>)]
    user_id: Field<UserId>,
    /// The lead it is about.
    #[serde(default)]
    #[schema(value_type = Option<LeadId>)]
    lead_id: Field<LeadId>,
    /// The student it is about, in your words.
    #[serde(default)]
    #[schema(value_type = Option<Label>)]
    student_id: Field<Label>,
    /// Where it belongs where it is about no lead: your branch where absent.
    #[serde(default)]
    #[schema(value_type = Option<BranchId>)]
    branch_id: Field<BranchId>,
    /// At most 100 keys and 32 KiB.
    #[serde(default)]
    #[schema(value_type = Option<Object>)]
    event_data: Field<Map<String, Value>>,
    /// Likewise.
    #[serde(default)]
    #[schema(value_type = Option<Object>)]
    properties: Field<Map<String, Value>>,
    /// The visit it belongs to, in your words.
    #[serde(default)]
    #[schema(value_type = Option<Label>)]
    session_id: Field<Label>,
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    ip_address: Field<String>,
    #[serde(default)]
    #[schema(value_type = Option<UserAgent>)]
    user_agent: Field<UserAgent>,
    /// In seconds.
    #[serde(default)]
    #[schema(value_type = Option<u32>)]
    duration: Field<u32>,
    /// What it is worth, in major units of the organization's currency.
    #[serde(default)]
    #[schema(value_type = Option<f64>)]
    value: Field<Value>,
    #[serde(default)]
    #[schema(value_type = Option<Label>)]
    category: Field<Label>,
    #[serde(default)]
    #[schema(value_type = Option<Label>)]
    source: Field<Label>,
    #[serde(default)]
    #[schema(value_type = Option<Label>)]
    medium: Field<Label>,
    #[serde(default)]
    #[schema(value_type = Option<Label>)]
    campaign: Field<Label>,
}

impl Fields for EventCreate {
    const WRITES: &'static [&'static str] = &[
        "id",
        "event_type",
        "event_name",
        "description",
        "user_id",
        "lead_id",
        "student_id",
        "branch_id",
        "event_data",
        "properties",
        "session_id",
        "ip_address",
        "user_agent",
        "duration",
        "value",
        "category",
        "source",
        "medium",
        "campaign",
    ];
    const READ_ONLY: &'static [&'static str] = &["currency", "created_at"];
}

struct Wanted {
    id: Option<AnalyticsEventId>,
    user: Option<UserId>,
    branch: Option<BranchId>,
    details: AnalyticsDetails,
}

impl EventCreate {
    fn parse(self, currency: Currency) -> Result<Wanted, Vec<FieldInvalid>> {
        let mut wrong = Vec::new();
        let w = &mut wrong;
        let id = self.id.optional("id", w);
        let user = self.user_id.optional("user_id", w);
        let branch = self.branch_id.optional("branch_id", w);
        let event_type = self.event_type.required("event_type", w);
        let event_name = self.event_name.optional("event_name", w);
        let description = self.description.optional("description", w);
        let lead_id = self.lead_id.optional("lead_id", w);
        let student_id = self.student_id.optional("student_id", w);
        let session_id = self.session_id.optional("session_id", w);
        let event_data = free(self.event_data, "event_data", w);
        let properties = free(self.properties, "properties", w);
        let ip_address = address(self.ip_address, w);
        let user_agent = self.user_agent.optional("user_agent", w);
        let duration = self.duration.optional("duration", w);
        let value = self.value.optional("value", w).and_then(|value| {
            Money::from_json(&value, currency).map_err(|invalid| w.push(FieldInvalid::new("value", invalid))).ok()
        });
        let category = self.category.optional("category", w);
        let source = self.source.optional("source", w);
        let medium = self.medium.optional("medium", w);
        let campaign = self.campaign.optional("campaign", w);
        let details = event_type.filter(|_| wrong.is_empty()).map(|event_type| AnalyticsDetails {
            event_type,
            event_name,
            description,
            lead_id,
            student_id,
            session_id,
            event_data,
            properties,
            ip_address,
            user_agent,
            duration,
            value,
            category,
            source,
            medium,
            campaign,
        });
        details.map(|details| Wanted { id, user, branch, details }).ok_or(wrong)
    }
}

fn free(field: Field<Map<String, Value>>, name: &str, wrong: &mut Vec<FieldInvalid>) -> CustomFields {
    CustomFields::new(field.optional(name, wrong).unwrap_or_default()).unwrap_or_else(|errors| {
        wrong.extend(errors.into_iter().map(|error| error.under("custom_fields", name)));
        CustomFields::default()
    })
}

fn address(field: Field<String>, wrong: &mut Vec<FieldInvalid>) -> Option<IpAddr> {
    let text = field.optional("ip_address", wrong)?;
    let invalid = |_| {
        let invalid = Invalid::new("not_an_address", "must be an IP address, such as 192.168.1.1");
        wrong.push(FieldInvalid::new("ip_address", invalid));
    };
    text.trim().parse().map_err(invalid).ok()
}

/// Tells of something that somebody did. It is kept for 400 days and never changes; figures do not count it. Costs 1
/// write, and 1 read each for a lead and for somebody else who did it.
#[utoipa::path(
    post, path = "/analytics/events", tag = "analytics", request_body = EventCreate,
    responses((status = 201, body = Envelope<EventView>, headers(("Location" = String), ("ETag" = String)))),
)]
pub(crate) async fn analytics_event_create(
    State(app): State<App>,
    signed_in: SignedIn,
    Body(body): Body<EventCreate>,
) -> Result<Created<EventView>, Problem> {
    let grant = signed_in.caller.allow(Permission::AnalyticsWrite)?;
    let Wanted { id, user, branch, details } = body.parse(app.organization(&grant).await?.currency)?;
    let user = match user {
        Some(user) if user != signed_in.user => assignee(&app, &grant, user, "user_id").await?.user,
        Some(_) | None => signed_in.user,
    };
    let branch = match details.lead_id {
        Some(lead) => named_lead(&app, &grant, lead, "lead_id").await?.branch_id,
        None => branch_for(&app, &grant, &signed_in, branch).await?,
    };
    let now = app.now();
    let id = id.unwrap_or_else(|| AnalyticsEventId::at(now, app.platform().random()));
    let telling = Telling { id, organization: grant.organization(), branch, user, now };
    let event = app.table().commit(&grant, AnalyticsEvent::tell(details, telling)).await?;
    let (version, location) = (event.meta.version, format!("/analytics/events/{}", event.id));
    Ok(Created { data: event.into(), location, version })
}
