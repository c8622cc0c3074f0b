//! `GET /templates`.

use axum::extract::State;
use domain::template::TemplateChannel;
use domain::{List, Permission, Slot, Template};
use serde::Serialize;
use utoipa::ToSchema;
use web::listing::{Shown, page_of};
use web::{App, Data, Envelope, PageQuery, Pagination, Params, Problem, SignedIn};

use super::view::TemplateView;

/// A page of templates.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = MessageTemplateList)]
pub(crate) struct TemplateList {
    templates: Vec<TemplateView>,
    pagination: Pagination,
}

/// The organization's templates, the newest first: 1 Query.
#[utoipa::path(
    get, path = "/templates", tag = "templates",
    params(PageQuery, ("channel" = Option<TemplateChannel>, Query, description = "Those of this channel.")),
    responses((status = 200, description = "A page of templates.", body = Envelope<TemplateList>)),
)]
pub(crate) async fn template_list(
    State(app): State<App>,
    signed_in: SignedIn,
    params: Params,
) -> Result<Data<TemplateList>, Problem> {
    let grant = signed_in.caller.allow(Permission::TemplatesRead)?;
    let mut wrong = Vec::new();
    let channel = params.parsed::<TemplateChannel>("channel", &mut wrong);
    if !wrong.is_empty() {
        return Err(wrong.into());
    }
    let list =
        channel.map_or_else(|| List::new(Slot::One, "all", ""), |channel| List::new(Slot::Two, "channel", channel));
    let (found, pagination) = page_of(&app, &grant, &params, &list, Shown::Whole, |_: &Template| true).await?;
    Ok(Data(TemplateList { templates: found.into_iter().map(TemplateView::from).collect(), pagination }))
}
