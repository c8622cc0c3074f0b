//! Referral links: what brings leads to a person.

pub(crate) mod create;
pub(crate) mod delete;
pub(crate) mod list;
pub(crate) mod restore;
pub(crate) mod update;
pub(crate) mod view;

use std::collections::HashMap;

use domain::referral_link::LEADS;
use domain::{BranchId, Caller, Form, FormId, Grant, Invalid, OrganizationId, ReferralLink, ReferralLinkId, UserId};
use jiff::Timestamp;
use serde::Serialize;
use store::ReadError;
use utoipa::ToSchema;
use web::{App, Problem};

/// A referral link with what it brought.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ReferralLinkView {
    id: ReferralLinkId,
    /// What stands in the link: pages send it as `ref`.
    code: String,
    label: String,
    /// Whose leads it brings.
    user_id: UserId,
    /// Where they worked when it was made.
    branch_id: BranchId,
    /// The form it leads to.
    #[schema(required)]
    form_id: Option<FormId>,
    /// How often it was followed.
    clicks: u64,
    /// How many new leads it brought, as of moments ago.
    leads: u64,
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    updated_at: Timestamp,
}

/// What the links of an organization brought.
pub(crate) struct Brought {
    clicks: HashMap<String, u64>,
    leads: HashMap<String, u64>,
}

impl Brought {
    /// 2 Queries.
    pub(crate) async fn of(app: &App, organization: OrganizationId) -> Result<Self, Problem> {
        // Figures are the organization's; whose links are shown is decided before.
        let grant = Caller::system(organization, "users").own();
        let (clicks, leads) = futures::try_join!(app.table().numbers(&grant), app.table().counts_now(&grant, LEADS))?;
        let count = |n: i64| u64::try_from(n.max(0)).unwrap_or_default();
        let figures = |rows: Vec<store::CountRow>| rows.into_iter().map(|row| (row.dimension, count(row.n))).collect();
        Ok(Self { clicks: figures(clicks), leads: figures(leads) })
    }

    fn view(&self, link: ReferralLink) -> ReferralLinkView {
        let figure = |figures: &HashMap<String, u64>, name: &str| figures.get(name).copied().unwrap_or_default();
        ReferralLinkView {
            clicks: figure(&self.clicks, &ReferralLink::clicks(link.id)),
            leads: figure(&self.leads, &link.id.to_string()),
            id: link.id,
            code: link.code,
            label: link.label,
            user_id: link.user,
            branch_id: link.branch,
            form_id: link.form,
            created_at: link.meta.created_at,
            updated_at: link.meta.updated_at,
        }
    }
}

/// Refuses a form that is not there: 1 read. Its key is public, so that one needs no permission to name it.
async fn refuse_unknown_form(app: &App, grant: &Grant, form: FormId) -> Result<(), Problem> {
    let tenant = Caller::system(grant.organization(), "users").own();
    match app.table().get::<Form>(&tenant, form).await {
        Ok(_) => Ok(()),
        Err(ReadError::NotFound) => Err(Problem::field("form_id", Invalid::new("unknown_form", "is not a form"))),
        Err(error) => Err(error.into()),
    }
}
