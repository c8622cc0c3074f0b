//! `GET /api-keys`.

use axum::extract::State;
use domain::{ApiKey, Permission};
use serde::Serialize;
use utoipa::ToSchema;
use web::listing::page;
use web::{App, Data, Envelope, PageQuery, Pagination, Params, Problem, SignedIn};

use super::ApiKeyView;

/// A page of keys.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ApiKeyList {
    api_keys: Vec<ApiKeyView>,
    pagination: Pagination,
}

/// The organization's keys, the revoked ones too.
#[utoipa::path(
    get, path = "/api-keys", tag = "api keys", params(PageQuery),
    responses((status = 200, description = "A page of keys.", body = Envelope<ApiKeyList>)),
)]
pub(crate) async fn api_key_list(
    State(app): State<App>,
    signed_in: SignedIn,
    params: Params,
) -> Result<Data<ApiKeyList>, Problem> {
    let grant = signed_in.caller.allow(Permission::ApiKeysRead)?;
    let (keys, pagination) = page(&app, &grant, &params, |_: &ApiKey| true).await?;
    Ok(Data(ApiKeyList { api_keys: keys.into_iter().map(ApiKeyView::from).collect(), pagination }))
}
