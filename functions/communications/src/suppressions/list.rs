//! `GET /suppressions`.

use axum::extract::State;
use domain::outreach::SuppressionReason;
use domain::{ContactAddress, ContactChannel, List, Permission, Slot, Suppression};
use serde::Serialize;
use utoipa::ToSchema;
use web::listing::{Shown, page_of};
use web::{App, Data, Envelope, PageQuery, Pagination, Params, Problem, SignedIn};

use super::SuppressionView;

/// A page of suppressions.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SuppressionList {
    suppressions: Vec<SuppressionView>,
    pagination: Pagination,
}

/// The addresses and numbers that are not written to, the latest first: 1 Query. With `contact` and `channel` together it
/// is a look-up by the keyed hash: 1 read.
#[utoipa::path(
    get, path = "/suppressions", tag = "suppressions",
    params(
        PageQuery,
        ("contact" = Option<String>, Query, description = "This address or number, with `channel`; an address is e-mail."),
        ("channel" = Option<ContactChannel>, Query, description = "Those of this channel."),
        ("reason" = Option<SuppressionReason>, Query, description = "Those for this reason."),
    ),
    responses((status = 200, description = "A page of suppressions.", body = Envelope<SuppressionList>)),
)]
pub(crate) async fn suppression_list(
    State(app): State<App>,
    signed_in: SignedIn,
    params: Params,
) -> Result<Data<SuppressionList>, Problem> {
    let (grant, now) = (signed_in.caller.allow(Permission::SuppressionsRead)?, app.now());
    let mut wrong = Vec::new();
    let contact = params.parsed::<ContactAddress>("contact", &mut wrong);
    let channel = params.parsed::<ContactChannel>("channel", &mut wrong);
    let reason = params.parsed::<SuppressionReason>("reason", &mut wrong);
    if !wrong.is_empty() {
        return Err(wrong.into());
    }
    let keep_contact = contact.map(|address| app.table().hash_key().reachability_id(grant.organization(), &address));
    let (list, shown) = match (keep_contact, channel, reason) {
        (None, None, None) => (List::new(Slot::One, "all", ""), Shown::Whole),
        (None, Some(channel), None) => (List::new(Slot::Three, "channel", channel), Shown::Whole),
        (None, None, Some(reason)) => (List::new(Slot::Two, "reason", reason), Shown::Whole),
        (None, Some(_), Some(reason)) => (List::new(Slot::Two, "reason", reason), Shown::Filtered),
        (Some(contact), channel, reason) => {
            let channels = channel.map_or_else(|| ContactChannel::ALL.to_vec(), |channel| vec![channel]);
            let key = app.table().hash_key();
            let ids: Vec<_> = channels.into_iter().map(|channel| key.suppression_id(contact, channel)).collect();
            let found = app.table().get_many::<Suppression>(&grant, &ids).await?;
            let standing = |one: &&Suppression| one.lifted_at.is_none() && reason.is_none_or(|why| why == one.reason);
            let found: Vec<Suppression> = ids.iter().filter_map(|id| found.get(id)).filter(standing).cloned().collect();
            let page = web::Page::read(&params, key, "suppressions", &mut wrong);
            if !wrong.is_empty() {
                return Err(wrong.into());
            }
            let pagination = page.pagination(key, "suppressions", found.len() as u64, None);
            let view = |one| SuppressionView::new(one, grant.clear(), now);
            return Ok(Data(SuppressionList { suppressions: found.into_iter().map(view).collect(), pagination }));
        }
    };
    let keep = |one: &Suppression| channel.is_none_or(|channel| channel == one.channel);
    let (found, pagination) = page_of(&app, &grant, &params, &list, shown, keep).await?;
    let suppressions = found.into_iter().map(|one| SuppressionView::new(one, grant.clear(), now)).collect();
    Ok(Data(SuppressionList { suppressions, pagination }))
}
