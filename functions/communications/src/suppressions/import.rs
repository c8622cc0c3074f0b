//! `POST /suppressions/import`.

use axum::extract::State;
use domain::outreach::SuppressionDetails;
use domain::{FieldInvalid, Grant, Invalid, Permission};
use futures::stream::{self, StreamExt as _};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use web::{App, Body, Data, Envelope, Field, FieldProblem, Fields, Problem, SignedIn};

use super::create::NewSuppression;
use super::suppress;

/// One call suppresses so many at most.
const MAX: usize = 200;
/// So many at the same time.
const AT_ONCE: usize = 8;

/// Many addresses and numbers.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct SuppressionImport {
    /// At most 200, each as `POST /suppressions` takes it: what cannot be understood of one is told for it alone.
    #[serde(default)]
    #[schema(value_type = Vec<Object>, required, min_items = 1, max_items = 200)]
    suppressions: Field<Vec<NewSuppression>>,
}

impl Fields for SuppressionImport {
    const WRITES: &'static [&'static str] = &["suppressions"];
}

/// What became of them.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SuppressionImported {
    /// How many were not suppressed before.
    created: usize,
    /// How many were.
    known: usize,
    /// How many could not be read or stored.
    rejected: usize,
    /// Those.
    errors: Vec<SuppressionRowError>,
}

/// One that could not be read or stored.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SuppressionRowError {
    /// Its place in the list, from 0.
    row: usize,
    /// The problem's code.
    code: String,
    /// Its wrong fields.
    errors: Vec<FieldProblem>,
}

/// Suppresses many addresses and numbers, each on its own: what is wrong with one is told and does not stop the others.
/// 1 read and 1 transaction each.
#[utoipa::path(
    post, path = "/suppressions/import", tag = "suppressions", request_body = SuppressionImport,
    responses((status = 200, description = "What became of each.", body = Envelope<SuppressionImported>)),
)]
pub(crate) async fn suppression_import(
    State(app): State<App>,
    signed_in: SignedIn,
    Body(body): Body<SuppressionImport>,
) -> Result<Data<SuppressionImported>, Problem> {
    let (grant, now) = (signed_in.caller.allow(Permission::SuppressionsWrite)?, app.now());
    let mut wrong = Vec::new();
    let rows = body.suppressions.required("suppressions", &mut wrong).unwrap_or_default();
    if wrong.is_empty() && !(1..=MAX).contains(&rows.len()) {
        wrong.push(FieldInvalid::new("suppressions", Invalid::new("out_of_range", "must be 1 to 200")));
    }
    if !wrong.is_empty() {
        return Err(wrong.into());
    }
    let parsed: Vec<_> = rows.into_iter().map(|row| row.parse(signed_in.user, now)).collect();
    let outcomes: Vec<Result<bool, Problem>> =
        stream::iter(parsed).map(|row| one(&app, &grant, row)).buffered(AT_ONCE).collect().await;
    let mut imported = SuppressionImported { created: 0, known: 0, rejected: 0, errors: Vec::new() };
    for (row, outcome) in outcomes.into_iter().enumerate() {
        match outcome {
            Ok(true) => imported.created += 1,
            Ok(false) => imported.known += 1,
            Err(problem) => {
                imported.rejected += 1;
                let (code, errors) = (problem.code().to_owned(), problem.errors().to_vec());
                imported.errors.push(SuppressionRowError { row, code, errors });
            }
        }
    }
    Ok(Data(imported))
}

async fn one(app: &App, grant: &Grant, row: Result<SuppressionDetails, Vec<FieldInvalid>>) -> Result<bool, Problem> {
    Ok(suppress(app, grant, &row?).await?.1)
}
