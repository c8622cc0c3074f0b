//! A page of leads, from outside.

use serde::Serialize;
use utoipa::ToSchema;
use views::LeadView;
use web::Pagination;

/// A page of leads.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LeadList {
    /// The leads.
    pub(crate) leads: Vec<LeadView>,
    /// Where the page stands.
    pub(crate) pagination: Pagination,
}
