//! Any mail server that takes mail from its users (message submission, <https://www.rfc-editor.org/rfc/rfc6409>), over TLS:
//! from the first byte on port 465, which RFC 8314 prefers, or after STARTTLS on 587 (<https://www.rfc-editor.org/rfc/rfc8314>).
//!
//! The host is a setting, so where it leads is looked at as for webhooks. A reply of 4yz may be another one later, 5yz will not
//! be (<https://www.rfc-editor.org/rfc/rfc5321#section-4.2.1>); but before a mail was named, as with a password that is not good,
//! it is none of the mail's fault and may be mended.

use std::net::SocketAddr;
use std::time::Duration;

use domain::integration::Credential;
use lettre::Address;
use lettre::address::Envelope;
use lettre::transport::smtp::Error;
use lettre::transport::smtp::authentication::{Credentials, DEFAULT_MECHANISMS};
use lettre::transport::smtp::client::{AsyncSmtpConnection, Certificate, TlsParameters};
use lettre::transport::smtp::extension::ClientId;

use super::{MailCarrier, RawMail};
use crate::SendError;
use crate::webhook::{Reach, WebhookRefused, look_up};

/// So much of what a server says of a mail is kept as its id of it.
const MAX_ID: usize = 200;

/// Carries e-mails by a mail server, each over a connection of its own.
#[derive(Clone)]
pub struct Smtp {
    reach: Reach,
    host: String,
    port: u16,
    security: Security,
    login: Option<Credentials>,
    timeout: Duration,
}

/// How a connection to a mail server is encrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SmtpSecurity {
    /// From its first byte, mostly on port 465.
    Tls,
    /// After STARTTLS, mostly on port 587. A server that does not offer it gets neither password nor mail.
    StartTls,
    /// Not at all, which only this machine itself may be asked for.
    Plain,
}

#[derive(Clone)]
enum Security {
    Tls(TlsParameters),
    StartTls(TlsParameters),
    Plain,
}

/// A mail server cannot be asked as the settings say. For the log.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the mail server's settings are not good: {0}")]
pub struct SmtpInvalid(String);

impl std::fmt::Debug for Smtp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Smtp").field("host", &self.host).field("port", &self.port).finish_non_exhaustive()
    }
}

impl Smtp {
    /// A server by its name, which its certificate must have, and its port. A mail takes at most so long, the connection
    /// included. `root` is a certificate in PEM that is trusted beside the system's, for servers of an authority of their own.
    pub fn new(
        reach: Reach,
        (host, port): (&str, u16),
        security: SmtpSecurity,
        root: Option<&str>,
        timeout: Duration,
    ) -> Result<Self, SmtpInvalid> {
        let invalid = |error: Error| SmtpInvalid(error.to_string());
        let tls = || {
            let builder = TlsParameters::builder(host.to_owned());
            let builder = match root {
                Some(pem) => builder.add_root_certificate(Certificate::from_pem(pem.as_bytes())?),
                None => builder,
            };
            builder.build()
        };
        let security = match security {
            SmtpSecurity::Tls => Security::Tls(tls().map_err(invalid)?),
            SmtpSecurity::StartTls => Security::StartTls(tls().map_err(invalid)?),
            SmtpSecurity::Plain => Security::Plain,
        };
        Ok(Self { reach, host: host.to_owned(), port, security, login: None, timeout })
    }

    /// With a name and a password.
    #[must_use]
    pub fn signed_in(self, user: &str, password: &Credential) -> Self {
        let login = Credentials::new(user.to_owned(), password.expose().to_owned());
        Self { login: Some(login), ..self }
    }

    /// Where the server is, if it may be asked.
    async fn addresses(&self) -> Result<Vec<SocketAddr>, SendError> {
        let found = look_up(self.reach, &self.host).await.map_err(|refused| match refused {
            WebhookRefused::Forbidden => SendError::Refused("the mail server's address is not public".to_owned()),
            WebhookRefused::Unreachable | WebhookRefused::BrokeOff | WebhookRefused::TimedOut => {
                SendError::not_taken("the mail server is not found")
            }
        })?;
        if matches!(self.security, Security::Plain) && !found.iter().all(std::net::IpAddr::is_loopback) {
            return Err(SendError::Refused("the connection to the mail server would not be encrypted".to_owned()));
        }
        Ok(found.into_iter().map(|address| SocketAddr::new(address, self.port)).collect())
    }

    /// A connection that is encrypted and signed in.
    async fn connect(&self, hello: &ClientId) -> Result<AsyncSmtpConnection, SendError> {
        let addresses = self.addresses().await?;
        let tls = if let Security::Tls(tls) = &self.security { Some(tls.clone()) } else { None };
        let mut connection = AsyncSmtpConnection::connect_tokio1(&addresses[..], Some(self.timeout), hello, tls, None)
            .await
            .map_err(|error| unavailable("did not let us in", &error))?;
        if let Security::StartTls(tls) = &self.security {
            let started = connection.starttls(tls.clone(), hello).await;
            started.map_err(|error| unavailable("did not start TLS", &error))?;
        }
        if let Some(login) = &self.login {
            let let_in = connection.auth(DEFAULT_MECHANISMS, login).await;
            let_in.map_err(|error| unavailable("did not take our name and password", &error))?;
        }
        Ok(connection)
    }

    async fn hand_over(&self, mail: &RawMail<'_>) -> Result<String, SendError> {
        let RawMail { id, from, to, message, organization: _ } = mail;
        let address = |text: &str| {
            let parsed: Result<Address, _> = text.parse();
            parsed.map_err(|_| SendError::Refused("an address of the envelope is none".to_owned()))
        };
        let from = address(from)?;
        let hello = ClientId::Domain(from.domain().to_owned());
        let envelope = Envelope::new(Some(from), vec![address(to)?])
            .map_err(|_| SendError::Refused("the mail goes to nobody".to_owned()))?;
        let mut connection = self.connect(&hello).await?;
        let taken = connection.send(&envelope, message).await.map_err(|error| named(&error))?;
        // It has the mail; how it takes our leave makes no difference.
        let _ = connection.quit().await;
        let said: String =
            taken.first_line().unwrap_or_default().chars().filter(|c| !c.is_control()).take(MAX_ID).collect();
        Ok(if said.is_empty() { (*id).to_owned() } else { said })
    }
}

#[async_trait::async_trait]
impl MailCarrier for Smtp {
    /// The id is what the server says of a mail that it took, where mostly the id in its queue stands.
    async fn carry(&self, mail: RawMail<'_>) -> Result<String, SendError> {
        let carried = tokio::time::timeout(self.timeout, self.hand_over(&mail)).await;
        let late = || SendError::Unknown("the mail server did not answer in time".to_owned());
        let carried = carried.unwrap_or_else(|_| Err(late()));
        if let Err(error) = &carried {
            tracing::warn!(mail = mail.id, %error, "a mail server did not take a mail");
        }
        carried
    }

    /// Servers leave the `Message-ID` as it is.
    fn knows_repeats(&self) -> bool {
        true
    }
}

/// Before a mail was named. The server's words stay out: they may name somebody.
fn unavailable(what: &str, error: &Error) -> SendError {
    let code = error.status().map(|code| format!(" ({code})")).unwrap_or_default();
    SendError::not_taken(format!("the mail server {what}{code}"))
}

/// What a server said of a mail.
fn named(error: &Error) -> SendError {
    match error.status() {
        Some(code) if error.is_permanent() => SendError::Refused(format!("the mail server answered {code}")),
        Some(code) => SendError::not_taken(format!("the mail server answered {code}")),
        // It cannot take such an address or such letters at all.
        None if error.is_client() => SendError::Refused("the mail server cannot carry such a mail".to_owned()),
        None => SendError::Unknown("the mail server broke off".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TIMEOUT: Duration = Duration::from_secs(1);

    fn mail<'a>(from: &'a str, to: &'a str) -> RawMail<'a> {
        RawMail { id: "msg_1", from, to, message: b"Subject: Hello\r\n\r\nHello\r\n".to_vec(), organization: None }
    }

    #[tokio::test]
    async fn no_server_inside_is_asked_and_none_outside_without_encryption() {
        for (host, security) in [
            ("localhost", SmtpSecurity::Tls),
            ("127.0.0.1", SmtpSecurity::StartTls),
            ("169.254.169.254", SmtpSecurity::Tls),
            ("10.0.0.1", SmtpSecurity::Plain),
            ("8.8.8.8", SmtpSecurity::Plain),
        ] {
            let smtp = Smtp::new(Reach::PUBLIC, (host, 465), security, None, TIMEOUT).expect("a server");
            let refused = smtp.carry(mail("a@example.com", "b@example.com")).await;
            assert!(matches!(refused, Err(SendError::Refused(_))), "{host}: {refused:?}");
        }
    }

    #[tokio::test]
    async fn an_envelope_without_addresses_goes_nowhere() {
        let smtp = Smtp::new(Reach::PUBLIC, ("127.0.0.1", 465), SmtpSecurity::Tls, None, TIMEOUT).expect("a server");
        for (from, to) in [("nobody", "b@example.com"), ("a@example.com", "b@example.com>\r\nRCPT TO:<c@example.com")] {
            let refused = smtp.carry(mail(from, to)).await;
            assert_eq!(refused, Err(SendError::Refused("an address of the envelope is none".to_owned())));
        }
    }

    #[test]
    fn a_certificate_that_is_none_is_no_setting_and_no_log_shows_a_password() {
        let with = |root| Smtp::new(Reach::PUBLIC, ("mail.example.com", 465), SmtpSecurity::Tls, root, TIMEOUT);
        let broken = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
        assert!(with(Some(broken)).is_err());
        let smtp = with(None).expect("a server").signed_in("asha", &"not-a-real-secret".parse().expect("a credential"));
        assert!(!format!("{smtp:?}").contains("secret"));
    }
}
