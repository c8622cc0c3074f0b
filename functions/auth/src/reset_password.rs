//! `POST /auth/reset-password`.

use axum::extract::State;
use domain::challenge::Purpose;
use domain::{Challenge, Change, EmailAddress, FieldInvalid, Invalid, SecurityKind, User};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use web::password::{self, Password};
use web::{App, Body, Data, Envelope, Field, Fields, Problem};

use crate::account::{account, home, unraced};
use crate::attempts::{Attempt, By, Try};
use crate::codes::{self, invalid_code, is_code_of, led_to, owner, still, typed};
use crate::notice::password_changed;
use crate::secret_text::SecretText;
use crate::sessions::end_others;
use crate::sign_in::knowing_address;
use crate::visit::Visit;

/// Others may try the same challenge meanwhile, at most as often as it may be tried.
const LOOKS: u32 = 8;

/// A new password, with the link's token, or with the address and the code.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct PasswordReset {
    /// From the link; without it `email` and `code` are needed.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    token: Field<String>,
    #[serde(default)]
    #[schema(value_type = Option<EmailAddress>)]
    email: Field<EmailAddress>,
    /// The six digits.
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "012345")]
    code: Field<String>,
    #[serde(default)]
    #[schema(value_type = Password, required)]
    password: Field<Password>,
}

impl Fields for PasswordReset {
    const WRITES: &'static [&'static str] = &["token", "email", "code", "password"];
}

enum Shown {
    Token(String),
    Code(EmailAddress, String),
}

impl PasswordReset {
    fn parse(self) -> Result<(Shown, Password), Problem> {
        let mut wrong = Vec::new();
        let shown = match self.token.optional("token", &mut wrong) {
            Some(token) => Some(Shown::Token(token)),
            None => {
                let email = self.email.required("email", &mut wrong);
                let code = self.code.required("code", &mut wrong);
                email.zip(code).map(|(email, code)| Shown::Code(email, typed(&code)))
            }
        };
        let password = self.password.required("password", &mut wrong);
        match (shown, password) {
            (Some(shown), Some(password)) if wrong.is_empty() => Ok((shown, password)),
            _ => Err(wrong.into()),
        }
    }
}

/// A password that was set anew.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PasswordSet {
    /// Always `true`.
    pub(crate) changed: bool,
}

/// Sets a new password with the link or the code of `POST /auth/forgot-password`, once. Every sign-in of the account
/// ends, in all its organizations; whoever set it signs in with it.
///
/// A link or a code that is not good, whatever the reason, is the same 401 `invalid_code`.
#[utoipa::path(
    post, path = "/auth/reset-password", tag = "auth", security(()), request_body = PasswordReset,
    responses((status = 200, description = "The password is set.", body = Envelope<PasswordSet>)),
)]
pub(crate) async fn auth_reset_password(
    State(app): State<App>,
    visit: Visit,
    Body(body): Body<PasswordReset>,
) -> Result<Data<PasswordSet>, Problem> {
    let (shown, password) = body.parse()?;
    let (challenge, user) = match shown {
        Shown::Token(token) => {
            let token: SecretText = token.parse().map_err(|_| invalid_code())?;
            let challenge = led_to(&app, &visit, Purpose::PasswordReset, &token).await?.ok_or_else(invalid_code)?;
            let user = owner(&app, &visit, &challenge).await?;
            (challenge, user)
        }
        Shown::Code(email, code) => {
            let user = account(&app, &visit.everyone(), &email).await?;
            let tried = Try { by: By::ResetCode, email: &email, user: user.as_ref(), wanted: None };
            let attempt = Attempt::begin(&app, &visit, tried).await?;
            let right = |challenge: &Challenge| is_code_of(&app, challenge, &code);
            let answered = codes::answered(&app, &visit, Purpose::PasswordReset, &email.normalized(), right).await?;
            let (Some(challenge), Some(user)) = (answered, user) else {
                attempt.failed(&app, &visit).await?;
                return Err(invalid_code());
            };
            attempt.succeeded(&app, &visit).await?;
            (challenge, user)
        }
    };
    if challenge.user != Some(user.id) {
        return Err(invalid_code());
    }
    let password = beside(password, &user, "password")?;
    let hash = password::hash(&password, app.platform().random()).await?;
    let user = set(&app, &visit, challenge, user, hash).await?;
    end_others(&app, &visit, user.id, &user.organizations, None).await?;
    Ok(Data(PasswordSet { changed: true }))
}

/// Refuses a password that has its owner's name or address in it.
pub(crate) fn beside(password: Password, user: &User, field: &str) -> Result<Password, Problem> {
    let refused = |invalid: Invalid| Problem::invalid([FieldInvalid::new(field, invalid)]);
    password.of(&user.email, &[&user.first_name, &user.last_name]).map_err(refused)
}

/// The new password, the challenge's end, the event and the message go through together. Where one of the records has
/// changed meanwhile, it is looked at again.
async fn set(
    app: &App,
    visit: &Visit,
    mut challenge: Challenge,
    mut user: User,
    hash: String,
) -> Result<User, Problem> {
    let everyone = visit.everyone();
    for _ in 0..LOOKS {
        let organization = home(Some(&user), None);
        let grant = visit.grant(organization);
        let now = app.now();
        // Whoever has the address's mail is where its owner is.
        let mut after = knowing_address(app, visit, &user).unwrap_or_else(|| user.clone());
        after.password_hash.clone_from(&hash);
        after.must_change_password = false;
        after.meta.updated_at = now;
        let message = password_changed(app, visit, organization, &user);
        let event = visit.event(app, organization, SecurityKind::PasswordChanged).about(user.id);
        let mut transaction = app.table().transaction();
        transaction.push(&everyone, challenge.clone().answered(now))?;
        let changed = transaction.push(&everyone, Change::update(user.clone(), after, "user.password_reset"))?;
        transaction.push(&grant, event.happened())?;
        transaction.push(&grant, message)?;
        if unraced(transaction.commit().await)?.is_some() {
            return Ok(changed);
        }
        challenge = still(app, visit, &challenge).await?.ok_or_else(invalid_code)?;
        user = owner(app, visit, &challenge).await?;
    }
    Err(Problem::unavailable("an account changes all the time"))
}
