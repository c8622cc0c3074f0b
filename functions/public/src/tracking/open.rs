//! `GET /public/opens/{token}`.

use axum::extract::State;
use axum::http::{HeaderMap, Method, header};
use axum::response::IntoResponse;
use domain::communication::Following;
use store::TrackingLink;
use web::{Address, App, PathText, Problem, Scope};

use super::Request;

/// A transparent image of one pixel (GIF 89a).
const PIXEL: [u8; 43] = [
    0x47, 0x49, 0x46, 0x38, 0x39, 0x61, 0x01, 0x00, 0x01, 0x00, 0x80, 0x00, 0x00, 0x00, 0x00, 0x00, 0xFF, 0xFF, 0xFF,
    0x21, 0xF9, 0x04, 0x01, 0x00, 0x00, 0x00, 0x00, 0x2C, 0x00, 0x00, 0x00, 0x00, 0x01, 0x00, 0x01, 0x00, 0x00, 0x02,
    0x02, 0x44, 0x01, 0x00, 0x3B,
];

/// The pixel of an e-mail: the same transparent image whatever the link is, so that it tells nobody anything. The first
/// time a person loads it, the e-mail is read; what programs load is counted apart, up to 10 (`machine_opens`).
///
/// 1 read; the first time 1 transaction more, and at most 1 write for a limit of 600 a minute for an address. Nothing where
/// the link is not one of ours.
#[utoipa::path(
    get, path = "/public/opens/{token}", tag = "public", security(()),
    params(("token" = String, Path, description = "What stands in the link.")),
    responses((status = 200, description = "The image.", body = String, content_type = "image/gif")),
)]
pub(crate) async fn open_track(
    State(app): State<App>,
    scope: Scope,
    address: Address,
    method: Method,
    headers: HeaderMap,
    token: Result<PathText, Problem>,
) -> impl IntoResponse {
    let link = token.ok().and_then(|PathText(token)| TrackingLink::open(&token, app.table().hash_key()));
    if let Some(link) = link.filter(|link| link.following() == Following::Open) {
        let request = Request { scope: &scope, address: &address, method: &method, headers: &headers };
        Box::pin(request.tell(&app, &link)).await;
    }
    ([(header::CONTENT_TYPE, "image/gif"), (header::CACHE_CONTROL, "no-store")], PIXEL)
}
