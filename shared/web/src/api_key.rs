//! Keys of machines: how they are written, made and recognized.

use std::sync::Arc;

use domain::api_key::USE_NOTED;
use domain::{Actor, ApiKey, ApiKeyId, Authority, Caller, Change, OrganizationId, Origin};
use store::{CommitError, Refused, there};
use subtle::ConstantTimeEq as _;

use crate::limits::{self, Usage};
use crate::signed_in::{Entering, Found, SignedIn};
use crate::{App, Problem, secret};

/// Begins every key, so that people and scanners for leaked secrets know it when they see it.
const BEGIN: &str = "spk_";
/// So many characters of a key's text tell it apart from others.
const PREFIX: usize = 16;

/// A key's text: `spk_`, its id and its organization's without their prefixes, and 256 random bits. So it leads to its
/// record with one read.
pub struct KeyText {
    /// The tenant.
    pub organization: OrganizationId,
    /// The key.
    pub id: ApiKeyId,
    text: String,
}

impl std::fmt::Debug for KeyText {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "KeyText({})", self.prefix())
    }
}

impl KeyText {
    /// A new one.
    pub fn new(organization: OrganizationId, id: ApiKeyId, secret: [u8; 32]) -> Self {
        let text = secret::written(BEGIN, &id.to_string(), organization, secret);
        Self { organization, id, text }
    }

    /// Reads what somebody shows; `None` where it is no key.
    pub fn read(text: &str) -> Option<Self> {
        let (id, organization) = secret::read(BEGIN, ApiKeyId::PREFIX, text)?;
        Some(Self { organization, id, text: text.to_owned() })
    }

    /// What the table keeps.
    pub fn hash(&self) -> String {
        secret::hashed(&self.text)
    }

    /// What people may see of it later.
    pub fn prefix(&self) -> String {
        self.text.chars().take(PREFIX).collect()
    }

    /// The whole text, shown once.
    pub fn into_text(self) -> String {
        self.text
    }
}

/// A key that opens something, with what it may do.
#[derive(Debug, Clone)]
pub(crate) struct KnownKey {
    pub(crate) key: ApiKey,
    pub(crate) authority: Authority,
}

/// The key that somebody shows, if it is good: no call while it is believed, else 3 reads.
pub(crate) async fn known(app: &App, shown: &KeyText) -> Result<Option<Arc<KnownKey>>, Problem> {
    let now = app.now();
    let known = match app.known_key(&shown.id) {
        Some(known) => known,
        None => {
            let grant = Caller::system(shown.organization, "api-key").own();
            let Some(key): Option<ApiKey> = there(app.table().get(&grant, shown.id).await)? else { return Ok(None) };
            // Whoever made it may have left: their machines leave with them.
            let Some(owner) = app.owner(&grant, key.user).await? else { return Ok(None) };
            let known = Arc::new(KnownKey { authority: key.authority(&owner), key });
            if known.key.last_used_at.is_none_or(|last| last + USE_NOTED <= now) {
                note_use(app, &grant, known.key.clone()).await?;
            }
            app.believe_key(shown.id, known.clone());
            known
        }
    };
    let hash = shown.hash();
    let good = known.key.meta.organization == shown.organization
        && known.key.is_live(now)
        && known.key.good_hashes(now).any(|good| bool::from(good.as_bytes().ct_eq(hash.as_bytes())));
    Ok(good.then_some(known))
}

/// Writes when it was last used; where somebody changes the key at the same time, the next request does.
async fn note_use(app: &App, grant: &domain::Grant, key: ApiKey) -> Result<(), Problem> {
    let mut after = key.clone();
    after.last_used_at = Some(app.now());
    match app.table().commit_unseen(grant, Change::update(key, after, "api_key.used")).await {
        Ok(_) | Err(CommitError::Refused { refused: Refused::Conflict, .. }) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

/// A machine's request, counted against its key's limit.
pub(crate) async fn signed_in(
    app: &App,
    known: Arc<KnownKey>,
    origin: Origin,
) -> Result<(Found, Option<Usage>), Problem> {
    let KnownKey { key, authority } = &*known;
    let organization = key.meta.organization;
    let usage = limits::count_request(app, organization, &key.id.to_string(), key.requests_per_hour).await?;
    let actor = Actor::Key { id: key.id, user: key.user };
    let signed_in = SignedIn {
        caller: Caller::authorized(organization, actor, authority, origin),
        user: key.user,
        session: None,
        branch: authority.branch,
        authority: authority.clone(),
    };
    Ok((Found::Somebody(Box::new(Entering(signed_in, None))), Some(usage)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_reads_back_and_nothing_else_does() {
        let at = jiff::Timestamp::UNIX_EPOCH;
        let (organization, id) = (OrganizationId::at(at, [1; 10]), ApiKeyId::at(at, [2; 10]));
        let key = KeyText::new(organization, id, [255; 32]);
        let (hash, prefix) = (key.hash(), key.prefix());
        let text = key.into_text();
        assert!(text.starts_with(&prefix) && prefix.starts_with(BEGIN));
        let read = KeyText::read(&text).expect("a key");
        assert_eq!((read.organization, read.id, read.hash()), (organization, id, hash));
        for wrong in ["", "spk_", "spk_a_b_c", &text[1..], &text[..text.len() - 1], "eyJhbGciOiJub25lIn0.e30."] {
            assert!(KeyText::read(wrong).is_none(), "{wrong}");
        }
    }
}
