//! An exchange that tells of calls, the function that takes it, and the worker that does it.

use std::num::NonZeroU32;
use std::sync::atomic::{AtomicU64, Ordering};

use aws_lambda_events::event::sqs::SqsEvent;
use axum::Router;
use domain::communication::{Carried, CommunicationDetails, Placing};
use domain::integration::{AUTH_TOKEN, CredentialsPatch, IntegrationSettings, Provider, SIGNING_SECRET, Telephony};
use domain::lead::{Arrival, LeadDetails};
use domain::pipeline::Pipeline;
use domain::{
    BranchId, Call, Caller, Communication, CommunicationId, CommunicationType, Consent, ContactAddress, ContactChannel,
    ContactPurpose, File, Grant, Integration, IntegrationId, IntegrationLog, Lead, LeadId, MessageId, ProviderDelivery,
    Reachability, ReachabilityId, Record, Role, Slot, Suppression, UserId,
};
use providers::inbound::{standard, twilio};
use runtime::Platform;
use serde_json::{Value, json};
use standins::{Callback, Fault};
use store::{ListQuery, there};
use testkit::{Answer, Ask, Person, Tenant, Trap, World};

/// The secret of the Standard Webhooks specification's own examples.
pub(crate) const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
/// The token of Twilio's own examples, long enough.
pub(crate) const TOKEN: &str = "12345-12345";
const ALL: NonZeroU32 = NonZeroU32::MIN.saturating_add(199);

pub(crate) struct Exchange {
    pub(crate) world: World,
    pub(crate) tenant: Tenant,
    pub(crate) admin: Person,
    pub(crate) agent: Person,
    pub(crate) grant: Grant,
    pub(crate) integration: Integration,
    router: Router,
    trap: Trap,
    numbers: AtomicU64,
}

impl Exchange {
    /// One of Standard Webhooks.
    pub(crate) async fn new() -> Self {
        Self::of(Provider::Telephony, |_| {}).await
    }

    pub(crate) async fn of(provider: Provider, edit: impl FnOnce(&mut Telephony)) -> Self {
        let secret: (&str, &str) = match provider {
            Provider::Telephony => (SIGNING_SECRET, SECRET),
            _ => (AUTH_TOKEN, TOKEN),
        };
        let agent = |settings: &mut IntegrationSettings, agent| {
            let telephony = match settings {
                IntegrationSettings::Telephony(telephony) => telephony,
                IntegrationSettings::Twilio(twilio) => &mut twilio.calls,
                _ => panic!("{provider} tells of no calls"),
            };
            telephony.agents.insert("+912226543210".parse().expect("a number"), agent);
            edit(telephony);
        };
        Self::over(provider, &[secret], agent, |world| world.platform.clone()).await
    }

    /// One of any provider: `edit` sets what it is set to, and gets an agent; `wire` what it is asked with.
    pub(crate) async fn over(
        provider: Provider,
        secrets: &[(&str, &str)],
        edit: impl FnOnce(&mut IntegrationSettings, UserId),
        wire: impl FnOnce(&World) -> Platform,
    ) -> Self {
        let trap = Trap::default();
        let mut world = World::with_faults(trap.faults()).await;
        world.platform = wire(&world);
        let (tenant, admin) = world.an_admin().await;
        let agent = world.a_person(&tenant, Role::Agent, tenant.branch).await;
        let grant = Caller::system(tenant.organization, "test").own();
        let now = world.platform.now();
        let mut settings = IntegrationSettings::of(provider, admin.user, tenant.branch);
        edit(&mut settings, agent.user);
        let secret = |(name, secret): &(&str, &str)| ((*name).to_owned(), Some(secret.parse().expect("a secret")));
        let credentials: CredentialsPatch = secrets.iter().map(secret).collect();
        let id = IntegrationId::at(now, world.platform.random());
        let what = (provider, "Main line".parse().expect("a label"));
        let change = Integration::create(id, tenant.organization, what, settings, &credentials, now);
        let change = change.expect("a connection");
        let integration = world.platform.table().commit(&grant, change).await.expect("a connection");
        let router = webhooks::router(world.app());
        Self { world, tenant, admin, agent, grant, integration, router, trap, numbers: AtomicU64::new(0) }
    }

    /// Whoever calls or answers dies at this write, or meets this fault; writes are counted from now on.
    pub(crate) fn kill(&self, fatal: Option<(u64, Fault)>) {
        self.trap.kill(fatal);
    }

    /// Whoever died lives again, and nothing goes wrong any more. How many writes there were.
    pub(crate) fn revive(&self) -> u64 {
        self.trap.revive();
        self.trap.writes()
    }

    /// Whoever died has a successor; what was to go wrong still may.
    pub(crate) fn succeed(&self) {
        self.trap.succeed();
    }

    fn path(&self) -> String {
        format!("/webhooks/{}/{}", self.integration.provider, self.integration.id)
    }

    /// The exchange tells, under an id of its own for this.
    pub(crate) async fn say(&self, id: &str, body: &str) -> Answer {
        let at = self.world.platform.now();
        let signature = standard::sign(SECRET, id, at, body.as_bytes()).expect("it is signed");
        Ask::new("POST", format!("/v1{}", self.path()))
            .body("application/json", body)
            .header("webhook-id", id)
            .header("webhook-timestamp", at.as_second().to_string())
            .header("webhook-signature", signature)
            .of(&self.router)
            .await
    }

    /// The same of a call, with an id that is another each time.
    pub(crate) async fn tell(&self, data: Value) {
        let number = self.numbers.fetch_add(1, Ordering::SeqCst);
        let at = self.world.platform.now();
        let body = json!({"type": "call.updated", "timestamp": at, "data": data}).to_string();
        self.say(&format!("evt_{number}"), &body).await.expect(200);
    }

    /// Twilio tells.
    pub(crate) async fn twilio(&self, form: &str) -> Answer {
        let url = format!("https://api.sampark.test/v1{}", self.path());
        self.signed(form, &twilio::sign(TOKEN, &url, form.as_bytes())).await
    }

    /// Somebody tells as Twilio does, with this signature.
    pub(crate) async fn signed(&self, form: &str, signature: &str) -> Answer {
        Ask::new("POST", format!("/v1{}", self.path()))
            .body("application/x-www-form-urlencoded", form)
            .header("x-twilio-signature", signature)
            .of(&self.router)
            .await
    }

    /// A provider tells, as its double does.
    pub(crate) async fn call(&self, callback: &Callback) -> Answer {
        self.call_at("", callback).await
    }

    /// The same with something behind the address.
    pub(crate) async fn call_at(&self, query: &str, callback: &Callback) -> Answer {
        let mut ask = Ask::new("POST", format!("/v1{}{query}", self.path()));
        let content_type = callback.headers.get("content-type").and_then(|value| value.to_str().ok());
        ask = ask.body(content_type.unwrap_or_default(), callback.body.as_slice());
        for (name, value) in callback.headers.iter().filter(|(name, _)| *name != "content-type") {
            ask = ask.header(name.as_str(), value.to_str().expect("text"));
        }
        ask.of(&self.router).await
    }

    /// The same at the address that it was given with the message.
    pub(crate) async fn call_back(&self, (url, callback): (String, Callback)) -> Answer {
        let query = url.find('?').map_or("", |at| &url[at..]);
        self.call_at(query, &callback).await
    }

    /// The messages that wait, taken out of the queue.
    pub(crate) async fn waiting(&self) -> Vec<String> {
        // The queue itself does not fail here.
        let watched = self.trap.watch(false);
        let url = self.world.platform.settings().provider_inbox_queue.clone().expect("a queue");
        let client = self.world.standins.sqs.client();
        let mut bodies = Vec::new();
        loop {
            let answer = client.receive_message().queue_url(&url).max_number_of_messages(10).send().await;
            let messages = answer.expect("messages").messages.unwrap_or_default();
            if messages.is_empty() {
                self.trap.watch(watched);
                return bodies;
            }
            for message in messages {
                bodies.push(message.body().unwrap_or_default().to_owned());
                let receipt = message.receipt_handle().expect("a receipt");
                client.delete_message().queue_url(&url).receipt_handle(receipt).send().await.expect("it is deleted");
            }
        }
    }

    /// Hands these bodies to a worker in one batch and tells which come again, by their place.
    pub(crate) async fn bring(&self, bodies: &[String]) -> Vec<usize> {
        let record = |(place, body)| json!({"messageId": format!("{place}"), "body": body});
        let records: Vec<Value> = bodies.iter().enumerate().map(record).collect();
        let event: SqsEvent = serde_json::from_value(json!({"Records": records})).expect("an event");
        let failures = provider_inbox::handle(&self.world.platform, event).await.batch_item_failures;
        failures.iter().map(|failure| failure.item_identifier.parse().expect("a place")).collect()
    }

    /// Everything that waits is done.
    pub(crate) async fn settle(&self) {
        let waiting = self.waiting().await;
        assert_eq!(self.bring(&waiting).await, [0; 0]);
    }

    /// So much later the clock looks at what is due, and what it finds is done.
    pub(crate) async fn later(&self, by: jiff::SignedDuration) {
        self.world.clock.advance(by);
        tick::handle(&self.world.platform, &Value::Null).await.expect("the clock runs");
        self.settle().await;
    }

    async fn all<R: Record>(&self, slot: Slot, question: &'static str, value: String) -> Vec<R> {
        let query = ListQuery::new(slot, question, value, ALL);
        let page = self.world.platform.table().list(&self.grant, &query, |_| true).await;
        page.expect("records can be listed").records
    }

    pub(crate) async fn calls(&self) -> Vec<Call> {
        self.all(Slot::One, "all", String::new()).await
    }

    /// The one call.
    pub(crate) async fn the_call(&self) -> Call {
        let mut calls = self.calls().await;
        assert_eq!(calls.len(), 1, "{calls:?}");
        calls.remove(0)
    }

    pub(crate) async fn leads(&self) -> Vec<Lead> {
        self.all(Slot::One, "all", String::new()).await
    }

    pub(crate) async fn deliveries(&self) -> Vec<ProviderDelivery> {
        self.all(Slot::One, "integration", self.integration.id.to_string()).await
    }

    pub(crate) async fn log(&self) -> Vec<IntegrationLog> {
        self.all(Slot::One, "all", String::new()).await
    }

    /// What was said in a branch.
    pub(crate) async fn communications(&self, branch: BranchId) -> Vec<Communication> {
        self.all(Slot::Three, "branch", branch.to_string()).await
    }

    fn contact(&self, address: &str) -> ReachabilityId {
        let address = address.parse().expect("an address");
        self.world.platform.table().hash_key().reachability_id(self.tenant.organization, &address)
    }

    /// What is known of an address.
    pub(crate) async fn known(&self, address: &str) -> Option<Reachability> {
        self.read(self.contact(address)).await
    }

    /// Whether and why an address is not written to over a channel.
    pub(crate) async fn suppression(&self, address: &str, channel: ContactChannel) -> Option<Suppression> {
        let key = self.world.platform.table().hash_key();
        self.read(key.suppression_id(self.contact(address), channel)).await
    }

    /// Whether it is suppressed now.
    pub(crate) async fn is_suppressed(&self, address: &str, channel: ContactChannel) -> bool {
        let now = self.world.platform.now();
        self.suppression(address, channel).await.is_some_and(|one| one.is_active(now))
    }

    /// What stands in the ledger of an address.
    pub(crate) async fn ledger(&self, address: &str) -> Vec<Consent> {
        self.all(Slot::Two, "contact", self.contact(address).to_string()).await
    }

    /// Something that waits to be handed over, to this number or address.
    pub(crate) async fn queued(&self, to: &str) -> Communication {
        let (platform, organization) = (&self.world.platform, self.tenant.organization);
        let (now, address) = (platform.now(), to.parse::<ContactAddress>().expect("an address"));
        let contact = platform.table().hash_key().reachability_id(organization, &address);
        let placing = Placing {
            id: CommunicationId::at(now, platform.random()),
            organization,
            branch: self.tenant.branch,
            user: self.agent.user,
            lead: None,
            contact: Some((address, contact)),
            now,
        };
        let kind = self.integration.provider.channel().map_or(CommunicationType::Call, CommunicationType::of);
        let content = Some("Hello".parse().expect("a text"));
        let details = CommunicationDetails::outbound(kind, ContactPurpose::Service, content);
        let message = MessageId::at(now, platform.random());
        let change = Communication::carry(details, placing, message);
        platform.table().commit(&self.grant, change).await.expect("a communication")
    }

    /// Its worker writes down that the provider took it, under this id.
    pub(crate) async fn sent(&self, communication: Communication, id: &str) {
        let (table, now) = (self.world.platform.table(), self.world.platform.now());
        let known: Communication = table.get_to_change(&self.grant, communication.id).await.expect("it is there");
        let carried = Carried { integration: Some(self.integration.id), id: id.to_owned() };
        table.commit(&self.grant, known.sent(carried, now, now)).await.expect("it is written down");
    }

    /// A record as it is.
    pub(crate) async fn read<R: Record>(&self, id: R::Id) -> Option<R> {
        there(self.world.platform.table().get(&self.grant, id).await).expect("it can be read")
    }

    /// The bytes of a file.
    pub(crate) async fn bytes(&self, file: &File) -> Vec<u8> {
        let place = file.contents().expect("it is there").place(file.id);
        let files = self.world.platform.files().expect("files");
        files.get(&self.grant, domain::file::AREA, &place, 1_000).await.expect("its bytes")
    }

    /// A lead with this number.
    pub(crate) async fn lead(&self, phone: &str) -> Lead {
        self.lead_by(LeadDetails { phone: Some(phone.parse().expect("a number")), ..LeadDetails::default() }).await
    }

    /// A lead with this e-mail address.
    pub(crate) async fn lead_of(&self, email: &str) -> Lead {
        self.lead_by(LeadDetails { email: Some(email.parse().expect("an address")), ..LeadDetails::default() }).await
    }

    async fn lead_by(&self, details: LeadDetails) -> Lead {
        let now = self.world.platform.now();
        let arrival = Arrival {
            id: LeadId::at(now, self.world.platform.random()),
            organization: self.tenant.organization,
            branch: self.tenant.other_branch,
            assigned_to: Some(self.agent.user),
            pipeline: &Pipeline::default(),
            now,
        };
        let change = Lead::create(details, arrival).expect("a lead");
        self.world.platform.table().commit(&self.grant, change).await.expect("a lead")
    }
}
