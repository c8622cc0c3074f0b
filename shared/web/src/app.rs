//! What a handler works with.

use std::num::NonZeroU32;
use std::sync::{Arc, RwLock};

use domain::organization::Limits;
use domain::session::SEEN_NOTED;
use domain::{
    ApiKeyId, Authority, Caller, CustomRole, Grant, LeadPipeline, MAX_TEAM, Membership, Organization, OrganizationId,
    Plan, RoleKey, RowReach, Session, SessionId, Slot, UserId,
};
use jiff::{SignedDuration, Timestamp};
use runtime::{Cache, Platform};
use store::{CommitError, ListQuery, PublishedKey, ReadError, StoreError, Table, there};

use crate::api_key::KnownKey;
use crate::limits::Leases;
use crate::token::KeySet;

/// How long a session, a membership, a role, an organization or a pipeline that was read is believed: a revoked
/// session's access token stops, and a changed role is felt, within this time.
const BELIEVED: SignedDuration = SignedDuration::from_secs(30);
/// The person who asks is one of a team.
const TEAM: NonZeroU32 = NonZeroU32::MIN.saturating_add(MAX_TEAM - 2);

/// A sign-in as it was read within the last 30 seconds, with what its holder may do.
#[derive(Debug)]
pub(crate) struct Known {
    pub(crate) session: Session,
    pub(crate) authority: Authority,
    pub(crate) limits: Limits,
}

/// What a handler works with. Cheap to clone.
#[derive(Debug, Clone)]
pub struct App {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    platform: Platform,
    keys: RwLock<(KeySet, Timestamp)>,
    tokens: Cache<[u8; 32], crate::Claims>,
    known: Cache<SessionId, Arc<Known>>,
    api_keys: Cache<ApiKeyId, Arc<KnownKey>>,
    organizations: Cache<OrganizationId, Organization>,
    pipelines: Cache<OrganizationId, LeadPipeline>,
    live_leads: Cache<OrganizationId, u32>,
    leases: Leases,
}

impl App {
    /// An app on a platform; `keys` are those that tokens are signed with.
    pub fn new(platform: Platform, keys: &[PublishedKey]) -> Self {
        let now = platform.now();
        let keys = KeySet::new(keys, &platform.settings().issuer);
        Self {
            inner: Arc::new(Inner {
                keys: RwLock::new((keys, now)),
                tokens: Cache::new(1_000),
                known: Cache::new(1_000),
                api_keys: Cache::new(1_000),
                organizations: Cache::new(200),
                pipelines: Cache::new(200),
                live_leads: Cache::new(200),
                leases: Leases::default(),
                platform,
            }),
        }
    }

    /// The platform.
    pub fn platform(&self) -> &Platform {
        &self.inner.platform
    }

    /// The table.
    pub fn table(&self) -> &Table {
        self.inner.platform.table()
    }

    /// Now.
    pub fn now(&self) -> Timestamp {
        self.inner.platform.now()
    }

    pub(crate) fn leases(&self) -> &Leases {
        &self.inner.leases
    }

    pub(crate) fn live_leads(&self) -> &Cache<OrganizationId, u32> {
        &self.inner.live_leads
    }

    pub(crate) fn tokens(&self) -> &Cache<[u8; 32], crate::Claims> {
        &self.inner.tokens
    }

    pub(crate) fn keys(&self) -> KeySet {
        self.inner.keys.read().unwrap_or_else(std::sync::PoisonError::into_inner).0.clone()
    }

    /// Reads the keys again: `auth` may have published a new one since this function started. At
    /// most once a minute, so that made-up key ids cost nothing.
    pub(crate) async fn refresh_keys(&self) -> Result<bool, StoreError> {
        let now = self.now();
        {
            let mut keys = self.inner.keys.write().unwrap_or_else(std::sync::PoisonError::into_inner);
            if now < keys.1 + SignedDuration::from_mins(1) && !keys.0.is_empty() {
                return Ok(false);
            }
            keys.1 = now;
        }
        let published = self.table().signing_keys().await?;
        let set = KeySet::new(&published, &self.platform().settings().issuer);
        self.inner.keys.write().unwrap_or_else(std::sync::PoisonError::into_inner).0 = set;
        Ok(true)
    }

    /// A sign-in with what its holder may do, as it was within the last 30 seconds; `None` where there is no such
    /// session or its holder may not come in. 1 `BatchGetItem` of three records; 1 more read for a role of the
    /// organization's own, 1 Query for a team.
    pub(crate) async fn known(
        &self,
        organization: OrganizationId,
        session: SessionId,
        user: UserId,
    ) -> Result<Option<Arc<Known>>, StoreError> {
        let now = self.now();
        if let Some(known) = self.inner.known.get(&session, now) {
            return Ok(Some(known));
        }
        let grant = Caller::system(organization, "sign-in").own();
        let ids = (session, Membership::id_of(user), organization);
        let (found, membership, organization) =
            self.table().get_three::<Session, Membership, Organization>(&grant, ids).await?;
        let (Some(found), Some(membership), Some(organization)) = (found, membership, organization) else {
            return Ok(None);
        };
        if !membership.is_active() {
            return Ok(None);
        }
        let limits = membership.limits.unwrap_or(organization.limits);
        let authority = self.authority(&grant, &membership, organization.plan).await?;
        let found = self.seen(&grant, found).await?;
        let known = Arc::new(Known { session: found, authority, limits });
        self.inner.known.put(session, known.clone(), now + BELIEVED);
        Ok(Some(known))
    }

    /// Writes when a session was last used, at most every quarter of an hour; where somebody changes it at the same
    /// time, the next look does.
    async fn seen(&self, grant: &Grant, session: Session) -> Result<Session, StoreError> {
        let now = self.now();
        if now < session.last_seen_at + SEEN_NOTED || !session.is_live(now) {
            return Ok(session);
        }
        match self.table().commit(grant, session.clone().seen(now)).await {
            Ok(session) => Ok(session),
            Err(CommitError::Refused { .. }) => Ok(session),
            Err(CommitError::Store(error)) => Err(error),
        }
    }

    /// What a member may do: no call, 1 read for a role of the organization's own, 1 Query for a team.
    pub async fn authority(&self, grant: &Grant, membership: &Membership, plan: Plan) -> Result<Authority, StoreError> {
        let own = match membership.role {
            RoleKey::Template(_) => None,
            RoleKey::Own(id) => there(self.table().get::<CustomRole>(grant, id).await)?,
        };
        let reach = membership.reach.or_else(|| own.as_ref().map(|role| role.reach));
        let team = if reach == Some(RowReach::Team) { self.team(grant, membership.user).await? } else { Vec::new() };
        Ok(Authority::of(membership, own.as_ref(), &team, plan))
    }

    async fn team(&self, grant: &Grant, manager: UserId) -> Result<Vec<UserId>, StoreError> {
        let query = ListQuery::new(Slot::Two, "manager", manager.to_string(), TEAM);
        let page = self.table().list::<Membership>(grant, &query, Membership::is_active).await?;
        Ok(page.records.iter().map(|member| member.user).collect())
    }

    /// What somebody may do now, whose machine asks; `None` where they may not come in. 2 reads, or as
    /// [`authority`](Self::authority).
    pub(crate) async fn owner(&self, grant: &Grant, user: UserId) -> Result<Option<Authority>, ReadError> {
        let membership: Membership = match self.table().get(grant, Membership::id_of(user)).await {
            Ok(membership) => membership,
            Err(ReadError::NotFound) => return Ok(None),
            Err(error) => return Err(error),
        };
        if !membership.is_active() {
            return Ok(None);
        }
        let plan = self.organization(grant).await?.plan;
        Ok(Some(self.authority(grant, &membership, plan).await?))
    }

    pub(crate) fn known_key(&self, id: &ApiKeyId) -> Option<Arc<KnownKey>> {
        self.inner.api_keys.get(id, self.now())
    }

    pub(crate) fn believe_key(&self, id: ApiKeyId, known: Arc<KnownKey>) {
        self.inner.api_keys.put(id, known, self.now() + BELIEVED);
    }

    /// Forgets what is remembered of a key that this function has just changed.
    pub fn forget_key(&self, id: ApiKeyId) {
        self.inner.api_keys.remove(&id);
    }

    /// Forgets what is remembered of a session that this function has just changed.
    pub fn forget_session(&self, id: SessionId) {
        self.inner.known.remove(&id);
    }

    /// Forgets everybody, after this function has changed what somebody may do.
    pub fn forget_everybody(&self) {
        self.inner.known.clear();
        self.inner.api_keys.clear();
    }

    /// The caller's organization, as it was within the last 30 seconds.
    pub async fn organization(&self, grant: &Grant) -> Result<Organization, ReadError> {
        let (id, now) = (grant.organization(), self.now());
        if let Some(organization) = self.inner.organizations.get(&id, now) {
            return Ok(organization);
        }
        let organization: Organization = self.table().get(grant, id).await?;
        self.inner.organizations.put(id, organization.clone(), now + BELIEVED);
        Ok(organization)
    }

    /// The organization's pipeline of leads, as it was within the last 30 seconds.
    pub async fn pipeline(&self, grant: &Grant) -> Result<LeadPipeline, ReadError> {
        let (id, now) = (grant.organization(), self.now());
        if let Some(pipeline) = self.inner.pipelines.get(&id, now) {
            return Ok(pipeline);
        }
        let pipeline: LeadPipeline = self.table().get(grant, LeadPipeline::id_of(id)).await?;
        self.inner.pipelines.put(id, pipeline.clone(), now + BELIEVED);
        Ok(pipeline)
    }

    /// Forgets the organization and its pipeline, after this function has changed them.
    pub fn forget_organization(&self, id: OrganizationId) {
        self.inner.organizations.remove(&id);
        self.inner.pipelines.remove(&id);
    }
}
