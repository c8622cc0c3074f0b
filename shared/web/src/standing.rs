//! What people with open connections may do now.

use std::collections::HashMap;
use std::sync::Arc;

use domain::{Authority, Caller, Membership, Organization, OrganizationId, Session, SessionId, UserId};
use futures::future::try_join_all;
use jiff::SignedDuration;
use runtime::Cache;
use store::{StoreError, there};

use crate::App;

/// As for requests: a session that was ended hears nothing, and a changed role is felt, within this time.
const BELIEVED: SignedDuration = SignedDuration::from_secs(30);
/// People looked up at the same time.
const AT_ONCE: usize = 32;
/// Sign-ins remembered; as many as connections of which frames are told at the same time.
const KNOWN: usize = 20_000;

/// Remembers for half a minute what the holder of a sign-in may do; unlike a request, being told something is no use of
/// the sign-in.
#[derive(Debug)]
pub struct Standings {
    app: App,
    known: Cache<SessionId, Option<Arc<Authority>>>,
}

impl Standings {
    /// Knows nobody yet.
    pub fn new(app: App) -> Self {
        Self { app, known: Cache::new(KNOWN) }
    }

    /// The app that they are read by.
    pub const fn app(&self) -> &App {
        &self.app
    }

    /// What the holders of these sign-ins may do, as it was within the last 30 seconds; nothing of those whose sign-in is
    /// over, who may not come in, or who must do something else first. Of those not known yet 2 `BatchGetItem` a 100, 1
    /// more read for the organization, and what [`App::authority`] reads of each.
    pub async fn of(
        &self,
        organization: OrganizationId,
        people: &[(SessionId, UserId)],
    ) -> Result<HashMap<SessionId, Arc<Authority>>, StoreError> {
        let now = self.app.now();
        let (mut standings, mut unknown) = (HashMap::with_capacity(people.len()), Vec::new());
        for (session, user) in people {
            match self.known.get(session, now) {
                Some(Some(authority)) => drop(standings.insert(*session, authority)),
                Some(None) => {}
                None => unknown.push((*session, *user)),
            }
        }
        if unknown.is_empty() {
            return Ok(standings);
        }
        let grant = Caller::system(organization, "realtime").own();
        let plan = there(self.app.table().get::<Organization>(&grant, organization).await)?.map(|known| known.plan);
        let sessions: Vec<SessionId> = unknown.iter().map(|(session, _)| *session).collect();
        let members = unknown.iter().map(|(_, user)| Membership::id_of(*user)).collect::<Vec<_>>();
        let sessions = self.app.table().get_many::<Session>(&grant, &sessions).await?;
        let members = self.app.table().get_many::<Membership>(&grant, &members).await?;
        for some in unknown.chunks(AT_ONCE) {
            let read = some.iter().map(async |(session, user)| {
                let live = sessions
                    .get(session)
                    .filter(|live| live.user == *user && live.is_live(now) && live.must(now).is_none());
                let member = members.get(&Membership::id_of(*user)).filter(|member| member.is_active());
                let authority = match (live, member, plan) {
                    (Some(_), Some(member), Some(plan)) => Some(self.app.authority(&grant, member, plan).await?),
                    _ => None,
                };
                Ok::<_, StoreError>((*session, authority.map(Arc::new)))
            });
            for (session, authority) in try_join_all(read).await? {
                self.known.put(session, authority.clone(), now + BELIEVED);
                standings.extend(authority.map(|authority| (session, authority)));
            }
        }
        Ok(standings)
    }

    /// The same of one sign-in.
    pub async fn one(
        &self,
        organization: OrganizationId,
        session: SessionId,
        user: UserId,
    ) -> Result<Option<Arc<Authority>>, StoreError> {
        Ok(self.of(organization, &[(session, user)]).await?.remove(&session))
    }
}
