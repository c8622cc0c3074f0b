//! What keeps us from asking a provider that cannot answer, or that wants to be asked less often: a circuit breaker and a rate
//! limit, which a caller puts before any sender.
//!
//! The circuit is closed until enough of the calls of a window failed. Then it is open: nobody is let through for a while.
//! After that one call is let through as a probe; its success closes the circuit and its failure opens it again. The rate is
//! that of a bucket which refills at a steady pace. Both know the time only from whoever asks.
//!
//! A message that is refused is an answer: the provider works. One that is not taken is a failure of the provider, and a rest
//! that it asks for is kept towards all.

use std::sync::{Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};

use crate::SendError;

/// How a breaker behaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BreakerSettings {
    /// So long calls are counted together.
    pub window: SignedDuration,
    /// So many of a window must fail before the circuit opens; at least 1.
    pub failures: u32,
    /// And so many in a hundred of its calls.
    pub percent: u32,
    /// So long it stays open, and so long a probe may take.
    pub rest: SignedDuration,
    /// So many calls may come at once.
    pub burst: u32,
    /// One more each time this has passed; zero for no limit.
    pub pace: SignedDuration,
}

/// Decides which calls to a provider are made.
#[derive(Debug)]
pub struct Breaker {
    settings: BreakerSettings,
    state: Mutex<State>,
}

/// A call may be made. What became of it is told with [`Breaker::tell`]; one that nobody tells of counts for nothing.
#[derive(Debug, PartialEq, Eq)]
#[must_use]
pub struct Pass {
    is_probe: bool,
}

/// A call may not be made now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Held {
    /// The provider fails.
    #[error("the provider fails and is left alone for now")]
    Open {
        /// After so long it may.
        rest: SignedDuration,
    },
    /// There were as many calls as there may be.
    #[error("the provider is asked as often as it may be")]
    Paced {
        /// After so long it may.
        rest: SignedDuration,
    },
}

impl Held {
    /// After so long the call may be made.
    pub const fn rest(self) -> SignedDuration {
        match self {
            Self::Open { rest } | Self::Paced { rest } => rest,
        }
    }
}

impl From<Held> for SendError {
    fn from(held: Held) -> Self {
        Self::NotTaken { why: held.to_string(), rest: Some(held.rest()) }
    }
}

/// What became of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// The provider answered, whatever it said of the message.
    Answered,
    /// It failed, and may have asked for a rest.
    Failed(Option<SignedDuration>),
}

impl Outcome {
    /// What a send tells of its provider.
    pub const fn of<T>(sent: &Result<T, SendError>) -> Self {
        match sent {
            Ok(_) | Err(SendError::Refused(_)) => Self::Answered,
            Err(SendError::NotTaken { rest, .. }) => Self::Failed(*rest),
            Err(SendError::Unknown(_)) => Self::Failed(None),
        }
    }
}

#[derive(Debug, Clone, Copy)]
enum Circuit {
    Closed {
        since: Timestamp,
        calls: u32,
        failures: u32,
    },
    Open {
        until: Timestamp,
    },
    /// A probe is under way; after this time it counts as lost.
    Probing {
        until: Timestamp,
    },
}

#[derive(Debug)]
struct State {
    circuit: Circuit,
    /// When the bucket is full again: each call moves it on by one pace.
    full_at: Timestamp,
}

impl Breaker {
    /// A closed circuit and a full bucket.
    pub fn new(settings: BreakerSettings) -> Self {
        let circuit = Circuit::Closed { since: Timestamp::MIN, calls: 0, failures: 0 };
        Self { settings, state: Mutex::new(State { circuit, full_at: Timestamp::MIN }) }
    }

    /// Whether a call may be made now.
    pub fn ask(&self, now: Timestamp) -> Result<Pass, Held> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let is_probe = match state.circuit {
            Circuit::Closed { .. } => false,
            Circuit::Open { until } | Circuit::Probing { until } if now < until => {
                return Err(Held::Open { rest: until.duration_since(now) });
            }
            Circuit::Open { .. } | Circuit::Probing { .. } => true,
        };
        state.full_at = self.paced(state.full_at, now)?;
        if is_probe {
            state.circuit = Circuit::Probing { until: later(now, self.settings.rest) };
        }
        Ok(Pass { is_probe })
    }

    /// When the bucket is full again after one more call, if there is one in it.
    fn paced(&self, full_at: Timestamp, now: Timestamp) -> Result<Timestamp, Held> {
        let BreakerSettings { burst, pace, .. } = self.settings;
        if pace <= SignedDuration::ZERO {
            return Ok(full_at);
        }
        let capacity = pace.saturating_mul(i32::try_from(burst.max(1)).unwrap_or(i32::MAX));
        // Nobody's clock that was set back makes the bucket emptier than it can be.
        let full_at = full_at.max(now).min(later(now, capacity));
        let next = later(full_at, pace);
        let over = next.duration_since(now) - capacity;
        if over > SignedDuration::ZERO { Err(Held::Paced { rest: over }) } else { Ok(next) }
    }

    /// Notes what became of a call.
    #[expect(clippy::needless_pass_by_value, reason = "of a pass is told once")]
    pub fn tell(&self, pass: Pass, outcome: Outcome, now: Timestamp) {
        let Pass { is_probe } = pass;
        let BreakerSettings { window, failures: most, percent, rest, .. } = self.settings;
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let opened =
            |asked: Option<SignedDuration>| Circuit::Open { until: later(now, asked.unwrap_or(rest).max(rest)) };
        state.circuit = match (state.circuit, outcome) {
            (Circuit::Closed { since, calls, failures }, outcome) => {
                let is_over = now < since || now >= later(since, window);
                let (since, calls, failures) = if is_over { (now, 0, 0) } else { (since, calls, failures) };
                let calls = calls.saturating_add(1);
                let failures = failures.saturating_add(u32::from(outcome != Outcome::Answered));
                let is_failing =
                    failures >= most.max(1) && u64::from(failures) * 100 >= u64::from(percent) * u64::from(calls);
                match outcome {
                    Outcome::Failed(Some(asked)) if asked > SignedDuration::ZERO => opened(Some(asked)),
                    Outcome::Failed(_) if is_failing => opened(None),
                    _ => Circuit::Closed { since, calls, failures },
                }
            }
            (_, Outcome::Answered) if is_probe => Circuit::Closed { since: now, calls: 0, failures: 0 },
            (_, Outcome::Failed(asked)) if is_probe => opened(asked),
            // A call from before it opened says nothing new.
            (circuit, _) => circuit,
        };
    }

    /// Makes a call if it may be made, and notes what became of it.
    pub async fn send<T>(
        &self,
        now: impl Fn() -> Timestamp,
        call: impl Future<Output = Result<T, SendError>>,
    ) -> Result<T, SendError> {
        let pass = self.ask(now())?;
        let sent = call.await;
        self.tell(pass, Outcome::of(&sent), now());
        sent
    }
}

fn later(time: Timestamp, by: SignedDuration) -> Timestamp {
    time.checked_add(by).unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const SETTINGS: BreakerSettings = BreakerSettings {
        window: SignedDuration::from_secs(60),
        failures: 3,
        percent: 50,
        rest: SignedDuration::from_secs(30),
        burst: 1_000,
        pace: SignedDuration::ZERO,
    };
    const FAILED: Outcome = Outcome::Failed(None);

    fn at(milliseconds: i64) -> Timestamp {
        Timestamp::from_millisecond(1_795_168_800_000 + milliseconds).expect("a time")
    }

    fn call(breaker: &Breaker, now: i64, outcome: Outcome) {
        breaker.tell(breaker.ask(at(now)).expect("it may"), outcome, at(now));
    }

    #[test]
    fn a_circuit_opens_probes_and_closes() {
        let breaker = Breaker::new(SETTINGS);
        for outcome in [Outcome::Answered, FAILED, FAILED, FAILED] {
            call(&breaker, 0, outcome);
        }
        assert_eq!(breaker.ask(at(10_000)), Err(Held::Open { rest: SignedDuration::from_secs(20) }));
        let probe = breaker.ask(at(30_000)).expect("a probe");
        assert!(breaker.ask(at(30_001)).is_err(), "one probe at a time");
        breaker.tell(probe, FAILED, at(31_000));
        assert!(breaker.ask(at(60_999)).is_err());
        call(&breaker, 61_000, Outcome::Answered);
        call(&breaker, 61_000, FAILED);
        assert!(breaker.ask(at(61_000)).is_ok(), "it is closed and counts anew");
    }

    #[test]
    fn few_failures_among_many_or_over_long_keep_it_closed() {
        let breaker = Breaker::new(SETTINGS);
        for number in 0..100 {
            call(&breaker, number, if number % 3 == 0 { FAILED } else { Outcome::Answered });
        }
        let slow = Breaker::new(SETTINGS);
        for number in 0..100 {
            call(&slow, number * 30_000, FAILED);
        }
    }

    #[test]
    fn a_rest_that_a_provider_asks_for_is_kept() {
        let breaker = Breaker::new(SETTINGS);
        call(&breaker, 0, Outcome::Failed(Some(SignedDuration::from_secs(90))));
        assert_eq!(breaker.ask(at(0)).map_err(Held::rest), Err(SignedDuration::from_secs(90)));
        assert!(breaker.ask(at(90_000)).is_ok());
    }

    #[test]
    fn a_probe_that_nobody_tells_of_is_given_up() {
        let breaker = Breaker::new(SETTINGS);
        (0..3).for_each(|_| call(&breaker, 0, FAILED));
        let lost = breaker.ask(at(30_000)).expect("a probe");
        assert!(breaker.ask(at(59_999)).is_err());
        assert!(breaker.ask(at(60_000)).is_ok());
        drop(lost);
    }

    #[test]
    fn what_was_under_way_when_it_opened_does_not_close_it() {
        let breaker = Breaker::new(SETTINGS);
        let slow = breaker.ask(at(0)).expect("it may");
        (0..3).for_each(|_| call(&breaker, 0, FAILED));
        breaker.tell(slow, Outcome::Answered, at(1));
        assert!(breaker.ask(at(2)).is_err());
    }

    #[tokio::test]
    async fn a_send_that_is_held_is_not_made_and_says_how_long() {
        let breaker = Breaker::new(BreakerSettings { failures: 1, ..SETTINGS });
        let fails = async { Err::<(), _>(SendError::not_taken("down")) };
        assert_eq!(breaker.send(|| at(0), fails).await, Err(SendError::not_taken("down")));
        let held = breaker.send(|| at(1_000), async { panic!("it is not made") }).await as Result<(), _>;
        let Err(SendError::NotTaken { rest, .. }) = held else { panic!("{held:?}") };
        assert_eq!(rest, Some(SignedDuration::from_secs(29)));
        let refused = async { Err::<(), _>(SendError::Refused("no".to_owned())) };
        assert!(breaker.send(|| at(30_000), refused).await.is_err());
        assert!(breaker.send(|| at(30_000), async { Ok(()) }).await.is_ok(), "a refusal is an answer");
    }

    proptest! {
        #[test]
        fn no_more_go_through_than_the_bucket_holds_and_refills(
            burst in 1_u32..20, pace in 1_i64..500, waits in prop::collection::vec(0_i64..400, 1..200),
        ) {
            let settings = BreakerSettings { burst, pace: SignedDuration::from_millis(pace), ..SETTINGS };
            let breaker = Breaker::new(settings);
            let (mut now, mut through) = (0, 0_i64);
            for wait in waits {
                now += wait;
                match breaker.ask(at(now)) {
                    Ok(_) => through += 1,
                    Err(held) => {
                        let rest = held.rest();
                        prop_assert!(rest > SignedDuration::ZERO && rest <= SignedDuration::from_millis(pace));
                    }
                }
                prop_assert!(through <= i64::from(burst) + now / pace, "{through} at {now}");
            }
            // After the rest it names, the next goes through.
            if let Err(held) = breaker.ask(at(now)) {
                prop_assert!(breaker.ask(later(at(now), held.rest())).is_ok());
            }
        }

        #[test]
        fn however_calls_come_and_clocks_jump_an_open_circuit_opens_again_in_time(
            steps in prop::collection::vec((-100_000_i64..100_000, 0_u8..3, any::<bool>()), 1..100),
        ) {
            let breaker = Breaker::new(SETTINGS);
            let mut now = 0;
            for (jump, outcome, tells) in steps {
                now += jump;
                if let Ok(pass) = breaker.ask(at(now)) && tells {
                    let outcome = match outcome {
                        0 => Outcome::Answered,
                        1 => FAILED,
                        _ => Outcome::Failed(Some(SignedDuration::from_secs(40))),
                    };
                    breaker.tell(pass, outcome, at(now));
                }
            }
            if let Err(held) = breaker.ask(at(now)) {
                prop_assert!(breaker.ask(later(at(now), held.rest())).is_ok());
            }
        }

        #[test]
        fn between_two_probes_lies_a_rest(waits in prop::collection::vec(1_i64..40_000, 1..100)) {
            let breaker = Breaker::new(SETTINGS);
            (0..3).for_each(|_| call(&breaker, 0, FAILED));
            let (mut now, mut last) = (0, 0);
            for wait in waits {
                now += wait;
                if let Ok(pass) = breaker.ask(at(now)) {
                    prop_assert!(now - last >= 30_000, "{last} and {now}");
                    last = now;
                    breaker.tell(pass, FAILED, at(now));
                }
            }
        }
    }
}
