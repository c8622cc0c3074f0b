//! What is asked.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use super::load::CLIENTS;
use super::sheet::{self, WORDS};

type Asking = Box<dyn Fn(usize, usize) -> Ask + Send + Sync>;

/// One operation of the API.
pub(super) struct Operation {
    pub(super) name: &'static str,
    /// The status of every answer.
    pub(super) status: u16,
    asking: Asking,
}

/// A request.
pub(crate) struct Ask {
    pub(super) method: &'static str,
    /// Path and query, with the stage.
    pub(super) target: String,
    /// JSON, or nothing.
    pub(super) body: String,
    /// Whether it carries a token.
    pub(super) signed: bool,
    /// Further headers.
    pub(super) headers: Vec<(&'static str, String)>,
}

impl Operation {
    pub(super) fn new(
        name: &'static str,
        status: u16,
        asking: impl Fn(usize, usize) -> Ask + Send + Sync + 'static,
    ) -> Arc<Self> {
        Arc::new(Self { name, status, asking: Box::new(asking) })
    }

    /// What the caller of this number asks in its turn.
    pub(super) fn ask(&self, caller: usize, turn: usize) -> Ask {
        (self.asking)(caller, turn)
    }
}

impl Ask {
    pub(crate) fn get(target: String) -> Self {
        Self { method: "GET", target, body: String::new(), signed: true, headers: Vec::new() }
    }

    pub(crate) fn post(target: String, body: String) -> Self {
        Self { method: "POST", ..Self::put(target, body) }
    }

    pub(crate) fn put(target: String, body: String) -> Self {
        Self { method: "PUT", target, body, signed: true, headers: Vec::new() }
    }

    /// As it goes over the wire.
    pub(crate) fn write(&self, token: &str, wire: &mut Vec<u8>) {
        let Self { method, target, body, signed, headers } = self;
        wire.clear();
        let length = body.len();
        let head = format!("{method} {target} HTTP/1.1\r\nhost: localhost\r\naccept: application/json\r\n");
        wire.extend_from_slice(head.as_bytes());
        if *signed {
            wire.extend_from_slice(format!("authorization: Bearer {token}\r\n").as_bytes());
        }
        for (name, value) in headers {
            wire.extend_from_slice(format!("{name}: {value}\r\n").as_bytes());
        }
        if length > 0 {
            let more = format!("content-type: application/json\r\ncontent-length: {length}\r\n");
            wire.extend_from_slice(more.as_bytes());
        }
        wire.extend_from_slice(b"\r\n");
        wire.extend_from_slice(body.as_bytes());
    }
}

/// A place that is another one in each turn, and comes again only after all others.
pub(super) fn place(caller: usize, turn: usize, places: usize) -> usize {
    (caller * 7_919 + turn * 31) % places.max(1)
}

/// The operations over leads with these ids. New leads get numbers from `next` on.
pub(super) fn all(ids: &Arc<[String]>, next: &Arc<AtomicU32>) -> Vec<Arc<Operation>> {
    vec![nobody(), nowhere(), read(ids), list(), search(), status(ids), create(next)]
}

/// Nobody asks: the gateway and the router alone. What the next row costs more is the sign-in and its limit.
fn nobody() -> Arc<Operation> {
    Operation::new("401", 401, |_, _| Ask { signed: false, ..Ask::get("/v1/leads/not-even-an-id".to_owned()) })
}

/// A path that is not there, in a function that is: the gateway, sign-in and limits, without the table.
fn nowhere() -> Arc<Operation> {
    Operation::new("404", 404, |_, _| Ask::get("/v1/leads/not/a/path".to_owned()))
}

fn read(ids: &Arc<[String]>) -> Arc<Operation> {
    let ids = Arc::clone(ids);
    Operation::new("read", 200, move |caller, turn| {
        Ask::get(format!("/v1/leads/{}", ids[place(caller, turn, ids.len())]))
    })
}

fn list() -> Arc<Operation> {
    Operation::new("list 50", 200, |_, _| Ask::get("/v1/leads?limit=50".to_owned()))
}

fn search() -> Arc<Operation> {
    Operation::new("search", 200, |caller, turn| {
        let word = WORDS[place(caller, turn, WORDS.len())].to_lowercase();
        Ask::get(format!("/v1/leads/search/{word}?limit=50"))
    })
}

/// To the next stage and, with a reason, back. Each caller has leads of its own.
fn status(ids: &Arc<[String]>) -> Arc<Operation> {
    let ids = Arc::clone(ids);
    let moved: Vec<AtomicBool> = ids.iter().map(|_| AtomicBool::new(false)).collect();
    Operation::new("status change", 200, move |caller, turn| {
        let own = (ids.len() / CLIENTS).max(1);
        let place = (caller + CLIENTS * (turn % own)) % ids.len();
        let body = if moved[place].fetch_xor(true, Ordering::Relaxed) {
            r#"{"status":"lead","reason":"measured"}"#
        } else {
            r#"{"status":"assessment"}"#
        };
        Ask::post(format!("/v1/leads/{}/status", ids[place]), body.to_owned())
    })
}

fn create(next: &Arc<AtomicU32>) -> Arc<Operation> {
    let next = Arc::clone(next);
    Operation::new("create", 201, move |_, _| {
        let number = next.fetch_add(1, Ordering::Relaxed);
        Ask::post("/v1/leads".to_owned(), sheet::lead(number).to_string())
    })
}
