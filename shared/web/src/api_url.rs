//! Where the API is reached from outside.

use axum::extract::FromRequestParts;
use axum::http::Extensions;
use axum::http::request::Parts;
use lambda_http::request::RequestContext;

use crate::{App, Problem};

/// The address of the API as callers outside write it, without a slash at its end: what the settings say, or the domain
/// and the stage that API Gateway saw. No header of the request has a say in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiUrl(pub String);

impl ApiUrl {
    fn of(app: &App, extensions: &Extensions) -> Self {
        if let Some(set) = &app.platform().settings().api_url {
            return Self(set.clone());
        }
        let (domain, stage) = match extensions.get::<RequestContext>() {
            Some(RequestContext::ApiGatewayV2(context)) => (context.domain_name.clone(), context.stage.clone()),
            _ => (None, None),
        };
        let domain = domain.unwrap_or_else(|| "localhost".to_owned());
        let stage = stage.map(|stage| format!("/{stage}")).unwrap_or_default();
        // Only the platform on one's own machine is reached without TLS.
        let own = ["localhost", "127.0.0.1", "[::1]"].iter().any(|host| domain.starts_with(host));
        Self(format!("{}://{domain}{stage}", if own { "http" } else { "https" }))
    }
}

impl FromRequestParts<App> for ApiUrl {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        Ok(Self::of(app, &parts.extensions))
    }
}
