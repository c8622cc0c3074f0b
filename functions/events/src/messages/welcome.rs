//! A new organization is welcomed.

use std::num::NonZeroU32;

use domain::{Event, Grant, Membership, MessageTemplate, Recipient, Role, Slot, UserId};
use runtime::Platform;
use serde_json::json;
use store::ListQuery;

use super::{Asked, Unmade, organization, user};

const ONE: NonZeroU32 = NonZeroU32::MIN;

/// To whoever registered it: 2 reads, and 1 Query where the event does not tell who that was.
pub(super) async fn asked(platform: &Platform, grant: &Grant, event: &Event) -> Result<Option<Asked>, Unmade> {
    let Some(organization) = organization(platform, grant).await? else { return Ok(None) };
    let told = event.data.get("founder").and_then(|founder| founder.as_str()?.parse().ok());
    let founder = match told {
        Some(founder) => Some(founder),
        None => first_administrator(platform, grant).await?,
    };
    let Some(founder) = founder else { return Ok(None) };
    let Some(user) = user(platform, founder).await? else { return Ok(None) };
    let values = json!({"name": user.first_name, "organization": organization.name});
    Ok(Some(Asked { to: Recipient::Email(user.email), template: MessageTemplate::Welcome, values }))
}

async fn first_administrator(platform: &Platform, grant: &Grant) -> Result<Option<UserId>, Unmade> {
    let oldest = ListQuery { newest_first: false, ..ListQuery::new(Slot::One, "all", "", ONE) };
    let admins =
        platform.table().list::<Membership>(grant, &oldest, |member| member.role == Role::Admin.into()).await?;
    Ok(admins.records.first().map(|admin| admin.user))
}
