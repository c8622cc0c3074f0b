//! The way out over an organization's own connection.

use std::time::Duration;

use aws_sdk_ses::config::{Credentials, Region};
use domain::Integration;
use domain::integration::{
    ACCESS_KEY_ID, ACCESS_TOKEN, AUTH_KEY, AUTH_TOKEN, Credential, IntegrationSettings, MailSecurity, MetaId,
    Msg91 as Msg91Settings, PASSWORD, SECRET_ACCESS_KEY, Ses, Smtp as SmtpSettings,
};

use crate::webhook::Reach;
use crate::{
    Api, CloudMedia, CloudTemplates, CloudWhatsApp, Graph, Mailer, Msg91, SendError, Smtp, SmtpSecurity, TextSender,
    Twilio, TwilioSender, WhatsApp,
};

/// A provider may take so long, so that ten slow answers fit into a worker's minute.
const PATIENCE: Duration = Duration::from_secs(5);

/// Where the providers' APIs lie: at their own addresses, or where doubles of them are.
#[derive(Debug, Clone)]
pub struct Bases {
    /// Twilio's.
    pub twilio: String,
    /// MSG91's.
    pub msg91: String,
    /// Meta's Graph API, with its version.
    pub graph: String,
    /// The same, where it is asked what somebody answered in a lead ad.
    pub leads: String,
}

impl Default for Bases {
    fn default() -> Self {
        Self {
            twilio: Twilio::BASE.to_owned(),
            msg91: Msg91::BASE.to_owned(),
            graph: CloudWhatsApp::BASE.to_owned(),
            leads: CloudWhatsApp::BASE.to_owned(),
        }
    }
}

/// What providers are asked with. Clones share its clients.
#[derive(Debug, Clone)]
pub struct Outside {
    api: Api,
    reach: Reach,
    bases: Bases,
    ses: aws_sdk_ses::Client,
}

/// The way out over a connection.
#[derive(Debug)]
pub enum Way {
    /// For e-mail.
    Mail(Mailer),
    /// For text messages, with the sender that they come from where their template names none.
    Text {
        /// The provider.
        sender: Box<dyn TextSender>,
        /// The registered header of the connection, where it has one.
        header: Option<String>,
    },
    /// For WhatsApp.
    WhatsApp(Box<dyn WhatsApp>),
}

impl Outside {
    /// The providers themselves. `ses` is the platform's own client, of which those for accounts of organizations are made.
    pub fn new(ses: aws_sdk_ses::Client) -> std::io::Result<Self> {
        Self::at(Bases::default(), Reach::PUBLIC, ses)
    }

    /// Doubles of them.
    pub fn at(bases: Bases, reach: Reach, ses: aws_sdk_ses::Client) -> std::io::Result<Self> {
        Ok(Self { api: Api::new(reach, PATIENCE)?, reach, bases, ses })
    }

    /// The way over a connection that [sends](Integration::sends). `callback` is the address at which its provider tells what
    /// becomes of a message, for those that are told it each time.
    pub fn way(&self, integration: &Integration, callback: Option<&str>) -> Result<Way, SendError> {
        let secret = |name: &str| {
            let missing = || SendError::Refused(format!("the connection has no {name}"));
            integration.credentials.get(name).ok_or_else(missing)
        };
        match &integration.settings {
            IntegrationSettings::Twilio(settings) => {
                let (account, sender) = settings.texts().ok_or_else(unset)?;
                let sender = if is_service(sender) {
                    TwilioSender::Service(sender.to_owned())
                } else {
                    TwilioSender::From(sender.to_owned())
                };
                let (api, base) = (self.api.clone(), &self.bases.twilio);
                let twilio = Twilio::new(api, base, account.as_str(), secret(AUTH_TOKEN)?, sender)?;
                let twilio = match callback {
                    Some(callback) => twilio.telling(callback),
                    None => twilio,
                };
                Ok(Way::Text { sender: Box::new(twilio), header: None })
            }
            IntegrationSettings::Msg91(Msg91Settings { sender }) => {
                let msg91 = Msg91::new(self.api.clone(), &self.bases.msg91, secret(AUTH_KEY)?)?;
                let header = sender.as_ref().map(|header| header.as_str().to_owned());
                Ok(Way::Text { sender: Box::new(msg91), header })
            }
            IntegrationSettings::Whatsapp(settings) => {
                let number = settings.phone_number_id.as_ref().ok_or_else(unset)?;
                let (api, base) = (self.api.clone(), &self.bases.graph);
                let cloud = CloudWhatsApp::new(api, base, number.as_str(), secret(ACCESS_TOKEN)?)?;
                Ok(Way::WhatsApp(Box::new(cloud)))
            }
            IntegrationSettings::Smtp(settings) => self.smtp(settings, integration.credentials.get(PASSWORD)),
            IntegrationSettings::Ses(settings) => {
                self.ses(settings, secret(ACCESS_KEY_ID)?, secret(SECRET_ACCESS_KEY)?)
            }
            IntegrationSettings::Telephony(_) | IntegrationSettings::Facebook(_) => Err(unset()),
        }
    }

    /// What is asked of Facebook over a connection to it.
    pub fn graph(&self, integration: &Integration) -> Result<Graph, SendError> {
        Graph::new(self.api.clone(), &self.bases.leads, token(integration)?)
    }

    /// What is asked for files that people sent over a connection to WhatsApp.
    pub fn media(&self, integration: &Integration) -> Result<CloudMedia, SendError> {
        CloudMedia::new(self.api.clone(), &self.bases.graph, token(integration)?)
    }

    /// What is asked of WhatsApp's templates over a connection to it, for one of its accounts.
    pub fn templates(&self, integration: &Integration, account: &MetaId) -> Result<CloudTemplates, SendError> {
        CloudTemplates::new(self.api.clone(), &self.bases.graph, account.as_str(), token(integration)?)
    }

    fn smtp(&self, settings: &SmtpSettings, password: Option<&Credential>) -> Result<Way, SendError> {
        let SmtpSettings { host, port: _, security, user, from } = settings;
        let (Some(host), Some(from)) = (host, from) else { return Err(unset()) };
        let security = match security {
            MailSecurity::Tls => SmtpSecurity::Tls,
            MailSecurity::StartTls => SmtpSecurity::StartTls,
        };
        let server = Smtp::new(self.reach, (host.as_str(), settings.port()), security, None, PATIENCE);
        let server = server.map_err(|invalid| SendError::Refused(invalid.to_string()))?;
        let server = match (user, password) {
            (Some(user), Some(password)) => server.signed_in(user.as_str(), password),
            _ => server,
        };
        Ok(Way::Mail(Mailer::over(std::sync::Arc::new(server), from.as_str())))
    }

    fn ses(&self, settings: &Ses, id: &Credential, key: &Credential) -> Result<Way, SendError> {
        let Ses { region, from, topic_arn, configuration_set, .. } = settings;
        let (Some(region), Some(from)) = (region, from) else { return Err(unset()) };
        let credentials = Credentials::new(id.expose(), key.expose(), None, None, "connection");
        let config = self
            .ses
            .config()
            .to_builder()
            .region(Region::new(region.as_str().to_owned()))
            .credentials_provider(credentials)
            .build();
        let client = aws_sdk_ses::Client::from_conf(config);
        // Without a topic nobody hears what is published.
        Ok(Way::Mail(match configuration_set.as_ref().filter(|_| topic_arn.is_some()) {
            Some(events) => Mailer::telling(&client, from.as_str(), events.as_str()),
            None => Mailer::new(&client, from.as_str()),
        }))
    }
}

fn token(integration: &Integration) -> Result<&Credential, SendError> {
    let token = integration.credentials.get(ACCESS_TOKEN);
    token.ok_or_else(|| SendError::Refused(format!("the connection has no {ACCESS_TOKEN}")))
}

/// Whether a sender is one of Twilio's messaging services.
fn is_service(sender: &str) -> bool {
    sender.strip_prefix("MG").is_some_and(|rest| rest.len() == 32 && rest.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

fn unset() -> SendError {
    SendError::Refused("the connection is not set to send".to_owned())
}
