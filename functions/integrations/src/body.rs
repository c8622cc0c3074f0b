//! What the bodies of writes have in common: secrets, and people and branches that settings name.

use domain::integration::{Credential, CredentialsPatch, IntegrationSettings, SIGNING_SECRET, SettingsNames};
use domain::{Branch, FieldInvalid, Grant, Integration, Invalid, Membership, MembershipId};
use providers::inbound::standard;
use serde_json::{Map, Value};
use store::there;
use web::{App, Problem};

/// An organization has more names of secrets than that in no body.
const MAX_NAMES: usize = 20;

/// What a body never changes.
pub(crate) const READ_ONLY: &[&str] =
    &["id", "configured", "webhook_url", "created_at", "updated_at", "version", "deleted_at"];

/// The secrets of a body: text sets, `null` clears. A refusal never holds one.
pub(crate) fn credentials(given: Map<String, Value>, wrong: &mut Vec<FieldInvalid>) -> CredentialsPatch {
    let mut patch = CredentialsPatch::new();
    if given.len() > MAX_NAMES {
        wrong.push(FieldInvalid::new("credentials", Invalid::new("too_many", "must have at most 20 names")));
        return patch;
    }
    for (name, value) in given {
        let read = match value {
            Value::Null => Ok(None),
            Value::String(text) => text.parse::<Credential>().map(Some),
            _ => Err(Invalid::new("not_text", "must be text")),
        };
        let read = read.and_then(|secret| match secret {
            Some(secret) if name == SIGNING_SECRET && !standard::is_secret(secret.expose()) => {
                let why = "must be whsec_ and 24 to 64 bytes in base 64, as Standard Webhooks has it";
                Err(Invalid::new("malformed_credential", why))
            }
            other => Ok(other),
        });
        match read {
            Ok(secret) => drop(patch.insert(name, secret)),
            Err(invalid) => {
                let shown: String = name.chars().filter(|c| !c.is_control()).take(40).collect();
                wrong.push(FieldInvalid::new(format!("credentials.{shown}"), invalid));
            }
        }
    }
    patch
}

/// Makes sure that the people and the branch that settings name are there: 1 `BatchGetItem` and 1 read, or nothing where they
/// name none.
pub(crate) async fn refuse_unknown(app: &App, grant: &Grant, settings: &IntegrationSettings) -> Result<(), Problem> {
    let Some(SettingsNames { agent, people, branch }) = settings.names() else { return Ok(()) };
    let ids: Vec<MembershipId> = people.iter().copied().map(Membership::id_of).collect();
    let (members, branch) =
        tokio::join!(app.table().get_many::<Membership>(grant, &ids), app.table().get::<Branch>(grant, branch));
    let members = members?;
    let there_are = |user| members.get(&Membership::id_of(user)).is_some_and(Membership::is_active);
    let mut wrong = Vec::new();
    for user in people.into_iter().filter(|user| !there_are(*user)) {
        let field = if agent == user { "settings.agentId" } else { "settings.agents" };
        let invalid = Invalid::new("unknown_user", "is nobody who could take this here");
        let refused = FieldInvalid::new(field, invalid);
        if !wrong.contains(&refused) {
            wrong.push(refused);
        }
    }
    if there(branch)?.is_none() {
        let invalid = Invalid::new("unknown_branch", "is no branch of yours");
        wrong.push(FieldInvalid::new("settings.branch_id", invalid));
    }
    if wrong.is_empty() { Ok(()) } else { Err(wrong.into()) }
}

/// The settings of a connection with those of a body.
pub(crate) fn settings_of(
    integration: &Integration,
    given: Option<Map<String, Value>>,
) -> Result<Option<IntegrationSettings>, Problem> {
    Ok(given.map(|given| integration.settings.merged(given)).transpose()?)
}
