//! The providers' part: what becomes of a message is told to the platform as the provider that carried it would tell it,
//! over HTTP, at the address that the provider was given.

mod connect;
mod line;
mod unsubscribe;

use std::net::SocketAddr;

use standins::msg91::Msg91;
use standins::outbox::OutboxMessage;
use standins::twilio::Twilio;
use standins::whatsapp::CloudWhatsApp;
use standins::{Act, Outbox, Ses, Sqs, Telling, Untold};

pub(crate) use connect::{Account, NotConnected};
use line::Line;

use crate::doubles::Doubles;

/// With this word begins what is noted of a part that could not be played.
pub(crate) const FAILED: &str = "failed";

/// Who plays the providers' part. Clones share it.
#[derive(Clone, Debug)]
pub(crate) struct Acting {
    outbox: Outbox,
    doubles: Doubles,
    ses: Ses,
    line: Line,
    feedback: Feedback,
}

/// The queue into which the topic of the platform's own mails writes.
#[derive(Clone, Debug)]
pub(crate) struct Feedback {
    pub(crate) sqs: Sqs,
    pub(crate) queue: String,
}

/// What may be played of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    /// Its provider tells what became of it.
    Becomes(Act),
    /// Its receiver writes back.
    Replies(String),
    /// Its receiver's mail program follows the link that unsubscribes, by RFC 8058.
    Unsubscribes,
}

impl Part {
    /// Its name.
    pub(crate) const fn name(&self) -> &'static str {
        match self {
            Self::Becomes(act) => act.as_str(),
            Self::Replies(_) => "reply",
            Self::Unsubscribes => "unsubscribe",
        }
    }
}

/// What can be played of a message.
#[derive(Debug, Default)]
pub(crate) struct Stage {
    /// What its provider tells of it.
    pub(crate) acts: &'static [Act],
    /// Whether its receiver may write back.
    pub(crate) replies: bool,
    /// Whether it carries a link that unsubscribes at one click.
    pub(crate) unsubscribes: bool,
    /// Why its provider tells nothing, where it does not.
    pub(crate) silence: Option<&'static str>,
    /// The account at its provider that calls one address for all of its messages.
    pub(crate) account: Option<Account>,
}

/// The carriers that tell.
enum Carrier {
    Twilio,
    Msg91,
    Whatsapp {
        number: String,
    },
    Ses {
        account: String,
    },
    /// The platform's own account, whose configuration set publishes.
    OwnSes,
}

/// What a provider does to tell something.
enum Tells {
    Calls(Telling),
    Publishes(String),
}

impl Acting {
    /// At a platform whose gateway, the only one that is called, listens here.
    pub(crate) fn new(outbox: Outbox, doubles: Doubles, ses: Ses, gateway: SocketAddr, feedback: Feedback) -> Self {
        Self { outbox, doubles, ses, line: Line::to(gateway), feedback }
    }

    fn carrier(&self, message: i64) -> Result<Option<Carrier>, standins::Error> {
        let Some(name) = self.outbox.carrier(message)? else { return Ok(None) };
        Ok(match name.as_str() {
            "twilio" => Some(Carrier::Twilio),
            "msg91" => Some(Carrier::Msg91),
            "whatsapp" => self.doubles.whatsapp.number_of(message)?.map(|number| Carrier::Whatsapp { number }),
            "ses" => self.ses.account_of(message)?.map(|account| match account {
                own if own == standins::ACCESS_KEY => Carrier::OwnSes,
                account => Carrier::Ses { account },
            }),
            _ => None,
        })
    }

    /// What can be played of a message.
    pub(crate) fn stage(&self, message: &OutboxMessage) -> Result<Stage, standins::Error> {
        let carrier = self.carrier(message.id)?;
        let replies = matches!(carrier, Some(Carrier::Twilio | Carrier::Whatsapp { .. } | Carrier::Ses { .. }));
        let unsubscribes = message.channel == "email" && unsubscribe::link(&message.raw).is_some();
        let (acts, account) = match carrier {
            None => {
                return Ok(Stage { unsubscribes, silence: Some(untold_of(&message.channel)), ..Stage::default() });
            }
            Some(Carrier::Twilio) => (Twilio::ACTS, None),
            Some(Carrier::Msg91) => (Msg91::ACTS, Some(Account::Msg91)),
            Some(Carrier::Whatsapp { number }) => (CloudWhatsApp::ACTS, Some(Account::Whatsapp { number })),
            Some(Carrier::Ses { account }) => (Ses::ACTS, Some(Account::Ses { key: account })),
            Some(Carrier::OwnSes) => (Ses::ACTS, None),
        };
        match acts.first().map(|act| self.told(message.id, *act)) {
            Some(Err(Untold::NoAddress)) => {
                let silence = match self.carrier(message.id)? {
                    Some(Carrier::OwnSes) => {
                        "It stands on nobody's timeline, so nobody wants to hear what became of it."
                    }
                    _ => "Its provider was given no address to call.",
                };
                Ok(Stage { unsubscribes, silence: Some(silence), account, ..Stage::default() })
            }
            Some(Err(Untold::Broken(error))) => Err(error),
            _ => Ok(Stage { acts, replies, unsubscribes, silence: None, account }),
        }
    }

    /// The call by which a provider tells what became of a message, which is not made yet.
    fn told(&self, message: i64, act: Act) -> Result<Tells, Untold> {
        let Doubles { twilio, msg91, whatsapp, facebook: _, sns } = &self.doubles;
        match self.carrier(message)?.ok_or(Untold::NotCarried)? {
            Carrier::Twilio => twilio.tell(message, act).map(Tells::Calls),
            Carrier::Msg91 => msg91.tell(message, act).map(Tells::Calls),
            Carrier::Whatsapp { .. } => whatsapp.tell(message, act).map(Tells::Calls),
            Carrier::Ses { .. } => self.ses.tell(sns, message, act).map(Tells::Calls),
            Carrier::OwnSes => self.ses.event(message, act).map(Tells::Publishes),
        }
    }

    /// The call by which it tells that a message's receiver wrote back, likewise; `nth` tells one answer from another.
    fn answered(&self, message: i64, nth: i64, words: &str) -> Result<Telling, Untold> {
        match self.carrier(message)?.ok_or(Untold::NotCarried)? {
            Carrier::Twilio => self.doubles.twilio.answer(message, nth, words),
            Carrier::Whatsapp { .. } => self.doubles.whatsapp.answer(message, nth, words),
            Carrier::Ses { .. } => self.ses.answer(&self.doubles.sns, message, nth, words),
            Carrier::Msg91 | Carrier::OwnSes => Err(Untold::NotOfTheKind),
        }
    }

    /// Plays a part, and notes in the outbox what the platform answered, or why there was nothing to answer.
    pub(crate) async fn play(&self, message: &OutboxMessage, part: &Part) -> Result<(), standins::Error> {
        let words = if let Part::Replies(words) = part { words } else { "" };
        let place = self.outbox.telling(message.id, part.name(), words)?;
        let telling = match part {
            Part::Becomes(act) => self.told(message.id, *act),
            Part::Replies(words) => self.answered(message.id, place, words).map(Tells::Calls),
            Part::Unsubscribes => {
                let click = unsubscribe::link(&message.raw).map(unsubscribe::click);
                click.map(Tells::Calls).ok_or(Untold::NotOfTheKind)
            }
        };
        let answer = match telling {
            Ok(Tells::Calls(telling)) => match self.line.post(&telling).await {
                Ok(answer) => format!("the platform answered {answer}"),
                Err(why) => failure(&why),
            },
            Ok(Tells::Publishes(event)) => {
                let Feedback { sqs, queue } = &self.feedback;
                match sqs.put(queue, &event, 0).await {
                    Ok(()) => "its topic told the queue".to_owned(),
                    Err(why) => failure(&why),
                }
            }
            Err(Untold::Broken(error)) => return Err(error),
            Err(why) => failure(&why),
        };
        self.outbox.answered(place, &answer)
    }

    /// Gives the account at which a message's provider has it an address to call, and notes in the outbox what came of it.
    pub(crate) async fn give_address(
        &self,
        message: i64,
        account: &Account,
        url: &str,
        verify_token: &str,
    ) -> Result<(), standins::Error> {
        let place = self.outbox.telling(message, "address", "")?;
        let answer = match self.connect(account, url, verify_token).await {
            // What stands behind a question mark is a secret.
            Ok(()) => format!("its provider calls {} from now on", url.split('?').next().unwrap_or_default()),
            Err(NotConnected::Broken(error)) => return Err(error),
            Err(why) => failure(&why),
        };
        self.outbox.answered(place, &answer)
    }
}

/// What the page shows of a failure.
fn failure(why: &impl std::fmt::Display) -> String {
    format!("{FAILED}: {why}")
}

/// Why nobody tells of a message that no double carried.
fn untold_of(channel: &str) -> &'static str {
    match channel {
        "push" => "Push services tell nothing of what becomes of a notification.",
        "sms" => "It went over the platform's own provider of text messages, which tells nothing here.",
        "webhook" => "It was really sent; what its receiver answered stands above.",
        _ => "Who carried it tells nothing here.",
    }
}
