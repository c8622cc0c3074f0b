//! All sign-ins of a person.

use std::num::NonZeroU32;

use domain::session::RevokedWhy;
use domain::{Change, OrganizationId, SecurityKind, Session, SessionId, Slot, UserId};
use store::{ListQuery, there};
use web::{App, Problem};

use crate::account::unraced;
use crate::visit::Visit;

/// Sign-ins read at once.
const PAGE: NonZeroU32 = NonZeroU32::MIN.saturating_add(49);
/// A sign-in is refreshed at most now and then; more looks than this mean trouble elsewhere.
const LOOKS: u32 = 4;

/// Ends every sign-in of a person in these organizations but one: 1 Query and, for each, 1 read and 1 transaction.
pub(crate) async fn end_others(
    app: &App,
    visit: &Visit,
    user: UserId,
    organizations: &[OrganizationId],
    but: Option<SessionId>,
) -> Result<(), Problem> {
    let why = RevokedWhy::PasswordReset;
    let now = app.now();
    let ended = |session: Session| (Some(session.id) != but && session.is_live(now)).then(|| session.revoke(why, now));
    change_all(app, visit, user, organizations, ended, Some(why)).await
}

/// Lets every sign-in of a person know that they have a second factor now.
pub(crate) async fn clear_second_factor_due(
    app: &App,
    visit: &Visit,
    user: UserId,
    organizations: &[OrganizationId],
) -> Result<(), Problem> {
    let now = app.now();
    let cleared = |session: Session| {
        (session.is_live(now) && session.second_factor_due_at.is_some()).then(|| session.second_factor_set_up(now))
    };
    change_all(app, visit, user, organizations, cleared, None).await
}

async fn change_all(
    app: &App,
    visit: &Visit,
    user: UserId,
    organizations: &[OrganizationId],
    decide: impl Fn(Session) -> Option<Change<Session>>,
    ended: Option<RevokedWhy>,
) -> Result<(), Problem> {
    for organization in organizations {
        let grant = visit.grant(*organization);
        let mut query = ListQuery::new(Slot::Two, "user", user.to_string(), PAGE);
        loop {
            let page = app.table().list::<Session>(&grant, &query, |session| decide(session.clone()).is_some()).await?;
            for session in page.records {
                change_one(app, visit, session, &decide, ended).await?;
            }
            let Some(next) = page.next else { break };
            query.cursor = Some(next);
        }
    }
    Ok(())
}

async fn change_one(
    app: &App,
    visit: &Visit,
    mut session: Session,
    decide: impl Fn(Session) -> Option<Change<Session>>,
    ended: Option<RevokedWhy>,
) -> Result<(), Problem> {
    let (id, organization) = (session.id, session.meta.organization);
    let grant = visit.grant(organization);
    for _ in 0..LOOKS {
        let Some(change) = decide(session) else { return Ok(()) };
        let mut transaction = app.table().transaction();
        let event = ended.map(|why| revoked(app, visit, &change.after, why));
        transaction.push(&grant, change)?;
        if let Some(event) = event {
            transaction.push(&grant, event)?;
        }
        if unraced(transaction.commit().await)?.is_some() {
            app.forget_session(id);
            return Ok(());
        }
        let Some(read) = there(app.table().get_to_change(&grant, id).await)? else { return Ok(()) };
        session = read;
    }
    Err(Problem::unavailable("a sign-in changes all the time"))
}

/// The event of a sign-in that ends.
pub(crate) fn revoked(app: &App, visit: &Visit, session: &Session, why: RevokedWhy) -> Change<domain::SecurityEvent> {
    let event = visit.event(app, session.meta.organization, SecurityKind::SessionRevoked);
    let mut event = event.about(session.user).of_session(session.id);
    event.data.insert("why".to_owned(), serde_json::json!(why));
    event.happened()
}
