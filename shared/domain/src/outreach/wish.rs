//! Words that end what somebody is sent over a channel, and words that ask for it again.

use jiff::Timestamp;

use super::{ConsentDetails, ConsentState, ContactChannel, ContactPurpose};
use crate::{CommunicationId, Label};

/// Under this name an event of something that was written tells that it was such a word.
pub const WISH: &str = "wish";

/// What somebody asks with a message that is nothing but the word for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wish {
    /// No more offers.
    Stop,
    /// Offers again.
    Start,
}

impl Wish {
    /// What a text asks, in whatever case and with whatever around the word that is no letter; `None` for one that says
    /// anything else. Over SMS these are the words at which Twilio stops
    /// (<https://www.twilio.com/docs/messaging/tutorials/advanced-opt-out>) and starts again, but for `YES`, which answers
    /// many a question. Over WhatsApp, which has no such custom, they are `STOP` and `START` alone.
    pub fn of(channel: ContactChannel, text: &str) -> Option<Self> {
        let word = text.trim_matches(|c: char| !c.is_alphanumeric()).to_ascii_uppercase();
        match (channel, word.as_str()) {
            (ContactChannel::Sms | ContactChannel::Whatsapp, "STOP") => Some(Self::Stop),
            (ContactChannel::Sms, "STOPALL" | "UNSUBSCRIBE" | "CANCEL" | "END" | "QUIT" | "REVOKE" | "OPTOUT") => {
                Some(Self::Stop)
            }
            (ContactChannel::Sms | ContactChannel::Whatsapp, "START") | (ContactChannel::Sms, "UNSTOP") => {
                Some(Self::Start)
            }
            _ => None,
        }
    }

    /// Its name in an event.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Stop => "stop",
            Self::Start => "start",
        }
    }

    /// What it says in the ledger: of marketing over the channel, said then, as that message shows.
    pub fn word(self, channel: ContactChannel, message: CommunicationId, at: Timestamp) -> ConsentDetails {
        let state = match self {
            Self::Stop => ConsentState::Withdrawn,
            Self::Start => ConsentState::Granted,
        };
        let (purpose, source) = (ContactPurpose::Marketing, Label::known("reply"));
        ConsentDetails { channel, purpose, state, source, proof: message.to_string().parse().ok(), at: Some(at) }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_word_alone_is_a_wish_and_a_sentence_is_none() {
        for stop in
            ["STOP", "stop", " Stop. ", "\"STOP\"", "StopAll", "unsubscribe", "CANCEL", "end", "Quit!", "optout"]
        {
            assert_eq!(Wish::of(ContactChannel::Sms, stop), Some(Wish::Stop), "{stop}");
        }
        for start in ["START", "start\n", "Unstop"] {
            assert_eq!(Wish::of(ContactChannel::Sms, start), Some(Wish::Start), "{start}");
        }
        for neither in ["", "...", "STOP PLEASE", "please stop", "Stopp", "YES", "HELP", "The end"] {
            assert_eq!(Wish::of(ContactChannel::Sms, neither), None, "{neither}");
        }
        assert_eq!(Wish::of(ContactChannel::Whatsapp, "Stop"), Some(Wish::Stop));
        assert_eq!(Wish::of(ContactChannel::Whatsapp, "start"), Some(Wish::Start));
        for elsewhere in ["CANCEL", "end", "UNSTOP"] {
            assert_eq!(Wish::of(ContactChannel::Whatsapp, elsewhere), None, "{elsewhere}");
        }
        assert_eq!(Wish::of(ContactChannel::Email, "STOP"), None);
    }

    proptest! {
        #[test]
        fn what_has_a_space_between_words_is_never_a_wish(one in "[a-zA-Z]{1,12}", other in "[a-zA-Z]{1,12}") {
            prop_assert_eq!(Wish::of(ContactChannel::Sms, &format!("{one} {other}")), None);
        }
    }
}
