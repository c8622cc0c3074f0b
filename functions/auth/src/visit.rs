//! A request around signing in: what it came by and from where, as security events tell it.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use domain::session::Device;
use domain::{Caller, Grant, OrganizationId, Origin, SecurityEvent, SecurityEventId, SecurityKind};
use web::{App, FromDevice, Problem, Scope};

/// A request around signing in.
#[derive(Debug, Clone)]
pub(crate) struct Visit {
    /// With what somebody signs in, and from where.
    pub(crate) device: Device,
    /// What the answer's headers tell.
    pub(crate) scope: Scope,
}

impl Visit {
    /// The proof for what signing in needs in an organization, by this request.
    pub(crate) fn grant(&self, organization: OrganizationId) -> Grant {
        let origin = Origin { request_id: self.scope.request_id().to_owned(), address: self.device.address.clone() };
        Caller::system(organization, "auth").by(origin).own()
    }

    /// The same for what belongs to the platform: users, challenges, attempts.
    pub(crate) fn everyone(&self) -> Grant {
        self.grant(OrganizationId::PLATFORM)
    }

    /// Something that happens by this request.
    pub(crate) fn event(&self, app: &App, organization: OrganizationId, kind: SecurityKind) -> SecurityEvent {
        let now = app.now();
        let id = SecurityEventId::at(now, app.platform().random());
        SecurityEvent::new(id, organization, kind, &self.device, now)
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Visit {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let FromDevice(device) = FromDevice::from_request_parts(parts, state).await?;
        let Ok(scope) = Scope::from_request_parts(parts, state).await;
        Ok(Self { device, scope })
    }
}
