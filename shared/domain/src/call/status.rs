//! Where a call stands, how it turned out, and who called.

use crate::values::wire_enum;

wire_enum! {
    /// Where a call stands. The first four are open: the call is still to be, or going on.
    CallStatus, "unknown_call_status",
    /// It waits for its time or for somebody free.
    Queued = "queued",
    /// It is being dialled.
    Initiated = "initiated",
    /// The other side rings.
    Ringing = "ringing",
    /// They talk.
    InProgress = "in_progress",
    /// They talked.
    Completed = "completed",
    /// It could not be put through.
    Failed = "failed",
    /// The other side was on another call.
    Busy = "busy",
    /// Nobody answered.
    NoAnswer = "no_answer",
    /// It was given up before anybody answered.
    Canceled = "canceled",
}

wire_enum! {
    /// What came of a call, apart from whether it was answered.
    CallOutcome, "unknown_call_outcome",
    /// They want to know more.
    Interested = "interested",
    /// They do not.
    NotInterested = "not_interested",
    /// They want to be called again.
    Callback = "callback",
    /// Somebody else has this number.
    WrongNumber = "wrong_number",
    /// They do not want to be called.
    DoNotCall = "do_not_call",
    /// They bought, or signed up.
    Converted = "converted",
}

wire_enum! {
    /// Who called.
    CallDirection, "unknown_call_direction",
    /// They called us.
    Inbound = "inbound",
    /// We called them.
    Outbound = "outbound",
}

impl CallStatus {
    /// Whether the call is over: nothing follows.
    pub const fn is_over(self) -> bool {
        self.next().is_empty()
    }

    /// What may follow. Phones do not report every step, so steps may be left out; none is taken back.
    pub const fn next(self) -> &'static [Self] {
        match self {
            Self::Queued => &[
                Self::Initiated,
                Self::Ringing,
                Self::InProgress,
                Self::Failed,
                Self::Busy,
                Self::NoAnswer,
                Self::Canceled,
            ],
            Self::Initiated => {
                &[Self::Ringing, Self::InProgress, Self::Failed, Self::Busy, Self::NoAnswer, Self::Canceled]
            }
            Self::Ringing => &[Self::InProgress, Self::Failed, Self::Busy, Self::NoAnswer, Self::Canceled],
            Self::InProgress => &[Self::Completed, Self::Failed],
            Self::Completed | Self::Failed | Self::Busy | Self::NoAnswer | Self::Canceled => &[],
        }
    }

    /// Whether `to` may follow.
    pub fn allows(self, to: Self) -> bool {
        self.next().contains(&to)
    }

    /// What a call of this status ends as where nobody says it.
    #[must_use]
    pub const fn ends_as(self) -> Self {
        match self {
            Self::Queued => Self::Canceled,
            Self::Initiated | Self::Ringing => Self::NoAnswer,
            Self::InProgress => Self::Completed,
            Self::Completed | Self::Failed | Self::Busy | Self::NoAnswer | Self::Canceled => self,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_call_ends_and_no_step_is_taken_back() {
        for from in CallStatus::ALL {
            for to in from.next() {
                assert!(!to.allows(*from), "{from} and {to} lead to each other");
            }
            assert!(from.is_over() || from.allows(from.ends_as()), "{from} ends as what it may not");
            assert!(from.ends_as().is_over());
        }
    }

    #[test]
    fn only_who_was_answered_completes() {
        for from in CallStatus::ALL {
            assert_eq!(from.allows(CallStatus::Completed), *from == CallStatus::InProgress);
        }
    }

    #[test]
    fn words_are_read_in_any_case_and_written_in_one() {
        assert_eq!("NO_ANSWER".parse(), Ok(CallStatus::NoAnswer));
        assert_eq!(serde_json::to_value(CallStatus::InProgress).ok(), Some("in_progress".into()));
        assert_eq!("lost".parse::<CallStatus>().map_err(|invalid| invalid.code), Err("unknown_call_status"));
    }
}
