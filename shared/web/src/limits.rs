//! Limits of use, and the headers that tell of them.
//!
//! Uses are taken from the table in leases of a hundredth of the limit, so that most requests cost
//! no write; a limit below 200 is counted one by one. What a function leased and did not use is lost
//! to the window, so a caller may see the limit up to one per cent early for each running copy of the
//! function, never late.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use domain::{Grant, OrganizationId, UserId};
use store::Window;

use crate::{App, Problem};

/// How much of a limit is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Usage {
    /// Uses a window.
    pub limit: u32,
    /// Uses left in this window.
    pub remaining: u32,
    /// Seconds until the next window.
    pub reset: u32,
    /// The window's length in seconds.
    pub window: u32,
}

#[derive(Debug, Clone, Copy)]
struct Lease {
    begin: i64,
    left: u32,
    /// Uses counted in the table when the lease was taken, this lease included.
    counted: u32,
}

/// The leases of this copy of the function.
#[derive(Debug, Default)]
pub(crate) struct Leases(Mutex<HashMap<(&'static str, OrganizationId, String), Lease>>);

const HOUR: u32 = 3_600;

/// More subjects than this a copy of a function does not remember.
const MAX_LEASES: usize = 5_000;

impl Leases {
    fn take(&self, key: &(&'static str, OrganizationId, String), begin: i64) -> Option<Lease> {
        let mut leases = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let lease = leases.get_mut(key).filter(|lease| lease.begin == begin && lease.left > 0)?;
        lease.left -= 1;
        Some(*lease)
    }

    fn put(&self, key: (&'static str, OrganizationId, String), lease: Lease) {
        let mut leases = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if leases.len() >= MAX_LEASES {
            leases.clear();
        }
        leases.insert(key, lease);
    }
}

/// Counts a request of a signed-in person or of a machine: at most 1 write.
pub(crate) async fn count_request(
    app: &App,
    organization: OrganizationId,
    subject: &str,
    limit: u32,
) -> Result<Usage, Problem> {
    count(app, organization, Window { name: "requests", limit, seconds: HOUR }, subject).await
}

/// Counts a request of somebody unknown against their address, where the platform has a limit for it: at most 1 write.
pub(crate) async fn count_address(app: &App, address: &str) -> Result<Option<Usage>, Problem> {
    let Some(limit) = app.platform().settings().address_requests else { return Ok(None) };
    let window = Window { name: "requests-address", limit, seconds: HOUR };
    count(app, OrganizationId::PLATFORM, window, &app.address_hash(address)).await.map(Some)
}

/// Counts one use by `subject`; [`Problem::too_many`] once the window is used up.
pub(crate) async fn count(
    app: &App,
    organization: OrganizationId,
    window: Window,
    subject: &str,
) -> Result<Usage, Problem> {
    let now = app.now();
    let begin = window.begin(now);
    let key = (window.name, organization, subject.to_owned());
    let lease = match app.leases().take(&key, begin) {
        Some(lease) => lease,
        None => {
            let size = (window.limit / 100).max(1);
            let counted = app.table().count_uses(organization, window, subject, size, now).await?;
            let over = counted.saturating_sub(window.limit);
            if over >= size {
                return Err(Problem::too_many(Usage {
                    limit: window.limit,
                    remaining: 0,
                    reset: window.seconds_left(now),
                    window: window.seconds,
                }));
            }
            let lease = Lease { begin, left: size - over - 1, counted: counted - over };
            app.leases().put(key, lease);
            lease
        }
    };
    Ok(Usage {
        limit: window.limit,
        remaining: window.limit.saturating_sub(lease.counted) + lease.left,
        reset: window.seconds_left(now),
        window: window.seconds,
    })
}

impl App {
    /// Counts one use of something with a limit of its own (a sign-in, an upload, a public form).
    pub async fn count_use(
        &self,
        scope: &crate::Scope,
        organization: OrganizationId,
        window: Window,
        subject: &str,
    ) -> Result<(), Problem> {
        let usage = count(self, organization, window, subject).await?;
        scope.used(usage);
        Ok(())
    }

    /// Counts one upload by somebody against what the organization lets each of its people upload within an hour.
    pub async fn count_upload(&self, scope: &crate::Scope, grant: &Grant, user: UserId) -> Result<(), Problem> {
        let limit = self.organization(grant).await?.limits.uploads_per_hour;
        let window = Window { name: "uploads", limit, seconds: HOUR };
        self.count_use(scope, grant.organization(), window, &user.to_string()).await
    }

    /// Gives back a use that turned out not to count against its limit (a sign-in that succeeded,
    /// where only failures count): 1 write.
    pub async fn return_use(&self, organization: OrganizationId, window: Window, subject: &str) -> Result<(), Problem> {
        Ok(self.table().return_use(organization, window, subject, self.now()).await?)
    }
}
