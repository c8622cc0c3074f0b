//! `GET /consents`.

use axum::extract::State;
use domain::{Caller, Consent, ContactAddress, Grant, Lead, LeadId, List, Permission, Rows, Slot};
use serde::Serialize;
use utoipa::ToSchema;
use web::listing::{Shown, page_of};
use web::{App, Data, Envelope, PageQuery, Pagination, Params, Problem, SignedIn};

use super::ConsentView;
use crate::person::lead_of;

/// A page of the ledger.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ConsentList {
    consents: Vec<ConsentView>,
    pagination: Pagination,
}

/// The ledger, the latest entry first: of everybody in reach, of a lead, or of an address or number. 1 Query, and 1 or 2
/// reads for whom it is about.
#[utoipa::path(
    get, path = "/consents", tag = "consents",
    params(
        PageQuery,
        ("lead_id" = Option<LeadId>, Query, description = "Entries of this lead."),
        ("contact" = Option<String>, Query, description = "Entries of this address or number."),
    ),
    responses((status = 200, description = "A page of entries.", body = Envelope<ConsentList>)),
)]
pub(crate) async fn consent_list(
    State(app): State<App>,
    signed_in: SignedIn,
    params: Params,
) -> Result<Data<ConsentList>, Problem> {
    let grant = signed_in.caller.allow(Permission::ConsentsRead)?;
    let mut wrong = Vec::new();
    let lead = params.parsed::<LeadId>("lead_id", &mut wrong);
    let contact = params.parsed::<ContactAddress>("contact", &mut wrong);
    if !wrong.is_empty() {
        return Err(wrong.into());
    }
    let (list, reach) = match (lead, contact) {
        (Some(lead), _) => {
            let _: Lead = app.table().get(&grant, lead).await?;
            (List::new(Slot::Three, "lead", lead), whole(&grant))
        }
        (None, Some(address)) => {
            let contact = app.table().hash_key().reachability_id(grant.organization(), &address);
            // Whoever reaches the lead that has the address sees all of its entries; others what was theirs then.
            let reached = lead_of(&app, &grant, &address).await?.is_some();
            (List::new(Slot::Two, "contact", contact), if reached { whole(&grant) } else { grant.clone() })
        }
        (None, None) => (List::new(Slot::One, "all", ""), grant.clone()),
    };
    let shown = if *reach.rows() == Rows::All { Shown::Whole } else { Shown::Filtered };
    let (consents, pagination) = page_of(&app, &reach, &params, &list, shown, |_: &Consent| true).await?;
    let consents = consents.into_iter().map(|consent| ConsentView::new(consent, grant.clear())).collect();
    Ok(Data(ConsentList { consents, pagination }))
}

/// The whole history of somebody in reach, which began before they were.
fn whole(grant: &Grant) -> Grant {
    Caller::system(grant.organization(), "communications").own()
}
