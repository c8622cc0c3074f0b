//! Meta's Graph API for the lead ads of one page, by
//! <https://developers.facebook.com/docs/marketing-api/guides/lead-ads/retrieving>, and the webhook that tells of them.

use std::collections::HashMap;
use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};

use http::Method;
use http::request::Parts;
use providers::inbound::meta::sign;
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::provider::{self, Callback, Provider, Response, Trouble, Troubles, header_of};
use crate::{Clock, Setup};

/// Who the double is: all of it made up.
#[derive(Clone)]
pub struct Page {
    /// Meta's id of the page: digits.
    pub id: String,
    /// The token that lets in whoever asks for leads.
    pub token: String,
    /// What the app signs its webhooks with.
    pub secret: String,
}

/// A page with forms that people fill in. Clones share them.
#[derive(Clone, Debug)]
pub struct Graph(Arc<Inner>);

struct Inner {
    page: Page,
    clock: Arc<dyn Clock>,
    troubles: Troubles,
    forms: Mutex<Forms>,
}

/// What people answered, by Meta's ids, and how often somebody asked.
#[derive(Default)]
struct Forms {
    filled: HashMap<String, Value>,
    asked: usize,
}

impl std::fmt::Debug for Inner {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Graph").field("page", &self.page.id).finish_non_exhaustive()
    }
}

impl Graph {
    /// A page with no leads yet.
    pub fn new(setup: &Setup, page: Page) -> Self {
        let clock = Arc::clone(&setup.clock);
        Self(Arc::new(Inner { page, clock, troubles: Troubles::default(), forms: Mutex::default() }))
    }

    /// Serves it until `shutdown`.
    pub async fn serve(&self, listener: TcpListener, shutdown: impl Future<Output = ()> + Send) -> std::io::Result<()> {
        provider::serve(Arc::clone(&self.0), listener, shutdown).await
    }

    /// The next call meets this, after those that were added before.
    pub fn trouble(&self, trouble: Trouble) {
        self.0.troubles.add(trouble);
    }

    /// How often somebody asked for a lead that is there.
    pub fn asked(&self) -> usize {
        self.0.forms.lock().unwrap_or_else(PoisonError::into_inner).asked
    }

    /// Somebody fills in a form, under Meta's id of that: digits.
    pub fn fill(&self, id: &str, answers: &[(&str, &str)]) {
        let answers: Vec<Value> =
            answers.iter().map(|(name, value)| json!({"name": name, "values": [value]})).collect();
        let filled =
            json!({"created_time": "2026-11-20T10:00:00+0000", "id": id, "form_id": "2", "field_data": answers});
        self.0.forms.lock().unwrap_or_else(PoisonError::into_inner).filled.insert(id.to_owned(), filled);
    }

    /// The webhook of forms that were filled in, all in one body as Meta puts them together.
    pub fn told(&self, ids: &[&str]) -> Callback {
        let Page { id: page, secret, .. } = &self.0.page;
        let now = self.0.clock.now_unix_secs();
        let change = |id: &&str| {
            let value = json!({"leadgen_id": id, "page_id": page, "form_id": "2", "ad_id": "3", "adgroup_id": "4",
                "created_time": now});
            json!({"field": "leadgen", "value": value})
        };
        let changes: Vec<Value> = ids.iter().map(change).collect();
        let entry = json!({"id": page, "time": now, "changes": changes});
        let body = json!({"object": "page", "entry": [entry]}).to_string();
        let signature = sign(secret, body.as_bytes()).unwrap_or_default();
        Callback::new("application/json", body).with("x-hub-signature-256", &signature)
    }
}

impl Provider for Inner {
    fn troubles(&self) -> &Troubles {
        &self.troubles
    }

    fn take(&self, request: &Parts, _: &[u8]) -> Response {
        if header_of(request, "authorization") != format!("Bearer {}", self.page.token) {
            return self.failure(190);
        }
        let mut path = request.uri.path().split('/').skip(1);
        let version = path.next().and_then(|text| text.strip_prefix('v')).and_then(|text| text.strip_suffix(".0"));
        let is_version = version.is_some_and(|text| text.parse::<u8>().is_ok());
        let (id, more) = (path.next().unwrap_or_default(), path.next());
        if !is_version || more.is_some() || request.method != Method::GET {
            return self.failure(2_500);
        }
        let mut forms = self.forms.lock().unwrap_or_else(PoisonError::into_inner);
        match forms.filled.get(id).cloned() {
            Some(filled) => {
                forms.asked += 1;
                provider::json(200, &filled)
            }
            None => self.failure(100),
        }
    }

    /// <https://developers.facebook.com/docs/graph-api/guides/error-handling/>
    fn failure(&self, code: u32) -> Response {
        let status = match code {
            1 | 2 => 500,
            10 | 200..=299 => 403,
            190 => 401,
            _ => 400,
        };
        let mut error = json!({"message": format!("(#{code}) The request failed"), "type": "GraphMethodException",
            "code": code, "fbtrace_id": "AAAAAAAAAAAAAAAAAAAAAAA"});
        if code == 100 {
            error["error_subcode"] = 33.into();
        }
        provider::json(status, &json!({"error": error}))
    }
}
