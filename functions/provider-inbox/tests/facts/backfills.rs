//! What people filled in while nobody listened.

use domain::provider_delivery::{Backfill, DeliveryStatus, DeliveryStep};
use domain::{ProviderDelivery, ProviderDeliveryId};
use jiff::{SignedDuration, Timestamp};
use standins::graph::Graph;
use standins::{Fault, Trouble};

use crate::outsiders::{ASHA, facebook};
use crate::support::Exchange;

/// Somebody asks for what was filled in since then; the bodies of the messages that wait.
async fn asked(exchange: &Exchange, since: Timestamp, forms: &[&str]) -> (ProviderDeliveryId, Vec<String>) {
    let (platform, organization) = (&exchange.world.platform, exchange.tenant.organization);
    let id = ProviderDeliveryId::at(platform.now(), platform.random());
    let from = (exchange.integration.id, exchange.integration.provider);
    let named = forms.iter().map(|form| form.parse().expect("an id")).collect();
    let backfill = Backfill::new(since, named, exchange.admin.user);
    let change = ProviderDelivery::fill_back(id, organization, from, backfill, platform.now());
    platform.table().commit_unseen(&exchange.grant, change).await.expect("it is asked");
    let step = serde_json::to_string(&DeliveryStep { organization, delivery: id }).expect("a step");
    (id, vec![step])
}

/// Step by step, until no message waits.
async fn through(exchange: &Exchange, mut waiting: Vec<String>) {
    for _ in 0..100 {
        if waiting.is_empty() {
            return;
        }
        let failed = exchange.bring(&waiting).await;
        exchange.succeed();
        waiting = failed.into_iter().map(|place| waiting[place].clone()).collect();
        waiting.extend(exchange.waiting().await);
    }
    panic!("it does not end");
}

async fn counted(exchange: &Exchange, id: ProviderDeliveryId) -> (DeliveryStatus, u32, u32, u32) {
    let delivery: ProviderDelivery = exchange.read(id).await.expect("it is there");
    let backfill = delivery.backfill.expect("a backfill");
    (delivery.status, backfill.taken, backfill.known, backfill.refused)
}

/// So many people fill in forms, by turns these, at once.
fn people(page: &Graph, forms: &[&str], numbers: std::ops::Range<u32>) {
    for (number, form) in numbers.zip(forms.iter().cycle()) {
        let phone = format!("+9198765{number:05}");
        page.fill_in(form, &(1_000 + number).to_string(), &[("phone_number", &phone), ("city", "Pune")]);
    }
}

#[tokio::test]
async fn each_who_filled_in_a_form_since_then_is_a_lead_once() {
    let (exchange, page) = facebook().await;
    people(&page, &["7"], 0..3);
    exchange.world.clock.advance(SignedDuration::from_hours(24));
    let since = exchange.world.platform.now();
    // More than a page of each form, and one that a webhook told of.
    people(&page, &["7", "8"], 10..80);
    page.fill_in("8", "1", &[("phone_number", ASHA)]);
    exchange.call(&page.told(&["1"])).await.expect(200);
    exchange.settle().await;
    page.fill_in("8", "2", &[("budget", "1")]);
    let (id, waiting) = asked(&exchange, since, &[]).await;
    through(&exchange, waiting).await;
    assert_eq!(counted(&exchange, id).await, (DeliveryStatus::Processed, 70, 1, 1));
    let leads = exchange.leads().await;
    assert_eq!(leads.len(), 71);
    assert!(leads.iter().all(|lead| lead.touches == 1 && lead.external_id.is_some()));
    assert_eq!(page.asked(), 1, "what a list tells is not asked for again");
    let [row] = &exchange.log().await[..] else { panic!("one row") };
    assert_eq!((row.activity_type.as_str(), row.records_processed), ("lead_backfill", Some(70)));
    // Asked for again, of one form.
    let (id, waiting) = asked(&exchange, since, &["7"]).await;
    through(&exchange, waiting).await;
    assert_eq!(counted(&exchange, id).await, (DeliveryStatus::Processed, 0, 35, 0));
    assert_eq!(exchange.leads().await.len(), 71);
}

#[tokio::test]
async fn a_page_without_forms_is_through_at_once() {
    let (exchange, page) = facebook().await;
    let (id, waiting) = asked(&exchange, exchange.world.platform.now(), &[]).await;
    through(&exchange, waiting).await;
    assert_eq!((counted(&exchange, id).await, page.listed()), ((DeliveryStatus::Processed, 0, 0, 0), 1));
}

#[tokio::test]
async fn a_page_that_does_not_answer_is_asked_again_from_where_it_was() {
    let (exchange, page) = facebook().await;
    let since = exchange.world.platform.now();
    people(&page, &["7"], 0..30);
    let (id, mut waiting) = asked(&exchange, since, &["7"]).await;
    exchange.bring(&waiting).await;
    waiting = exchange.waiting().await;
    page.trouble(Trouble::Status { status: 503, retry_after: None });
    through(&exchange, waiting).await;
    assert_eq!(counted(&exchange, id).await, (DeliveryStatus::Received, 25, 0, 0));
    exchange.later(SignedDuration::from_secs(30)).await;
    assert_eq!(counted(&exchange, id).await, (DeliveryStatus::Processed, 30, 0, 0));
    assert_eq!(exchange.log().await.len(), 2, "the failure and the end");
    // A form that is not the page's is no reason to ask for ever.
    let (id, waiting) = asked(&exchange, since, &["9"]).await;
    through(&exchange, waiting).await;
    for _ in 0..6 {
        exchange.later(SignedDuration::from_hours(6)).await;
    }
    assert_eq!(counted(&exchange, id).await.0, DeliveryStatus::Failed);
}

#[tokio::test]
async fn a_step_that_comes_twice_and_to_two_workers_is_one() {
    let (exchange, page) = facebook().await;
    people(&page, &["7", "8"], 0..60);
    let (id, waiting) = asked(&exchange, Timestamp::UNIX_EPOCH, &[]).await;
    let twice = [waiting.clone(), waiting].concat();
    let (one, other) = tokio::join!(exchange.bring(&twice), exchange.bring(&twice));
    assert!(one.is_empty() && other.is_empty());
    let waiting = exchange.waiting().await;
    through(&exchange, waiting).await;
    let (status, taken, known, refused) = counted(&exchange, id).await;
    assert_eq!((status, taken + known, refused), (DeliveryStatus::Processed, 60, 0));
    let leads = exchange.leads().await;
    assert!(leads.len() == 60 && leads.iter().all(|lead| lead.touches == 1));
}

#[tokio::test]
async fn whoever_dies_at_any_write_is_made_up_for() {
    for fault in [Fault::CrashBefore, Fault::CrashAfter, Fault::Unanswered, Fault::Conflict] {
        for write in 1.. {
            let (exchange, page) = facebook().await;
            people(&page, &["7", "8"], 0..4);
            let (id, waiting) = asked(&exchange, Timestamp::UNIX_EPOCH, &[]).await;
            exchange.kill(Some((write, fault)));
            through(&exchange, waiting).await;
            let writes = exchange.revive();
            for _ in 0..4 {
                exchange.later(SignedDuration::from_mins(11)).await;
                let waiting = exchange.waiting().await;
                through(&exchange, waiting).await;
            }
            let what = format!("{fault:?} at write {write} of {writes}");
            let (status, taken, known, refused) = counted(&exchange, id).await;
            assert_eq!((status, taken + known, refused), (DeliveryStatus::Processed, 4, 0), "{what}");
            let leads = exchange.leads().await;
            assert!(leads.len() == 4 && leads.iter().all(|lead| lead.touches == 1), "{what}: {leads:?}");
            let ends = exchange.log().await.iter().filter(|row| row.activity_type.as_str() == "lead_backfill").count();
            assert_eq!(ends, 1, "{what}");
            if writes < write {
                assert!(write > 7, "there are so many writes: {write}");
                break;
            }
        }
    }
}
