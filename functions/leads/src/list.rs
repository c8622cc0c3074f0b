//! Listing leads.

use axum::extract::State;
use domain::filter::Filter;
use domain::{Grant, Lead, Permission};
use views::LeadView;
use web::{App, Data, Envelope, Page, PageQuery, Params, Problem, SignedIn};

use crate::page::LeadList;
use crate::plan::{Plan, filter, passes, plan};
use crate::search;

/// Lists leads, newest first. Any field of a lead filters: `source=Google`, `score[gte]=50`,
/// `tags[in]=a,b`, `custom_fields.Country=India`; `search` looks for words instead.
///
/// Costs 1 Query and 1 `GetItem` for the list's size; a filter beyond stage, owner and branch reads on
/// until the page is full, 2,000 leads at most.
#[utoipa::path(
    get, path = "/leads", tag = "leads",
    params(
        PageQuery,
        ("status" = Option<String>, Query, description = "A stage's key; `all` means any."),
        ("assigned_to" = Option<String>, Query, description = "A user's id."),
        ("branch_id" = Option<String>, Query, description = "A branch's id."),
        ("source" = Option<String>, Query, description = "Where leads came from."),
        ("search" = Option<String>, Query, description = "Words of a name, an address, a number or an external id."),
    ),
    responses((status = 200, body = Envelope<LeadList>)),
)]
pub(crate) async fn lead_list(
    State(app): State<App>,
    signed_in: SignedIn,
    params: Params,
) -> Result<Data<LeadList>, Problem> {
    let grant = signed_in.caller.allow(Permission::LeadsRead)?;
    if let Some(words) = params.get("search") {
        return search::found(&app, &grant, words, &params, &["search"]).await;
    }
    let filter = filter(&app, &grant, &params, &Page::RESERVED).await?;
    listed(&app, &grant, filter, &params).await
}

/// A page of the leads that pass a filter.
pub(crate) async fn listed(
    app: &App,
    grant: &Grant,
    filter: Filter,
    params: &Params,
) -> Result<Data<LeadList>, Problem> {
    let key = app.table().hash_key();
    // A cursor belongs to the tenant, the rows and the filter it was given for.
    let list = format!("leads {:?} {:?} {}", grant.organization(), grant.rows(), filter.to_json());
    let mut wrong = Vec::new();
    let page = Page::read(params, key, &list, &mut wrong);
    if !wrong.is_empty() {
        return Err(wrong.into());
    }
    let Plan { query, residual } = plan(app, grant, filter, &page).await?;
    let exact = residual.is_empty();
    let leads = app.table().list::<Lead>(grant, &query, |lead| passes(&residual, lead));
    let size =
        async { if exact { app.table().list_size::<Lead>(grant, query.question, &query.values).await } else { Ok(0) } };
    let (leads, size) = tokio::try_join!(leads, size)?;
    let seen = u64::from(page.skip) + leads.records.len() as u64 + u64::from(leads.next.is_some());
    let total = if exact { size.max(seen) } else { seen };
    Ok(Data(LeadList {
        pagination: page.pagination(key, &list, total, leads.next.as_ref()),
        leads: leads.records.into_iter().map(|lead| LeadView::seen_by(grant, lead)).collect(),
    }))
}
