//! Who asks.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, header};
use domain::session::Must;
use domain::{Actor, Authority, BranchId, Caller, Grant, Origin, SessionId, UserId};
use sha2::{Digest as _, Sha256};

use crate::api_key::{self, KeyText};
use crate::limits::{self, Usage};
use crate::token::TokenError;
use crate::{App, Claims, Problem};

/// Somebody who may do what their role permits: a person who is signed in, or a machine with a key of theirs.
#[derive(Debug, Clone)]
pub struct SignedIn {
    /// What the domain knows of them.
    pub caller: Caller,
    /// Who it is, or whose machine.
    pub user: UserId,
    /// Their sign-in; a machine has none.
    pub session: Option<SessionId>,
    /// What they may do.
    pub authority: Authority,
    /// Where their new records go.
    pub branch: Option<BranchId>,
}

impl SignedIn {
    /// Their sign-in; 403 for a machine.
    pub fn person(&self) -> Result<SessionId, Problem> {
        self.session.ok_or_else(|| {
            Problem::new(StatusCode::FORBIDDEN, "person_required", "A person must do this, not a machine with a key.")
        })
    }
}

/// Somebody who is signed in, also while they must still change their password or set up a second factor: only for
/// the few operations that let them do that.
#[derive(Debug, Clone)]
pub struct Entering(pub SignedIn, pub Option<Must>);

/// What the authentication layer found, for the extractors.
#[derive(Debug, Clone)]
pub(crate) enum Found {
    Nobody,
    Somebody(Box<Entering>),
}

impl<S: Send + Sync> FromRequestParts<S> for Entering {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        match parts.extensions.get::<Found>() {
            Some(Found::Somebody(entering)) => Ok((**entering).clone()),
            Some(Found::Nobody) | None => Err(Problem::unauthorized()),
        }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for SignedIn {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let Entering(signed_in, must) = Entering::from_request_parts(parts, state).await?;
        let refuse = |code, detail| Err(Problem::new(StatusCode::FORBIDDEN, code, detail));
        match must {
            None => Ok(signed_in),
            Some(Must::ChangePassword) => refuse("password_change_required", "Choose a password of your own first."),
            Some(Must::EnrollSecondFactor) => refuse("second_factor_required", "Set up a second factor first."),
        }
    }
}

/// Finds who asks, and counts the request against their limit, or their address's where nobody is known. A token that
/// is not good is treated as none: operations without sign-in do not care, the others answer 401.
pub(crate) async fn find(app: &App, headers: &HeaderMap, origin: Origin) -> Result<(Found, Option<Usage>), Problem> {
    let address = origin.address.clone();
    match known(app, headers, origin).await? {
        (Found::Nobody, None) => Ok((Found::Nobody, limits::count_address(app, &address).await?)),
        found => Ok(found),
    }
}

async fn known(app: &App, headers: &HeaderMap, origin: Origin) -> Result<(Found, Option<Usage>), Problem> {
    let Some(token) = bearer(headers) else { return Ok((Found::Nobody, None)) };
    if let Some(key) = KeyText::read(token) {
        return match api_key::known(app, &key).await? {
            Some(known) => api_key::signed_in(app, known, origin).await,
            None => Ok((Found::Nobody, None)),
        };
    }
    let Some(claims) = verify(app, token).await? else { return Ok((Found::Nobody, None)) };
    let now = app.now();
    let Some(known) = app.known(claims.org, claims.sid, claims.sub).await? else { return Ok((Found::Nobody, None)) };
    if !known.session.is_live(now) || known.session.user != claims.sub {
        return Ok((Found::Nobody, None));
    }
    let subject = claims.sub.to_string();
    let usage = limits::count_request(app, claims.org, &subject, known.limits.requests_per_hour).await?;
    let actor = Actor::User { id: claims.sub, session: claims.sid };
    let signed_in = SignedIn {
        caller: Caller::authorized(claims.org, actor, &known.authority, origin),
        user: claims.sub,
        session: Some(claims.sid),
        branch: known.authority.branch,
        authority: known.authority.clone(),
    };
    let must = known.session.must(now);
    Ok((Found::Somebody(Box::new(Entering(signed_in, must))), Some(usage)))
}

impl SignedIn {
    /// The proof for somebody's own things.
    pub fn own(&self) -> Grant {
        self.caller.own()
    }
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let mut values = headers.get_all(header::AUTHORIZATION).iter();
    let value = values.next()?.to_str().ok()?;
    // Two of them could be read differently by a proxy and by us.
    if values.next().is_some() {
        return None;
    }
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

async fn verify(app: &App, token: &str) -> Result<Option<Claims>, Problem> {
    let now = app.now();
    let digest: [u8; 32] = Sha256::digest(token.as_bytes()).into();
    if let Some(claims) = app.tokens().get(&digest, now) {
        return Ok(Some(claims));
    }
    let mut verified = app.keys().verify(token, now);
    if verified == Err(TokenError::UnknownKey) && app.refresh_keys().await? {
        verified = app.keys().verify(token, now);
    }
    let Ok(claims) = verified else { return Ok(None) };
    if let Ok(until) = jiff::Timestamp::from_second(claims.exp) {
        app.tokens().put(digest, claims.clone(), until);
    }
    Ok(Some(claims))
}
