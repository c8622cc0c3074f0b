//! Of those that take text messages and mail, and nothing else.

use serde::{Deserialize, Serialize};

use super::intake::{Intake, Strangers};
use super::reader::Reader;
use crate::outreach::check_dlt;
use crate::values::{wire_enum, wire_text};
use crate::{EmailAddress, Invalid, Line};

/// An account of MSG91.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Msg91 {
    /// The registered sender that messages come from where their template names none.
    #[serde(default)]
    pub sender: Option<SmsHeader>,
}

impl Msg91 {
    pub(super) fn merged(self, reader: &mut Reader) -> Self {
        Self { sender: reader.open("sender", self.sender) }
    }
}

/// A sender as the operators of India register them (DLT header): 3 to 6 letters or digits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SmsHeader(String);

impl SmsHeader {
    /// As it is registered.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::str::FromStr for SmsHeader {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let text = text.trim();
        match check_dlt(None, Some(text)).into_iter().next() {
            Some(wrong) => Err(wrong.invalid),
            None => Ok(Self(text.to_owned())),
        }
    }
}

wire_text!(SmsHeader, |schema| schema.pattern(Some("^[0-9A-Za-z]{3,6}$")));

wire_enum! {
    /// How a connection to a mail server is kept from others' eyes.
    MailSecurity, "unknown_security",
    /// From its first byte (mostly port 465).
    Tls = "tls",
    /// After STARTTLS (mostly port 587).
    StartTls = "starttls",
}

/// A mail server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Smtp {
    /// Its name or address.
    #[serde(default)]
    pub host: Option<Line<253>>,
    /// Its port; that of `security` where it is absent.
    #[serde(default)]
    pub port: Option<u16>,
    /// How the connection is kept from others' eyes.
    pub security: MailSecurity,
    /// Who signs in; nobody where it is absent.
    #[serde(default)]
    pub user: Option<Line<254>>,
    /// Who mails come from.
    #[serde(default)]
    pub from: Option<EmailAddress>,
}

impl Smtp {
    pub(super) const fn new() -> Self {
        Self { host: None, port: None, security: MailSecurity::Tls, user: None, from: None }
    }

    /// The port that it is asked at.
    pub fn port(&self) -> u16 {
        self.port.unwrap_or(match self.security {
            MailSecurity::Tls => 465,
            MailSecurity::StartTls => 587,
        })
    }

    pub(super) fn merged(self, reader: &mut Reader) -> Self {
        Self {
            host: reader.open("host", self.host),
            port: reader.number("port", self.port),
            security: reader.kept("security", self.security),
            user: reader.open("user", self.user),
            from: reader.open("from", self.from),
        }
    }
}

/// An account of SES.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ses {
    /// Where those belong who write and are no lead. A connection that was made before mails were taken has none, and takes
    /// none until its settings name all of it.
    #[serde(flatten)]
    pub intake: Option<Intake>,
    /// What becomes of them.
    #[serde(default = "keep")]
    pub unknown_senders: Strangers,
    /// The region that it is used in: `ap-south-1`.
    #[serde(default)]
    pub region: Option<AwsRegion>,
    /// Who mails come from: an identity that SES verified.
    #[serde(default)]
    pub from: Option<EmailAddress>,
    /// The SNS topic that tells what becomes of them and brings what people write: `arn:aws:sns:…`. None other is taken.
    #[serde(default)]
    pub topic_arn: Option<TopicArn>,
    /// The configuration set of the account that publishes to that topic what becomes of mails, `send` among it. With both, mails
    /// are tagged with our ids of them, so that SES tells which of ours it has.
    #[serde(default)]
    pub configuration_set: Option<ConfigurationSet>,
}

impl Ses {
    pub(super) const fn new(intake: Intake) -> Self {
        Self {
            intake: Some(intake),
            unknown_senders: keep(),
            region: None,
            from: None,
            topic_arn: None,
            configuration_set: None,
        }
    }

    pub(super) fn merged(self, reader: &mut Reader) -> Self {
        Self {
            intake: match self.intake {
                Some(intake) => Some(intake.merged(reader)),
                None => Intake::named(reader),
            },
            unknown_senders: reader.kept("unknown_senders", self.unknown_senders),
            region: reader.open("region", self.region),
            from: reader.open("from", self.from),
            topic_arn: reader.open("topic_arn", self.topic_arn),
            configuration_set: reader.open("configuration_set", self.configuration_set),
        }
    }
}

const fn keep() -> Strangers {
    Strangers::Keep
}

/// A region of AWS, as it stands in host names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AwsRegion(String);

impl AwsRegion {
    /// Its name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::str::FromStr for AwsRegion {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let text = text.trim();
        let part = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
        if text.len() <= 30 && text.matches('-').count() >= 2 && text.split('-').all(part) {
            return Ok(Self(text.to_owned()));
        }
        Err(Invalid::new("not_a_region", "must be a region of AWS, such as ap-south-1"))
    }
}

wire_text!(AwsRegion, |schema| schema.pattern(Some("^[a-z0-9]+(-[a-z0-9]+){2,}$")).max_length(Some(30)));

/// A topic of SNS.
///
/// <https://docs.aws.amazon.com/sns/latest/dg/sns-create-topic.html>
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TopicArn(String);

impl TopicArn {
    /// Its whole name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::str::FromStr for TopicArn {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let text = text.trim();
        let parts: Vec<&str> = text.split(':').collect();
        let good = text.len() <= 350
            && matches!(parts[..], ["arn", _, "sns", region, account, name]
                if region.parse::<AwsRegion>().is_ok()
                    && account.len() == 12
                    && account.bytes().all(|byte| byte.is_ascii_digit())
                    && !name.is_empty()
                    && name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.')));
        if good {
            return Ok(Self(text.to_owned()));
        }
        Err(Invalid::new("not_a_topic", "must be the ARN of an SNS topic"))
    }
}

wire_text!(TopicArn, |schema| schema.max_length(Some(350)));

/// A configuration set of SES, which says where SES tells what becomes of mails.
///
/// <https://docs.aws.amazon.com/ses/latest/APIReference/API_ConfigurationSet.html>
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigurationSet(String);

impl ConfigurationSet {
    /// Its name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::str::FromStr for ConfigurationSet {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let text = text.trim();
        let fits = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
        if (1..=64).contains(&text.len()) && text.bytes().all(fits) {
            return Ok(Self(text.to_owned()));
        }
        Err(Invalid::new("not_a_configuration_set", "must have 1 to 64 letters, digits, _ and -"))
    }
}

wire_text!(ConfigurationSet, |schema| schema.pattern(Some("^[A-Za-z0-9_-]{1,64}$")));
