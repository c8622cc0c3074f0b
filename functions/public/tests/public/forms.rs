//! Which forms there are, and who may show them.

use axum::Router;
use domain::{Change, Form};
use serde_json::{Value, json};
use testkit::{Answer, Ask};

use crate::support::{Place, a_form, submission, view};

/// A problem's body without the request's own id.
fn words(answer: &Answer) -> (u16, Value) {
    let mut body = answer.json();
    if let Some(body) = body.as_object_mut() {
        body.remove("request_id");
    }
    (answer.status.as_u16(), body)
}

#[tokio::test]
async fn a_page_learns_what_it_may_send() {
    let place = Place::new().await;
    let answer = view(&place.form, "198.51.100.1").of(&place.router).await;
    let page = answer.data(200);
    assert_eq!((&page["name"], &page["organization"]), (&json!("Admissions"), &json!("Example Ltd")));
    assert_eq!((&page["key"], &page["honeypot"]), (&json!(place.form.id), &json!("website")));
    let mut body = json!({"custom_fields": {"course": "Cardiology"}, "website": ""});
    for field in page["fields"].as_array().expect("fields") {
        let name = field["name"].as_str().expect("a name");
        match field["type"].as_str() {
            Some("email") => body[name] = "a_lead@example.com".into(),
            Some("tel") => body[name] = "9876543210".into(),
            Some("object") => {}
            _ => body[name] = "x".into(),
        }
    }
    let strict = submission(&place.form, "198.51.100.1", body).header("prefer", "handling=strict");
    strict.of(&place.router).await.expect(202);
}

#[tokio::test]
async fn a_closed_form_and_a_deleted_one_are_as_one_that_never_was() {
    let place = Place::new().await;
    let closed = a_form(&place.world, &place.tenant, place.tenant.branch, |form| form.is_active = false).await;
    let deleted = a_form(&place.world, &place.tenant, place.tenant.branch, |_| {}).await;
    let gone = Change::delete(deleted.clone(), place.world.platform.now(), "form.deleted");
    place.table().commit(&place.grant(), gone).await.expect("a form can be deleted");
    let never = Form { id: domain::FormId::at(place.world.platform.now(), [9; 10]), ..closed.clone() };
    let body = json!({"email": "a_lead@example.com"});
    let unknown = submission(&never, "198.51.100.1", body.clone()).of(&place.router).await;
    let unseen = view(&never, "198.51.100.1").of(&place.router).await;
    unknown.expect(404);
    for (place_in_test, form) in [closed, deleted].iter().enumerate() {
        let address = format!("198.51.100.{}", place_in_test + 2);
        let answer = submission(form, &address, body.clone()).of(&place.router).await;
        assert_eq!(words(&answer), words(&unknown));
        assert_eq!(answer.header("ratelimit-remaining"), unknown.header("ratelimit-remaining"));
        assert_eq!(words(&view(form, &address).of(&place.router).await), words(&unseen));
    }
    assert!(place.leads().await.is_empty());
}

#[tokio::test]
async fn what_is_no_key_is_not_found() {
    let place = Place::new().await;
    for path in ["/public/forms/x", "/public/forms/lead_01kaf0v3hteb9s1z6vqk4m2x8y", "/public/forms/%F0%28%8C%28"] {
        Ask::get(path).of(&place.router).await.expect(404);
        Ask::post(format!("{path}/leads"), json!({"email": "a_lead@example.com"})).of(&place.router).await.expect(404);
    }
}

/// The function as the template sets it up: any origin.
fn open_to_all(place: &Place) -> Router {
    place.set_up(|settings| settings.cors_origins = vec!["*".into()])
}

#[tokio::test]
async fn pages_of_any_origin_may_call() {
    let place = Place::new().await;
    let router = open_to_all(&place);
    let origin = "https://somebodys-page.example";
    let preflight = Ask::new("OPTIONS", format!("/v1/public/forms/{}/leads", place.form.id))
        .header("origin", origin)
        .header("access-control-request-method", "POST")
        .header("access-control-request-headers", "content-type")
        .of(&router)
        .await;
    assert_eq!(preflight.expect(204).header("access-control-allow-origin"), Some("*"));
    let body = json!({"email": "a_lead@example.com"});
    let answer = submission(&place.form, "198.51.100.1", body).header("origin", origin).of(&router).await;
    assert_eq!(answer.expect(202).header("access-control-allow-origin"), Some("*"));
    let elsewhere = submission(&place.form, "198.51.100.1", json!({})).header("origin", origin).of(&place.router).await;
    assert_eq!(elsewhere.header("access-control-allow-origin"), None);
}
