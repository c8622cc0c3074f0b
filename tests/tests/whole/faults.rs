//! A quarter of DynamoDB's calls go wrong: refused for their rate, in conflict, half done, or done and unanswered.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use axum::Router;
use domain::{Caller, Grant, Lead, LeadId, LeadPipeline, Record as _, Slot};
use serde_json::{Value, json};
use standins::{Call, Fault, Faults};
use store::ListQuery;
use testkit::{Answer, Ask, Person, Tenant, World};

const KINDS: [Fault; 4] = [Fault::Throttled, Fault::Conflict, Fault::Partial, Fault::Unanswered];
const PERCENT: u64 = 25;
const SEEDS: u64 = 6;
const STEPS: usize = 120;

/// Numbers that are the same in every run.
struct Dice(u64);

impl Dice {
    /// `SplitMix64`.
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.next() % bound as u64).expect("small")
    }
}

/// Faults that strike while `on` says so.
fn faults(seed: u64, on: Arc<AtomicBool>) -> Faults {
    Faults::decided_by(move |call: &Call<'_>| {
        let mut dice = Dice(seed << 32 ^ call.number);
        let (strikes, kind) = (dice.next() % 100 < PERCENT, dice.below(KINDS.len()));
        (strikes && on.load(Ordering::SeqCst)).then(|| KINDS[kind])
    })
}

struct Ground {
    world: World,
    on: Arc<AtomicBool>,
    tenant: Tenant,
    admin: Person,
    router: Router,
    /// Each lead that was asked for, and how it last looked if nothing since is in doubt.
    leads: BTreeMap<LeadId, Option<Value>>,
}

impl Ground {
    async fn new(seed: u64) -> Self {
        let on = Arc::new(AtomicBool::new(false));
        let world = World::with_faults(faults(seed, Arc::clone(&on))).await;
        let (tenant, mut admin) = world.an_admin().await;
        // Waiting for keys to be let go of takes hours of the world's time.
        admin.claims.exp += 7 * 86_400;
        admin.token = world.keys.sign(&admin.claims);
        let router = leads::router(world.app());
        on.store(true, Ordering::SeqCst);
        Self { world, on, tenant, admin, router, leads: BTreeMap::new() }
    }

    /// Asks; whatever it is, it is no 5xx but the documented one, which says when to come again.
    async fn ask(&self, ask: Ask) -> Answer {
        let answer = ask.by(&self.admin).of(&self.router).await;
        if answer.status.is_server_error() {
            assert_eq!(answer.status, 503, "{}", String::from_utf8_lossy(&answer.bytes));
            assert_eq!(
                (answer.json()["code"].as_str(), answer.header("retry-after")),
                (Some("unavailable"), Some("1"))
            );
        }
        answer
    }

    fn some_lead(&self, dice: &mut Dice) -> Option<LeadId> {
        (!self.leads.is_empty()).then(|| *self.leads.keys().nth(dice.below(self.leads.len())).expect("in range"))
    }

    /// What an answer tells of a lead: how it looks, or that nobody knows.
    fn learn(&mut self, id: LeadId, answer: &Answer) {
        if answer.status.is_success() {
            self.leads.insert(id, Some(answer.json()["data"].clone()).filter(|data| data["version"].is_u64()));
        } else if answer.status == 503 {
            self.leads.insert(id, None);
        }
    }

    async fn step(&mut self, dice: &mut Dice) {
        let now = self.world.platform.now();
        // Few numbers, so that leads meet.
        let phone = format!("98765432{:02}", dice.below(12));
        match (dice.below(10), self.some_lead(dice)) {
            (0..=2, _) | (_, None) => {
                let id = LeadId::at(now, self.world.platform.random());
                let body = json!({"id": id, "full_name": format!("Lead Number {}", dice.below(100)), "phone": phone});
                let ask = Ask::post("/leads", body).header("idempotency-key", id.to_string());
                let mut answer = self.ask(ask.clone()).await;
                // As a client would: the same again, until it is told what became of it.
                for _ in 0..60 {
                    if !matches!(answer.status.as_u16(), 503 | 409) || answer.json()["code"] == "taken" {
                        break;
                    }
                    if answer.status == 409 {
                        // A first request that died lets go of its key after a minute.
                        self.world.clock.advance(jiff::SignedDuration::from_secs(61));
                    }
                    answer = self.ask(ask.clone()).await;
                }
                assert!(matches!(answer.status.as_u16(), 201 | 409), "{answer:?}");
                self.leads.insert(id, None);
                self.learn(id, &answer);
            }
            (3, Some(id)) => {
                let answer = self.ask(Ask::put(format!("/leads/{id}"), json!({"phone": phone}))).await;
                self.learn(id, &answer);
            }
            (4 | 5, Some(id)) => {
                let stage = ["assessment", "lost", "lead"][dice.below(3)];
                let body = json!({"status": stage, "reason": "test"});
                let answer = self.ask(Ask::post(format!("/leads/{id}/status"), body)).await;
                self.learn(id, &answer);
            }
            (6, Some(id)) => {
                let to = (dice.below(2) == 0).then_some(self.admin.user);
                let answer = self.ask(Ask::post(format!("/leads/{id}/assign"), json!({"assigned_to": to}))).await;
                self.learn(id, &answer);
            }
            (7, Some(id)) => {
                let answer = self.ask(Ask::delete(format!("/leads/{id}"))).await;
                self.learn(id, &answer);
            }
            (8, Some(id)) => {
                let answer = self.ask(Ask::post(format!("/leads/{id}/restore"), json!({}))).await;
                self.learn(id, &answer);
            }
            (_, Some(id)) => {
                self.ask(Ask::get("/leads?status=lead")).await;
                let answer = self.ask(Ask::get(format!("/leads/{id}"))).await;
                if let (200, Some(Some(known))) = (answer.status.as_u16(), self.leads.get(&id)) {
                    assert_eq!(&answer.json()["data"], known);
                }
            }
        }
    }

    /// The stream's follower under the same faults: what failed comes again, as Lambda would have it.
    async fn settle_under_faults(&self) {
        let images: Vec<_> = self.world.stream().await.iter().filter_map(store::StreamImage::from_stream).collect();
        for batch in images.chunks(20) {
            let mut tries = 0;
            while let Err(error) = self.world.platform.table().project(batch).await {
                tries += 1;
                assert!(tries < 100, "{error}");
            }
        }
    }

    async fn check(&self) {
        let table = self.world.platform.table();
        let grant: Grant = Caller::system(self.tenant.organization, "test").own();
        let mut live: Vec<Lead> = Vec::new();
        for (id, known) in &self.leads {
            let lead = match table.get::<Lead>(&grant, *id).await {
                Ok(lead) => lead,
                Err(store::ReadError::NotFound) => continue,
                Err(error) => panic!("{error}"),
            };
            let events = table.history(&grant, &lead, None, HUNDRED).await.expect("a history");
            assert_eq!(events.records.len() as u64, lead.meta.version, "an event for each version of {id}");
            if let Some(known) = known {
                let now = Ask::get(format!("/leads/{id}")).by(&self.admin).of(&self.router).await.data(200);
                assert_eq!(&now, known, "what was acknowledged is what is there");
            }
            live.push(lead);
        }

        // Whoever is live has its claims, and nobody has another's.
        let mut phones = BTreeMap::new();
        for lead in &live {
            for claim in lead.claims() {
                assert_eq!(
                    table.holder::<Lead>(self.tenant.organization, &claim).await.expect("a claim"),
                    Some(lead.id)
                );
                assert_eq!(phones.insert(claim.value, lead.id), None, "two leads of one number");
            }
        }
        for number in 0..12 {
            let phone = format!("+9198765432{number:02}").parse().expect("a number");
            let claim = Lead::phone_claim(&phone);
            let holder = table.holder::<Lead>(self.tenant.organization, &claim).await.expect("a claim");
            assert_eq!(holder, phones.get(&claim.value).copied(), "a claim of a lead that is gone");
        }

        // Lists, their sizes and the figures are those of a recount.
        let pipeline: LeadPipeline =
            table.get(&grant, LeadPipeline::id_of(self.tenant.organization)).await.expect("a pipeline");
        let figures = table.counts_now(&grant, "leads_by_stage").await.expect("figures");
        let lists = pipeline.pipeline.stages().iter().map(|stage| {
            let stage = stage.key.as_str();
            let expected: Vec<LeadId> =
                live.iter().filter(|lead| lead.status.as_str() == stage).map(|lead| lead.id).collect();
            let figure = figures.iter().find(|row| row.dimension == stage).map_or(0, |row| row.n);
            assert_eq!(figure, i64::try_from(expected.len()).expect("few"), "leads in {stage}");
            (Slot::Three, "stage", Lead::branch_stage(self.tenant.branch, stage), expected)
        });
        let all = (Slot::One, "all", String::new(), live.iter().map(|lead| lead.id).collect());
        for (slot, question, value, mut expected) in lists.chain([all]) {
            let query = ListQuery::new(slot, question, value.clone(), HUNDRED);
            let page = table.list::<Lead>(&grant, &query, |_| true).await.expect("a list");
            let mut found: Vec<LeadId> = page.records.iter().map(|lead| lead.id).collect();
            let size = table.list_size::<Lead>(&grant, question, &[value]).await.expect("a size");
            assert_eq!(size, expected.len() as u64, "{question}");
            found.sort_unstable();
            expected.sort_unstable();
            assert_eq!(found, expected, "{question}");
        }

        // Each is found by its name.
        let found = table.search::<Lead>(&grant, "lead", None, HUNDRED, |_| true).await.expect("a search");
        let mut found: Vec<LeadId> = found.records.iter().map(|lead| lead.id).collect();
        found.sort_unstable();
        assert_eq!(found, live.iter().map(|lead| lead.id).collect::<Vec<_>>());
    }
}

const HUNDRED: std::num::NonZeroU32 = std::num::NonZeroU32::MIN.saturating_add(199);

#[tokio::test]
async fn a_quarter_of_all_calls_failing_leaves_no_wrong_state_and_answers_nothing_worse_than_503() {
    for seed in 1..=SEEDS {
        let mut ground = Ground::new(seed).await;
        let mut dice = Dice(seed);
        for _ in 0..STEPS {
            ground.world.clock.advance(jiff::SignedDuration::from_millis(7));
            ground.step(&mut dice).await;
        }
        ground.settle_under_faults().await;
        ground.on.store(false, Ordering::SeqCst);
        assert!(ground.world.standins.dynamo.faults().injected() > 50, "seed {seed}");
        ground.world.settle().await;
        ground.check().await;
    }
}
