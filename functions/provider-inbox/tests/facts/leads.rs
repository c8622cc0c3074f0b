//! What lead ads bring.

use domain::Label;
use domain::provider_delivery::DeliveryStatus;
use jiff::SignedDuration;
use standins::Trouble;

use crate::outsiders::{ASHA, facebook, together};

#[tokio::test]
async fn who_fills_in_a_form_is_a_lead_once_however_often_it_is_told() {
    let (exchange, page) = facebook().await;
    page.fill("1", &[("full_name", "Asha Example"), ("phone_number", ASHA), ("which_course?", "Law")]);
    let told = page.told(&["1"]);
    exchange.call(&told).await.expect(200);
    exchange.call(&told).await.expect(200);
    exchange.settle().await;
    // Told again with others, in another body, and twice in it.
    page.fill("2", &[("full_name", "Ravi Example"), ("email", "ravi@example.com")]);
    exchange.call(&page.told(&["1", "2", "1"])).await.expect(200);
    exchange.settle().await;
    let leads = exchange.leads().await;
    assert_eq!(leads.len(), 2, "{leads:?}");
    let asha = leads.iter().find(|lead| lead.phone.is_some()).expect("Asha");
    assert_eq!((asha.touches, asha.branch_id), (1, exchange.tenant.branch));
    assert_eq!(asha.external_id.as_ref().map(Label::as_str), Some("facebook:1"));
    assert_eq!(asha.source.as_ref().map(Label::as_str), Some("Facebook"));
    assert_eq!(asha.custom_fields.get("which_course?"), Some(&"Law".into()));
    assert_eq!(page.asked(), 2, "what was taken is not asked for again");
    let deliveries = exchange.deliveries().await;
    assert!(deliveries.iter().all(|delivery| delivery.status == DeliveryStatus::Processed), "{deliveries:?}");
}

#[tokio::test]
async fn who_fills_in_another_form_is_the_same_lead_touched_once_more() {
    let (exchange, page) = facebook().await;
    page.fill("1", &[("phone_number", ASHA)]);
    page.fill("2", &[("phone_number", ASHA), ("city", "Pune")]);
    for ids in [&["1"][..], &["2"], &["1", "2"], &["2", "1"]] {
        exchange.call(&page.told(ids)).await.expect(200);
        exchange.settle().await;
    }
    let leads = exchange.leads().await;
    let [lead] = &leads[..] else { panic!("one lead: {leads:?}") };
    assert_eq!((lead.touches, lead.city.as_ref().map(Label::as_str)), (2, Some("Pune")));
}

#[tokio::test]
async fn two_workers_that_take_the_same_form_make_one_lead_and_one_touch() {
    let (exchange, page) = facebook().await;
    page.fill("1", &[("phone_number", ASHA)]);
    exchange.lead(ASHA).await;
    exchange.call(&page.told(&["1"])).await.expect(200);
    exchange.call(&page.told(&["1", "1"])).await.expect(200);
    let waiting = exchange.waiting().await;
    let (one, other) = tokio::join!(exchange.bring(&waiting[..1]), exchange.bring(&waiting[1..]));
    assert!(one.is_empty() && other.is_empty());
    assert_eq!(exchange.leads().await[0].touches, 2);
}

#[tokio::test]
async fn a_page_that_does_not_answer_is_asked_again_and_stands_in_the_log() {
    let (exchange, page) = facebook().await;
    page.fill("1", &[("phone_number", ASHA)]);
    page.fill("2", &[("email", "ravi@example.com")]);
    page.trouble(Trouble::Status { status: 503, retry_after: None });
    exchange.call(&page.told(&["1", "2"])).await.expect(200);
    exchange.settle().await;
    assert_eq!(exchange.leads().await.len(), 1, "the other one is there");
    let [row] = &exchange.log().await[..] else { panic!("one row") };
    assert_eq!(row.integration_id, Some(exchange.integration.id));
    assert_eq!(exchange.deliveries().await[0].status, DeliveryStatus::Received);
    exchange.later(SignedDuration::from_secs(30)).await;
    assert_eq!(exchange.leads().await.len(), 2);
    assert_eq!(exchange.deliveries().await[0].status, DeliveryStatus::Processed);
    assert_eq!(page.asked(), 2);
}

#[tokio::test]
async fn a_form_that_tells_of_nobody_fails_and_holds_up_no_other() {
    let (exchange, page) = facebook().await;
    page.fill("1", &[("budget", "1")]);
    page.fill("2", &[("phone_number", ASHA)]);
    exchange.call(&page.told(&["1", "2"])).await.expect(200);
    exchange.settle().await;
    assert_eq!(exchange.leads().await.len(), 1);
    let deliveries = exchange.deliveries().await;
    assert_eq!(deliveries[0].status, DeliveryStatus::Failed);
    assert_eq!(exchange.log().await.len(), 1);
}

#[tokio::test]
async fn what_is_of_another_page_is_let_be() {
    let (exchange, page) = facebook().await;
    page.fill("1", &[("phone_number", ASHA)]);
    let other = together(&[page.told(&["1"])], |body| {
        body["entry"][0]["changes"][0]["value"]["page_id"] = "9".into();
    });
    exchange.call(&other).await.expect(200);
    exchange.settle().await;
    assert_eq!((page.asked(), exchange.leads().await.len()), (0, 0));
    assert_eq!(exchange.deliveries().await[0].status, DeliveryStatus::Ignored);
}
