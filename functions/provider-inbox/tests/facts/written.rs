//! What people write by SMS, and the words by which they end and begin what they are sent.

use domain::integration::{IntegrationSettings, Provider, Strangers};
use domain::outreach::{ConsentState, SuppressionDetails, SuppressionReason};
use domain::provider_delivery::DeliveryStatus;
use domain::template::Body;
use domain::{
    CallStatus, Communication, CommunicationDirection, CommunicationStatus, CommunicationType, Consent, ContactAddress,
    ContactChannel, ContactPurpose, Label, Suppression,
};
use jiff::SignedDuration;

use crate::outsiders::{ASHA, SENDER, TWILIO, twilio, twilio_of};
use crate::support::{Exchange, TOKEN};

/// A message as Twilio tells of it, from Asha to the number of the connection; `over` replaces fields and adds others.
pub(crate) fn form(sid: &str, text: &str, over: &[(&str, &str)]) -> String {
    let fields = [
        ("AccountSid", TWILIO),
        ("ApiVersion", "2010-04-01"),
        ("Body", text),
        ("From", ASHA),
        ("MessageSid", sid),
        ("NumMedia", "0"),
        ("NumSegments", "1"),
        ("SmsMessageSid", sid),
        ("SmsSid", sid),
        ("SmsStatus", "received"),
        ("To", SENDER),
    ];
    let replaced = |name: &str| over.iter().any(|(other, _)| *other == name);
    let mut form = form_urlencoded::Serializer::new(String::new());
    form.extend_pairs(fields.iter().filter(|(name, _)| !replaced(name)));
    form.extend_pairs(over);
    form.finish()
}

/// A minute later Twilio tells of a message, and that is done.
async fn writes(exchange: &Exchange, form: &str) {
    exchange.world.clock.advance(SignedDuration::from_mins(1));
    exchange.twilio(form).await.expect(200);
    exchange.settle().await;
}

#[tokio::test]
async fn what_a_lead_writes_is_on_their_timeline_once() {
    let (exchange, _) = twilio_of(Strangers::Lead).await;
    let lead = exchange.lead(ASHA).await;
    writes(&exchange, &form("SM1", "Is the course\nstill open?", &[])).await;
    let at = exchange.world.platform.now();
    let said = exchange.communications(lead.branch_id).await;
    let [said] = &said[..] else { panic!("{said:?}") };
    assert_eq!((said.kind, said.direction), (CommunicationType::Sms, CommunicationDirection::Inbound));
    assert_eq!((said.status, said.sent_at), (CommunicationStatus::Received, Some(at)));
    assert_eq!((said.lead_id, said.user_id), (Some(lead.id), exchange.agent.user));
    assert_eq!(said.address, Some(ASHA.parse::<ContactAddress>().expect("a number")));
    assert_eq!(said.content.as_ref().map(Body::as_str), Some("Is the course\nstill open?"));
    assert_eq!(exchange.deliveries().await[0].subject, Some(said.id.to_string()));
    // The same request, and the same message in another.
    writes(&exchange, &form("SM1", "Is the course\nstill open?", &[])).await;
    writes(&exchange, &form("SM1", "Is the course\nstill open?", &[("FromCountry", "IN")])).await;
    assert_eq!(exchange.communications(lead.branch_id).await.len(), 1);
    assert_eq!((exchange.deliveries().await.len(), exchange.leads().await.len()), (2, 1));
    assert!(exchange.known(ASHA).await.is_none(), "only WhatsApp has a window");
    assert!(exchange.log().await.is_empty());
}

#[tokio::test]
async fn a_stranger_becomes_a_lead_or_is_kept_as_the_connection_says() {
    let (takes, _) = twilio_of(Strangers::Lead).await;
    for sid in ["SM1", "SM2"] {
        writes(&takes, &form(sid, "Hello", &[])).await;
    }
    let leads = takes.leads().await;
    let [lead] = &leads[..] else { panic!("one lead: {leads:?}") };
    assert_eq!(lead.source.as_ref().map(Label::as_str), Some("Phone"));
    let said = takes.communications(takes.tenant.branch).await;
    assert_eq!(said.iter().filter(|one| one.lead_id == Some(lead.id)).count(), 2, "{said:?}");
    // Whoever only wants no more is kept off the list of leads, and off the list of those who are written to.
    let ravi = "+919876543211";
    writes(&takes, &form("SM3", "Stop", &[("From", ravi)])).await;
    assert_eq!(takes.leads().await.len(), 1);
    assert!(takes.is_suppressed(ravi, ContactChannel::Sms).await);

    let (keeps, _) = twilio().await;
    writes(&keeps, &form("SM1", "Hello", &[])).await;
    // Whoever has no number is nobody that may become a lead.
    writes(&keeps, &form("SM2", "Your account is credited.", &[("From", "VM-EXMPLE")])).await;
    let mut said = keeps.communications(keeps.tenant.branch).await;
    said.sort_by_key(|one| one.sent_at);
    assert!(said.iter().all(|one| one.lead_id.is_none() && one.user_id == keeps.admin.user), "{said:?}");
    let senders: Vec<Option<&str>> = said.iter().map(|one| one.sender.as_ref().map(domain::Line::as_str)).collect();
    assert_eq!(senders, [None, Some("VM-EXMPLE")]);
    assert!(keeps.leads().await.is_empty());
}

#[tokio::test]
async fn what_is_no_text_is_called_what_it_is() {
    let (exchange, _) = twilio().await;
    let media = [("NumMedia", "1"), ("MediaUrl0", "https://media.example/1"), ("MediaContentType0", "image/jpeg")];
    for (sid, text, shown) in [("MM1", "My form", "[image] My form"), ("MM2", "", "[image]")] {
        writes(&exchange, &form(sid, text, &media)).await;
        let said = exchange.communications(exchange.tenant.branch).await;
        assert!(said.iter().any(|one| one.content.as_ref().map(Body::as_str) == Some(shown)), "{said:?}");
    }
    writes(&exchange, &form("SM3", "", &[])).await;
    let said = exchange.communications(exchange.tenant.branch).await;
    assert_eq!(said.iter().filter(|one| one.content.is_none()).count(), 1, "{said:?}");
}

#[tokio::test]
async fn what_came_elsewhere_or_over_another_channel_is_let_be() {
    let (exchange, _) = twilio_of(Strangers::Lead).await;
    let elsewhere: [&[(&str, &str)]; 4] = [
        &[("To", "+15005550001")],
        &[("To", "56161")],
        &[("AccountSid", "AC00000000000000000000000000000001")],
        &[("From", "whatsapp:+919876543210"), ("To", "whatsapp:+15005550006")],
    ];
    for (number, over) in elsewhere.into_iter().enumerate() {
        writes(&exchange, &form(&format!("SM{number}"), "Stop", over)).await;
    }
    let deliveries = exchange.deliveries().await;
    assert_eq!(deliveries.len(), 4);
    assert!(deliveries.iter().all(|delivery| delivery.status == DeliveryStatus::Ignored), "{deliveries:?}");
    assert!(exchange.communications(exchange.tenant.branch).await.is_empty() && exchange.leads().await.is_empty());
    assert!(exchange.suppression(ASHA, ContactChannel::Sms).await.is_none());
    // An account's id is the same in either case of its letters.
    writes(&exchange, &form("SM9", "Hello", &[("AccountSid", &TWILIO.to_ascii_lowercase())])).await;
    assert_eq!(exchange.communications(exchange.tenant.branch).await.len(), 1);
}

#[tokio::test]
async fn texts_calls_and_reports_are_told_apart_at_one_address() {
    let connection = |settings: &mut IntegrationSettings, agent| {
        let IntegrationSettings::Twilio(twilio) = settings else { panic!("{settings:?}") };
        twilio.calls.agents.insert(SENDER.parse().expect("a number"), agent);
    };
    let secrets = [(domain::integration::AUTH_TOKEN, TOKEN)];
    let exchange = Exchange::over(Provider::Twilio, &secrets, connection, |world| world.platform.clone()).await;
    writes(&exchange, "CallSid=CA1&CallStatus=ringing&Direction=inbound&From=%2B919876543210&To=%2B15005550006").await;
    writes(&exchange, &form("SM1", "Hello", &[])).await;
    let ours = exchange.queued(ASHA).await;
    exchange.sent(ours.clone(), "SM2").await;
    writes(&exchange, &form("SM2", "Hello", &[("SmsStatus", "delivered"), ("MessageStatus", "delivered")])).await;
    assert_eq!(exchange.the_call().await.status, CallStatus::Ringing);
    let ours: Communication = exchange.read(ours.id).await.expect("it is there");
    assert_eq!(ours.status, CommunicationStatus::Delivered);
    let said = exchange.communications(exchange.tenant.branch).await;
    assert_eq!(said.iter().filter(|one| one.direction == CommunicationDirection::Inbound).count(), 1);
    assert!(exchange.log().await.is_empty());
}

#[tokio::test]
async fn a_forged_message_says_nothing() {
    let (exchange, _) = twilio_of(Strangers::Lead).await;
    let path = format!("/v1/webhooks/twilio/{}", exchange.integration.id);
    let url = format!("https://api.sampark.test{path}");
    let (told, forged) = (form("SM1", "Hello", &[]), form("SM1", "Stop", &[]));
    let signature = providers::inbound::twilio::sign(TOKEN, &url, told.as_bytes());
    exchange.signed(&forged, &signature).await.expect(404);
    exchange.settle().await;
    assert!(exchange.deliveries().await.is_empty());
    exchange.signed(&told, &signature).await.expect(200);
}

#[tokio::test]
async fn whoever_writes_stop_gets_no_more_offers_until_they_write_start() {
    let (exchange, _) = twilio().await;
    let lead = exchange.lead(ASHA).await;
    for (sid, text, asked, stopped) in [
        ("SM1", "Please stop calling me", None, false),
        ("SM2", "STOP", None, true),
        ("SM3", "Yes", None, true),
        ("SM4", "unstop", None, false),
        ("SM5", "Unsubscribe", None, true),
        ("SM6", "HELP", Some("HELP"), true),
        ("SM7", "Ja", Some("START"), false),
        ("SM8", "Bas", Some("STOP"), true),
        ("SM9", "Cancel", None, true),
    ] {
        let asked: Vec<(&str, &str)> = asked.into_iter().map(|word| ("OptOutType", word)).collect();
        writes(&exchange, &form(sid, text, &asked)).await;
        assert_eq!(exchange.is_suppressed(ASHA, ContactChannel::Sms).await, stopped, "{text}");
    }
    let stopped = exchange.suppression(ASHA, ContactChannel::Sms).await.expect("it is known");
    assert_eq!((stopped.reason, stopped.suppressed_by), (SuppressionReason::Unsubscribe, None));
    assert!(exchange.suppression(ASHA, ContactChannel::Whatsapp).await.is_none());
    let ledger = exchange.ledger(ASHA).await;
    assert_eq!(ledger.len(), 6);
    assert!(ledger.iter().all(|one| one.lead == Some(lead.id) && one.purpose == ContactPurpose::Marketing));
    assert!(ledger.iter().all(|one| one.source.as_str() == "reply" && one.recorded_by.is_none()));
    let said = exchange.communications(lead.branch_id).await;
    assert_eq!(said.len(), 9);
    let shown = |one: &Consent| {
        let proof = one.proof.as_ref().expect("what shows it").as_str().to_owned();
        said.iter().any(|said| said.id.to_string() == proof)
    };
    assert!(ledger.iter().all(shown), "{ledger:?}");
    assert!(exchange.log().await.is_empty());
}

#[tokio::test]
async fn start_moves_nothing_but_what_stop_left() {
    let (exchange, _) = twilio().await;
    let (platform, organization) = (&exchange.world.platform, exchange.tenant.organization);
    let (key, now) = (platform.table().hash_key(), platform.now());
    let contact = key.reachability_id(organization, &ASHA.parse().expect("a number"));
    let details = SuppressionDetails {
        address: None,
        channel: ContactChannel::Sms,
        reason: SuppressionReason::Manual,
        note: None,
        expires_at: None,
        by: Some(exchange.admin.user),
    };
    let id = key.suppression_id(contact, ContactChannel::Sms);
    let change = Suppression::suppress(None, id, organization, contact, details, now);
    platform.table().commit(&exchange.grant, change).await.expect("it is suppressed");
    for (sid, text, state) in [("SM1", "STOP", ConsentState::Withdrawn), ("SM2", "START", ConsentState::Granted)] {
        writes(&exchange, &form(sid, text, &[])).await;
        let stands = exchange.suppression(ASHA, ContactChannel::Sms).await.expect("it is known");
        assert_eq!((stands.reason, stands.meta.version), (SuppressionReason::Manual, 1), "{text}");
        let known = exchange.known(ASHA).await.expect("it is known");
        let standing = known.consent(ContactChannel::Sms, ContactPurpose::Marketing).expect("a word");
        assert_eq!(standing.state, state);
    }
}

#[tokio::test]
async fn the_double_tells_of_an_answer_as_twilio_does() {
    let (exchange, double) = twilio().await;
    let (ours, id) = (exchange.queued(ASHA).await, exchange.hand_over().await);
    exchange.sent(ours.clone(), &id).await;
    let place = i64::from_str_radix(id.trim_start_matches("SM"), 16).expect("a place");
    for (nth, text) in [(1, "Yes"), (2, "Yes"), (2, "Yes")] {
        let telling = double.answer(place, nth, text).expect("it is told");
        assert!(telling.url.ends_with(&exchange.integration.id.to_string()), "{}", telling.url);
        exchange.call(&telling.callback).await.expect(200);
        exchange.settle().await;
    }
    let said = exchange.communications(exchange.tenant.branch).await;
    assert_eq!(said.iter().filter(|one| one.direction == CommunicationDirection::Inbound).count(), 2, "{said:?}");
}
