//! `GET /forms`.

use axum::extract::State;
use domain::{Form, Permission};
use serde::Serialize;
use utoipa::ToSchema;
use web::{App, Data, Envelope, PageQuery, Pagination, Params, Problem, SignedIn};

use super::FormView;
use web::listing::page;

/// A page of forms.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FormList {
    forms: Vec<FormView>,
    pagination: Pagination,
}

/// The lead forms in reach.
#[utoipa::path(
    get, path = "/forms", tag = "organization", params(PageQuery),
    responses((status = 200, description = "A page of forms.", body = Envelope<FormList>)),
)]
pub(crate) async fn form_list(
    State(app): State<App>,
    signed_in: SignedIn,
    params: Params,
) -> Result<Data<FormList>, Problem> {
    let grant = signed_in.caller.allow(Permission::FormsRead)?;
    let (forms, pagination) = page(&app, &grant, &params, |_: &Form| true).await?;
    Ok(Data(FormList { forms: forms.into_iter().map(FormView::from).collect(), pagination }))
}
