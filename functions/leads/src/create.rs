//! Creating a lead.

use axum::extract::State;
use domain::lead::{Arrival, LeadDetails};
use domain::{
    BranchId, Change, CustomFields, EmailAddress, FieldInvalid, Grant, Label, Lead, LeadId, Permission, PersonName,
    Phone, Priority, Rows, Tags, UserId,
};
use serde::Deserialize;
use serde_json::{Map, Value};
use store::{CommitError, Refused};
use utoipa::ToSchema;
use views::LeadView;
use web::room::room_for_lead;
use web::{App, Body, Created, Envelope, Field, Fields, Problem, SignedIn};

use web::members::{assignee, branch_for};

/// A new lead. One of `full_name` (or `name`, or `first_name` and `last_name`), `phone`, `email` and
/// `external_id` is needed.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct LeadCreate {
    /// Its id, for clients that work offline; made here where it is absent.
    #[serde(default)]
    #[schema(value_type = Option<LeadId>)]
    id: Field<LeadId>,
    #[serde(flatten)]
    who: Names,
    #[serde(default)]
    #[schema(value_type = Option<EmailAddress>)]
    email: Field<EmailAddress>,
    /// As people write it; read as dialled in India where it has no country code.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    phone: Field<Phone>,
    #[serde(default)]
    #[schema(value_type = Option<Label>)]
    external_id: Field<Label>,
    #[serde(default)]
    #[schema(value_type = Option<Label>)]
    source: Field<Label>,
    #[serde(default)]
    #[schema(value_type = Option<Label>)]
    medium: Field<Label>,
    #[serde(default)]
    #[schema(value_type = Option<Label>)]
    campaign: Field<Label>,
    #[serde(default)]
    #[schema(value_type = Option<Label>)]
    city: Field<Label>,
    #[serde(default)]
    #[schema(value_type = Option<Priority>)]
    priority: Field<Priority>,
    #[serde(default)]
    #[schema(value_type = Option<Tags>)]
    tags: Field<Tags>,
    #[serde(default)]
    #[schema(value_type = Option<Object>)]
    custom_fields: Field<Map<String, Value>>,
    /// Who gets it: you, where you reach only your own leads; nobody yet otherwise.
    #[serde(default)]
    #[schema(value_type = Option<UserId>)]
    assigned_to: Field<UserId>,
    /// Where it belongs: your branch where absent.
    #[serde(default)]
    #[schema(value_type = Option<BranchId>)]
    branch_id: Field<BranchId>,
}

/// The spellings of a name that the five frontends use.
#[derive(Debug, Default, Deserialize, ToSchema)]
pub(crate) struct Names {
    #[serde(default)]
    #[schema(value_type = Option<PersonName>)]
    full_name: Field<PersonName>,
    /// The same as `full_name`.
    #[serde(default)]
    #[schema(value_type = Option<PersonName>)]
    name: Field<PersonName>,
    /// With `last_name`, the same as `full_name`.
    #[serde(default)]
    #[schema(value_type = Option<PersonName>)]
    first_name: Field<PersonName>,
    #[serde(default)]
    #[schema(value_type = Option<PersonName>)]
    last_name: Field<PersonName>,
}

impl Names {
    /// The name, or that it is cleared; absent where the body has none of the spellings.
    pub(crate) fn patch(self, wrong: &mut Vec<FieldInvalid>) -> Option<Option<PersonName>> {
        let Self { full_name, name, first_name, last_name } = self;
        let whole = full_name.patch("full_name", wrong);
        let short = name.patch("name", wrong);
        let first = first_name.patch("first_name", wrong);
        let last = last_name.patch("last_name", wrong);
        let parts = || {
            if first.is_none() && last.is_none() {
                return None;
            }
            let text: Vec<String> = [&first, &last].into_iter().flatten().flatten().map(ToString::to_string).collect();
            Some(if text.is_empty() {
                None
            } else {
                let joined = text.join(" ").parse();
                joined.map_err(|invalid| wrong.push(FieldInvalid::new("full_name", invalid))).ok()
            })
        };
        whole.or(short).or_else(parts)
    }
}

impl Fields for LeadCreate {
    const WRITES: &'static [&'static str] = &[
        "id",
        "full_name",
        "name",
        "first_name",
        "last_name",
        "email",
        "phone",
        "external_id",
        "source",
        "medium",
        "campaign",
        "city",
        "priority",
        "tags",
        "custom_fields",
        "assigned_to",
        "branch_id",
    ];
    const READ_ONLY: &'static [&'static str] = READ_ONLY;
}

/// What frontends send back of a lead and only we write.
pub(crate) const READ_ONLY: &[&str] = &[
    "id",
    "status",
    "score",
    "touches",
    "last_touch_at",
    "stage_entered_at",
    "lost_reason",
    "converted_at",
    "created_at",
    "updated_at",
    "version",
];

struct Wanted {
    id: Option<LeadId>,
    details: LeadDetails,
    assigned_to: Option<UserId>,
    branch: Option<BranchId>,
}

impl LeadCreate {
    fn parse(self) -> Result<Wanted, Vec<FieldInvalid>> {
        let mut wrong = Vec::new();
        let w = &mut wrong;
        let custom_fields = self.custom_fields.optional("custom_fields", w).map(CustomFields::new);
        let details = LeadDetails {
            full_name: self.who.patch(w).flatten(),
            email: self.email.optional("email", w),
            phone: self.phone.optional("phone", w),
            external_id: self.external_id.optional("external_id", w),
            source: self.source.optional("source", w),
            medium: self.medium.optional("medium", w),
            campaign: self.campaign.optional("campaign", w),
            city: self.city.optional("city", w),
            priority: self.priority.optional("priority", w),
            tags: self.tags.optional("tags", w).unwrap_or_default(),
            custom_fields: match custom_fields {
                Some(Ok(fields)) => fields,
                Some(Err(errors)) => {
                    w.extend(errors);
                    CustomFields::default()
                }
                None => CustomFields::default(),
            },
        };
        let id = self.id.optional("id", w);
        let assigned_to = self.assigned_to.optional("assigned_to", w);
        let branch = self.branch_id.optional("branch_id", w);
        if wrong.is_empty() {
            details.check()?;
            Ok(Wanted { id, details, assigned_to, branch })
        } else {
            Err(wrong)
        }
    }
}

/// Creates a lead in the first stage of the pipeline.
///
/// A person whose number, address or external id a lead already has is refused with 409 `taken`, which
/// names that lead where you may see it; where the plan holds no more leads, the answer is 403 `plan_limit`. Costs 1
/// transaction.
#[utoipa::path(
    post, path = "/leads", tag = "leads",
    request_body = LeadCreate,
    responses((status = 201, body = Envelope<LeadView>, headers(("Location" = String), ("ETag" = String)))),
)]
pub(crate) async fn lead_create(
    State(app): State<App>,
    signed_in: SignedIn,
    Body(body): Body<LeadCreate>,
) -> Result<Created<LeadView>, Problem> {
    let grant = signed_in.caller.allow(Permission::LeadsWrite)?;
    let change = arriving(&app, &signed_in, &grant, body).await?;
    let lead = commit(&app, &grant, change).await?;
    let (version, location) = (lead.meta.version, format!("/leads/{}", lead.id));
    Ok(Created { data: LeadView::seen_by(&grant, lead), location, version })
}

/// A new lead as a body asks for it.
pub(crate) async fn arriving(
    app: &App,
    signed_in: &SignedIn,
    grant: &Grant,
    body: LeadCreate,
) -> Result<Change<Lead>, Problem> {
    let Wanted { id, details, assigned_to, branch } = body.parse()?;
    room_for_lead(app, signed_in).await?;
    let branch = branch_for(app, grant, signed_in, branch).await?;
    let assigned_to = owner(app, grant, signed_in, assigned_to).await?;
    let pipeline = app.pipeline(grant).await?;
    let now = app.now();
    let arrival = Arrival {
        id: id.unwrap_or_else(|| LeadId::at(now, app.platform().random())),
        organization: grant.organization(),
        branch,
        assigned_to,
        pipeline: &pipeline.pipeline,
        now,
    };
    Ok(Lead::create(details, arrival)?)
}

async fn owner(
    app: &App,
    grant: &Grant,
    signed_in: &SignedIn,
    named: Option<UserId>,
) -> Result<Option<UserId>, Problem> {
    match (named, grant.rows()) {
        (Some(named), _) if named == signed_in.user => Ok(Some(named)),
        (Some(named), _) => {
            signed_in.caller.allow(Permission::LeadsAssign)?;
            Ok(Some(assignee(app, grant, named, "assigned_to").await?.user))
        }
        (None, Rows::Own { .. } | Rows::Team { .. }) => Ok(Some(signed_in.user)),
        (None, Rows::All | Rows::Branches { .. }) => Ok(None),
    }
}

/// Commits a change of a lead; where another lead has its number, the refusal names that lead if the
/// caller may see it.
pub(crate) async fn commit(app: &App, grant: &Grant, change: Change<Lead>) -> Result<Lead, Problem> {
    match app.table().commit(grant, change).await {
        Ok(lead) => Ok(lead),
        Err(error) => Err(refused(app, grant, error).await),
    }
}

/// What a refused change of a lead means to the caller: 1 read where another lead has its number.
pub(crate) async fn refused(app: &App, grant: &Grant, error: CommitError) -> Problem {
    let CommitError::Refused { refused: Refused::Taken { field, holder }, .. } = error else { return error.into() };
    let problem = Problem::from(Refused::Taken { field, holder: None });
    let visible = match holder.and_then(|holder| holder.parse::<LeadId>().ok()) {
        Some(id) => app.table().get::<Lead>(grant, id).await.ok(),
        None => None,
    };
    match visible {
        Some(lead) => problem.with("existing_id", lead.id),
        None => problem,
    }
}
