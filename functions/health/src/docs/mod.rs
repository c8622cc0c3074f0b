//! `GET /docs`: the API's document as a page that needs nothing from elsewhere.
//!
//! Style and script are files of their own because the content security policy of every answer forbids
//! styles in the page.

use axum::http::{HeaderName, header};

type File = ([(HeaderName, &'static str); 2], &'static str);

const fn file(content_type: &'static str, text: &'static str) -> File {
    ([(header::CONTENT_TYPE, content_type), (header::CACHE_CONTROL, "public, max-age=300")], text)
}

/// The API for people: every operation with its parameters and schemas, and a form to try it.
#[utoipa::path(
    get, path = "/docs", tag = "health", security(()),
    responses((status = 200, description = "The page.", body = String, content_type = "text/html")),
)]
pub(crate) async fn docs_page() -> File {
    file("text/html; charset=utf-8", include_str!("page.html"))
}

pub(crate) async fn style() -> File {
    file("text/css; charset=utf-8", include_str!("style.css"))
}

pub(crate) async fn script() -> File {
    file("text/javascript; charset=utf-8", include_str!("script.js"))
}
