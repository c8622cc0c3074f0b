//! Telephone systems tell of calls.

pub(crate) mod standard;
pub(crate) mod twilio;

use domain::call::{CallReport, Dialling, ProviderCallId, Reported};
use domain::integration::Telephony;
use domain::lead::LeadDetails;
use domain::provider_delivery::Handled;
use domain::{Call, CallDirection, CallId, CallStatus, ContactAddress, HttpsUrl, Lead, Phone, Region, UserId};
use jiff::Timestamp;

use crate::failed::Failed;
use crate::people::{lead, stranger};
use crate::take::Work;

/// What a telephone system told of a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Told {
    /// Its own id of the call.
    pub(crate) call: ProviderCallId,
    /// Where it stands; `None` where only its recording is told of.
    pub(crate) status: Option<CallStatus>,
    /// Who called; told with each status.
    pub(crate) direction: Option<CallDirection>,
    /// Who called, and who was called.
    pub(crate) from: Option<Phone>,
    /// Likewise.
    pub(crate) to: Option<Phone>,
    /// When that was.
    pub(crate) at: Option<Timestamp>,
    /// The seconds talked.
    pub(crate) seconds: Option<u32>,
    /// Where its recording lies.
    pub(crate) recording_url: Option<HttpsUrl>,
}

/// What a body says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Said {
    /// Something of a call.
    Call(Box<Told>),
    /// Something else, which is nothing to us.
    Else(&'static str),
}

/// A number as a telephone system writes it; who hides theirs, or comes over the network, has none.
fn number(text: Option<&str>) -> Option<Phone> {
    Phone::parse(text?, Region::default()).ok()
}

/// A status in our word, in the spellings that telephone systems use.
fn status(text: &str) -> Result<CallStatus, Failed> {
    let word = text.trim().to_ascii_lowercase().replace(['-', ' '], "_");
    match word.as_str() {
        "answered" => Ok(CallStatus::InProgress),
        "cancelled" => Ok(CallStatus::Canceled),
        word => word.parse().map_err(|_| Failed::Senseless("its status is none of a call".to_owned())),
    }
}

/// Finds or makes the call that a delivery tells of, and moves it on. A call that is known: 2 reads. A new one: 1 read for
/// its number, 1 for its lead; where an unknown caller becomes a lead, what that costs.
pub(crate) async fn calls(work: &Work<'_>, read: fn(&[u8]) -> Result<Said, Failed>) -> Result<(), Failed> {
    let told = match read(work.body)? {
        Said::Call(told) => *told,
        Said::Else(why) => return work.ignore(why).await,
    };
    match known(work, &told).await? {
        Some(call) => follow(work, call, &told).await,
        None => {
            let telephony = work.integration.settings.telephony();
            let telephony =
                telephony.ok_or_else(|| Failed::Senseless("the connection tells of no calls".to_owned()))?;
            begin(work, telephony, &told).await
        }
    }
}

async fn known(work: &Work<'_>, told: &Told) -> Result<Option<Call>, Failed> {
    let claim = Reported::claim(work.integration.id, &told.call);
    let table = work.platform.table();
    let Some(id) = table.holder::<Call>(work.grant.organization(), &claim).await? else { return Ok(None) };
    Ok(Some(table.get_to_change(work.grant, id).await?))
}

/// One more report of a call.
async fn follow(work: &Work<'_>, call: Call, told: &Told) -> Result<(), Failed> {
    let (subject, direction) = (call.id.to_string(), told.direction.unwrap_or(call.direction));
    let report = report(work, told, direction);
    let Some(change) = call.report(&report, work.platform.now()) else { return work.ignore("nothing_new").await };
    let outcome = change.kind;
    let mut transaction = work.platform.table().transaction();
    transaction.push(work.grant, change)?;
    transaction.push_unseen(work.grant, work.handled(Handled::Done { outcome, subject }))?;
    Ok(transaction.commit().await?)
}

/// The first report of a call.
async fn begin(work: &Work<'_>, telephony: &Telephony, told: &Told) -> Result<(), Failed> {
    if told.status.is_none() {
        return Err(Failed::Early("the call of this recording is not known yet"));
    }
    let direction = told.direction.ok_or_else(|| Failed::Senseless("it does not tell who called".to_owned()))?;
    let report = report(work, told, direction);
    let lead = lead(work, report.phone.clone().map(ContactAddress::Phone).as_ref()).await?;
    let captured = match &lead {
        None if direction == CallDirection::Inbound => {
            let details = LeadDetails { phone: report.phone.clone(), ..LeadDetails::default() };
            stranger(work, &telephony.intake, telephony.unknown_callers, details).await?
        }
        _ => None,
    };
    let lead = lead.as_ref().or(captured.as_ref().map(|captured| &captured.lead.after));
    let (platform, now) = (work.platform, work.platform.now());
    let dialling = Dialling {
        id: CallId::at(now, platform.random()),
        organization: work.grant.organization(),
        branch: lead.map_or(telephony.intake.branch_id, |lead| lead.branch_id),
        agent: agent(telephony, told, lead),
        lead: lead.map(|lead| lead.id),
        now,
    };
    let change = Call::reported(&report, dialling);
    let subject = change.after.id.to_string();
    let mut transaction = platform.table().transaction();
    if let Some(captured) = captured {
        captured.push(&mut transaction, work.grant)?;
    }
    transaction.push(work.grant, change)?;
    let handled = Handled::Done { outcome: "call.created", subject };
    transaction.push_unseen(work.grant, work.handled(handled))?;
    Ok(transaction.commit().await?)
}

fn report(work: &Work<'_>, told: &Told, direction: CallDirection) -> CallReport {
    let theirs = match direction {
        CallDirection::Inbound => &told.from,
        CallDirection::Outbound => &told.to,
    };
    CallReport {
        integration: work.integration.id,
        call: told.call.clone(),
        direction,
        phone: theirs.clone(),
        status: told.status,
        at: work.time(told.at),
        seconds: told.seconds,
        recording_url: told.recording_url.clone(),
    }
}

/// Whose call it is: the person whose number is in it, else the lead's, else the connection's own.
fn agent(telephony: &Telephony, told: &Told, lead: Option<&Lead>) -> UserId {
    telephony
        .agent_of(told.to.as_ref())
        .or_else(|| telephony.agent_of(told.from.as_ref()))
        .or_else(|| lead.and_then(|lead| lead.assigned_to))
        .unwrap_or(telephony.intake.agent)
}
