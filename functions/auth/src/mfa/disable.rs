//! `POST /auth/mfa/disable`.

use axum::extract::State;
use domain::{Change, Invalid, Membership, Organization, Role, SecurityKind, User};
use serde::{Deserialize, Serialize};
use store::there;
use utoipa::ToSchema;
use web::{App, Body, Data, Envelope, Field, Fields, Problem, SignedIn};

use super::{Shown, taken};
use crate::account::unraced;
use crate::attempts::{Attempt, By, Try};
use crate::change_password::proved;
use crate::notice::alert;
use crate::visit::Visit;

/// The account may change at the same time.
const LOOKS: u32 = 4;

/// Whoever gives up the second factor proves both.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct SecondFactorGivenUp {
    #[serde(default)]
    #[schema(value_type = String, format = Password, required)]
    password: Field<String>,
    /// The authenticator's six digits; or `recovery_code`.
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "012345")]
    code: Field<String>,
    /// One of the recovery codes, where the authenticator is lost.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    recovery_code: Field<String>,
}

impl Fields for SecondFactorGivenUp {
    const WRITES: &'static [&'static str] = &["password", "code", "recovery_code"];
}

impl SecondFactorGivenUp {
    fn parse(self) -> Result<(String, Shown), Problem> {
        let mut wrong = Vec::new();
        let password = self.password.required("password", &mut wrong);
        let shown = Shown::read(self.code, self.recovery_code, &mut wrong);
        password.zip(shown).filter(|_| wrong.is_empty()).ok_or_else(|| wrong.into())
    }
}

/// A second factor that is no more.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SecondFactorDisabled {
    /// Always `true`.
    disabled: bool,
}

/// Gives up the second factor; 409 where an organization that one administers requires it.
#[utoipa::path(
    post, path = "/auth/mfa/disable", tag = "auth", request_body = SecondFactorGivenUp,
    responses((status = 200, description = "The second factor is no more.", body = Envelope<SecondFactorDisabled>)),
)]
pub(crate) async fn auth_mfa_disable(
    State(app): State<App>,
    visit: Visit,
    signed_in: SignedIn,
    Body(body): Body<SecondFactorGivenUp>,
) -> Result<Data<SecondFactorDisabled>, Problem> {
    let session = signed_in.person()?;
    let (password, shown) = body.parse()?;
    let everyone = visit.everyone();
    let user: User = app.table().get_to_change(&everyone, signed_in.user).await?;
    if user.second_factor.is_none() {
        return Err(Problem::conflict("not_enrolled", "There is no second factor."));
    }
    required_nowhere(&app, &visit, &user).await?;
    proved(&app, &visit, &signed_in, &user, &password, "password").await?;
    let (grant, organization) = (signed_in.own(), signed_in.caller.organization());
    let tried = Try { by: By::SecondFactor, email: &user.email, user: Some(&user), wanted: Some(organization) };
    let attempt = Attempt::begin(&app, &visit, tried).await?;
    let mut user = user;
    for _ in 0..LOOKS {
        if taken(&user, &shown, app.now())?.is_none() {
            attempt.failed(&app, &visit).await?;
            return Err(Problem::field("code", Invalid::new("wrong_code", "is not a good code")));
        }
        let mut after = user.clone();
        after.second_factor = None;
        after.meta.updated_at = app.now();
        let event = visit.event(&app, organization, SecurityKind::SecondFactorDisabled);
        let told = alert(&app, &visit, organization, &user, "The second factor was given up.");
        let mut transaction = app.table().transaction();
        transaction.push(&everyone, Change::update(user.clone(), after, "user.second_factor_given_up"))?;
        transaction.push(&grant, event.about(user.id).of_session(session).happened())?;
        transaction.push(&grant, told)?;
        if unraced(transaction.commit().await)?.is_some() {
            attempt.succeeded(&app, &visit).await?;
            return Ok(Data(SecondFactorDisabled { disabled: true }));
        }
        user = app.table().get_to_change(&everyone, user.id).await?;
    }
    Err(store::Refused::Conflict.into())
}

/// Refuses where an organization requires a second factor of its administrators, and this is one of them: 2 reads an
/// organization.
async fn required_nowhere(app: &App, visit: &Visit, user: &User) -> Result<(), Problem> {
    for id in &user.organizations {
        let grant = visit.grant(*id);
        let (membership, organization) = futures::join!(
            app.table().get::<Membership>(&grant, Membership::id_of(user.id)),
            app.table().get::<Organization>(&grant, *id),
        );
        let Some((membership, organization)) = there(membership)?.zip(there(organization)?) else { continue };
        let admin = membership.is_active() && membership.role == Role::Admin.into();
        if admin && organization.security.admin_second_factor {
            let detail = format!("{} requires a second factor of its administrators.", organization.name);
            return Err(Problem::conflict("second_factor_required", detail));
        }
    }
    Ok(())
}
