//! What people are told.

use serde_json::json;
use testkit::{Ask, Person};

use super::{House, may_broadcast, text};
use crate::access::rows::Place;

impl House {
    /// Something that somebody was told.
    pub(super) async fn notification(&self, by: &Person, place: Place, owner: Option<&Person>, word: &str) -> String {
        let of = if place == Place::OtherBranch { &self.colleague } else { owner.unwrap_or(by) };
        let body = json!({"title": format!("{word} notification"), "message": "Look at it.", "user_id": of.user});
        text(&self.to("notifications", Ask::post("/notifications", body).by(by)).await.data(201)["id"])
    }

    pub(super) async fn device(&self, by: &Person, place: Place, owner: Option<&Person>, word: &str) -> String {
        let of = if place == Place::OtherBranch { &self.colleague } else { owner.unwrap_or(by) };
        let number = self.number();
        let subscription = standins::Push::subscription(&format!("device{number}"));
        let body = json!({"endpoint": subscription.endpoint, "keys": subscription.keys, "label": word});
        text(&self.to("notifications", Ask::post("/devices", body).by(of)).await.data(201)["id"])
    }

    /// A notification to many. Whoever may send none sees none either; the administrator's then is as good.
    pub(super) async fn broadcast(&self, by: &Person, owner: Option<&Person>, word: &str) -> String {
        let by = owner.filter(|person| person.claims.role.parse().is_ok_and(may_broadcast)).unwrap_or(by);
        let body = json!({"title": format!("{word} broadcast"), "message": "Look at it."});
        text(&self.to("notifications", Ask::post("/notifications/system", body).by(by)).await.data(202)["id"])
    }
}
