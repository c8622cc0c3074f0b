//! One step: the next page of people.

use std::num::NonZeroU32;

use domain::broadcast::{Audience, Broadcast, BroadcastStep, Reached};
use domain::{Caller, Grant, Membership, MembershipId, Slot, UserId};
use futures::stream::{self, StreamExt as _, TryStreamExt as _};
use jiff::SignedDuration;
use runtime::Platform;
use store::{CommitError, Cursor, ListQuery, Notified, ReadError, Refused, StoreError};

use crate::Undone;

/// People told at the same time.
const AT_ONCE: usize = 8;

/// Tells the next page of people and moves the broadcast behind them: 1 read, 1 Query (or 1 `BatchGetItem` of people who
/// were named), 1 read and 1 transaction a person, 1 write; then the message for the next step.
pub(crate) async fn step(platform: &Platform, step: BroadcastStep, people: u32) -> Result<(), Undone> {
    let grant = Caller::system(step.organization, "broadcasts").own();
    let broadcast: Broadcast = match platform.table().get_to_change(&grant, step.broadcast).await {
        Ok(broadcast) => broadcast,
        Err(ReadError::NotFound) => {
            tracing::warn!(broadcast = %step.broadcast, "a broadcast to work on is not there");
            return Ok(());
        }
        Err(error) => return Err(error.into()),
    };
    if broadcast.is_over() {
        return Ok(());
    }
    let expired = broadcast.expires_at.is_some_and(|end| end <= platform.now());
    // Nobody would see it any more.
    let (people, next) = if expired { (Vec::new(), None) } else { page(platform, &grant, &broadcast, people).await? };
    let reached = tell(platform, &grant, &broadcast, people).await?;
    let goes_on = next.is_some();
    let change = broadcast.moved(next, reached, platform.now());
    let moved = if goes_on {
        platform.table().commit_unseen(&grant, change).await
    } else {
        platform.table().commit(&grant, change).await
    };
    match moved {
        Ok(_) if goes_on => Ok(platform.broadcasts()?.send(&step).await?),
        // Where another worker did the same page it sees to the next, and where the clock looked after the broadcast it has
        // just sent this step again. Whoever of them dies before that is made up for by the clock.
        Ok(_) | Err(CommitError::Refused { refused: Refused::Conflict, .. }) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

/// The people behind the broadcast's place, and the place behind them; `None` at the end.
async fn page(
    platform: &Platform,
    grant: &Grant,
    broadcast: &Broadcast,
    people: u32,
) -> Result<(Vec<UserId>, Option<String>), StoreError> {
    let limit = NonZeroU32::new(people).unwrap_or(NonZeroU32::MIN);
    if let Audience::Named { user_ids } = &broadcast.audience {
        let done: usize = broadcast.place.as_deref().and_then(|place| place.parse().ok()).unwrap_or(0);
        let end = user_ids.len().min(done.saturating_add(limit.get() as usize));
        let ids: Vec<MembershipId> = user_ids[done.min(end)..end].iter().copied().map(Membership::id_of).collect();
        let members = platform.table().get_many_to_change::<Membership>(grant, &ids).await?;
        let people = members.into_values().filter(|member| broadcast.is_for(member)).map(|member| member.user);
        return Ok((people.collect(), (end < user_ids.len()).then(|| end.to_string())));
    }
    let query = ListQuery {
        cursor: broadcast.place.as_deref().map(Cursor::behind),
        // Whoever joins later is not in it, so that it ends.
        until: Some(broadcast.meta.created_at + SignedDuration::from_micros(1)),
        ..ListQuery::new(Slot::One, "all", "", limit)
    };
    let page = platform.table().list::<Membership>(grant, &query, |member| broadcast.is_for(member)).await?;
    Ok((page.records.iter().map(|member| member.user).collect(), page.next.map(|next| next.place().to_owned())))
}

async fn tell(
    platform: &Platform,
    grant: &Grant,
    broadcast: &Broadcast,
    people: Vec<UserId>,
) -> Result<Reached, CommitError> {
    let id = broadcast.id.to_string();
    let one = async |user: UserId| {
        let bits = platform.table().hash_key().id_bits(&["broadcast", &id, &user.to_string()]);
        platform.table().notify(grant, &broadcast.to(user, bits), platform.now()).await
    };
    let told = stream::iter(people).map(one).buffer_unordered(AT_ONCE);
    told.try_fold(Reached::default(), async |mut reached, notified| {
        match notified {
            // Whoever has it already was told by an earlier try of this page.
            Notified::New(_) | Notified::Known => reached.delivered += 1,
            Notified::Full => reached.skipped += 1,
        }
        Ok(reached)
    })
    .await
}
