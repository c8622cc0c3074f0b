//! One function's routes with everything around them.

use axum::Router;
use axum::body::Body;
use axum::extract::{MatchedPath, Request};
use axum::http::{HeaderName, HeaderValue, Method, StatusCode, Uri, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use data_encoding::HEXLOWER;
use domain::{Origin, RequestId};
use sha2::{Digest as _, Sha256};
use tower::ServiceExt as _;
use tracing::Instrument as _;

use crate::envelope::OPENING;
use crate::problem::Carried;
use crate::scope::Scope;
use crate::{Address, App, Problem, Routes, headers, idempotency, signed_in};

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// The stage and its aliases; the longer ones first.
const STAGES: [&str; 3] = ["/api/v1", "/v1", "/api"];

/// The service of a function's routes: what its `main` hands to the runtime and the local platform
/// calls.
pub fn service(routes: Routes, app: App) -> Router {
    let authenticated = app.clone();
    assembled(routes, app, |router| {
        router.layer(middleware::from_fn(move |request, next| authenticate(authenticated.clone(), request, next)))
    })
}

/// The same, with routes beside them that need no sign-in, as [`open_service`] has them: nor are their requests counted
/// against the address that they come from.
pub fn service_with_open(routes: Routes, open: Routes, app: App) -> Router {
    let authenticated = app.clone();
    let open = router(open, app.clone());
    assembled(routes, app, |router| {
        router
            .layer(middleware::from_fn(move |request, next| authenticate(authenticated.clone(), request, next)))
            .merge(open)
    })
}

/// The same for routes that need no sign-in: whoever asks with a token is as anybody else, and nothing is read for it.
pub fn open_service(routes: Routes, app: App) -> Router {
    assembled(routes, app, |router| router)
}

fn assembled(routes: Routes, app: App, authenticating: impl FnOnce(Router) -> Router) -> Router {
    let idempotent = app.clone();
    let outer = app.clone();
    let router = router(routes, app)
        .fallback(|| async { Problem::not_found() })
        .layer(middleware::from_fn(move |request, next| idempotency::layer(idempotent.clone(), request, next)));
    let routes = authenticating(router).layer(middleware::from_fn(route_of));
    // A router chooses the route before its layers run, so the stage is taken off outside of it.
    Router::new().fallback(move |request: Request| {
        let routes = routes.clone();
        let app = outer.clone();
        async move { outermost(app, routes, request).await }
    })
}

fn router(routes: Routes, app: App) -> Router {
    let not_allowed = || async {
        Problem::new(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", "This path does not take this method.")
    };
    routes.into_router().method_not_allowed_fallback(not_allowed).with_state(app)
}

async fn authenticate(app: App, mut request: Request, next: Next) -> Response {
    let origin = Origin {
        request_id: request.extensions().get::<Scope>().map(|scope| scope.request_id().to_owned()).unwrap_or_default(),
        address: Address::of(request.extensions()).0,
    };
    match signed_in::find(&app, request.headers(), origin).await {
        Ok((found, usage)) => {
            if let (Some(scope), Some(usage)) = (request.extensions().get::<Scope>(), usage) {
                scope.used(usage);
            }
            request.extensions_mut().insert(found);
            next.run(request).await
        }
        Err(problem) => problem.into_response(),
    }
}

async fn outermost(app: App, routes: Router, mut request: Request) -> Response {
    let id = RequestId::at(app.now(), app.platform().random()).to_string();
    let scope = Scope::for_request(&id);
    let origin = request.headers().get(header::ORIGIN).cloned();
    let if_none_match = request.headers().get(header::IF_NONE_MATCH).cloned();
    let method = request.method().clone();
    let preflight = headers::is_preflight(&method, request.headers());
    // A PUT is a merge update here, so PATCH is the same operation.
    if method == Method::PATCH {
        *request.method_mut() = Method::PUT;
    }
    without_stage(request.uri_mut());
    request.extensions_mut().insert(scope.clone());
    let span = tracing::info_span!("request", request_id = id, method = %method);
    let response = async {
        if preflight {
            StatusCode::NO_CONTENT.into_response()
        } else {
            let response = routes.oneshot(request).await.unwrap_or_else(|never| match never {});
            let route = response.extensions().get::<Route>().map_or("none", |route| route.0.as_str()).to_owned();
            let response = finished(&scope, response).await;
            tracing::info!(route, status = response.status().as_u16(), "answered");
            response
        }
    }
    .instrument(span)
    .await;
    let mut response = with_entity_tag(&method, response, if_none_match.as_ref()).await;
    let answered = response.headers_mut();
    headers::security(answered);
    headers::cors(answered, &app.platform().settings().cors_origins, origin.as_ref());
    if let Some(usage) = scope.usage() {
        headers::usage(answered, usage);
    }
    if let Ok(value) = HeaderValue::from_str(&id) {
        answered.insert(REQUEST_ID, value);
    }
    response
}

/// The route's pattern, for the log: a path itself may hold a name or an address.
#[derive(Clone)]
struct Route(String);

async fn route_of(request: Request, next: Next) -> Response {
    let route = request.extensions().get::<MatchedPath>().map(|path| Route(path.as_str().to_owned()));
    let mut response = next.run(request).await;
    if let Some(route) = route {
        response.extensions_mut().insert(route);
    }
    response
}

/// Takes the stage and its alias off. With a mapping of a custom domain the gateway's event has both
/// (`/v1/api/leads`); no resource of ours is named like one of them.
fn without_stage(uri: &mut Uri) {
    let full = uri.path_and_query().map_or("/", |both| both.as_str()).to_owned();
    let mut rest = full.as_str();
    for _ in 0..2 {
        let stripped = STAGES
            .iter()
            .find_map(|stage| rest.strip_prefix(stage).filter(|rest| rest.is_empty() || rest.starts_with(['/', '?'])));
        rest = stripped.unwrap_or(rest);
    }
    if rest.len() == full.len() {
        return;
    }
    let rest = if rest.starts_with('/') { rest.to_owned() } else { format!("/{rest}") };
    if let Ok(stripped) = rest.parse() {
        *uri = stripped;
    }
}

/// The answer with its problem written out or its warnings put in.
pub(crate) async fn finished(scope: &Scope, response: Response) -> Response {
    let carried = response.extensions().get::<Carried>().cloned();
    if let Some(problem) =
        carried.and_then(|carried| carried.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner).take())
    {
        let route = response.extensions().get::<Route>().cloned();
        let allow = response.headers().get(header::ALLOW).cloned();
        let mut rendered = problem.render(scope.request_id());
        if let Some(allow) = allow {
            rendered.headers_mut().insert(header::ALLOW, with_patch(allow));
        }
        if let Some(route) = route {
            rendered.extensions_mut().insert(route);
        }
        return rendered;
    }
    with_warnings(scope, response).await
}

/// The router knows PATCH as PUT only.
fn with_patch(allow: HeaderValue) -> HeaderValue {
    let methods = allow.to_str().unwrap_or_default();
    let put = methods.split(',').any(|method| method.trim() == "PUT") && !methods.contains("PATCH");
    if put { HeaderValue::from_str(&format!("{methods},PATCH")).unwrap_or(allow) } else { allow }
}

/// Puts a strong tag's weak sister on answers that have none, and answers 304 where the caller has it.
async fn with_entity_tag(method: &Method, response: Response, if_none_match: Option<&HeaderValue>) -> Response {
    if method != Method::GET || response.status() != StatusCode::OK {
        return response;
    }
    let (mut parts, body) = response.into_parts();
    let json = parts.headers.get(header::CONTENT_TYPE).is_some_and(|kind| kind == "application/json");
    if !json && !parts.headers.contains_key(header::ETAG) {
        return Response::from_parts(parts, body);
    }
    let Ok(bytes) = axum::body::to_bytes(body, usize::MAX).await else {
        return Problem::internal("an answer's body broke off").into_response();
    };
    if !parts.headers.contains_key(header::ETAG) {
        let digest = Sha256::digest(&bytes);
        if let Ok(tag) = HeaderValue::from_str(&format!("W/\"{}\"", HEXLOWER.encode(&digest[..12]))) {
            parts.headers.insert(header::ETAG, tag);
        }
    }
    let same = |tag: &str| parts.headers.get(header::ETAG).is_some_and(|own| own.as_bytes() == tag.trim().as_bytes());
    let known = if_none_match
        .and_then(|value| value.to_str().ok())
        .is_some_and(|value| value.trim() == "*" || value.split(',').any(same));
    if known {
        parts.status = StatusCode::NOT_MODIFIED;
        parts.headers.remove(header::CONTENT_TYPE);
        parts.headers.remove(header::CONTENT_LENGTH);
        return Response::from_parts(parts, Body::empty());
    }
    Response::from_parts(parts, Body::from(bytes))
}

/// Puts the warnings of a request behind the opening of its envelope.
async fn with_warnings(scope: &Scope, response: Response) -> Response {
    let warnings = scope.take_warnings();
    if warnings.is_empty() || !response.status().is_success() {
        return response;
    }
    let (mut parts, body) = response.into_parts();
    let Ok(bytes) = axum::body::to_bytes(body, usize::MAX).await else {
        return Problem::internal("an answer's body broke off").into_response();
    };
    let Some(rest) = bytes.strip_prefix(OPENING.as_bytes()) else {
        return Response::from_parts(parts, Body::from(bytes));
    };
    let text = serde_json::to_string(&warnings).unwrap_or_else(|_| "[]".to_owned());
    parts.headers.remove(header::CONTENT_LENGTH);
    let mut spliced = Vec::with_capacity(bytes.len() + text.len() + 16);
    spliced.extend_from_slice(OPENING.as_bytes());
    spliced.extend_from_slice(br#","warnings":"#);
    spliced.extend_from_slice(text.as_bytes());
    spliced.extend_from_slice(rest);
    Response::from_parts(parts, Body::from(spliced))
}
