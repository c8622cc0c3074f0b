//! What people write to us, whoever brings it.

use domain::communication::{AttachedFile, CommunicationDetails, Inbound, Placing};
use domain::integration::{Intake, Strangers};
use domain::lead::LeadDetails;
use domain::outreach::{WISH, Wish};
use domain::provider_delivery::Handled;
use domain::template::Body;
use domain::{Claim, Communication, CommunicationId, ContactAddress, ContactChannel, PersonName};
use jiff::Timestamp;
use runtime::{Heard, Missed, Speaker};

use crate::failed::Failed;
use crate::files::{Came, Whose, keep};
use crate::people::{lead, stranger};
use crate::reports::carried;
use crate::take::Work;

/// A message that somebody wrote to us.
#[derive(Debug, Clone)]
pub(crate) struct Written {
    /// The provider's id of it.
    pub(crate) id: String,
    /// The provider's ids of messages of which it answers the first that is known.
    pub(crate) answers: Vec<String>,
    /// When, by the provider's clock, where it tells.
    pub(crate) at: Option<Timestamp>,
    /// Who, by their number or address.
    pub(crate) from: Option<ContactAddress>,
    /// What they call themselves.
    pub(crate) name: Option<PersonName>,
    /// Over which channel.
    pub(crate) channel: ContactChannel,
    /// What they ask, where the message is nothing but the word for it.
    pub(crate) wish: Option<Wish>,
    /// What it says, with the names of all that came with it.
    pub(crate) details: CommunicationDetails,
    /// The files that came with it.
    pub(crate) files: Vec<Came>,
}

/// Where it belongs, and what becomes of those who are no lead.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Desk<'a> {
    pub(crate) intake: &'a Intake,
    pub(crate) strangers: Strangers,
}

/// What a message says in the provider's words, without what no text has.
pub(crate) fn clean(text: &str) -> Option<Body> {
    let clean: String = text.chars().filter(|c| !c.is_control() || matches!(c, '\n' | '\r' | '\t')).collect();
    clean.parse().ok()
}

/// Somebody wrote: 1 read whether it is known, 2 for the lead, 1 for what is known of their number over WhatsApp, and where
/// they end or begin what they are sent, 1 or 2; where a stranger becomes a lead what that costs; 1 `PutObject` for each
/// file; 1 transaction. Whoever only wants no more becomes none. A file of a kind that is not kept stands there by its name.
pub(crate) async fn receive(work: &Work<'_>, desk: Desk<'_>, written: Written, is_last: bool) -> Result<(), Failed> {
    let (platform, organization, now) = (work.platform, work.grant.organization(), work.platform.now());
    let table = platform.table();
    let carried_as = carried(work, &written.id);
    if table.holder::<Communication>(organization, &carried_as.claim()).await?.is_some() {
        return if is_last { work.ignore("known").await } else { Ok(()) };
    }
    let known = lead(work, written.from.as_ref()).await?;
    let captured = match &known {
        None if written.wish != Some(Wish::Stop) => {
            let full_name = written.name.clone();
            let details = match written.from.clone() {
                Some(ContactAddress::Phone(phone)) => LeadDetails { phone: Some(phone), ..LeadDetails::default() },
                Some(ContactAddress::Email(email)) => LeadDetails { email: Some(email), ..LeadDetails::default() },
                None => LeadDetails::default(),
            };
            let details = LeadDetails { full_name, ..details };
            stranger(work, desk.intake, desk.strangers, details).await?
        }
        _ => None,
    };
    let lead = known.as_ref().or(captured.as_ref().map(|captured| &captured.lead.after));
    let claims: Vec<Claim> = written.answers.iter().map(|id| carried(work, id).claim()).collect();
    let answers = table.holders::<Communication>(work.grant, &claims).await?.into_iter().flatten().next();
    let at = work.time(written.at);
    let address = written.from.clone();
    let speaker = address.clone().map(|address| platform.speaker(work.grant, address, lead, None));
    let placing = Placing {
        id: CommunicationId::at(now, platform.random()),
        organization,
        branch: lead.map_or(desk.intake.branch_id, |lead| lead.branch_id),
        user: lead.and_then(|lead| lead.assigned_to).unwrap_or(desk.intake.agent),
        lead: lead.map(|lead| lead.id),
        contact: address.zip(speaker.as_ref().map(|speaker| speaker.contact)),
        now,
    };
    let id = placing.id;
    let heard = match &speaker {
        Some(speaker) => hear(work, &written, speaker, id, at).await?,
        None => None,
    };
    let Written { id: message, wish, mut details, files, .. } = written;
    let whose = Whose { message: &message, branch: placing.branch, user: placing.user };
    let mut kept = Vec::new();
    for (place, came) in files.into_iter().enumerate() {
        if let Some(file) = keep(work, whose, place, came).await? {
            details.files.extend(AttachedFile::of(&file.after));
            kept.push(file);
        }
    }
    let change = Communication::receive(details, placing, Inbound { carried: carried_as, answers, at });
    let change = match wish {
        Some(wish) => change.with(WISH, wish.as_str()),
        None => change,
    };
    let handled = Handled::Done { outcome: change.kind, subject: id.to_string() };
    let mut transaction = table.transaction();
    if let Some(captured) = captured {
        captured.push(&mut transaction, work.grant)?;
    }
    for file in kept {
        transaction.push(work.grant, file)?;
    }
    transaction.push(work.grant, change)?;
    if let Some(heard) = heard {
        heard.push(&mut transaction, work.grant)?;
    }
    if is_last {
        transaction.push_unseen(work.grant, work.handled(handled))?;
    }
    Ok(transaction.commit().await?)
}

/// What follows for the number from what somebody wrote: over WhatsApp they may be answered in whatever words, and a wish
/// stands in the ledger, with the message as what shows it.
async fn hear(
    work: &Work<'_>,
    written: &Written,
    speaker: &Speaker,
    id: CommunicationId,
    at: Timestamp,
) -> Result<Option<Heard>, Failed> {
    let (platform, channel) = (work.platform, written.channel);
    let wrote = (channel == ContactChannel::Whatsapp).then_some(at);
    if wrote.is_none() && written.wish.is_none() {
        return Ok(None);
    }
    // Its provider's clock may be ahead of ours.
    let words = written.wish.map(|wish| wish.word(channel, id, at.min(platform.now())));
    let entries = platform.entries(work.grant, speaker, words.as_slice()).map_err(Missed::from)?;
    Ok(Some(platform.hear(work.grant, speaker, entries, wrote).await?))
}
