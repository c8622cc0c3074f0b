//! Messages of which nobody knows whether they went out.

use domain::outreach::contact_of;
use domain::{Grant, Message, Recipient};
use providers::Way;
use runtime::Platform;
use store::StoreError;

use crate::Messages;

/// Whether a message must not come twice, rather than surely come, where nobody knows whether it went out: marketing, but by
/// e-mail only where its carrier or mailboxes do not [know a mail again](providers::MailCarrier::knows_repeats). `way` is the
/// organization's own, where it has one.
pub(crate) fn goes_once(platform: &Platform, message: &Message, way: Option<&Way>) -> bool {
    message.is_marketing()
        && match (&message.to, way) {
            (Recipient::Sms(_) | Recipient::Whatsapp(_), _) => true,
            (Recipient::Email(_), Some(Way::Mail(mailer))) => !mailer.knows_repeats(),
            (Recipient::Email(_), _) => platform.mailer().is_ok_and(|mailer| !mailer.knows_repeats()),
            (Recipient::Push(_), _) => false,
        }
}

impl Messages {
    /// Whether a message's last try was begun, nobody has told what became of it, and it [goes once](goes_once): 1 Query every 30
    /// seconds for the organization's connections.
    pub(crate) async fn stays_in_doubt(&self, grant: &Grant, message: &Message) -> Result<bool, StoreError> {
        let Some((channel, _)) = contact_of(&message.to).filter(|_| message.is_asking && message.is_marketing()) else {
            return Ok(false);
        };
        let own = self.ways.own(&self.platform, grant, channel).await?.and_then(Result::ok);
        Ok(goes_once(&self.platform, message, own.as_ref().map(|own| &own.way)))
    }
}
