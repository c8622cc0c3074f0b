//! What is known of the leads that a chunk's rows may be about.

use std::collections::HashMap;

use domain::{Claim, Grant, Lead, LeadId, Record as _};
use store::Table;

use crate::error::StepError;

/// Leads as they are, or will be once the rows before are written.
#[derive(Debug, Default)]
pub(crate) struct Known {
    leads: HashMap<LeadId, Lead>,
    claims: HashMap<(&'static str, String), LeadId>,
}

impl Known {
    /// Reads these leads: 1 `BatchGetItem` a 100.
    pub(crate) async fn leads(table: &Table, grant: &Grant, ids: &[LeadId]) -> Result<Self, StepError> {
        let mut known = Self::default();
        for lead in table.get_many_to_change::<Lead>(grant, ids).await?.into_values() {
            known.learn(lead);
        }
        Ok(known)
    }

    /// Reads the leads that have these identifiers now.
    pub(crate) async fn holders(table: &Table, grant: &Grant, claims: &[Claim]) -> Result<Self, StepError> {
        let ids: Vec<LeadId> = table.holders::<Lead>(grant, claims).await?.into_iter().flatten().collect();
        Self::leads(table, grant, &ids).await
    }

    /// Takes a lead in as it is from now on.
    pub(crate) fn learn(&mut self, lead: Lead) {
        for claim in lead.claims() {
            self.claims.insert((claim.field, claim.value), lead.id);
        }
        self.leads.insert(lead.id, lead);
    }

    /// The leads that have these identifiers, each once, in the order of the identifiers.
    pub(crate) fn about(&self, claims: &[Claim]) -> Vec<&Lead> {
        let mut found: Vec<&Lead> = Vec::new();
        for claim in claims {
            let lead = self.claims.get(&(claim.field, claim.value.clone())).and_then(|id| self.leads.get(id));
            found.extend(lead.filter(|lead| !found.iter().any(|known| known.id == lead.id)));
        }
        found
    }
}
