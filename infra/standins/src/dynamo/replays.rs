use std::collections::{HashMap, VecDeque};

use serde::Deserialize;

use super::digest::Digest;

/// DynamoDB remembers a `ClientRequestToken` for ten minutes.
const WINDOW_SECONDS: u64 = 600;

/// The most tokens held at once; the oldest goes first.
const CAPACITY: usize = 100_000;

/// Answers to transactions already done, by their token.
#[derive(Debug, Default)]
pub(crate) struct Replays {
    done: HashMap<String, Done>,
    order: VecDeque<(u64, String)>,
}

#[derive(Debug)]
struct Done {
    items: Digest,
    answer: Vec<u8>,
}

/// What decides whether a transaction is a repeat: its token and its items.
#[derive(Deserialize)]
pub(crate) struct Asked {
    #[serde(rename = "ClientRequestToken")]
    token: String,
    #[serde(rename = "TransactItems")]
    items: Digest,
}

impl Asked {
    /// `None` if the request has no token, or is one the engine will refuse.
    pub(crate) fn read(body: &[u8]) -> Option<Self> {
        serde_json::from_slice(body).ok()
    }
}

/// What a token says of a request.
pub(crate) enum Seen {
    Never,
    Done(Vec<u8>),
    WithOtherContent,
}

impl Replays {
    pub(crate) fn look_up(&mut self, now: u64, asked: &Asked) -> Seen {
        while self.order.front().is_some_and(|(at, _)| now.saturating_sub(*at) >= WINDOW_SECONDS) {
            self.forget_oldest();
        }
        match self.done.get(&asked.token) {
            None => Seen::Never,
            Some(done) if done.items == asked.items => Seen::Done(done.answer.clone()),
            Some(_) => Seen::WithOtherContent,
        }
    }

    pub(crate) fn remember(&mut self, now: u64, asked: Asked, answer: &[u8]) {
        if self.order.len() >= CAPACITY {
            self.forget_oldest();
        }
        let Asked { token, items } = asked;
        self.order.push_back((now, token.clone()));
        self.done.insert(token, Done { items, answer: answer.to_vec() });
    }

    fn forget_oldest(&mut self) {
        if let Some((_, token)) = self.order.pop_front() {
            self.done.remove(&token);
        }
    }
}
