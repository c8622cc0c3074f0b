//! Figures say what became of the messages, by each product's own formulas.

use domain::communication::{CommunicationDetails, Inbound, Placing};
use domain::outreach::{WISH, Wish};
use domain::pipeline::MoveContext;
use domain::{
    Communication, CommunicationDirection, CommunicationId, CommunicationStatus, CommunicationType, ContactChannel,
    ContactPurpose, Lead, LeadPipeline,
};
use jiff::SignedDuration;
use serde_json::json;

use crate::support::Press;

#[tokio::test]
async fn each_product_counts_by_its_own_formulas() {
    let press = Press::new().await;
    press.leads(10).await;
    let campaign = press.launched(json!({"max_error_percent": 100})).await;
    press.settle().await;
    let said = press.said(&campaign).await;
    for (number, one) in said.iter().enumerate() {
        let status = match number {
            0 | 1 => CommunicationStatus::Failed,
            2..=5 => CommunicationStatus::Read,
            _ => CommunicationStatus::Delivered,
        };
        press.report(one, status).await;
    }
    let (table, now) = (press.world.platform.table(), press.world.platform.now());
    for one in &said[2..5] {
        let one: Communication = table.get_to_change(&press.grant, one.id).await.expect("it is there");
        table.commit(&press.grant, one.clicked(now, now).expect("news")).await.expect("it is told");
    }
    press.settle().await;
    let stats = press.stats(&campaign).await;
    let expected = json!({
        "total_recipients": 10, "sent": 10, "delivered": 8, "opened": 4, "clicked": 3, "responded": 0, "converted": 0,
        "failed": 2, "delivery_rate": 80.0, "open_rate": 50.0, "click_rate": 75.0, "conversion_rate": 0.0,
    });
    for (name, value) in expected.as_object().expect("an object") {
        assert_eq!(&stats[name], value, "{name}");
    }
    let analytics = press.get(&format!("/campaigns/{campaign}/analytics")).await;
    assert_eq!(
        analytics,
        json!({
            "sent": 10, "delivered": 8, "opened": 4, "clicked": 3, "converted": 0, "open_rate": 50.0,
            "click_rate": 37.5, "conversion_rate": 0.0, "variants": [],
        })
    );
}

/// The lead writes by SMS, under this id of a provider.
async fn wrote(press: &Press, lead: &Lead, id: &str, text: &str) {
    let (platform, now) = (&press.world.platform, press.world.platform.now());
    let details = CommunicationDetails {
        direction: CommunicationDirection::Inbound,
        ..CommunicationDetails::outbound(
            CommunicationType::Sms,
            ContactPurpose::Service,
            Some(text.parse().expect("a text")),
        )
    };
    let placing = Placing {
        id: CommunicationId::at(now, platform.random()),
        organization: press.tenant.organization,
        branch: press.tenant.branch,
        user: press.agent.user,
        lead: Some(lead.id),
        contact: None,
        now,
    };
    let carried = domain::communication::Carried { integration: None, id: id.to_owned() };
    let change = Communication::receive(details, placing, Inbound { carried, answers: None, at: now });
    let change = match Wish::of(ContactChannel::Sms, text) {
        Some(wish) => change.with(WISH, wish.as_str()),
        None => change,
    };
    platform.table().commit(&press.grant, change).await.expect("it is received");
}

#[tokio::test]
async fn whoever_only_wants_no_more_answers_nothing() {
    let press = Press::new().await;
    let lead = press.a_lead("Asha", true, true).await;
    let campaign = press.launched(json!({"type": "sms", "content": "An offer"})).await;
    press.settle().await;
    press.wait(SignedDuration::from_hours(1)).await;
    for (id, text, responded) in [("in-0", "STOP", 0), ("in-1", "start", 0), ("in-2", "Stop, who are you?", 1)] {
        wrote(&press, &lead, id, text).await;
        press.settle().await;
        assert_eq!(press.stats(&campaign).await["responded"], responded, "{text}");
    }
}

#[tokio::test]
async fn answers_and_conversions_are_claimed_by_the_last_message_once() {
    let press = Press::new().await;
    let lead = press.a_lead("Asha", true, true).await;
    let first = press.launched(json!({"type": "sms", "content": "First"})).await;
    press.settle().await;
    press.wait(SignedDuration::from_hours(1)).await;
    let second = press.launched(json!({"type": "sms", "content": "Second"})).await;
    press.settle().await;
    press.wait(SignedDuration::from_hours(1)).await;
    for id in ["in-0", "in-1"] {
        wrote(&press, &lead, id, "Yes").await;
    }
    let (platform, now) = (&press.world.platform, press.world.platform.now());
    let pipeline: LeadPipeline =
        platform.table().get(&press.grant, LeadPipeline::id_of(press.tenant.organization)).await.expect("a pipeline");
    let lead: Lead = platform.table().get_to_change(&press.grant, lead.id).await.expect("the lead");
    let won = "converted".parse().expect("a stage");
    let context = MoveContext { may_skip: true, reason: Some("They came by themselves") };
    let change = lead.move_to(&won, &context, &pipeline.pipeline, now).expect("it moves");
    platform.table().commit(&press.grant, change).await.expect("it is converted");
    press.settle().await;
    let figures = async |campaign: &str| {
        let stats = press.stats(campaign).await;
        (stats["responded"].clone(), stats["converted"].clone())
    };
    assert_eq!(figures(&second).await, (json!(1), json!(1)));
    assert_eq!(figures(&first).await, (json!(0), json!(0)));
}
