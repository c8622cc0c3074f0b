//! Who becomes a lead, and who was one already.

use domain::lead::LeadDetails;
use domain::pipeline::Pipeline;
use domain::{Actor, Lead, Region};
use futures::future::join_all;
use serde_json::json;

use crate::support::{Place, submission};

#[tokio::test]
async fn a_visitor_becomes_a_lead_of_the_forms_branch_and_source() {
    let place = Place::new().await;
    place
        .submit(json!({
            "first_name": " Asha ", "last_name": "Example", "email": "A_Lead@example.com", "phone": "098765 43210",
            "city": "Pune", "custom_fields": {"course": "Cardiology"},
            "utm_source": "newsletter", "utm_medium": "email", "utm_campaign": "Autumn", "website": "",
        }))
        .await;
    let lead = place.the_lead().await;
    assert_eq!(lead.full_name.as_ref().map(ToString::to_string), Some("Asha Example".into()));
    assert_eq!(lead.phone.as_ref().map(ToString::to_string), Some("+919876543210".into()));
    assert_eq!(lead.branch_id, place.tenant.branch);
    assert_eq!(lead.custom_fields.get("course"), Some(&json!("Cardiology")));
    let texts =
        [&lead.source, &lead.medium, &lead.campaign, &lead.city].map(|text| text.as_ref().map(ToString::to_string));
    assert_eq!(texts, ["Website", "email", "Autumn", "Pune"].map(|text| Some(text.to_owned())));
    let history = place.history(&lead).await;
    assert_eq!(history.len(), 1);
    assert_eq!((history[0].kind.as_str(), &history[0].actor), ("lead.created", &Actor::Visitor));
    assert_eq!(history[0].data["form"], json!(place.form.id));
    assert_eq!(history[0].data["utm_source"], "newsletter");
    assert_eq!(history[0].data["assignment"]["reason"], "empty_pool");
}

#[tokio::test]
async fn every_wrong_field_is_named() {
    let place = Place::new().await;
    let body = json!({
        "full_name": "a\u{7}b", "email": "nobody", "phone": "12", "city": "x".repeat(121), "custom_fields": [],
        "utm_campaign": 5,
    });
    let answer = place.submit_from("198.51.100.1", body).await;
    let mut fields: Vec<String> = answer.expect(422).wrong().into_iter().map(|(field, _)| field).collect();
    fields.sort();
    assert_eq!(fields, ["city", "custom_fields", "email", "full_name", "phone", "utm_campaign"]);
    assert!(place.leads().await.is_empty());
}

#[tokio::test]
async fn somebody_who_cannot_be_reached_is_no_lead() {
    let place = Place::new().await;
    let answer = place.submit_from("198.51.100.1", json!({"name": "Asha Example", "email": " ", "phone": ""})).await;
    let required = |field: &str| (field.to_owned(), "required".to_owned());
    assert_eq!(answer.expect(422).wrong(), [required("email"), required("phone")]);
}

#[tokio::test]
async fn a_robot_gets_the_same_answer_and_leaves_nothing() {
    let place = Place::new().await;
    let good = json!({"email": "a_lead@example.com"});
    let robots = json!({"email": "a_robot@example.com", "website": "https://spam.example"});
    let robot = place.submit_from("198.51.100.1", robots).await;
    assert!(place.leads().await.is_empty());
    let human = place.submit_from("198.51.100.2", good).await;
    assert_eq!((robot.status, &robot.bytes), (human.status, &human.bytes));
    let names = |answer: &testkit::Answer| -> Vec<String> { answer.headers.keys().map(ToString::to_string).collect() };
    assert_eq!(names(&robot), names(&human));
    assert_eq!(place.leads().await.len(), 1);
}

#[tokio::test]
async fn a_person_who_comes_again_is_touched_and_keeps_the_first_source() {
    let place = Place::new().await;
    place.submit(json!({"email": "a_lead@example.com", "utm_campaign": "First"})).await;
    let again = json!({
        "name": "Asha Example", "email": "A_LEAD@EXAMPLE.COM", "phone": "+919876543210", "utm_campaign": "Second",
        "utm_source": "elsewhere",
    });
    place.submit(again).await;
    place.submit(json!({"name": "Another Name", "phone": "9876543210"})).await;
    let lead = place.the_lead().await;
    assert_eq!(lead.touches, 3);
    assert_eq!(lead.email.as_ref().map(ToString::to_string), Some("a_lead@example.com".into()));
    assert_eq!(lead.full_name.as_ref().map(ToString::to_string), Some("Asha Example".into()));
    assert_eq!(lead.campaign.as_ref().map(ToString::to_string), Some("First".into()));
    assert_eq!(lead.source.as_ref().map(ToString::to_string), Some("Website".into()));
    let kinds: Vec<String> = place.history(&lead).await.into_iter().map(|event| event.kind).collect();
    assert_eq!(kinds, ["lead.touched", "lead.touched", "lead.created"]);
}

#[tokio::test]
async fn an_address_and_a_number_of_two_leads_touch_the_one_of_the_address() {
    let place = Place::new().await;
    let phone = domain::Phone::parse("9876543210", Region::INDIA).expect("a number");
    let by_phone = place.a_lead(LeadDetails { phone: Some(phone), ..LeadDetails::default() }).await;
    let email = "a_lead@example.com".parse().expect("an address");
    let by_email = place.a_lead(LeadDetails { email: Some(email), ..LeadDetails::default() }).await;
    place.submit(json!({"email": "a_lead@example.com", "phone": "9876543210", "city": "Pune"})).await;
    let leads = place.leads().await;
    let touches: Vec<_> = leads.iter().map(|lead| (lead.id, lead.touches, lead.phone.is_some())).collect();
    assert_eq!(touches.len(), 2);
    assert!(touches.contains(&(by_phone, 1, true)), "{touches:?}");
    assert!(touches.contains(&(by_email, 2, false)), "{touches:?}");
    let touched = leads.iter().find(|lead| lead.id == by_email).expect("the lead");
    assert_eq!(place.history(touched).await[0].data["phone_of"], json!(by_phone));
}

#[tokio::test]
async fn somebody_deleted_may_come_anew() {
    let place = Place::new().await;
    place.submit(json!({"email": "a_lead@example.com"})).await;
    let first = place.the_lead().await;
    let gone = first.clone().delete(&Pipeline::default(), place.world.platform.now());
    place.table().commit(&place.grant(), gone).await.expect("a lead can be deleted");
    place.submit(json!({"email": "a_lead@example.com"})).await;
    let second: Lead = place.the_lead().await;
    assert_ne!(first.id, second.id);
    assert_eq!(second.touches, 1);
}

#[tokio::test]
async fn a_hundred_at_once_with_one_address_are_one_lead_with_a_hundred_touches() {
    let place = Place::new().await;
    let all = (0..100).map(|n| {
        let body = json!({"email": "a_lead@example.com", "custom_fields": {format!("field {}", n % 10): n}});
        submission(&place.form, &format!("198.51.100.{n}"), body).of(&place.router)
    });
    for answer in join_all(all).await {
        answer.expect(202);
    }
    let lead = place.the_lead().await;
    assert_eq!(lead.touches, 100);
    assert_eq!(lead.meta.version, 100);
    assert_eq!(lead.custom_fields.len(), 10);
}

#[tokio::test]
async fn two_organizations_share_nobody() {
    let place = Place::new().await;
    let other = place.world.a_tenant("Other Ltd").await;
    let form = crate::support::a_form(&place.world, &other, other.branch, |_| {}).await;
    place.submit(json!({"email": "a_lead@example.com"})).await;
    let body = json!({"email": "a_lead@example.com", "name": "Asha Example"});
    submission(&form, "198.51.100.9", body).of(&place.router).await.expect(202);
    let lead = place.the_lead().await;
    assert_eq!((lead.touches, lead.full_name), (1, None));
}
