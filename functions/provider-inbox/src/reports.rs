//! What became of messages that were handed over, whoever carried them.

use std::collections::BTreeMap;

use domain::communication::{Carried, DeliveryReport};
use domain::provider_delivery::Handled;
use domain::{
    Change, Claim, Communication, CommunicationStatus, Grant, IntegrationId, MessageId, ProviderDelivery, Suppression,
};
use jiff::Timestamp;
use providers::inbound::DeliveryState;
use runtime::Platform;
use store::{Transaction, there};

use crate::failed::Failed;
use crate::take::Work;
use crate::went_out::went_out;

/// A change is the record and its event, and a transaction takes 100 items.
const TOGETHER: usize = 40;
/// That a report added something, and moved nothing.
const ADDED: &str = "communication.reported";

/// What is written down.
enum Step {
    Moved(Box<Change<Communication>>),
    Suppressed(Box<Change<Suppression>>),
}

impl Step {
    fn push(self, transaction: &mut Transaction<'_>, grant: &Grant) -> Result<(), Failed> {
        match self {
            Self::Moved(change) => drop(transaction.push(grant, *change)?),
            Self::Suppressed(change) => drop(transaction.push(grant, *change)?),
        }
        Ok(())
    }

    /// What was done, and about which record.
    fn handled(&self) -> Handled {
        match self {
            Self::Moved(change) => Handled::Done { outcome: change.kind, subject: change.after.id.to_string() },
            Self::Suppressed(change) => Handled::Done { outcome: change.kind, subject: change.after.id.to_string() },
        }
    }
}

/// What a provider's word for a message means; nothing new where it says that it has it, which its answer said.
pub(crate) fn report(state: DeliveryState, at: Timestamp, failure: Option<String>) -> Option<DeliveryReport> {
    let status = match state {
        DeliveryState::Accepted => return None,
        DeliveryState::Sent => CommunicationStatus::Sent,
        DeliveryState::Delivered => CommunicationStatus::Delivered,
        DeliveryState::Read => CommunicationStatus::Read,
        DeliveryState::Failed => CommunicationStatus::Failed,
    };
    Some(DeliveryReport { status, at, failure })
}

/// What a provider tells of one message.
#[derive(Debug, Clone)]
pub(crate) struct Told {
    /// The provider's id of it.
    pub(crate) id: String,
    /// Our own, where the provider tells it again.
    pub(crate) ours: Option<MessageId>,
    pub(crate) report: DeliveryReport,
}

/// Where reports come from.
#[derive(Clone, Copy)]
pub(crate) struct From<'a> {
    pub(crate) platform: &'a Platform,
    pub(crate) grant: &'a Grant,
    /// The connection; `None` for the platform's own way out.
    pub(crate) integration: Option<IntegrationId>,
}

impl<'a> From<'a> {
    /// What came over a connection.
    pub(crate) const fn over(work: &Work<'a>) -> Self {
        Self { platform: work.platform, grant: work.grant, integration: Some(work.integration.id) }
    }
}

/// Moves on all that is told of, and writes down who is not written to any more, as [`move_on`], with the note that the
/// delivery was dealt with in the last transaction.
pub(crate) async fn apply(
    work: &Work<'_>,
    told: Vec<Told>,
    suppressed: Vec<Change<Suppression>>,
) -> Result<(), Failed> {
    match move_on(From::over(work), told, suppressed, |handled| Some(work.handled(handled))).await? {
        Some(_) => Ok(()),
        None => work.ignore("nothing_new").await,
    }
}

/// A connection's provider has a message, as its answer said: all that may be new is that it went out, where the provider
/// tells our own id of it and that was not written down ([`went_out`]).
pub(crate) async fn accepted(work: &Work<'_>, ours: Option<MessageId>, id: &str) -> Result<(), Failed> {
    if let Some(ours) = ours {
        went_out(From::over(work), ours, id).await?;
    }
    work.ignore("accepted").await
}

/// Moves on all that is told of, by the provider's ids, and writes down who is not written to any more: 1 `BatchGetItem` a
/// 100 messages, 1 read each, and 1 transaction for all of them, the note included. Where they are more than a transaction
/// takes, the last one carries the note; as no report does anything twice, whoever dies between them loses and repeats
/// nothing. `None` where nothing was to be done.
///
/// Whoever sent a message may not have written down the provider's id of it yet. Where the provider tells our own id of it,
/// that is [written down here](went_out); of the rest, what is known is moved on all the same, and what is not is
/// [early](Failed::Early).
pub(crate) async fn move_on(
    from: From<'_>,
    told: Vec<Told>,
    suppressed: Vec<Change<Suppression>>,
    note: impl Fn(Handled) -> Option<Change<ProviderDelivery>>,
) -> Result<Option<Handled>, Failed> {
    let From { platform, grant, integration } = from;
    let (table, now) = (platform.table(), platform.now());
    let mut by_id: BTreeMap<String, (Option<MessageId>, Vec<DeliveryReport>)> = BTreeMap::new();
    for Told { id, ours, report } in told {
        let (known, reports) = by_id.entry(id).or_default();
        *known = known.or(ours);
        reports.push(report);
    }
    let claims: Vec<Claim> = by_id.keys().map(|id| Carried { integration, id: id.clone() }.claim()).collect();
    let holders = table.holders::<Communication>(grant, &claims).await?;
    let mut is_early = false;
    let mut steps: Vec<Step> = suppressed.into_iter().map(|change| Step::Suppressed(Box::new(change))).collect();
    for (holder, (id, (ours, reports))) in holders.into_iter().zip(by_id) {
        let holder = match (holder, ours) {
            (None, Some(ours)) => went_out(from, ours, &id).await?,
            (None, None) => {
                is_early = true;
                None
            }
            (holder, _) => holder,
        };
        let Some(id) = holder else { continue };
        let known: Option<Communication> = there(table.get_to_change(grant, id).await)?;
        steps
            .extend(known.and_then(|known| moved_on(&known, reports, now)).map(|change| Step::Moved(Box::new(change))));
    }
    let handled = steps.last().map(Step::handled);
    let mut steps = steps.into_iter().peekable();
    while steps.peek().is_some() {
        let mut transaction = table.transaction();
        for step in steps.by_ref().take(TOGETHER) {
            step.push(&mut transaction, grant)?;
        }
        if let (None, false, Some(handled)) = (steps.peek(), is_early, &handled)
            && let Some(note) = note(handled.clone())
        {
            transaction.push_unseen(grant, note)?;
        }
        transaction.commit().await?;
    }
    if is_early {
        return Err(Failed::Early("nobody knows yet whose message it is about"));
    }
    Ok(handled)
}

/// How the connection's provider knows a message.
pub(crate) fn carried(work: &Work<'_>, id: &str) -> Carried {
    Carried { integration: Some(work.integration.id), id: id.to_owned() }
}

/// All reports of one message as one change; `None` where they tell nothing new.
fn moved_on(before: &Communication, mut reports: Vec<DeliveryReport>, now: Timestamp) -> Option<Change<Communication>> {
    reports.sort_by_key(|report| (report.status.progress(), report.at));
    let mut change: Option<Change<Communication>> = None;
    for report in reports {
        let known = change.as_ref().map_or(before, |change| &change.after).clone();
        let Some(next) = known.report(report, now) else { continue };
        let kind = change.filter(|_| next.kind == ADDED).map_or(next.kind, |change| change.kind);
        change = Some(Change::update(before.clone(), next.after, kind));
    }
    change
}
