//! Finding the record that holds a claim.

use domain::{Claim, Grant, OrganizationId, Record};

use crate::error::StoreError;
use crate::item::text;
use crate::keys::attr;
use crate::table::Table;

impl Table {
    /// The id of the live record that holds a claim: 1 `GetItem`, 0.5 read units (1 consistent).
    pub async fn holder<R: Record>(
        &self,
        organization: OrganizationId,
        claim: &Claim,
    ) -> Result<Option<R::Id>, StoreError> {
        Ok(self.platform_holder::<R>(organization, claim).await?.map(|(_, id)| id))
    }

    /// The same for a claim that is unique on the whole platform: also tells the organization.
    /// It needs no grant because it is how a grant's organization is found: by a sign-in's e-mail
    /// address, by a form's key.
    pub async fn platform_holder<R: Record>(
        &self,
        organization: OrganizationId,
        claim: &Claim,
    ) -> Result<Option<(OrganizationId, R::Id)>, StoreError> {
        let key = self.claim_key::<R>(organization, claim);
        let Some(item) = self.get_item(&key, true).await? else { return Ok(None) };
        let id = text(&item, attr::SUBJECT).and_then(|id| id.parse().ok());
        let organization = text(&item, attr::ORGANIZATION).and_then(|id| id.parse().ok());
        match (organization, id) {
            (Some(organization), Some(id)) => Ok(Some((organization, id))),
            _ => Err(StoreError::unreadable(&key.pk, "a claim without its holder")),
        }
    }

    /// The holders of several claims of one organization, in their order: one `BatchGetItem` a 100
    /// claims, 1 read unit each.
    pub async fn holders<R: Record>(&self, grant: &Grant, claims: &[Claim]) -> Result<Vec<Option<R::Id>>, StoreError> {
        let keys: Vec<_> = claims.iter().map(|claim| self.claim_key::<R>(grant.organization(), claim)).collect();
        let found = self.batch_get(&keys, true).await?;
        Ok(keys
            .iter()
            .map(|key| found.get(&key.pk).and_then(|item| text(item, attr::SUBJECT)).and_then(|id| id.parse().ok()))
            .collect())
    }
}
