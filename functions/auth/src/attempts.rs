//! How often somebody may try to prove who they are, and how often a registration or a code may be asked for.

use domain::attempts::{FREE, MustWait, WINDOW, Whose};
use domain::challenge::Purpose;
use domain::{Attempts, EmailAddress, OrganizationId, SecurityKind, User, UserId};
use jiff::Timestamp;
use store::{Window, there};
use web::{App, Problem, Usage};

use crate::account::{home, unraced};
use crate::visit::Visit;

/// Tries at the same time are settled one by one; more looks than this mean trouble elsewhere.
const LOOKS: u32 = 16;

const QUARTER: u32 = 15 * 60;
/// New organizations from one address.
const REGISTRATIONS: Window = Window { name: "register", limit: 20, seconds: 3_600 };
/// Codes for one account and purpose.
const CODES: Window = Window { name: "codes", limit: 3, seconds: QUARTER };
/// Codes that one address asks for, for whichever accounts.
const CODES_OF_ADDRESS: Window = Window { name: "codes-address", limit: 20, seconds: QUARTER };

/// By what somebody tries to prove who they are. Failing at one does not make the others wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum By {
    /// Their password.
    Password,
    /// A code that was sent, to sign in.
    Code,
    /// A code that was sent, to choose a new password.
    ResetCode,
    /// A code of their authenticator, or one of their recovery codes.
    SecondFactor,
}

impl By {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Password => "password",
            Self::Code => "code",
            Self::ResetCode => "reset_code",
            Self::SecondFactor => "second_factor",
        }
    }
}

/// Who tries what.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Try<'a> {
    pub(crate) by: By,
    pub(crate) email: &'a EmailAddress,
    /// The account, where there is one.
    pub(crate) user: Option<&'a User>,
    /// The organization they want to come into, where they said.
    pub(crate) wanted: Option<OrganizationId>,
}

/// A try that was counted before it is looked at, so that tries at the same time count too. It counts as failed until
/// it [`succeeded`](Self::succeeded).
///
/// An account's tries are counted apart for each address that its holder signed in from, and for all others
/// together: who guesses from elsewhere cannot make the holder wait, and gains nothing by having many addresses.
#[derive(Debug)]
pub(crate) struct Attempt {
    by: By,
    user: Option<UserId>,
    organization: OrganizationId,
    account: Counted,
    address: Counted,
}

/// Tries with this one among them.
#[derive(Debug)]
struct Counted {
    attempts: Attempts,
    /// When the last one was before it.
    before: Timestamp,
}

impl Attempt {
    /// Counts it: 2 reads, 2 writes. 429 while the account or the address has to wait.
    pub(crate) async fn begin(app: &App, visit: &Visit, tried: Try<'_>) -> Result<Self, Problem> {
        let Try { by, email, user, wanted } = tried;
        let from = address_hash(app, visit);
        let known = user.is_some_and(|user| user.known_addresses.contains(&from));
        let place = if known { from.as_str() } else { "elsewhere" };
        let key = app.table().hash_key();
        let of_address = key.digest(&["attempts", "address", &from]);
        let of_account = key.digest(&["attempts", by.as_str(), &email.normalized(), place]);

        let address = count(app, visit, Whose::Address, of_address).await?;
        let account = match count(app, visit, Whose::Account, of_account).await {
            Ok(account) => account,
            Err(problem) => {
                // Nothing was tried; an office does not wait because one of its people must.
                address.settle(app, visit, Whose::Address).await?;
                return Err(problem);
            }
        };
        Ok(Self { by, user: user.map(|user| user.id), organization: home(user, wanted), account, address })
    }

    /// It was a good one: 2 reads, 2 writes. The account's failures are forgotten; the address's stay, or who guesses
    /// could sign in with an account of their own in between.
    pub(crate) async fn succeeded(self, app: &App, visit: &Visit) -> Result<(), Problem> {
        let account = Box::pin(self.account.settle(app, visit, Whose::Account));
        let address = Box::pin(self.address.settle(app, visit, Whose::Address));
        let (account, address) = futures::join!(account, address);
        account.and(address)
    }

    /// It was not: remembered, with the wait that follows from it.
    pub(crate) async fn failed(self, app: &App, visit: &Visit) -> Result<(), Problem> {
        let grant = visit.grant(self.organization);
        let mut transaction = app.table().transaction();
        let waits = [("account", &self.account), ("address", &self.address)]
            .into_iter()
            .filter_map(|(name, counted)| Some((name, counted.attempts.wait()?)));
        let mut kinds = vec![(SecurityKind::SignInFailed, "by", self.by.as_str().to_owned())];
        kinds.extend(waits.map(|(name, until)| (SecurityKind::LockedOut, name, until.to_string())));
        for (kind, key, value) in kinds {
            let mut event = visit.event(app, self.organization, kind);
            event.user = self.user;
            event.data.insert(key.to_owned(), value.into());
            transaction.push(&grant, event.happened())?;
        }
        Ok(transaction.commit().await?)
    }
}

async fn count(app: &App, visit: &Visit, whose: Whose, digest: [u8; 16]) -> Result<Counted, Problem> {
    let (everyone, now, id) = (visit.everyone(), app.now(), Attempts::id_of(digest));
    let window = u32::try_from(WINDOW.as_secs()).unwrap_or(QUARTER);
    for _ in 0..LOOKS {
        let before = there(app.table().get_to_change(&everyone, id).await)?;
        let before = before.unwrap_or_else(|| Attempts::none(id, now));
        let last = before.last;
        let change = match before.begin(whose, now) {
            Ok(change) => change,
            Err(MustWait { until }) => {
                let reset = u32::try_from(until.duration_since(now).as_secs().max(1)).unwrap_or(u32::MAX);
                return Err(Problem::too_many(Usage { limit: FREE, remaining: 0, reset, window }));
            }
        };
        if let Some(counted) = unraced(app.table().commit(&everyone, change).await)? {
            let until = counted.wait().unwrap_or(counted.since + WINDOW);
            let reset = u32::try_from(until.duration_since(now).as_secs().max(1)).unwrap_or(u32::MAX);
            visit.scope.used(Usage { limit: FREE, remaining: counted.left(), reset, window });
            return Ok(Counted { attempts: counted, before: last });
        }
    }
    Err(Problem::unavailable("too many tries at the same time"))
}

impl Counted {
    /// It succeeded: an account's tries are forgiven, an address's are fewer by this one.
    async fn settle(self, app: &App, visit: &Visit, whose: Whose) -> Result<(), Problem> {
        let Self { mut attempts, before } = self;
        let (everyone, id, begun) = (visit.everyone(), attempts.id, attempts.last);
        for _ in 0..LOOKS {
            let change = match whose {
                Whose::Account => attempts.forgiven(app.now()),
                Whose::Address => attempts.returned(begun, before, app.now()),
            };
            if unraced(app.table().commit(&everyone, change).await)?.is_some() {
                return Ok(());
            }
            let Some(read) = there(app.table().get_to_change(&everyone, id).await)? else { return Ok(()) };
            attempts = read;
        }
        Err(Problem::unavailable("too many tries at the same time"))
    }
}

/// Counts a registration: 1 write.
pub(crate) async fn count_registration(app: &App, visit: &Visit) -> Result<(), Problem> {
    app.count_use(&visit.scope, OrganizationId::PLATFORM, REGISTRATIONS, &address_hash(app, visit)).await
}

/// Counts a code that is asked for: 2 writes.
pub(crate) async fn count_code(
    app: &App,
    visit: &Visit,
    purpose: Purpose,
    email: &EmailAddress,
) -> Result<(), Problem> {
    let account = app.table().hash_key().hash(&["code", purpose.as_str(), &email.normalized()]);
    app.count_use(&visit.scope, OrganizationId::PLATFORM, CODES_OF_ADDRESS, &address_hash(app, visit)).await?;
    app.count_use(&visit.scope, OrganizationId::PLATFORM, CODES, &account).await
}

/// Under what the visitor's address is counted.
pub(crate) fn address_hash(app: &App, visit: &Visit) -> String {
    app.address_hash(&visit.device.address)
}
