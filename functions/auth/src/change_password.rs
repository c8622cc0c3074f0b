//! `POST /auth/change-password`.

use axum::extract::State;
use domain::{Change, FieldInvalid, Invalid, SecurityKind, Session, SessionId, User};
use serde::Deserialize;
use utoipa::ToSchema;
use web::password::{self, Password};
use web::{App, Body, Data, Entering, Envelope, Field, Fields, Problem, SignedIn};

use crate::account::unraced;
use crate::attempts::{Attempt, By, Try};
use crate::notice::password_changed;
use crate::reset_password::{PasswordSet, beside};
use crate::sessions::end_others;
use crate::visit::Visit;

/// The account or the sign-in may change at the same time.
const LOOKS: u32 = 4;

/// A new password in the place of the current one.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct PasswordChange {
    #[serde(default)]
    #[schema(value_type = String, format = Password, required)]
    current_password: Field<String>,
    #[serde(default)]
    #[schema(value_type = Password, required)]
    new_password: Field<Password>,
}

impl Fields for PasswordChange {
    const WRITES: &'static [&'static str] = &["current_password", "new_password"];
}

impl PasswordChange {
    fn parse(self) -> Result<(String, Password), Problem> {
        let mut wrong = Vec::new();
        let current = self.current_password.required("current_password", &mut wrong);
        let new = self.new_password.required("new_password", &mut wrong);
        current.zip(new).filter(|_| wrong.is_empty()).ok_or_else(|| wrong.into())
    }
}

/// Changes one's password, also where that is all one may do yet. One's other sign-ins end, in every organization.
#[utoipa::path(
    post, path = "/auth/change-password", tag = "auth", request_body = PasswordChange,
    responses((status = 200, description = "The password is changed.", body = Envelope<PasswordSet>)),
)]
pub(crate) async fn auth_change_password(
    State(app): State<App>,
    visit: Visit,
    Entering(signed_in, _): Entering,
    Body(body): Body<PasswordChange>,
) -> Result<Data<PasswordSet>, Problem> {
    let session = signed_in.person()?;
    let (current, new) = body.parse()?;
    let user: User = app.table().get_to_change(&visit.everyone(), signed_in.user).await?;
    proved(&app, &visit, &signed_in, &user, &current, "current_password").await?;
    let new = beside(new, &user, "new_password")?;
    if new.is(&current) {
        return Err(Problem::field("new_password", Invalid::new("same_password", "must be another one than before")));
    }
    let hash = password::hash(&new, app.platform().random()).await?;
    let user = set(&app, &visit, &signed_in, session, user, hash).await?;
    end_others(&app, &visit, user.id, &user.organizations, Some(session)).await?;
    Ok(Data(PasswordSet { changed: true }))
}

/// Makes sure of somebody's password once more; who has their device must not guess it at leisure.
pub(crate) async fn proved(
    app: &App,
    visit: &Visit,
    signed_in: &SignedIn,
    user: &User,
    password: &str,
    field: &str,
) -> Result<(), Problem> {
    let wanted = Some(signed_in.caller.organization());
    let tried = Try { by: By::Password, email: &user.email, user: Some(user), wanted };
    let attempt = Attempt::begin(app, visit, tried).await?;
    let hash = Some(user.password_hash.as_str()).filter(|hash| !hash.is_empty());
    if password::verify(password, hash).await? {
        return attempt.succeeded(app, visit).await;
    }
    attempt.failed(app, visit).await?;
    Err(Problem::invalid([FieldInvalid::new(field, Invalid::new("wrong_password", "is not your password"))]))
}

async fn set(
    app: &App,
    visit: &Visit,
    signed_in: &SignedIn,
    session: SessionId,
    mut user: User,
    hash: String,
) -> Result<User, Problem> {
    let (everyone, grant) = (visit.everyone(), signed_in.own());
    let (organization, now) = (grant.organization(), app.now());
    let before = user.password_hash.clone();
    for _ in 0..LOOKS {
        // What was proved is a password of before.
        if user.password_hash != before {
            break;
        }
        let this: Session = app.table().get_to_change(&grant, session).await?;
        let mut after = user.clone();
        after.password_hash.clone_from(&hash);
        after.must_change_password = false;
        after.meta.updated_at = now;
        let event = visit.event(app, organization, SecurityKind::PasswordChanged).about(user.id).of_session(session);
        let mut transaction = app.table().transaction();
        let changed = transaction.push(&everyone, Change::update(user.clone(), after, "user.password_changed"))?;
        transaction.push(&grant, this.password_chosen(now))?;
        transaction.push(&grant, event.happened())?;
        transaction.push(&grant, password_changed(app, visit, organization, &user))?;
        if unraced(transaction.commit().await)?.is_some() {
            app.forget_session(session);
            return Ok(changed);
        }
        user = app.table().get_to_change(&everyone, user.id).await?;
    }
    Err(store::Refused::Conflict.into())
}
