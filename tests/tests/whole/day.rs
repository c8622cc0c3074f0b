//! A day on the floor: leads come in, are called, missed, followed up, converted, seen live and on a phone, and the reports
//! tell what happened.

use jiff::SignedDuration;
use local::{Local, Options};
use serde_json::{Value, json};

use crate::caller::HttpCaller;
use crate::realtime::{Socket, connect, hear_of, say};

const PASSWORD: &str = "correct horse battery";
const TEMPLATES: [&str; 4] =
    ["new_lead_follow_up", "missed_call_follow_up", "lead_qualification", "overdue_reminder_alert"];

/// The floor: its owner, and Meera, who calls.
struct Floor {
    local: Local,
    owner: HttpCaller,
    meera: HttpCaller,
    id: String,
}

fn text(value: &Value) -> String {
    value.as_str().expect("a text").to_owned()
}

fn list<'a>(answer: &'a Value, name: &str) -> &'a [Value] {
    answer[name].as_array().expect("a list")
}

impl Floor {
    async fn open() -> Self {
        let local = Local::start(Options::default()).await.expect("the platform starts");
        let (mut owner, mut meera) = (HttpCaller::of(&local.base_url), HttpCaller::of(&local.base_url));
        let owners = json!({
            "organization_name": "Example Ltd", "first_name": "Asha", "email": "an_owner@example.com",
            "password": PASSWORD,
        });
        owner.sign_in(&owner.post("/v1/auth/register", owners).await.data(201));
        let branch = owner.get("/v1/branches").await.data(200)["branches"][0]["id"].clone();
        let person = json!({
            "email": "meera@example.com", "first_name": "Meera", "password": PASSWORD, "role": "agent",
            "branch_ids": [branch], "must_change_password": false,
        });
        let id = text(&owner.post("/v1/users", person).await.data(201)["id"]);
        let pool = json!({"members": [{"user": id}]});
        owner.put("/v1/organization/assignment", pool).await.data(200);
        for template in TEMPLATES {
            owner.post(&format!("/v1/automation/from-template/{template}"), json!({})).await.data(201);
        }
        let login = json!({"email": "meera@example.com", "password": PASSWORD});
        meera.sign_in(&meera.post("/v1/auth/login", login).await.data(200));
        Self { local, owner, meera, id }
    }

    /// Visitors leave their names at the public form.
    async fn visitors(&self, names: [&str; 2]) -> Vec<Value> {
        let branch = self.owner.get("/v1/branches").await.data(200)["branches"][0]["id"].clone();
        let form = json!({"name": "Call back", "source": "Website", "branch_id": branch});
        let form = text(&self.owner.post("/v1/forms", form).await.data(201)["id"]);
        let nobody = HttpCaller::of(&self.local.base_url);
        for (number, name) in names.iter().enumerate() {
            let visitor = json!({"full_name": name, "phone": format!("987654321{number}")});
            nobody.post(&format!("/v1/public/forms/{form}/leads"), visitor).await.expect(202);
        }
        self.settle().await;
        let leads = self.meera.get(&format!("/v1/leads/agent/{}", self.id)).await.data(200);
        names.iter().map(|name| self.named(&leads, name)).collect()
    }

    fn named(&self, leads: &Value, name: &str) -> Value {
        let lead = list(leads, "leads").iter().find(|lead| lead["full_name"] == *name);
        lead.unwrap_or_else(|| panic!("{name} is not with {}: {leads}", self.id)).clone()
    }

    /// Meera's reminders that are still to be done.
    async fn to_do(&self) -> Vec<Value> {
        let path = format!("/v1/reminders/agent/{}?status=pending", self.id);
        list(&self.meera.get(&path).await.data(200), "reminders").to_vec()
    }

    /// What Meera was told with this title, so many times.
    async fn told(&self, title: &str) -> usize {
        let path = format!("/v1/notifications/agent/{}?limit=200", self.id);
        let told = self.meera.get(&path).await.data(200);
        list(&told, "notifications").iter().filter(|one| one["title"] == title).count()
    }

    /// Minutes go by, two at a time, so that the connection is kept even where a ping is read late.
    async fn later(&self, socket: &mut Socket, minutes: i64) {
        for _ in 0..minutes.div_euclid(2) {
            self.local.clock.advance(SignedDuration::from_mins(2)).expect("forward");
            self.settle().await;
            say(socket, json!({"action": "ping"})).await;
        }
    }

    async fn settle(&self) {
        self.local.idle().await.expect("what follows is done");
    }

    async fn report(&self, path: &str) -> Value {
        let join = if path.contains('?') { '&' } else { '?' };
        self.owner.get(&format!("/v1/analytics/{path}{join}range=30d")).await.data(200)
    }
}

/// Ravi does not answer, is tried again when it is time, is interested, and signs.
async fn ravi(floor: &Floor, socket: &mut Socket, lead: &Value) {
    let one = text(&lead["id"]);
    let missed = json!({"lead_id": lead["id"], "status": "no_answer"});
    floor.meera.post("/v1/calls", missed).await.data(201);
    hear_of(socket, "call:created").await;
    let again = hear_of(socket, "reminder:created").await;
    floor.settle().await;
    floor.later(socket, 34).await;
    assert_eq!(hear_of(socket, "reminder:due").await["data"]["id"], again["data"]["id"]);
    assert_eq!(floor.told("Reminder due").await, 1);

    let call = floor.meera.post("/v1/calls", json!({"lead_id": lead["id"]})).await.data(201);
    let path = format!("/v1/calls/{}", text(&call["id"]));
    floor.meera.post(&format!("{path}/start"), json!({})).await.data(200);
    floor.later(socket, 6).await;
    floor.meera.post(&format!("{path}/end"), json!({"outcome": "interested"})).await.data(200);
    let moved = hear_of(socket, "lead:status").await;
    assert_eq!((&moved["data"]["id"], &moved["data"]["fields"]["status"]), (&lead["id"], &json!("assessment")));
    let about_ravi = floor.to_do().await.into_iter().filter(|reminder| reminder["lead_id"] == lead["id"]);
    for reminder in about_ravi.collect::<Vec<_>>() {
        floor.meera.post(&format!("/v1/reminders/{}/complete", text(&reminder["id"])), json!({})).await.data(200);
    }
    for stage in ["meeting", "converted"] {
        floor.meera.post(&format!("/v1/leads/{one}/status"), json!({"status": stage})).await.data(200);
        assert_eq!(hear_of(socket, "lead:status").await["data"]["fields"]["status"], stage);
    }
}

/// What a phone that was off all day is told.
async fn phone(floor: &Floor, ravi: &Value, leela: &Value) {
    let full = floor.meera.post(&format!("/v1/sync/full/{}", floor.id), json!({})).await.data(200);
    let status = |lead: &Value| {
        let known = list(&full["leads"], "server_changes").iter().find(|known| known["id"] == lead["id"]);
        known.expect("it is Meera's")["status"].clone()
    };
    assert_eq!((status(ravi), status(leela)), (json!("converted"), json!("lead")));
    let told = |kind: &str| list(&full[kind], "server_changes").len();
    assert_eq!((told("leads"), told("calls"), told("reminders")), (2, 2, 3));
}

/// The four reports.
async fn reports(floor: &Floor) {
    let overview = floor.report("overview").await;
    let performance = floor.report(&format!("agents/{}/performance", floor.id)).await;
    for report in [&overview, &performance] {
        let (leads, calls, reminders) = (&report["leads"], &report["calls"], &report["reminders"]);
        assert_eq!(
            (&leads["total"], &leads["converted"], &leads["lost"]),
            (&json!(2), &json!(1), &json!(0)),
            "{report}"
        );
        assert_eq!((&calls["total"], &calls["connected"], &calls["talk_seconds"]), (&json!(2), &json!(1), &json!(360)));
        assert_eq!((&reminders["completed"], &reminders["late"]), (&json!(2), &json!(1)));
    }
    let calls = floor.report("calls").await;
    let count = |by: &str, name: &str| {
        list(&calls, by).iter().find(|share| share["name"] == name).map(|share| share["count"].clone())
    };
    assert_eq!(count("by_status", "no_answer"), Some(json!(1)));
    assert_eq!(count("by_outcome", "interested"), Some(json!(1)));
    let funnel = floor.report("leads/funnel").await;
    let entered: Vec<Value> = list(&funnel, "stages").iter().map(|stage| stage["entered"].clone()).collect();
    assert_eq!(entered, [2, 1, 1, 1], "{funnel}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_day_on_the_floor_is_told_by_its_reports_as_it_was() {
    let mut floor = Floor::open().await;
    let mut socket = connect(&floor.meera).await;
    let [ravi_lead, leela] = <[Value; 2]>::try_from(floor.visitors(["Ravi", "Leela"]).await).expect("two");
    for _ in 0..2 {
        hear_of(&mut socket, "lead:created").await;
    }
    assert_eq!(floor.told("New lead").await, 2);
    assert_eq!(floor.to_do().await.len(), 2, "each new lead has a reminder");

    ravi(&floor, &mut socket, &ravi_lead).await;
    // Nobody calls Leela.
    floor.later(&mut socket, 14).await;
    assert_eq!(floor.told("Reminder overdue").await, 0);
    let login = json!({"email": "an_owner@example.com", "password": PASSWORD});
    floor.later(&mut socket, 26).await;
    floor.owner.sign_in(&floor.owner.post("/v1/auth/login", login).await.data(200));
    let login = json!({"email": "meera@example.com", "password": PASSWORD});
    floor.meera.sign_in(&floor.meera.post("/v1/auth/login", login).await.data(200));
    assert_eq!(floor.told("Reminder overdue").await, 1);

    phone(&floor, &ravi_lead, &leela).await;
    reports(&floor).await;
    floor.local.shutdown().await;
}
