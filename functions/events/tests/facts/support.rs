//! An organization, and its stream.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use domain::lead::{Arrival, LeadDetails};
use domain::message::MessageStep;
use domain::{Caller, Grant, Lead, LeadId, LeadPipeline, Message, MessageId, Permission, Slot, UserId};
use events::{StreamEvent, StreamRecord, StreamResponse};
use standins::{Call, Fault};
use store::ListQuery;
use testkit::{Tenant, Trap, World};

pub(crate) struct Scene {
    pub(crate) world: World,
    pub(crate) tenant: Tenant,
    pub(crate) grant: Grant,
    broken: Arc<AtomicBool>,
    trap: Trap,
}

impl Scene {
    /// A scene in which `fault` strikes the calls that `strikes` names, while it is [broken](Self::break_it).
    pub(crate) async fn new(fault: Fault, strikes: fn(&Call<'_>) -> bool) -> Self {
        let broken = Arc::new(AtomicBool::new(false));
        let switch = Arc::clone(&broken);
        let trap = Trap::beside(move |call| (switch.load(Ordering::SeqCst) && strikes(call)).then_some(fault));
        let world = World::with_faults(trap.faults()).await;
        let tenant = world.a_tenant("Example Ltd").await;
        let grant = Caller::system(tenant.organization, "test").allow(Permission::LeadsWrite).expect("may write");
        Self { world, tenant, grant, broken, trap }
    }

    /// A scene that strikes only where it is [told](Self::kill).
    pub(crate) async fn dying() -> Self {
        Self::new(Fault::Lost, |_| false).await
    }

    /// From now on, this happens at so many writes from here.
    pub(crate) fn kill(&self, write: u64, fault: Fault) {
        self.trap.kill([(write, fault)]);
    }

    /// All is well again; whether anything struck.
    pub(crate) fn revive(&self) -> bool {
        self.trap.revive()
    }

    pub(crate) fn break_it(&self, broken: bool) {
        self.broken.store(broken, Ordering::SeqCst);
    }

    pub(crate) async fn a_lead(&self, name: &str) -> Lead {
        self.a_lead_of(name, None).await
    }

    pub(crate) async fn a_lead_of(&self, name: &str, assigned_to: Option<UserId>) -> Lead {
        let (platform, now) = (&self.world.platform, self.world.platform.now());
        let id = LeadPipeline::id_of(self.tenant.organization);
        let pipeline: LeadPipeline = platform.table().get(&self.grant, id).await.expect("a pipeline");
        let details = LeadDetails { full_name: Some(name.parse().expect("a name")), ..LeadDetails::default() };
        let arrival = Arrival {
            id: LeadId::at(now, platform.random()),
            organization: self.tenant.organization,
            branch: self.tenant.branch,
            assigned_to,
            pipeline: &pipeline.pipeline,
            now,
        };
        let change = Lead::create(details, arrival).expect("a lead");
        platform.table().commit(&self.grant, change).await.expect("a lead is created")
    }

    /// What happened since the last call, as Lambda hands it over.
    pub(crate) async fn news(&self) -> StreamEvent {
        let records = self.world.stream().await.into_iter();
        StreamEvent { records: records.map(|dynamodb| StreamRecord { event_name: String::new(), dynamodb }).collect() }
    }

    pub(crate) async fn follow(&self, event: &StreamEvent) -> StreamResponse {
        events::handle(&self.world.platform, event.clone()).await
    }

    /// Follows everything that is new, and what follows from that.
    pub(crate) async fn follow_all(&self) {
        loop {
            let news = self.news().await;
            if news.records.is_empty() {
                return;
            }
            assert!(self.follow(&news).await.batch_item_failures.is_empty());
        }
    }

    /// The messages to people, the oldest first.
    pub(crate) async fn messages(&self) -> Vec<Message> {
        let limit = NonZeroU32::new(50).expect("a limit");
        let query = ListQuery { newest_first: false, ..ListQuery::new(Slot::One, "all", "", limit) };
        let page = self.world.platform.table().list::<Message>(&self.grant, &query, |_| true).await;
        page.expect("messages").records
    }

    /// What was queued since the last call.
    pub(crate) async fn queued(&self) -> Vec<MessageId> {
        let url = self.world.platform.settings().messages_queue.clone().expect("a queue");
        let client = self.world.standins.sqs.client();
        let answer = client.receive_message().queue_url(url).max_number_of_messages(10).send().await;
        let bodies = answer.expect("messages").messages.unwrap_or_default();
        let step = |body: &str| serde_json::from_str::<MessageStep>(body).expect("a step").message;
        bodies.iter().map(|body| step(body.body().unwrap_or_default())).collect()
    }
}
