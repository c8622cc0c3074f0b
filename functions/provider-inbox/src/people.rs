//! Who is behind a number or an address: a lead, or somebody who becomes one.

use domain::integration::{Intake, Strangers};
use domain::lead::LeadDetails;
use domain::{ContactAddress, Lead, LeadPipeline};
use runtime::{Capture, Captured};
use store::there;

use crate::failed::Failed;
use crate::take::Work;

/// The lead of a number or an address: 1 read, and 1 for the lead.
pub(crate) async fn lead(work: &Work<'_>, address: Option<&ContactAddress>) -> Result<Option<Lead>, Failed> {
    let Some(address) = address else { return Ok(None) };
    let table = work.platform.table();
    let claim = match address {
        ContactAddress::Phone(phone) => Lead::phone_claim(phone),
        ContactAddress::Email(email) => Lead::email_claim(email),
    };
    let holder = table.holder::<Lead>(work.grant.organization(), &claim).await?;
    let Some(id) = holder else { return Ok(None) };
    Ok(there(table.get(work.grant, id).await)?)
}

/// Whoever is no lead becomes one, where the connection says so and their number or address is known.
pub(crate) async fn stranger(
    work: &Work<'_>,
    intake: &Intake,
    strangers: Strangers,
    details: LeadDetails,
) -> Result<Option<Captured>, Failed> {
    if strangers != Strangers::Lead || (details.phone.is_none() && details.email.is_none()) {
        return Ok(None);
    }
    Ok(Some(capture(work, intake, &details).await?))
}

/// Captures somebody where the connection's people belong, under its source where they told none.
pub(crate) async fn capture(work: &Work<'_>, intake: &Intake, details: &LeadDetails) -> Result<Captured, Failed> {
    let id = LeadPipeline::id_of(work.grant.organization());
    let pipeline: LeadPipeline = work.platform.table().get(work.grant, id).await?;
    let source = details.source.clone().or_else(|| Some(intake.source.clone()));
    let details = LeadDetails { source, ..details.clone() };
    let capture = Capture {
        details: &details,
        branch: intake.branch_id,
        referrer: None,
        pipeline: &pipeline.pipeline,
        counts: Vec::new(),
    };
    let captured = work.platform.capture(work.grant, capture).await?;
    Ok(captured.told(|lead| lead.with("integration", work.integration.id)))
}
