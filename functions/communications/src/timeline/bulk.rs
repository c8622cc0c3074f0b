//! `POST /communications/bulk`.

use axum::extract::State;
use domain::{CommunicationId, FieldInvalid, Invalid, LeadId, Permission};
use futures::stream::{self, StreamExt as _};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;
use web::{App, Body, Data, Envelope, Field, FieldProblem, Fields, Problem, SignedIn};

use super::body::{NewCommunication, Wanted};
use super::create::made;

/// One call writes to so many leads at most; a campaign writes to more.
const MAX: usize = 200;
/// So many are written to at the same time.
const AT_ONCE: usize = 8;

/// The same words to many leads.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct CommunicationBulk {
    /// At most 200 leads in reach.
    #[serde(default)]
    #[schema(value_type = Vec<LeadId>, max_items = 200, required)]
    lead_ids: Field<Vec<LeadId>>,
    /// What is said, as one communication has it; its `id`, `lead_id` and `recipient` have no effect.
    #[serde(default)]
    #[schema(value_type = NewCommunication, required)]
    communication: Field<Map<String, Value>>,
}

impl Fields for CommunicationBulk {
    const WRITES: &'static [&'static str] = &["lead_ids", "communication"];
}

/// What became of one lead's.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CommunicationOutcome)]
pub(crate) struct Outcome {
    lead_id: LeadId,
    /// Whether it is on its way, or written down.
    ok: bool,
    #[schema(required)]
    id: Option<CommunicationId>,
    /// The problem's code where it is not.
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<String>,
    /// Its wrong fields.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<FieldProblem>,
}

/// What became of all.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CommunicationBulkResult)]
pub(crate) struct BulkResult {
    created: usize,
    failed: usize,
    results: Vec<Outcome>,
}

/// Says the same to many leads, to each on its own: whoever may not be written to is told and stops nobody else. The order
/// is that of `lead_ids`; a lead that is named twice is written to once. Costs for each what one communication costs.
#[utoipa::path(
    post, path = "/communications/bulk", tag = "communications",
    request_body = CommunicationBulk,
    responses((status = 200, body = Envelope<BulkResult>)),
)]
pub(crate) async fn communication_bulk(
    State(app): State<App>,
    signed_in: SignedIn,
    Body(body): Body<CommunicationBulk>,
) -> Result<Data<BulkResult>, Problem> {
    let grant = signed_in.caller.allow(Permission::CommunicationsWrite)?;
    let (leads, communication) = parse(body)?;
    let wanted = communication.for_many().parse(app.now()).map_err(within)?;
    let wanted = wanted.with_files(&app, &grant).await;
    let wanted = wanted.map_err(|problem| problem.renamed(|field| format!("communication.{field}")))?;
    let one = |lead: LeadId| {
        let wanted = Wanted { lead: Some(lead), ..wanted.clone() };
        let (app, signed_in, grant) = (&app, &signed_in, &grant);
        async move {
            match made(app, signed_in, grant, wanted).await {
                Ok(view) => Outcome { lead_id: lead, ok: true, id: Some(view.id), code: None, errors: Vec::new() },
                Err(problem) => Outcome {
                    lead_id: lead,
                    ok: false,
                    id: None,
                    code: Some(problem.code().to_owned()),
                    errors: problem.errors().to_vec(),
                },
            }
        }
    };
    let results: Vec<Outcome> = stream::iter(leads).map(one).buffered(AT_ONCE).collect().await;
    let created = results.iter().filter(|outcome| outcome.ok).count();
    Ok(Data(BulkResult { created, failed: results.len() - created, results }))
}

fn parse(body: CommunicationBulk) -> Result<(Vec<LeadId>, NewCommunication), Vec<FieldInvalid>> {
    let mut wrong = Vec::new();
    let leads = body.lead_ids.required("lead_ids", &mut wrong);
    let communication = body.communication.required("communication", &mut wrong);
    let mut once: Vec<LeadId> = Vec::new();
    for lead in leads.into_iter().flatten() {
        if !once.contains(&lead) {
            once.push(lead);
        }
    }
    if once.len() > MAX || once.is_empty() && wrong.is_empty() {
        wrong.push(FieldInvalid::new("lead_ids", Invalid::new("out_of_range", "must name 1 to 200 leads")));
    }
    match communication.map(|map| web::wire::fields::<NewCommunication>(Value::Object(map))) {
        Some(Ok(communication)) if wrong.is_empty() => Ok((once, communication)),
        Some(Err(errors)) => Err(within(errors).into_iter().chain(wrong).collect()),
        _ => Err(wrong),
    }
}

fn within(errors: Vec<FieldInvalid>) -> Vec<FieldInvalid> {
    errors.into_iter().map(|error| error.within("communication")).collect()
}
