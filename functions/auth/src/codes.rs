//! Codes and links that are sent to people, and their answers.

use axum::http::StatusCode;
use domain::challenge::Purpose;
use domain::{Challenge, ChallengeId, Change, EmailAddress, SecurityKind, User};
use store::there;
use web::{App, Problem};

use crate::account::{account, home, unraced};
use crate::attempts::count_code;
use crate::secret_text::{SecretText, same};
use crate::visit::Visit;

/// Answers at the same time are settled one by one; more looks than this mean trouble elsewhere.
const LOOKS: u32 = 16;

/// What is sent to somebody.
pub(crate) struct Sent<'a> {
    /// Six digits.
    pub(crate) code: &'a str,
    /// What a link carries.
    pub(crate) token: &'a SecretText,
}

/// Puts a challenge to whoever has the account of an address, in the place of an earlier one: 2 writes, 3 reads and a
/// transaction. Where there is no account one is put all the same, to nobody, and what would be the message is two
/// challenges to nobody: neither the answer nor the work tells which it was.
pub(crate) async fn send(
    app: &App,
    visit: &Visit,
    purpose: Purpose,
    email: &EmailAddress,
    message: impl Fn(&User, &Sent<'_>) -> Change<domain::Message>,
) -> Result<(), Problem> {
    count_code(app, visit, purpose, email).await?;
    let everyone = visit.everyone();
    let user = account(app, &everyone, email).await?;
    let organization = home(user.as_ref(), None);
    let grant = visit.grant(organization);

    let (now, id) = (app.now(), challenge_id(app, purpose, &email.normalized()));
    let code = format!("{:06}", u64::from_be_bytes(app.platform().random()) % 1_000_000);
    let token = SecretText::random(app, id);
    let challenge = Challenge {
        code_hash: Some(code_hash(app, id, &code)),
        token_hash: Some(token.hash()),
        ..Challenge::new(id, purpose, user.as_ref().map(|user| user.id), now)
    };
    for _ in 0..LOOKS {
        let earlier: Option<Challenge> = there(app.table().get_to_change(&everyone, id).await)?;
        let mut transaction = app.table().transaction();
        transaction.push(&everyone, challenge.clone().put(earlier))?;
        match &user {
            Some(user) => {
                transaction.push(&grant, message(user, &Sent { code: &code, token: &token }))?;
            }
            None => {
                for _ in 0..2 {
                    let id = ChallengeId::at(now, app.platform().random());
                    let nobody = Challenge { id, user: None, ..challenge.clone() };
                    transaction.push(&everyone, nobody.put(None))?;
                }
            }
        }
        if purpose == Purpose::PasswordReset {
            let mut event = visit.event(app, organization, SecurityKind::PasswordResetRequested);
            event.user = user.as_ref().map(|user| user.id);
            transaction.push(&grant, event.happened())?;
        }
        if unraced(transaction.commit().await)?.is_some() {
            return Ok(());
        }
    }
    Err(Problem::unavailable("a challenge changes all the time"))
}

/// The challenge that a code answers, counted before it is compared: at most 5 are, however many come at once.
/// 1 read, 1 write.
pub(crate) async fn answered(
    app: &App,
    visit: &Visit,
    purpose: Purpose,
    subject: &str,
    right: impl Fn(&Challenge) -> bool,
) -> Result<Option<Challenge>, Problem> {
    answered_at(app, visit, challenge_id(app, purpose, subject), purpose, right).await
}

/// The same for a challenge whose id is known.
pub(crate) async fn answered_at(
    app: &App,
    visit: &Visit,
    id: ChallengeId,
    purpose: Purpose,
    right: impl Fn(&Challenge) -> bool,
) -> Result<Option<Challenge>, Problem> {
    let everyone = visit.everyone();
    for _ in 0..LOOKS {
        let Some(challenge) = there(app.table().get_to_change::<Challenge>(&everyone, id).await)? else {
            return Ok(None);
        };
        if challenge.purpose != purpose {
            return Ok(None);
        }
        let Some(change) = challenge.tried(app.now()) else { return Ok(None) };
        if let Some(challenge) = unraced(app.table().commit(&everyone, change).await)? {
            return Ok(right(&challenge).then_some(challenge));
        }
    }
    Err(Problem::unavailable("a challenge changes all the time"))
}

/// The same challenge as it is now, where it still waits for the same answer: somebody else may have tried one
/// meanwhile.
pub(crate) async fn still(app: &App, visit: &Visit, answered: &Challenge) -> Result<Option<Challenge>, Problem> {
    let now = app.now();
    let read: Option<Challenge> = there(app.table().get_to_change(&visit.everyone(), answered.id).await)?;
    Ok(read.filter(|challenge| {
        challenge.is_open(now)
            && challenge.code_hash == answered.code_hash
            && challenge.token_hash == answered.token_hash
            && challenge.secret == answered.secret
    }))
}

/// The open challenge that a secret text leads to: 1 read.
pub(crate) async fn led_to(
    app: &App,
    visit: &Visit,
    purpose: Purpose,
    token: &SecretText,
) -> Result<Option<Challenge>, Problem> {
    let now = app.now();
    let read: Option<Challenge> = there(app.table().get_to_change(&visit.everyone(), token.id).await)?;
    Ok(read.filter(|challenge| {
        challenge.purpose == purpose
            && challenge.is_open(now)
            && challenge.user.is_some()
            && challenge.token_hash.as_deref().is_some_and(|hash| same(hash, &token.hash()))
    }))
}

/// Whether a code is a challenge's, compared in constant time.
pub(crate) fn is_code_of(app: &App, challenge: &Challenge, code: &str) -> bool {
    let shown = code_hash(app, challenge.id, code);
    challenge.user.is_some() && challenge.code_hash.as_deref().is_some_and(|hash| same(hash, &shown))
}

/// Who must answer a challenge: 1 read.
pub(crate) async fn owner(app: &App, visit: &Visit, challenge: &Challenge) -> Result<User, Problem> {
    let Some(id) = challenge.user else { return Err(invalid_code()) };
    there(app.table().get_to_change(&visit.everyone(), id).await)?.ok_or_else(invalid_code)
}

/// The one answer to every code and link that is not good.
pub(crate) fn invalid_code() -> Problem {
    Problem::new(StatusCode::UNAUTHORIZED, "invalid_code", "The code is not good. Ask for another one.")
}

/// One account has one challenge a purpose.
pub(crate) fn challenge_id(app: &App, purpose: Purpose, subject: &str) -> ChallengeId {
    Challenge::id_of(app.table().hash_key().digest(&["challenge", purpose.as_str(), subject]))
}

/// Six digits are soon tried out: without the platform's hash key a copy of the table does not tell them.
fn code_hash(app: &App, id: ChallengeId, code: &str) -> String {
    app.table().hash_key().hash(&["code", &id.to_string(), code])
}

/// A code as people type it.
pub(crate) fn typed(code: &str) -> String {
    code.chars().filter(|c| !c.is_whitespace() && *c != '-').collect()
}
