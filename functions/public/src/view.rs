//! `GET /public/forms/{key}`.

use axum::extract::State;
use axum::http::header;
use axum::response::IntoResponse;
use domain::FormId;
use serde::Serialize;
use utoipa::ToSchema;
use web::{Address, App, Data, Envelope, PathId, Problem, Scope};

use crate::find::{OpenForm, open_form};
use crate::limits;
use crate::submission::{HONEYPOT, PAGE_FIELDS, PageField};

/// A form as a page needs it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PublicForm {
    /// Its key.
    key: FormId,
    /// What its makers call it.
    name: String,
    /// Whose it is.
    organization: String,
    /// What a page may send.
    fields: &'static [PageField],
    /// One of these must be filled in.
    one_of: [&'static str; 2],
    /// The name of a field to be hidden from people and sent empty.
    honeypot: &'static str,
}

/// A form, for the page that shows it; 60 a minute for an address.
///
/// A closed form is 404, as one that never was. 1 write; 2 reads, and 1 more every 30 seconds.
#[utoipa::path(
    get, path = "/public/forms/{key}", tag = "public", security(()),
    params(("key" = FormId, Path, description = "The form's public key.")),
    responses((status = 200, description = "The form.", body = Envelope<PublicForm>)),
)]
pub(crate) async fn public_form_view(
    State(app): State<App>,
    scope: Scope,
    address: Address,
    PathId(key): PathId<FormId>,
) -> Result<impl IntoResponse, Problem> {
    limits::count_view(&app, &scope, &address).await?;
    let OpenForm { form, grant } = open_form(&app, key).await?;
    let organization = app.organization(&grant).await?.name;
    let page = PublicForm {
        key: form.id,
        name: form.name,
        organization,
        fields: PAGE_FIELDS,
        one_of: ["email", "phone"],
        honeypot: HONEYPOT,
    };
    Ok(([(header::CACHE_CONTROL, "public, max-age=60")], Data(page)))
}
