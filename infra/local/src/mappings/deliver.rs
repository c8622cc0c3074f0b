//! A batch of a stream, delivered as Lambda does: from where it failed again, in halves, and given up at last.

use std::collections::VecDeque;
use std::ops::Range;
use std::time::Duration;

/// How a failed batch is treated.
#[derive(Clone, Copy, Debug)]
pub(super) struct Policy {
    /// Whether it is cut in two.
    pub(super) bisects: bool,
    /// How often it is tried again; without end if it is not said.
    pub(super) retries: Option<u32>,
    /// The pause before the first retry; each further one is twice as long.
    pub(super) pause: Duration,
}

/// The longest pause between two tries.
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// How a call ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// All records are done.
    Done,
    /// Those before this one are done.
    DoneUntil(usize),
    /// None is.
    Failed,
}

/// Records that were given up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct GivenUp {
    /// Which of the batch.
    pub(super) records: Range<usize>,
    /// How often they were tried.
    pub(super) calls: u32,
}

/// Delivers `length` records, each until it is done or given up. Order is kept: no record is tried before
/// those in front of it are settled.
pub(super) async fn deliver<F: Future<Output = Outcome>>(
    length: usize,
    policy: Policy,
    mut call: impl FnMut(Range<usize>) -> F,
) -> Vec<GivenUp> {
    let mut given_up = Vec::new();
    let mut waiting = VecDeque::from([(0..length, 0_u32)]);
    while let Some((records, failures)) = waiting.pop_front() {
        if records.is_empty() {
            continue;
        }
        if failures > 0 {
            let pause = policy.pause.saturating_mul(2_u32.saturating_pow(failures - 1));
            tokio::time::sleep(pause.min(LONGEST_PAUSE)).await;
        }
        match call(records.clone()).await {
            Outcome::Done => {}
            // What is left is another batch, with tries of its own: it is shorter each time.
            Outcome::DoneUntil(first) if first > 0 => waiting.push_front((records.start + first..records.end, 0)),
            Outcome::DoneUntil(_) | Outcome::Failed if policy.bisects && records.len() > 1 => {
                let middle = records.start + records.len() / 2;
                waiting.push_front((middle..records.end, 0));
                waiting.push_front((records.start..middle, 0));
            }
            Outcome::DoneUntil(_) | Outcome::Failed if policy.retries.is_some_and(|retries| failures >= retries) => {
                given_up.push(GivenUp { records, calls: failures + 1 });
            }
            Outcome::DoneUntil(_) | Outcome::Failed => waiting.push_front((records, failures + 1)),
        }
    }
    given_up
}

#[cfg(test)]
mod tests {
    use std::future::ready;

    use super::*;

    const POLICY: Policy = Policy { bisects: true, retries: Some(3), pause: Duration::ZERO };

    /// Delivers ten records of which one cannot be done; returns those done, in order, and those given up.
    async fn with_poison(poison: usize, policy: Policy, reports: bool) -> (Vec<usize>, Vec<GivenUp>) {
        let mut done = Vec::new();
        let given_up = deliver(10, policy, |records| {
            ready(if !records.contains(&poison) {
                done.extend(records);
                Outcome::Done
            } else if reports {
                done.extend(records.start..poison);
                Outcome::DoneUntil(poison - records.start)
            } else {
                Outcome::Failed
            })
        })
        .await;
        (done, given_up)
    }

    #[tokio::test]
    async fn one_poison_record_stops_no_other_wherever_it_stands() {
        for poison in 0..10 {
            for reports in [true, false] {
                let (done, given_up) = with_poison(poison, POLICY, reports).await;
                assert_eq!(done, (0..10).filter(|record| *record != poison).collect::<Vec<_>>());
                assert_eq!(given_up, [GivenUp { records: poison..poison + 1, calls: 4 }]);
            }
        }
    }

    #[tokio::test]
    async fn without_bisecting_the_whole_batch_is_given_up() {
        let (done, given_up) = with_poison(3, Policy { bisects: false, ..POLICY }, false).await;
        assert_eq!((done, given_up), (vec![], vec![GivenUp { records: 0..10, calls: 4 }]));
    }

    #[tokio::test]
    async fn a_fault_that_passes_costs_nothing() {
        let mut calls = 0;
        let given_up = deliver(5, Policy { bisects: false, ..POLICY }, |_| {
            calls += 1;
            ready(if calls < 4 { Outcome::Failed } else { Outcome::Done })
        })
        .await;
        assert_eq!((given_up, calls), (vec![], 4));
    }
}
