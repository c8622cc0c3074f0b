//! A platform with connections to it.

use axum::Router;
use domain::realtime::Room;
use domain::{OrganizationId, Role, UserId};
use serde_json::{Value, json};
use sockets::{SocketAnswer, Sockets};
use standins::Faults;
use testkit::{Ask, Person, Tenant, World};

pub(crate) struct Hall {
    pub(crate) world: World,
    pub(crate) tenant: Tenant,
    pub(crate) admin: Person,
    pub(crate) realtime: Router,
    pub(crate) leads: Router,
    pub(crate) sockets: Sockets,
}

impl Hall {
    pub(crate) async fn new() -> Self {
        Self::with(Faults::none()).await
    }

    pub(crate) async fn with(faults: Faults) -> Self {
        let world = World::with_faults(faults).await;
        let (tenant, admin) = world.an_admin().await;
        let (realtime, leads) = (realtime::router(world.app()), leads::router(world.app()));
        let sockets = Sockets::new(world.platform.clone());
        Self { world, tenant, admin, realtime, leads, sockets }
    }

    pub(crate) async fn person(&self, role: Role) -> Person {
        self.world.a_person(&self.tenant, role, self.tenant.branch).await
    }

    /// A token of `POST /realtime/token`.
    pub(crate) async fn token(&self, person: &Person) -> String {
        let given = Ask::post("/realtime/token", json!({})).by(person).of(&self.realtime).await.data(200);
        given["token"].as_str().expect("a token").to_owned()
    }

    pub(crate) async fn connect(&self, id: &str, token: &str) -> u16 {
        self.event(id, "$connect", json!({"queryStringParameters": {"token": token}})).await.status_code
    }

    /// A connection that is open.
    pub(crate) async fn open(&self, id: &str, person: &Person) {
        let token = self.token(person).await;
        assert_eq!(self.connect(id, &token).await, 200);
    }

    pub(crate) async fn say(&self, id: &str, message: Value) -> Value {
        self.say_text(id, &message.to_string()).await
    }

    pub(crate) async fn say_text(&self, id: &str, text: &str) -> Value {
        let SocketAnswer { status_code, body } = self.event(id, "$default", json!({"body": text})).await;
        assert_eq!(status_code, 200);
        serde_json::from_str(&body.expect("an answer")).expect("JSON")
    }

    /// What somebody is refused with.
    pub(crate) async fn refused(&self, id: &str, message: Value) -> String {
        let answer = self.say(id, message).await;
        assert_eq!(answer["event"], "error", "{answer}");
        answer["data"]["code"].as_str().expect("a code").to_owned()
    }

    pub(crate) async fn event(&self, id: &str, route: &str, mut more: Value) -> SocketAnswer {
        more["requestContext"] = json!({
            "routeKey": route, "connectionId": id, "stage": "v1", "connectedAt": 1, "requestTimeEpoch": 1, "requestId": "r",
        });
        self.sockets.handle(&serde_json::from_value(more).expect("an event")).await
    }

    /// The connections in a room.
    pub(crate) async fn in_room(&self, organization: OrganizationId, room: Room) -> Vec<String> {
        let table = self.world.platform.table();
        let now = self.world.platform.now();
        let hearers = table.hearers(organization, &[room].into(), None, 100, now).await.expect("a room");
        assert_eq!(hearers.next, None);
        hearers.hearers.into_iter().map(|hearer| hearer.connection).collect()
    }

    pub(crate) async fn own_room(&self, user: UserId) -> Vec<String> {
        self.in_room(self.tenant.organization, Room::User(user)).await
    }
}
