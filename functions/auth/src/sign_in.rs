//! What a sign-in gives, however it came about.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::challenge::{PendingSignIn, Purpose};
use domain::session::{ACCESS_LIFE, Device, Must, Opening, Proof};
use domain::user::MAX_KNOWN_ADDRESSES;
use domain::{
    Authority, Caller, Challenge, ChallengeId, Change, EmailAddress, Membership, Organization, OrganizationId, Role,
    SecurityKind, Session, SessionId, User, UserId,
};
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use store::{CommitError, there};
use utoipa::ToSchema;
use web::{AUDIENCE, App, Claims, Problem};

use crate::Signer;
use crate::account::unraced;
use crate::attempts::address_hash;
use crate::refresh_token::RefreshToken;
use crate::secret_text::SecretText;
use crate::visit::Visit;

/// A sign-in, in the shape of the insurance product's frontend.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SignIn {
    /// Goes into `Authorization: Bearer …`.
    access_token: String,
    /// Buys the next pair of tokens, once.
    refresh_token: String,
    /// Seconds the access token is good for.
    expires_in: i64,
    /// What must be done before anything else is permitted.
    #[schema(required)]
    must: Option<Must>,
    /// When an administrator without a second factor must have set one up.
    #[schema(value_type = Option<String>, format = DateTime, required)]
    second_factor_due_at: Option<Timestamp>,
    user: SignInUser,
    organization: OrganizationName,
}

/// The first factor was good, and the account has a second.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SecondFactorNeeded {
    /// Always `true`.
    mfa_required: bool,
    /// Goes into `POST /auth/mfa/verify`, with a code.
    mfa_token: String,
    /// Seconds it is good for.
    expires_in: i64,
}

/// What a first factor gives: tokens, or the question for the second factor.
#[derive(Debug, Serialize, ToSchema)]
#[serde(untagged)]
pub(crate) enum Entered {
    /// Signed in.
    SignedIn(Box<SignIn>),
    /// The second factor is needed.
    SecondFactor(SecondFactorNeeded),
}

/// Who signed in.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SignInUser {
    pub(crate) id: UserId,
    pub(crate) email: EmailAddress,
    pub(crate) first_name: String,
    pub(crate) last_name: String,
    /// The name of the role: a template's (`agent`), or one of the organization's own.
    pub(crate) role: String,
    /// The frontend's modules that the role opens.
    #[schema(value_type = Vec<String>)]
    pub(crate) permissions: Vec<&'static str>,
}

/// An organization by its name.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct OrganizationName {
    pub(crate) id: OrganizationId,
    pub(crate) name: String,
}

impl From<&Organization> for OrganizationName {
    fn from(organization: &Organization) -> Self {
        Self { id: organization.id, name: organization.name.clone() }
    }
}

impl SignInUser {
    pub(crate) fn new(user: User, authority: &Authority) -> Self {
        Self {
            id: user.id,
            email: user.email,
            first_name: user.first_name,
            last_name: user.last_name,
            role: authority.role_name.clone(),
            permissions: authority.modules(),
        }
    }
}

/// Somebody in an organization that lets them in.
#[derive(Clone)]
pub(crate) struct Place {
    pub(crate) user: User,
    pub(crate) membership: Membership,
    pub(crate) organization: Organization,
    pub(crate) authority: Authority,
}

/// How somebody signs in.
#[derive(Clone)]
pub(crate) struct How {
    /// With what.
    pub(crate) device: Device,
    /// Whether they want to be remembered.
    pub(crate) remember: bool,
    /// How they proved who they are.
    pub(crate) proofs: Vec<Proof>,
}

impl Place {
    /// Where somebody's sign-in leads: the organization they want, else their first; `None` where they may not come
    /// in. 2 reads.
    pub(crate) async fn of(app: &App, user: User, wanted: Option<OrganizationId>) -> Result<Option<Self>, Problem> {
        let Some(id) = wanted.or_else(|| user.organizations.first().copied()) else { return Ok(None) };
        let grant = Caller::system(id, "auth").own();
        let (membership, organization) = futures::join!(
            app.table().get::<Membership>(&grant, Membership::id_of(user.id)),
            app.table().get::<Organization>(&grant, id),
        );
        let Some((membership, organization)) = there(membership)?.zip(there(organization)?) else { return Ok(None) };
        if !membership.is_active() {
            return Ok(None);
        }
        let authority = app.authority(&grant, &membership, organization.plan).await?;
        Ok(Some(Self { user, membership, organization, authority }))
    }

    /// A session to be committed.
    pub(crate) fn session(&self, app: &App, how: How) -> Session {
        let (now, policy) = (app.now(), self.organization.security);
        let id = SessionId::at(now, app.platform().random());
        let grace = SignedDuration::from_hours(24 * i64::from(policy.second_factor_grace_days));
        let needs_factor = policy.admin_second_factor
            && self.membership.role == Role::Admin.into()
            && self.user.second_factor.is_none();
        let opening = Opening {
            organization: self.organization.id,
            user: self.user.id,
            device: how.device,
            remember: how.remember,
            must: self.user.must_change_password.then_some(Must::ChangePassword),
            second_factor_due_at: needs_factor.then(|| self.membership.role_since + grace),
            proofs: how.proofs,
        };
        let salt = URL_SAFE_NO_PAD.encode(app.platform().random::<16>());
        Session::open(id, opening, salt, now)
    }

    /// What a first factor gives: a sign-in, or the question for the second factor. `None` where the challenge it was
    /// proved with has changed meanwhile.
    pub(crate) async fn enter(
        self,
        app: &App,
        signer: &Signer,
        visit: &Visit,
        how: How,
        answered: Option<Change<Challenge>>,
    ) -> Result<Option<Entered>, Problem> {
        if self.user.second_factor.is_some() {
            let asked = self.ask_second_factor(app, visit, how, answered).await?;
            return Ok(asked.map(Entered::SecondFactor));
        }
        let session = self.session(app, how);
        let proven = Proven { answered, ..Proven::default() };
        let signed_in = Box::pin(self.open(app, signer, visit, session, proven)).await?;
        Ok(signed_in.map(|signed_in| Entered::SignedIn(Box::new(signed_in))))
    }

    async fn ask_second_factor(
        self,
        app: &App,
        visit: &Visit,
        how: How,
        answered: Option<Change<Challenge>>,
    ) -> Result<Option<SecondFactorNeeded>, Problem> {
        let (everyone, now) = (visit.everyone(), app.now());
        let token = SecretText::random(app, ChallengeId::at(now, app.platform().random()));
        let challenge = Challenge {
            token_hash: Some(token.hash()),
            pending: Some(PendingSignIn {
                organization: self.organization.id,
                remember: how.remember,
                proofs: how.proofs,
            }),
            ..Challenge::new(token.id, Purpose::SecondFactor, Some(self.user.id), now)
        };
        let mut transaction = app.table().transaction();
        if let Some(answered) = answered {
            transaction.push(&everyone, answered)?;
        }
        transaction.push(&everyone, challenge.put(None))?;
        let asked = unraced(transaction.commit().await)?;
        let expires_in = Purpose::SecondFactor.life().as_secs();
        Ok(asked.map(|()| SecondFactorNeeded { mfa_required: true, mfa_token: token.text(), expires_in }))
    }

    /// Signs in: 1 transaction, and 1 write where the address is new. `None` where what it was proved with has
    /// changed meanwhile.
    pub(crate) async fn open(
        self,
        app: &App,
        signer: &Signer,
        visit: &Visit,
        session: Session,
        proven: Proven,
    ) -> Result<Option<SignIn>, Problem> {
        let (everyone, grant) = (visit.everyone(), visit.grant(self.organization.id));
        let Proven { answered, user, also } = proven;
        let mut transaction = app.table().transaction();
        if let Some(answered) = answered {
            transaction.push(&everyone, answered)?;
        }
        let user = match user {
            Some(change) => transaction.push(&everyone, change)?,
            None => self.user.clone(),
        };
        let session = transaction.push(&grant, Change::create(session, "session.opened"))?;
        for kind in [SecurityKind::SignedIn].into_iter().chain(also) {
            let mut event = visit.event(app, self.organization.id, kind).about(self.user.id).of_session(session.id);
            event.data.insert("proofs".to_owned(), serde_json::json!(session.proofs));
            transaction.push(&grant, event.happened())?;
        }
        if unraced(transaction.commit().await)?.is_none() {
            return Ok(None);
        }
        learn_address(app, visit, user).await?;
        self.tokens(app, signer, &session).map(Some)
    }

    /// The tokens of a session that was just opened or refreshed.
    pub(crate) fn tokens(self, app: &App, signer: &Signer, session: &Session) -> Result<SignIn, Problem> {
        let (now, expires_in) = (app.now(), ACCESS_LIFE.as_secs());
        let claims = Claims {
            sub: self.user.id,
            email: self.user.email.to_string(),
            role: self.authority.role_name.clone(),
            permissions: self.authority.modules().into_iter().map(str::to_owned).collect(),
            iat: now.as_second(),
            exp: now.as_second() + expires_in,
            iss: app.platform().settings().issuer.clone(),
            aud: AUDIENCE.to_owned(),
            org: self.organization.id,
            sid: session.id,
        };
        Ok(SignIn {
            access_token: signer.sign(&claims)?,
            refresh_token: RefreshToken::of(app.table().hash_key(), session).into_text(),
            expires_in,
            must: session.must(now),
            second_factor_due_at: session.second_factor_due_at,
            organization: (&self.organization).into(),
            user: SignInUser::new(self.user, &self.authority),
        })
    }
}

/// What a sign-in was proved with, to be committed with it.
#[derive(Default)]
pub(crate) struct Proven {
    /// The challenge that was answered.
    pub(crate) answered: Option<Change<Challenge>>,
    /// The account, with a code that is used up.
    pub(crate) user: Option<Change<User>>,
    /// What else happened.
    pub(crate) also: Option<SecurityKind>,
}

/// The account with the address of a request known as one of its holder's; `None` where it is already.
pub(crate) fn knowing_address(app: &App, visit: &Visit, user: &User) -> Option<User> {
    let address = address_hash(app, visit);
    if user.known_addresses.contains(&address) {
        return None;
    }
    let mut after = user.clone();
    after.known_addresses.insert(0, address);
    after.known_addresses.truncate(MAX_KNOWN_ADDRESSES);
    after.meta.updated_at = app.now();
    Some(after)
}

/// Remembers where somebody signed in from. Where their account changes at the same time, the next sign-in does.
async fn learn_address(app: &App, visit: &Visit, user: User) -> Result<(), Problem> {
    let Some(after) = knowing_address(app, visit, &user) else { return Ok(()) };
    match app.table().commit(&visit.everyone(), Change::update(user, after, "user.address_known")).await {
        Ok(_) | Err(CommitError::Refused { .. }) => Ok(()),
        Err(error) => Err(error.into()),
    }
}
