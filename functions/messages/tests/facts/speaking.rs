//! What stands on somebody's timeline goes out over the organization's own connection, and moves with its message.

use std::net::Ipv4Addr;

use domain::communication::{CommunicationDetails, Placing};
use domain::integration::{AUTH_TOKEN, CredentialsPatch, IntegrationSettings, Provider};
use domain::message::{MessageState, MessageStep};
use domain::outreach::Outreach;
use domain::{
    Communication, CommunicationId, CommunicationStatus, CommunicationType, ContactAddress, ContactPurpose,
    Integration, IntegrationId, IntegrationLog, Message, MessageId, Recipient, Slot,
};
use jiff::SignedDuration;
use messages::Messages;
use providers::{Bases, Outside, Reach};
use runtime::Platform;
use serde_json::{Value, json};
use standins::{Fault, Trouble, twilio};
use store::ListQuery;
use tokio::net::TcpListener;

use crate::support::{Desk, by_mail};

const ACCOUNT: &str = "AC00000000000000000000000000000000";
const TOKEN: &str = "not-a-real-token";
const NUMBER: &str = "+919876543210";
const ADDRESS: &str = "a_lead@example.com";

/// A desk with Twilio's double, and a worker that remembers its ways.
pub(crate) struct Line {
    pub(crate) desk: Desk,
    pub(crate) double: twilio::Twilio,
    platform: Platform,
    worker: Messages,
}

impl Line {
    pub(crate) async fn new() -> Self {
        let desk = Desk::new().await;
        let double = twilio::Twilio::new(desk.world.standins.ses.outbox().clone(), ACCOUNT, TOKEN);
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a port");
        let twilio = format!("http://{}", listener.local_addr().expect("an address"));
        let served = double.clone();
        tokio::spawn(async move { served.serve(listener, std::future::pending()).await });
        let bases = Bases { twilio, ..Bases::default() };
        #[expect(clippy::disallowed_methods, reason = "the double is on this machine")]
        let reach = Reach::with_loopback();
        let outside = Outside::at(bases, reach, desk.world.standins.ses.client()).expect("clients");
        let platform = desk.world.platform.clone().with_outside(outside);
        let worker = Messages::new(platform.clone());
        Self { desk, double, platform, worker }
    }

    /// Another worker takes over, which has seen nothing.
    fn succeed(&mut self) {
        self.worker = Messages::new(self.platform.clone());
    }

    pub(crate) async fn connect(&self) -> IntegrationId {
        let settings = json!({"account_sid": ACCOUNT, "sender": "+15005550006"});
        self.connect_to(Provider::Twilio, settings, &[(AUTH_TOKEN, TOKEN)]).await
    }

    /// A connection of the organization's own.
    pub(crate) async fn connect_to(
        &self,
        provider: Provider,
        settings: Value,
        secrets: &[(&str, &str)],
    ) -> IntegrationId {
        let (platform, tenant) = (&self.desk.world.platform, &self.desk.tenant);
        let now = platform.now();
        let user = domain::UserId::at(now, [1; 10]);
        let patch = settings.as_object().cloned().expect("an object");
        let settings = IntegrationSettings::of(provider, user, tenant.branch).merged(patch).expect("settings");
        let secret = |(name, secret): &(&str, &str)| ((*name).to_owned(), Some(secret.parse().expect("a secret")));
        let credentials: CredentialsPatch = secrets.iter().map(secret).collect();
        let id = IntegrationId::at(now, platform.random());
        let what = (provider, "Our own".parse().expect("a label"));
        let change = Integration::create(id, tenant.organization, what, settings, &credentials, now);
        platform.table().commit(&self.desk.grant, change.expect("a connection")).await.expect("a connection");
        id
    }

    /// Something to be said by SMS.
    pub(crate) async fn speak(&self, purpose: ContactPurpose) -> (Communication, Message) {
        let to = Recipient::Sms(NUMBER.parse().expect("a number"));
        self.speak_to(to, NUMBER, CommunicationType::Sms, purpose).await
    }

    /// Something to be said by e-mail.
    pub(crate) async fn write(&self, purpose: ContactPurpose) -> (Communication, Message) {
        self.speak_to(by_mail(ADDRESS), ADDRESS, CommunicationType::Email, purpose).await
    }

    async fn speak_to(
        &self,
        to: Recipient,
        address: &str,
        kind: CommunicationType,
        purpose: ContactPurpose,
    ) -> (Communication, Message) {
        let (platform, tenant) = (&self.desk.world.platform, &self.desk.tenant);
        let (table, now, organization) = (platform.table(), platform.now(), tenant.organization);
        let address: ContactAddress = address.parse().expect("an address");
        let contact = table.hash_key().reachability_id(organization, &address);
        let placing = Placing {
            id: CommunicationId::at(now, platform.random()),
            organization,
            branch: tenant.branch,
            user: domain::UserId::at(now, [1; 10]),
            lead: None,
            contact: Some((address, contact)),
            now,
        };
        let id = MessageId::at(now, platform.random());
        let content = Some("We will call you.".parse().expect("a text"));
        let subject = (kind == CommunicationType::Email).then(|| "Hello".parse().expect("a subject"));
        let details = CommunicationDetails { subject, ..CommunicationDetails::outbound(kind, purpose, content) };
        let queued = Message::speak(id, organization, to, placing.id, None, now);
        let outreach = Outreach { purpose, contact, lead: None, zone: None, dlt: None, is_free: false };
        let mut transaction = table.transaction();
        let communication =
            transaction.push(&self.desk.grant, Communication::carry(details, placing, id)).expect("a change");
        let message = transaction.push(&self.desk.grant, Message::reaching(queued, outreach)).expect("a change");
        transaction.commit().await.expect("it is queued");
        (communication, message)
    }

    pub(crate) async fn work(&self, message: &Message) -> usize {
        let step = MessageStep { organization: self.desk.tenant.organization, message: message.id };
        let record = json!({"messageId": "1", "body": serde_json::to_string(&step).expect("JSON")});
        let event = serde_json::from_value(json!({"Records": [record]})).expect("an event");
        self.worker.handle(event).await.batch_item_failures.len()
    }

    pub(crate) async fn spoken(&self, communication: &Communication) -> Communication {
        let table = self.desk.world.platform.table();
        table.get_to_change(&self.desk.grant, communication.id).await.expect("the communication")
    }

    pub(crate) fn sent(&self) -> usize {
        self.desk.world.standins.ses.outbox().messages(None, 100).expect("the outbox opens").len()
    }

    pub(crate) async fn failures(&self) -> Vec<IntegrationLog> {
        let query = ListQuery::new(Slot::One, "all", "", std::num::NonZeroU32::MIN.saturating_add(49));
        let table = self.desk.world.platform.table();
        table.list(&self.desk.grant, &query, |_| true).await.expect("the log").records
    }
}

#[tokio::test]
async fn it_goes_over_the_organizations_own_connection() {
    let line = Line::new().await;
    let connection = line.connect().await;
    let (communication, message) = line.speak(ContactPurpose::Service).await;
    for _ in 0..3 {
        assert_eq!(line.work(&message).await, 0);
    }
    let spoken = line.spoken(&communication).await;
    let carried = spoken.carried.expect("Twilio has it");
    assert_eq!((spoken.status, carried.integration), (CommunicationStatus::Sent, Some(connection)));
    let message = line.desk.read(&message).await;
    assert_eq!((message.state, message.provider_id), (MessageState::Sent, Some(carried.id)));
    assert_eq!(line.sent(), 1, "once, however often its step comes");
}

#[tokio::test]
async fn without_a_connection_it_goes_over_the_platforms() {
    let line = Line::new().await;
    let (communication, message) = line.speak(ContactPurpose::Service).await;
    line.work(&message).await;
    let spoken = line.spoken(&communication).await;
    assert_eq!(spoken.carried.and_then(|carried| carried.integration), None);
    assert_eq!((spoken.status, line.sent()), (CommunicationStatus::Sent, 1));
}

#[tokio::test]
async fn a_provider_that_fails_is_tried_again_logged_and_left_alone() {
    let mut line = Line::new().await;
    let connection = line.connect().await;
    for _ in 0..5 {
        line.double.trouble(Trouble::Status { status: 503, retry_after: None });
    }
    let mut waiting = Vec::new();
    for _ in 0..5 {
        let (communication, message) = line.speak(ContactPurpose::Service).await;
        line.work(&message).await;
        assert_eq!(line.spoken(&communication).await.status, CommunicationStatus::Queued);
        waiting.push((communication, message));
    }
    let failures = line.failures().await;
    assert_eq!(failures.iter().filter(|row| row.integration_id == Some(connection)).count(), 5);
    // The circuit is open for every worker: this one is not tried, which is no try of it.
    line.succeed();
    let (communication, message) = line.speak(ContactPurpose::Service).await;
    line.work(&message).await;
    let held = line.desk.read(&message).await;
    assert_eq!((held.tries, held.state, line.sent()), (0, MessageState::Queued, 0));
    assert!(held.next_try_at > line.desk.world.platform.now());
    waiting.push((communication, message));
    for minutes in [2, 2, 2] {
        line.desk.world.clock.advance(SignedDuration::from_mins(minutes));
        for (_, message) in &waiting {
            line.work(message).await;
        }
    }
    for (communication, _) in &waiting {
        assert_eq!(line.spoken(communication).await.status, CommunicationStatus::Sent);
    }
    assert_eq!(line.sent(), 6);
}

#[tokio::test]
async fn a_provider_that_refuses_is_asked_all_the_same() {
    let mut line = Line::new().await;
    line.connect().await;
    for _ in 0..6 {
        line.double.trouble(Trouble::Status { status: 400, retry_after: None });
        line.succeed();
        let (communication, message) = line.speak(ContactPurpose::Service).await;
        line.work(&message).await;
        assert_eq!(line.spoken(&communication).await.status, CommunicationStatus::Failed);
    }
    let (communication, message) = line.speak(ContactPurpose::Service).await;
    line.work(&message).await;
    assert_eq!(line.spoken(&communication).await.status, CommunicationStatus::Sent);
}

#[tokio::test]
async fn a_connection_is_asked_at_a_pace_and_a_short_wait_is_waited_for() {
    let line = Line::new().await;
    line.connect().await;
    let mut waiting = Vec::new();
    for _ in 0..22 {
        let (_, message) = line.speak(ContactPurpose::Service).await;
        line.work(&message).await;
        waiting.push(message);
    }
    // Its clock stands still, so that no wait is long enough.
    assert_eq!(line.sent(), 20);
    line.desk.world.clock.advance(SignedDuration::from_secs(1));
    for message in &waiting {
        line.work(message).await;
        assert_eq!(line.desk.read(message).await.tries, 1);
    }
    assert_eq!(line.sent(), 22);
}

#[tokio::test]
async fn what_was_taken_back_or_objected_to_does_not_go() {
    let line = Line::new().await;
    line.connect().await;
    let (communication, message) = line.speak(ContactPurpose::Service).await;
    let (table, now) = (line.desk.world.platform.table(), line.desk.world.platform.now());
    let taken_back = line.spoken(&communication).await.cancel(now).expect("it waits");
    table.commit(&line.desk.grant, taken_back).await.expect("it is taken back");
    line.work(&message).await;
    assert_eq!(line.desk.read(&message).await.state, MessageState::Skipped);
    assert_eq!(line.spoken(&communication).await.status, CommunicationStatus::Cancelled);

    let (communication, message) = line.speak(ContactPurpose::Marketing).await;
    let contact = communication.contact.expect("a number");
    let known = domain::Reachability::new(contact, line.desk.tenant.organization, now);
    let dnd = domain::outreach::DoNotDisturb { listed: true, checked_at: now, by: None };
    table.commit(&line.desk.grant, known.checked(dnd, now)).await.expect("it is on the list");
    line.work(&message).await;
    let spoken = line.spoken(&communication).await;
    assert_eq!((spoken.status, spoken.failure.as_deref()), (CommunicationStatus::Failed, Some("do_not_disturb")));
    assert_eq!(line.sent(), 0);
}

#[tokio::test]
async fn a_worker_may_die_at_any_write_and_both_records_tell_the_same() {
    let mut kills = 0;
    for write in 1..=12 {
        for fault in [Fault::CrashBefore, Fault::CrashAfter, Fault::Unanswered, Fault::Conflict] {
            let line = Line::new().await;
            line.connect().await;
            let (communication, message) = line.speak(ContactPurpose::Service).await;
            line.desk.trap.kill(Some((write, fault)));
            line.work(&message).await;
            kills += u32::from(line.desk.trap.revive());
            // Whoever died leaves it to the clock.
            for _ in 0..3 {
                line.desk.world.clock.advance(SignedDuration::from_mins(3));
                line.work(&message).await;
            }
            let (message, spoken) = (line.desk.read(&message).await, line.spoken(&communication).await);
            assert_eq!(
                (message.state, spoken.status),
                (MessageState::Sent, CommunicationStatus::Sent),
                "{write} {fault:?}"
            );
            assert_eq!(message.provider_id, spoken.carried.map(|carried| carried.id), "{write} {fault:?}");
            assert!((1..=2).contains(&line.sent()), "{write} {fault:?}");
        }
    }
    assert!(kills > 0, "some write was struck");
}
