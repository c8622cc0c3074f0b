//! What the handler of a provider needs to know.

mod intake;
mod mail;
mod meta;
mod reader;
mod telephony;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

pub use intake::{Intake, Strangers};
pub use mail::{AwsRegion, ConfigurationSet, MailSecurity, Msg91, Ses, SmsHeader, Smtp, TopicArn};
pub use meta::{Facebook, MetaId, Whatsapp};
pub use telephony::{Telephony, Twilio, TwilioAccount};

use super::Provider;
use crate::{BranchId, FieldInvalid, Label, UserId};
use reader::Reader;

/// What a provider's handler needs to know.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IntegrationSettings {
    /// Of a telephone system.
    Telephony(Telephony),
    /// Of Twilio.
    Twilio(Twilio),
    /// Of MSG91.
    Msg91(Msg91),
    /// Of WhatsApp.
    Whatsapp(Whatsapp),
    /// Of Facebook.
    Facebook(Facebook),
    /// Of a mail server.
    Smtp(Smtp),
    /// Of SES.
    Ses(Ses),
}

/// The people and the branch that settings name, for whoever must know whether they are there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SettingsNames {
    /// Who gets what is nobody's.
    pub agent: UserId,
    /// Everybody, each once.
    pub people: Vec<UserId>,
    /// Where it belongs.
    pub branch: BranchId,
}

impl IntegrationSettings {
    /// What a new connection is set to where nobody says otherwise: `agent` and `branch` are those of who makes it.
    pub fn of(provider: Provider, agent: UserId, branch_id: BranchId) -> Self {
        let intake = |source| Intake { agent, branch_id, source: Label::known(source) };
        match provider {
            Provider::Telephony => Self::Telephony(Telephony::new(intake("Phone"))),
            Provider::Twilio => Self::Twilio(Twilio::new(intake("Phone"))),
            Provider::Msg91 => Self::Msg91(Msg91::default()),
            Provider::Whatsapp => Self::Whatsapp(Whatsapp::new(intake("WhatsApp"))),
            Provider::Facebook => Self::Facebook(Facebook::new(intake("Facebook"))),
            Provider::Smtp => Self::Smtp(Smtp::new()),
            Provider::Ses => Self::Ses(Ses::new(intake("Email"))),
        }
    }

    /// Of one that tells of calls.
    pub const fn telephony(&self) -> Option<&Telephony> {
        match self {
            Self::Telephony(telephony) => Some(telephony),
            Self::Twilio(twilio) => Some(&twilio.calls),
            _ => None,
        }
    }

    /// Where those belong who are no lead yet, for one by which such people come.
    pub const fn intake(&self) -> Option<&Intake> {
        match self {
            Self::Telephony(telephony) => Some(&telephony.intake),
            Self::Twilio(twilio) => Some(&twilio.calls.intake),
            Self::Whatsapp(whatsapp) => Some(&whatsapp.intake),
            Self::Facebook(facebook) => Some(&facebook.intake),
            Self::Ses(ses) => ses.intake.as_ref(),
            Self::Msg91(_) | Self::Smtp(_) => None,
        }
    }

    /// Whether all is set that it takes to send a message.
    pub fn sends(&self) -> bool {
        match self {
            Self::Telephony(_) | Self::Facebook(_) => false,
            Self::Twilio(twilio) => twilio.texts().is_some(),
            Self::Msg91(_) => true,
            Self::Whatsapp(whatsapp) => whatsapp.phone_number_id.is_some(),
            Self::Smtp(smtp) => smtp.host.is_some() && smtp.from.is_some(),
            Self::Ses(ses) => ses.region.is_some() && ses.from.is_some(),
        }
    }

    /// As they look from outside.
    pub fn shown(&self) -> Value {
        let shown = match self {
            Self::Telephony(settings) => serde_json::to_value(settings),
            Self::Twilio(settings) => serde_json::to_value(settings),
            Self::Msg91(settings) => serde_json::to_value(settings),
            Self::Whatsapp(settings) => serde_json::to_value(settings),
            Self::Facebook(settings) => serde_json::to_value(settings),
            Self::Smtp(settings) => serde_json::to_value(settings),
            Self::Ses(settings) => serde_json::to_value(settings),
        };
        shown.unwrap_or_default()
    }

    /// Whom and what they name.
    pub fn names(&self) -> Option<SettingsNames> {
        let Intake { agent, branch_id: branch, .. } = *self.intake()?;
        let others = self.telephony().into_iter().flat_map(|telephony| telephony.agents.values().copied());
        let mut people: Vec<UserId> = others.chain([agent]).collect();
        people.sort_unstable();
        people.dedup();
        Some(SettingsNames { agent, people, branch })
    }

    /// A merge update: each field of the patch replaces ours, every wrong one is named; `agents` and `mapping` are replaced
    /// whole.
    pub fn merged(&self, patch: Map<String, Value>) -> Result<Self, Vec<FieldInvalid>> {
        let mut reader = Reader::new(patch);
        let r = &mut reader;
        let merged = match self.clone() {
            Self::Telephony(known) => Self::Telephony(known.merged(r)),
            Self::Twilio(known) => Self::Twilio(known.merged(r)),
            Self::Msg91(known) => Self::Msg91(known.merged(r)),
            Self::Whatsapp(known) => Self::Whatsapp(known.merged(r)),
            Self::Facebook(known) => Self::Facebook(known.merged(r)),
            Self::Smtp(known) => Self::Smtp(known.merged(r)),
            Self::Ses(known) => Self::Ses(known.merged(r)),
        };
        reader.finish().map(|()| merged)
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use serde_json::json;

    use super::*;
    use crate::Phone;

    fn of(provider: Provider) -> IntegrationSettings {
        let user = UserId::at(Timestamp::UNIX_EPOCH, [1; 10]);
        IntegrationSettings::of(provider, user, BranchId::at(Timestamp::UNIX_EPOCH, [2; 10]))
    }

    fn map(value: &Value) -> Map<String, Value> {
        value.as_object().cloned().expect("an object")
    }

    fn wrong(provider: Provider, patch: &Value) -> Vec<String> {
        let wrong = of(provider).merged(map(patch)).expect_err("it is wrong");
        let mut fields: Vec<String> = wrong.into_iter().map(|wrong| wrong.field).collect();
        fields.sort_unstable();
        fields
    }

    #[test]
    fn what_a_patch_names_is_set_and_the_rest_stays() {
        let user = UserId::at(Timestamp::UNIX_EPOCH, [1; 10]);
        let patch = json!({"agents": {"98765 43210": user}, "unknown_callers": "lead", "unknown_senders": "lead"});
        let merged = of(Provider::Twilio).merged(map(&patch)).expect("settings");
        let IntegrationSettings::Twilio(twilio) = &merged else { panic!("{merged:?}") };
        assert_eq!(twilio.unknown_senders, Strangers::Lead);
        let telephony = merged.telephony().expect("calls");
        let number: Phone = "+919876543210".parse().expect("a number");
        assert_eq!((telephony.agent_of(Some(&number)), telephony.intake.agent), (Some(user), user));
        assert_eq!(telephony.unknown_callers, Strangers::Lead);
    }

    #[test]
    fn a_connection_of_before_keeps_what_strangers_write() {
        let mut kept = serde_json::to_value(of(Provider::Twilio)).expect("JSON");
        kept["twilio"].as_object_mut().expect("an object").shift_remove("unknown_senders").expect("it is there");
        assert_eq!(serde_json::from_value::<IntegrationSettings>(kept).expect("settings"), of(Provider::Twilio));
    }

    #[test]
    fn a_connection_to_ses_of_before_takes_no_mails_until_it_is_told_whose_they_are() {
        let before = json!({"ses": {"region": "ap-south-1", "from": "desk@example.com", "topic_arn": null}});
        let known: IntegrationSettings = serde_json::from_value(before).expect("settings");
        assert!(known.sends() && known.intake().is_none());
        assert_eq!(known.merged(map(&known.shown())).expect("settings"), known);
        let IntegrationSettings::Ses(new) = of(Provider::Ses) else { panic!("settings of SES") };
        let intake = serde_json::to_value(new.intake.clone()).expect("JSON");
        let merged = known.merged(map(&intake)).expect("settings");
        assert_eq!(merged.intake(), new.intake.as_ref());
        let part = known.merged(map(&json!({"source": "Email"}))).expect_err("it is a part");
        assert_eq!(part.len(), 2, "{part:?}");
    }

    #[test]
    fn what_comes_to_another_number_is_not_the_connections() {
        let user = UserId::at(Timestamp::UNIX_EPOCH, [1; 10]);
        let hears = |sender: Option<&str>, to: &str, service: Option<&str>| {
            let patch = json!({"sender": sender, "agents": {"+912226543210": user}});
            let settings = of(Provider::Twilio).merged(map(&patch)).expect("settings");
            let IntegrationSettings::Twilio(twilio) = settings else { panic!("{settings:?}") };
            twilio.hears(to, service)
        };
        let service = "MG00000000000000000000000000000000";
        for (sender, to, by) in [
            (None, "+15005550006", None),
            (Some("+15005550006"), "+15005550006", None),
            (Some("+1 500 555 0006"), "+15005550006", Some(service)),
            (Some("+15005550006"), "+912226543210", None),
            (Some("56161"), "56161", None),
            (Some(service), "+15005550006", Some(service)),
            (Some(service), "+15005550006", None),
            (Some("SAMPRK"), "+15005550006", None),
            (Some("MGSTORE"), "+15005550006", Some(service)),
        ] {
            assert!(hears(sender, to, by), "{sender:?} {to} {by:?}");
        }
        for (sender, to, by) in [
            ("+15005550006", "+15005550001", None),
            ("+15005550006", "56161", None),
            ("56161", "56162", None),
            (service, "+15005550006", Some("MG00000000000000000000000000000001")),
        ] {
            assert!(!hears(Some(sender), to, by), "{sender} {to} {by:?}");
        }
    }

    #[test]
    fn every_wrong_setting_is_named() {
        let patch = json!({"agentId": 5, "agents": {"12": "x"}, "source": null, "colour": "red", "account_sid": "12"});
        let expected =
            ["settings.account_sid", "settings.agentId", "settings.agents.0", "settings.colour", "settings.source"];
        assert_eq!(wrong(Provider::Twilio, &patch), expected);
        let patch = json!({"mapping": {"Course?": "telephone"}, "page_id": "page"});
        assert_eq!(wrong(Provider::Facebook, &patch), ["settings.mapping.0", "settings.page_id"]);
        let patch = json!({"host": 5, "port": 0, "security": "none", "from": "nobody"});
        assert_eq!(
            wrong(Provider::Smtp, &patch),
            ["settings.from", "settings.host", "settings.port", "settings.security"]
        );
        let patch = json!({"region": "India", "topic_arn": "arn:aws:sqs:ap-south-1:123456789012:mails",
            "configuration_set": "a set"});
        let expected = ["settings.configuration_set", "settings.region", "settings.topic_arn"];
        assert_eq!(wrong(Provider::Ses, &patch), expected);
        assert_eq!(wrong(Provider::Msg91, &json!({"sender": "TOO-LONG"})), ["settings.sender"]);
    }

    #[test]
    fn settings_are_read_again_as_they_were_kept_and_shown() {
        for provider in Provider::ALL {
            let settings = of(*provider);
            let kept = serde_json::to_value(&settings).expect("JSON");
            assert_eq!(serde_json::from_value::<IntegrationSettings>(kept).expect("settings"), settings, "{provider}");
            let shown = map(&settings.shown());
            assert!(!settings.sends() || *provider == Provider::Msg91, "{provider}");
            assert_eq!(settings.merged(shown).expect("settings"), settings, "{provider}");
        }
    }
}
