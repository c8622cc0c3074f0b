//! Meta's Graph API for the lead ads of one page, by
//! <https://developers.facebook.com/docs/marketing-api/guides/lead-ads/retrieving>, each answer and whole lists of them, and
//! the webhook that tells of them.

use std::collections::{BTreeMap, BTreeSet};
use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};

use http::Method;
use http::request::Parts;
use jiff::Timestamp;
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

/// What people answered, by Meta's ids, and how often somebody asked for one of them, and for a list.
#[derive(Default)]
struct Forms {
    filled: BTreeMap<u64, Value>,
    asked: usize,
    listed: usize,
}

/// The form that people fill in where none is named.
const FORM: &str = "2";

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

    /// How often somebody asked for a list.
    pub fn listed(&self) -> usize {
        self.0.forms.lock().unwrap_or_else(PoisonError::into_inner).listed
    }

    /// Somebody fills in a form now, under Meta's id of that: digits.
    pub fn fill(&self, id: &str, answers: &[(&str, &str)]) {
        self.fill_in(FORM, id, answers);
    }

    /// The same with another form, by Meta's id of it.
    pub fn fill_in(&self, form: &str, id: &str, answers: &[(&str, &str)]) {
        let answers: Vec<Value> =
            answers.iter().map(|(name, value)| json!({"name": name, "values": [value]})).collect();
        let now = Timestamp::from_second(self.0.clock.now_unix_secs().cast_signed()).unwrap_or_default();
        let filled = json!({"created_time": now.strftime("%Y-%m-%dT%H:%M:%S+0000").to_string(), "id": id, "form_id": form,
            "ad_id": "3", "field_data": answers});
        let mut forms = self.0.forms.lock().unwrap_or_else(PoisonError::into_inner);
        forms.filled.insert(id.parse().unwrap_or_default(), filled);
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
        let (id, edge, more) = (path.next().unwrap_or_default(), path.next(), path.next());
        if !is_version || more.is_some() || request.method != Method::GET {
            return self.failure(2_500);
        }
        let query = request.uri.query().unwrap_or_default();
        let mut forms = self.forms.lock().unwrap_or_else(PoisonError::into_inner);
        match edge {
            None => match id.parse().ok().and_then(|id: u64| forms.filled.get(&id).cloned()) {
                Some(filled) => {
                    forms.asked += 1;
                    provider::json(200, &filled)
                }
                None => self.failure(100),
            },
            Some("leadgen_forms") if id == self.page.id => {
                forms.listed += 1;
                let ids: BTreeSet<&str> =
                    forms.filled.values().filter_map(|filled| filled["form_id"].as_str()).collect();
                page(query, ids.into_iter().map(|id| json!({"id": id})))
            }
            Some("leads") if forms.filled.values().any(|filled| filled["form_id"] == id) => {
                forms.listed += 1;
                let Some(since) = since(query) else { return self.failure(100) };
                let is_newer = |filled: &&Value| {
                    let at = filled["created_time"].as_str().unwrap_or_default();
                    let at = Timestamp::strptime("%Y-%m-%dT%H:%M:%S%z", at).unwrap_or_default();
                    filled["form_id"] == id && at.as_second() > since
                };
                // The newest first.
                page(query, forms.filled.values().rev().filter(is_newer).cloned())
            }
            Some(_) => self.failure(100),
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

/// The second that everything is to be newer than; `None` where a filter is none of those that are documented.
fn since(query: &str) -> Option<i64> {
    let filter = form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == "filtering");
    let Some((_, filter)) = filter else { return Some(i64::MIN) };
    let filters: Vec<Value> = serde_json::from_str(&filter).ok()?;
    let [filter] = &filters[..] else { return None };
    let is_known = filter["field"] == "time_created" && filter["operator"] == "GREATER_THAN";
    filter["value"].as_i64().filter(|_| is_known)
}

/// A page of a list, with the place behind it: <https://developers.facebook.com/docs/graph-api/results>.
pub(crate) fn page(query: &str, all: impl IntoIterator<Item = Value>) -> Response {
    let number = |wanted: &str| {
        let told = form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == wanted);
        told.and_then(|(_, value)| value.parse::<usize>().ok())
    };
    let (limit, from) = (number("limit").unwrap_or(25), number("after").unwrap_or(0));
    let mut behind = all.into_iter().skip(from);
    let page: Vec<Value> = behind.by_ref().take(limit).collect();
    let mut paging = json!({"cursors": {"before": from.to_string(), "after": (from + page.len()).to_string()}});
    if behind.next().is_some() {
        paging["next"] = "https://graph.facebook.com/next".into();
    }
    provider::json(200, &json!({"data": page, "paging": paging}))
}
