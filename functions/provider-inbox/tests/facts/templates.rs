//! Where WhatsApp's look at templates stands.

use domain::integration::Strangers;
use domain::provider_delivery::DeliveryStatus;
use domain::template::{Content, TemplateApproval, TemplateChannel, TemplateDetails};
use domain::{Line, Template, TemplateId};
use jiff::SignedDuration;

use crate::outsiders::{ASHA, TEMPLATE, together, whatsapp};
use crate::support::Exchange;

impl Exchange {
    /// A template of the organization, that WhatsApp holds under a name.
    async fn template(&self, name: &str, held: &str, language: &str) -> TemplateId {
        let (platform, now) = (&self.world.platform, self.world.platform.now());
        let content = Content {
            subject: None,
            body: "Hello {{ lead.first_name }}".parse().expect("a body"),
            html: None,
            variables: std::collections::BTreeMap::new(),
            registration: None,
            held: held.parse().ok(),
        };
        let details = TemplateDetails {
            name: name.parse().expect("a name"),
            channel: TemplateChannel::Whatsapp,
            category: None,
            language: Some(language.to_owned()),
            content,
        };
        let id = TemplateId::at(now, platform.random());
        let change = Template::create(id, self.tenant.organization, details, self.admin.user, now);
        platform.table().commit(&self.grant, change.expect("a template")).await.expect("a template").id
    }

    async fn stands(&self, id: TemplateId) -> (Option<TemplateApproval>, Option<String>) {
        let Template { approval, approval_reason, .. } = self.read(id).await.expect("it is there");
        (approval, approval_reason.as_ref().map(|reason| Line::as_str(reason).to_owned()))
    }
}

const REJECTED: Option<TemplateApproval> = Some(TemplateApproval::Rejected);
const APPROVED: Option<TemplateApproval> = Some(TemplateApproval::Approved);

#[tokio::test]
async fn what_meta_decides_moves_the_templates_that_it_calls_so_and_no_other() {
    let (exchange, double) = whatsapp(Strangers::Keep).await;
    let [ours, tagged] =
        [("Visit", "en_US"), ("Visit 2", "en-us")].map(|(name, tag)| exchange.template(name, TEMPLATE, tag));
    let (ours, tagged) = (ours.await, tagged.await);
    let others = [
        exchange.template("Hindi", TEMPLATE, "hi").await,
        exchange.template("Other", "visits", "en_US").await,
        exchange.template("Own", "", "en_US").await,
    ];
    exchange.call(&double.judge(TEMPLATE, "en_US", "REJECTED", "INVALID_FORMAT")).await.expect(200);
    exchange.settle().await;
    for id in [ours, tagged] {
        assert_eq!(exchange.stands(id).await, (REJECTED, Some("INVALID_FORMAT".to_owned())));
    }
    for id in others {
        assert_eq!(exchange.stands(id).await, (Some(TemplateApproval::Draft), None));
    }
    let deliveries = exchange.deliveries().await;
    assert_eq!(deliveries[0].outcome.as_deref(), Some("template.approval_changed"));
    assert_eq!(deliveries[0].status, DeliveryStatus::Processed);

    exchange.world.clock.advance(SignedDuration::from_mins(1));
    exchange.call(&double.judge(TEMPLATE, "en_US", "APPROVED", "NONE")).await.expect(200);
    exchange.call(&double.judge(TEMPLATE, "en_US", "FLAGGED", "NONE")).await.expect(200);
    exchange.settle().await;
    assert_eq!(exchange.stands(ours).await, (APPROVED, None));
    assert!(exchange.log().await.is_empty());
}

#[tokio::test]
async fn what_is_told_ends_alike_in_every_order_and_however_often_it_comes() {
    for order in [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
        let (exchange, double) = whatsapp(Strangers::Keep).await;
        let ours = exchange.template("Visit", TEMPLATE, "en_US").await;
        let mut told = Vec::new();
        for (event, reason) in [("APPROVED", "NONE"), ("REJECTED", "SCAM"), ("PAUSED", "NONE")] {
            exchange.world.clock.advance(SignedDuration::from_secs(5));
            told.push(double.judge(TEMPLATE, "en_US", event, reason));
        }
        for place in order {
            exchange.call(&told[place]).await.expect(200);
            let waiting = exchange.waiting().await;
            assert!(exchange.bring(&[waiting.clone(), waiting].concat()).await.is_empty(), "{order:?}");
        }
        // All of them once more, in one body.
        told.reverse();
        exchange.call(&together(&told, |_| {})).await.expect(200);
        exchange.settle().await;
        assert_eq!(exchange.stands(ours).await, (REJECTED, Some("PAUSED".to_owned())), "{order:?}");
        assert!(exchange.log().await.is_empty(), "{order:?}");
    }
}

#[tokio::test]
async fn what_comes_with_other_things_holds_up_none_of_them() {
    let (exchange, double) = whatsapp(Strangers::Lead).await;
    let ours = exchange.template("Visit", TEMPLATE, "en_US").await;
    let digits = ASHA.trim_start_matches('+');
    let said = double.message("wamid.1", digits, "Asha", "Hello");
    let judged = double.judge(TEMPLATE, "en_US", "APPROVED", "NONE");
    exchange.call(&together(&[judged, said], |_| {})).await.expect(200);
    exchange.settle().await;
    assert_eq!(exchange.stands(ours).await, (APPROVED, None));
    assert_eq!(exchange.communications(exchange.tenant.branch).await.len(), 1);
}

#[tokio::test]
async fn another_account_s_templates_and_unknown_ones_are_nothing_of_ours() {
    let (exchange, double) = whatsapp(Strangers::Keep).await;
    let ours = exchange.template("Visit", TEMPLATE, "en_US").await;
    let rejected = double.judge(TEMPLATE, "en_US", "REJECTED", "SCAM");
    exchange.call(&together(&[rejected], |body| body["entry"][0]["id"] = "9".into())).await.expect(200);
    exchange.call(&double.judge("nobody_knows", "en_US", "REJECTED", "SCAM")).await.expect(200);
    exchange.settle().await;
    assert_eq!(exchange.stands(ours).await, (Some(TemplateApproval::Draft), None));
    let deliveries = exchange.deliveries().await;
    assert!(deliveries.iter().all(|delivery| delivery.status == DeliveryStatus::Ignored), "{deliveries:?}");
}
