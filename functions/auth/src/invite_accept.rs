//! `POST /auth/invites/{token}/accept`.

use axum::extract::State;
use axum::http::StatusCode;
use domain::session::Proof;
use domain::{
    Authority, Caller, Change, CustomRole, FieldInvalid, Grant, Invalid, Invite, Membership, Organization,
    OrganizationId, Permission, PersonName, RoleKey, Rows, SecurityKind, Session, User, UserId,
};
use serde::Deserialize;
use serde::Serialize;
use store::{CommitError, Refused, Window, there};
use utoipa::ToSchema;
use web::invite_token::InviteToken;
use web::password::{self, Password};
use web::seats::seating;
use web::{App, Body, Data, Envelope, Field, Fields, PathText, Problem, Secret};

use crate::Signer;
use crate::sign_in::{How, OrganizationName, Place, SignIn};
use crate::visit::Visit;

/// Tries against others who take a seat at the same time.
const TRIES: u32 = 8;
/// Tries of a password with one invitation.
const ATTEMPTS: Window = Window { name: "invite-accept", limit: 10, seconds: 15 * 60 };

/// Who takes up an invitation.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct Acceptance {
    /// Of a new account; somebody who has one keeps their name.
    #[serde(default)]
    #[schema(value_type = Option<PersonName>)]
    first_name: Field<PersonName>,
    #[serde(default)]
    #[schema(value_type = Option<PersonName>)]
    last_name: Field<PersonName>,
    /// A new account's, or that of the account which the invited address has already.
    #[serde(default)]
    #[schema(value_type = String, format = Password, required)]
    password: Field<String>,
}

impl Fields for Acceptance {
    const WRITES: &'static [&'static str] = &["first_name", "last_name", "password"];
}

struct Parsed {
    first_name: Option<PersonName>,
    last_name: Option<PersonName>,
    password: String,
}

impl Acceptance {
    fn parse(self) -> Result<Parsed, Problem> {
        let mut wrong = Vec::new();
        let first_name = self.first_name.optional("first_name", &mut wrong);
        let last_name = self.last_name.optional("last_name", &mut wrong);
        let password = self.password.required("password", &mut wrong);
        match password {
            Some(password) if wrong.is_empty() => Ok(Parsed { first_name, last_name, password }),
            _ => Err(wrong.into()),
        }
    }
}

/// An invitation that was taken up.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Accepted {
    organization: OrganizationName,
    /// `null` for an account with a second factor, whose holder signs in with it.
    #[schema(required)]
    sign_in: Option<SignIn>,
}

/// Who takes it up: an account that is there, or a new one.
enum Account {
    Known(User),
    New(User),
}

impl Account {
    /// The account of the invited address, whose password this must be, or a new one with it.
    async fn of(app: &App, invite: &Invite, parsed: &Parsed) -> Result<Self, Problem> {
        let everyone = Caller::system(OrganizationId::PLATFORM, "auth").own();
        let claim = User::email_claim(&invite.email);
        if let Some(id) = app.table().holder::<User>(OrganizationId::PLATFORM, &claim).await? {
            let user: User = app.table().get_to_change(&everyone, id).await?;
            // Who signs in by code only has no password to show.
            let hash = Some(user.password_hash.as_str()).filter(|hash| !hash.is_empty());
            if password::verify(&parsed.password, hash).await? {
                return Ok(Self::Known(user));
            }
            let detail = "The invited address has an account already; this is not its password.";
            return Err(Problem::new(StatusCode::UNAUTHORIZED, "invalid_credentials", detail));
        }
        let mut wrong = Vec::new();
        let mut refuse = |field: &str, invalid: Invalid| wrong.push(FieldInvalid::new(field, invalid));
        let password = parsed.password.parse::<Password>().and_then(|password| password.beside(&invite.email));
        let password = password.map_err(|invalid| refuse("password", invalid)).ok();
        if parsed.first_name.is_none() {
            refuse("first_name", Invalid::required());
        }
        let (Some(password), Some(first_name)) = (password, &parsed.first_name) else { return Err(wrong.into()) };
        let (now, platform) = (app.now(), app.platform());
        let last_name = parsed.last_name.as_ref().map(PersonName::to_string).unwrap_or_default();
        let id = UserId::at(now, platform.random());
        let user = User {
            password_hash: password::hash(&password, platform.random()).await?,
            ..User::new(id, invite.email.clone(), first_name.to_string(), last_name, now)
        };
        Ok(Self::New(user))
    }

    const fn user(&self) -> &User {
        match self {
            Self::Known(user) | Self::New(user) => user,
        }
    }

    /// It belongs to one more organization.
    fn joins(self, organization: OrganizationId, app: &App) -> Change<User> {
        match self {
            Self::New(mut user) => {
                user.organizations.push(organization);
                Change::create(user, "user.created")
            }
            Self::Known(before) => {
                let mut after = before.clone();
                after.organizations.push(organization);
                after.meta.updated_at = app.now();
                Change::update(before, after, "user.updated")
            }
        }
    }
}

fn over() -> Problem {
    Problem::conflict("invite_over", "This invitation was taken up or taken back, or has ended. Ask for another one.")
}

fn void() -> Problem {
    Problem::conflict("invite_void", "Who invited you can grant this no more. Ask for another one.")
}

/// What was granted must still be the inviter's to grant.
async fn refuse_void(app: &App, grant: &Grant, invite: &Invite, wanted: &Authority) -> Result<(), Problem> {
    let inviter: Option<Membership> =
        there(app.table().get_to_change(grant, Membership::id_of(invite.invited_by)).await)?;
    let inviter = inviter.filter(Membership::is_active).ok_or_else(void)?;
    let own = app.authority(grant, &inviter, wanted.plan).await?;
    let places = match &own.rows {
        Rows::All => None,
        Rows::Branches { .. } | Rows::Team { .. } | Rows::Own { .. } => Some(&inviter.branches),
    };
    let placed = |own: &Vec<_>| invite.branches.iter().all(|branch| own.contains(branch));
    let may = own.permissions.has(Permission::UsersWrite) && own.exceeded_by(wanted).is_none();
    if may && places.is_none_or(placed) { Ok(()) } else { Err(void()) }
}

/// Takes up an invitation, once: with a new account, or with the one that the invited address has, whose password must
/// be shown. Where who invited may grant it no more, 409 `invite_void`; a link that was used or has ended is 409
/// `invite_over`.
#[utoipa::path(
    post, path = "/auth/invites/{token}/accept", tag = "auth", security(()),
    params(("token" = String, Path, description = "What the link ends with.")), request_body = Acceptance,
    responses((status = 200, description = "Taken up.", body = Envelope<Accepted>)),
)]
pub(crate) async fn auth_invite_accept(
    State(app): State<App>,
    signer: Signer,
    visit: Visit,
    PathText(token): PathText,
    Body(body): Body<Acceptance>,
) -> Result<Secret<Data<Accepted>>, Problem> {
    let token = InviteToken::read(&token).ok_or_else(Problem::not_found)?;
    let grant = visit.grant(token.organization);
    let invite: Invite = app.table().get_to_change(&grant, token.id).await?;
    if !token.opens(&invite) {
        return Err(Problem::not_found());
    }
    let parsed = body.parse()?;
    app.count_use(&visit.scope, token.organization, ATTEMPTS, &invite.id.to_string()).await?;
    for _ in 0..TRIES {
        let invite: Invite = app.table().get_to_change(&grant, token.id).await?;
        if !token.opens(&invite) || !invite.is_open(app.now()) {
            return Err(over());
        }
        let account = Account::of(&app, &invite, &parsed).await?;
        let how = How { device: visit.device.clone(), remember: false, proofs: vec![Proof::Invite] };
        if let Some((place, session)) = accept(&app, &visit, invite, account, how).await? {
            let organization = (&place.organization).into();
            let sign_in = session.map(|session| place.tokens(&app, &signer, &session)).transpose()?;
            return Ok(Secret(Data(Accepted { organization, sign_in })));
        }
    }
    Err(Refused::Conflict.into())
}

/// Writes the account, the membership with its seat, the invitation and the sign-in together; `None` where somebody
/// else was faster at one of them.
async fn accept(
    app: &App,
    visit: &Visit,
    invite: Invite,
    account: Account,
    how: How,
) -> Result<Option<(Place, Option<Session>)>, Problem> {
    let (now, id, user) = (app.now(), invite.meta.organization, account.user().clone());
    let grant = &visit.grant(id);
    if there::<Membership>(app.table().get_to_change(grant, Membership::id_of(user.id)).await)?.is_some() {
        return Err(Problem::conflict("already_member", "You have a place there already."));
    }
    let mut membership = Membership::new(id, &user, invite.role, invite.branches.clone(), now);
    membership.reach = invite.reach;
    // The seats are read first: whatever else is read then is as it was when the seat was free.
    let seats = seating(app, id, None, Some(&membership)).await?;
    let organization: Organization = app.table().get_to_change(grant, id).await?;
    if let RoleKey::Own(role) = invite.role
        && there::<CustomRole>(app.table().get_to_change(grant, role).await)?.is_none()
    {
        return Err(void());
    }
    let authority = app.authority(grant, &membership, organization.plan).await?;
    refuse_void(app, grant, &invite, &authority).await?;

    let with_factor = user.second_factor.is_some();
    let everyone = visit.everyone();
    let place = Place { user, membership, organization, authority };
    let session = (!with_factor).then(|| place.session(app, how));
    let mut transaction = app.table().transaction();
    transaction.push(&everyone, account.joins(id, app))?;
    transaction.push(grant, Change::create(place.membership.clone(), "membership.created"))?;
    transaction.push(grant, invite.accept(place.user.id, now))?;
    if let Some(seats) = seats {
        transaction.push(grant, seats)?;
    }
    if let Some(session) = &session {
        let event = visit.event(app, id, SecurityKind::SignedIn).about(place.user.id).of_session(session.id);
        transaction.push(grant, event.happened())?;
    }
    let session =
        session.map(|session| transaction.push(grant, Change::create(session, "session.opened"))).transpose()?;
    match transaction.commit().await {
        Ok(()) => Ok(Some((place, session))),
        Err(CommitError::Refused { refused: Refused::Conflict | Refused::Exists | Refused::Taken { .. }, .. }) => {
            Ok(None)
        }
        Err(error) => Err(error.into()),
    }
}
