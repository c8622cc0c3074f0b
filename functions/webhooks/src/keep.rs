//! A genuine request is kept, once, and handed to the queue.

use data_encoding::HEXLOWER;
use domain::provider_delivery::{Arrived, DeliveryStep, INLINE, ProviderDelivery};
use domain::{MessageId, ProviderDeliveryId};
use sha2::{Digest as _, Sha256};
use store::{CommitError, Refused};
use web::{App, Problem};

use crate::find::Open;

/// Where bodies lie that are too long for a record.
pub(crate) const AREA: &str = "deliveries";

/// A genuine request.
pub(crate) struct Genuine<'a> {
    /// The provider's own id of it, where it signs one.
    pub(crate) event_id: Option<String>,
    /// Our message that it is of, where the address that was called says so.
    pub(crate) message: Option<MessageId>,
    pub(crate) content_type: String,
    pub(crate) body: &'a [u8],
}

/// Keeps a request and hands it to the queue: 1 write, and 1 `PutObject` for a long body, and 1 message. The same request
/// again is not kept again: its id follows from the provider's own id, or else from its body.
///
/// Whoever dies behind the write leaves a delivery that the clock finds, and so does a queue that does not take it. One
/// that was there already is handed on all the same, because whoever kept it may have died.
pub(crate) async fn keep(app: &App, open: &Open, genuine: Genuine<'_>) -> Result<(), Problem> {
    let Open { integration, grant } = open;
    let Genuine { event_id, message, content_type, body } = genuine;
    let connection = integration.id.to_string();
    let told = event_id.as_ref().map_or_else(|| HEXLOWER.encode(&Sha256::digest(body)), |id| format!("id {id}"));
    let bits = app.table().hash_key().id_bits(&["provider_delivery", &connection, &told]);
    // The time in the id must be the same each time; the delivery's own stands in the record.
    let id = ProviderDeliveryId::at(integration.meta.created_at, bits);
    let inline = (body.len() <= INLINE).then(|| std::str::from_utf8(body).ok().map(str::to_owned)).flatten();
    if inline.is_none() {
        // Before the record, which says that it is there. Written again, it is the same.
        let name = format!("{connection}/{id}");
        app.platform().files()?.put(grant, AREA, &name, "application/octet-stream", body.to_vec()).await?;
    }
    let arrived = Arrived { event_id, message, content_type, bytes: body.len(), body: inline };
    let from = (integration.id, integration.provider);
    let delivery = ProviderDelivery::receive(id, grant.organization(), from, arrived, app.now());
    match app.table().commit_unseen(grant, delivery).await {
        Ok(_) | Err(CommitError::Refused { refused: Refused::Exists, .. }) => {}
        Err(error) => return Err(error.into()),
    }
    let step = DeliveryStep { organization: grant.organization(), delivery: id };
    Ok(app.platform().send_delivery(step).await?)
}
