//! `POST /api-keys`.

use axum::extract::State;
use domain::record::Meta;
use domain::{
    ApiKey, ApiKeyId, Authority, BranchId, Change, FieldInvalid, Invalid, Label, Permission, Permissions, RowReach,
};
use jiff::Timestamp;
use serde::Deserialize;
use utoipa::ToSchema;
use web::api_key::KeyText;
use web::wire::word;
use web::{App, Body, Created, Envelope, Field, Fields, Problem, Secret, SignedIn};

use super::{ApiKeyShown, check_requests};
use crate::beyond::{is_repeated, refuse_beyond, refuse_branches};
use crate::permitted::permitted;

/// A new key.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct NewApiKey {
    /// What people call it.
    #[serde(default)]
    #[schema(value_type = Label, required)]
    name: Field<Label>,
    /// What it may do: `module:action` each.
    #[serde(default)]
    #[schema(value_type = Vec<String>, required, min_items = 1, max_items = 200)]
    scopes: Field<Vec<String>>,
    /// How far it reaches; as far as one does oneself where nothing is said.
    #[serde(default)]
    #[schema(value_type = Option<RowReach>)]
    reach: Field<String>,
    /// The branches it reaches; one's own where nothing is said. They go with `reach` `branch`.
    #[serde(default)]
    #[schema(value_type = Option<Vec<BranchId>>, max_items = 20)]
    branch_ids: Field<Vec<BranchId>>,
    /// When it ends by itself; never where nothing is said.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    expires_at: Field<String>,
    /// As often as one may ask oneself where nothing is said: 1,000.
    #[serde(default)]
    #[schema(value_type = Option<u32>, minimum = 1, maximum = 1_000_000)]
    requests_per_hour: Field<u32>,
}

impl Fields for NewApiKey {
    const WRITES: &'static [&'static str] =
        &["name", "scopes", "reach", "branch_ids", "expires_at", "requests_per_hour"];
    const READ_ONLY: &'static [&'static str] =
        &["id", "user_id", "prefix", "revoked_at", "last_used_at", "previous_until", "created_at", "updated_at"];
}

struct Parsed {
    name: Label,
    scopes: Permissions,
    reach: Option<RowReach>,
    branches: Vec<BranchId>,
    expires_at: Option<Timestamp>,
    requests: Option<u32>,
}

impl NewApiKey {
    fn parse(self, now: Timestamp) -> Result<Parsed, Problem> {
        let mut wrong = Vec::new();
        let name = self.name.required("name", &mut wrong);
        let scopes = self.scopes.required("scopes", &mut wrong);
        let scopes = permitted(scopes, "scopes", &mut wrong);
        let reach = self.reach.optional("reach", &mut wrong);
        let reach: Option<RowReach> = word(reach, "reach", &mut wrong);
        let branches = self.branch_ids.optional("branch_ids", &mut wrong).unwrap_or_default();
        let expires_at = self.expires_at.optional("expires_at", &mut wrong).map(|text| text.parse::<Timestamp>());
        let requests = self.requests_per_hour.optional("requests_per_hour", &mut wrong);
        check_requests(requests, &mut wrong);
        let mut refuse = |field: &str, code, words| wrong.push(FieldInvalid::new(field, Invalid::new(code, words)));
        if scopes.is_some_and(|scopes| scopes.is_empty()) {
            refuse("scopes", "length", "must name at least one permission");
        }
        if branches.len() > domain::MAX_BRANCHES_OF_A_MEMBER {
            refuse("branch_ids", "length", "must name at most 20 branches");
        }
        if is_repeated(&branches) {
            refuse("branch_ids", "repeated", "must name each branch once");
        }
        if !branches.is_empty() && reach != Some(RowReach::Branch) {
            refuse("branch_ids", "needs_reach", "go with reach branch");
        }
        match expires_at {
            Some(Err(_)) => refuse("expires_at", "not_a_time", "must be a time, such as 2030-01-31T00:00:00Z"),
            Some(Ok(end)) if end <= now => refuse("expires_at", "past", "must lie in the future"),
            _ => {}
        }
        match (name, scopes) {
            (Some(name), Some(scopes)) if wrong.is_empty() => {
                Ok(Parsed { name, scopes, reach, branches, expires_at: expires_at.and_then(Result::ok), requests })
            }
            _ => Err(wrong.into()),
        }
    }
}

/// Makes a key for a machine, which acts for whoever makes it: it may do what its scopes say, never more than they may
/// themselves, and ends with their place here. A person must make it, not a machine.
#[utoipa::path(
    post, path = "/api-keys", tag = "api keys", request_body = NewApiKey,
    responses((status = 201, description = "Made; the key is shown this once.", body = Envelope<ApiKeyShown>)),
)]
pub(crate) async fn api_key_create(
    State(app): State<App>,
    signed_in: SignedIn,
    Body(body): Body<NewApiKey>,
) -> Result<Secret<Created<ApiKeyShown>>, Problem> {
    let grant = signed_in.caller.allow(Permission::ApiKeysWrite)?;
    signed_in.person()?;
    let (now, organization) = (app.now(), grant.organization());
    let parsed = body.parse(now)?;
    let own = &signed_in.authority;
    let reach = parsed.reach.unwrap_or(own.reach);
    refuse_beyond(own, &Authority { permissions: parsed.scopes, reach, ..own.clone() })?;
    refuse_branches(&app, &signed_in, &parsed.branches, "branch_ids").await?;
    if reach == RowReach::Branch && own.reach == RowReach::All && parsed.branches.is_empty() {
        return Err(Problem::field("branch_ids", Invalid::required()));
    }

    let id = ApiKeyId::at(now, app.platform().random());
    let text = KeyText::new(organization, id, app.platform().random());
    let key = ApiKey {
        meta: Meta::new(organization, now),
        id,
        name: parsed.name.to_string(),
        user: signed_in.user,
        scopes: parsed.scopes,
        reach,
        branches: parsed.branches,
        requests_per_hour: parsed.requests.unwrap_or(domain::organization::Limits::default().requests_per_hour),
        secret_hash: text.hash(),
        prefix: text.prefix(),
        previous: None,
        expires_at: parsed.expires_at,
        revoked_at: None,
        last_used_at: None,
    };
    let key = app.table().commit(&grant, Change::create(key, "api_key.created")).await?;
    let version = key.meta.version;
    let data = ApiKeyShown { key: text.into_text(), api_key: key.into() };
    Ok(Secret(Created { data, location: format!("/api-keys/{id}"), version }))
}
