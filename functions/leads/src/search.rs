//! Searching leads by words.

use axum::extract::State;
use domain::terms::Query;
use domain::{FieldInvalid, Grant, Invalid, Lead, Permission, Record as _};
use views::LeadView;
use web::{App, Data, Envelope, Page, PageQuery, Params, PathText, Problem, SignedIn};

use crate::page::LeadList;
use crate::plan::{filter, passes};

/// Finds leads by words that begin words of their name, their external id or the domain of their address. Addresses
/// and numbers are kept as keyed hashes, so they are found whole, a number with its country code or without, and by its
/// last four digits, and by no other part. Filters as in the list of leads. The order is that of the words, not of time.
///
/// Costs 1 Query and 1 `BatchGetItem`, and 1 Query more for digits, which may begin an external id; words or filters
/// that drop leads may take three rounds more.
#[utoipa::path(
    get, path = "/leads/search/{query}", tag = "leads",
    params(("query" = String, Path, description = "Words; the longest must have two characters or more."), PageQuery),
    responses((status = 200, body = Envelope<LeadList>)),
)]
pub(crate) async fn lead_search(
    State(app): State<App>,
    signed_in: SignedIn,
    PathText(query): PathText,
    params: Params,
) -> Result<Data<LeadList>, Problem> {
    let grant = signed_in.caller.allow(Permission::LeadsRead)?;
    found(&app, &grant, &query, &params, &[]).await
}

/// A page of the leads that are found by words.
pub(crate) async fn found(
    app: &App,
    grant: &Grant,
    words: &str,
    params: &Params,
    reserved: &[&str],
) -> Result<Data<LeadList>, Problem> {
    let query = Query::parse(words)
        .ok_or_else(|| Problem::field("query", Invalid::new("too_short", "needs a word of two characters or more")))?;
    let reserved: Vec<&str> = Page::RESERVED.iter().chain(reserved).copied().collect();
    let filter = filter(app, grant, params, &reserved).await?;
    let key = app.table().hash_key();
    let list = format!("search {:?} {:?} {query:?} {}", grant.organization(), grant.rows(), filter.to_json());
    let mut wrong = Vec::new();
    let page = Page::read(params, key, &list, &mut wrong);
    if page.skip > 0 {
        let invalid = Invalid::new("cursor_only", "a search goes on by next_cursor");
        wrong.push(FieldInvalid::new(if params.get("offset").is_some() { "offset" } else { "page" }, invalid));
    }
    if !wrong.is_empty() {
        return Err(wrong.into());
    }
    let keep = |lead: &Lead| query.matches(&lead.terms()) && passes(&filter, lead);
    let leads = app.table().search::<Lead>(grant, query.lead(), page.cursor.as_ref(), page.limit, keep).await?;
    let seen = leads.records.len() as u64 + u64::from(leads.next.is_some());
    Ok(Data(LeadList {
        pagination: page.pagination(key, &list, seen, leads.next.as_ref()),
        leads: leads.records.into_iter().map(|lead| LeadView::seen_by(grant, lead)).collect(),
    }))
}
