//! Connections to services of others, and to machines of the organization.

use domain::WebhookEndpointId;
use serde_json::json;
use testkit::{Ask, Person, Tenant};

use super::{House, text};
use crate::access::rows::Subject;

impl House {
    /// A connection, a row of its log, or what its provider told over it.
    pub(super) async fn connection(&self, subject: Subject, by: &Person, tenant: &Tenant, word: &str) -> String {
        if subject == Subject::IntegrationLog {
            let body = json!({"integration_name": word, "activity_type": "lead_sync", "status": "info"});
            return text(&self.to("integrations", Ask::post("/integration-logs", body).by(by)).await.data(201)["id"]);
        }
        let place = (tenant.organization, subject == Subject::LeadAds);
        let known = self.integrations.lock().expect("no test panicked here").get(&place).cloned();
        let shared = matches!(subject, Subject::Integration | Subject::ProviderDelivery | Subject::LeadAds);
        let id = match known.filter(|_| shared) {
            Some(known) => known,
            None => {
                let mut body = json!({"provider": "telephony", "name": format!("{word} line")});
                if subject == Subject::LeadAds {
                    let secrets =
                        json!({"access_token": "of-no-page", "app_secret": "of-no-app", "verify_token": "of-no-hook"});
                    body = json!({"provider": "facebook", "name": format!("{word} page"),
                        "settings": {"page_id": "1"}, "credentials": secrets});
                }
                text(&self.to("integrations", Ask::post("/integrations", body).by(by)).await.data(201)["id"])
            }
        };
        if shared {
            let mut known = self.integrations.lock().expect("no test panicked here");
            known.insert(place, id.clone());
        }
        match subject {
            Subject::DeletedIntegration => {
                self.to("integrations", Ask::delete(format!("/integrations/{id}")).by(by)).await.expect(200);
                id
            }
            Subject::ProviderDelivery => format!("{id} {}", self.delivery(tenant, &id, word).await),
            _ => id,
        }
    }

    /// What a provider told, as the store keeps it.
    pub(super) async fn delivery(&self, tenant: &Tenant, integration: &str, word: &str) -> String {
        let (platform, now) = (&self.world.platform, self.world.platform.now());
        let id = domain::ProviderDeliveryId::at(now, platform.random());
        let from = (integration.parse().expect("an id"), domain::Provider::Telephony);
        let arrived = domain::provider_delivery::Arrived {
            event_id: Some(word.to_owned()),
            message: None,
            content_type: "application/json".to_owned(),
            bytes: word.len(),
            body: Some(word.to_owned()),
        };
        let delivery = domain::ProviderDelivery::receive(id, tenant.organization, from, arrived, now);
        let grant = domain::Caller::system(tenant.organization, "test").own();
        platform.table().commit_unseen(&grant, delivery).await.expect("a delivery can be kept");
        id.to_string()
    }

    /// A machine that is told, or what it was sent, as the store keeps it.
    pub(super) async fn webhook(&self, subject: Subject, tenant: &Tenant, by: &Person, word: &str) -> String {
        use domain::webhook::RecoveryStatus;
        use domain::{Change, WebhookDelivery, WebhookRecovery};

        let (table, now) = (self.world.platform.table(), self.world.platform.now());
        let (organization, bits) = (tenant.organization, self.world.platform.random());
        let grant = domain::Caller::system(organization, "test").own();
        let id = self.webhook_endpoint(subject, tenant, by, word).await;
        match subject {
            Subject::DeletedWebhookEndpoint => {
                let endpoint: domain::WebhookEndpoint = table.get_to_change(&grant, id).await.expect("an endpoint");
                table.commit(&grant, endpoint.delete(now)).await.expect("it can be deleted");
                id.to_string()
            }
            Subject::WebhookDelivery => {
                let delivery = domain::WebhookDeliveryId::at(now, bits);
                let change = WebhookDelivery::of_test(organization, delivery, id, now);
                table.commit(&grant, change).await.expect("a delivery can be made");
                format!("{id} {delivery}")
            }
            Subject::WebhookRecovery => {
                let recovery = domain::WebhookRecoveryId::at(now, bits);
                let running = WebhookRecovery::begin(recovery, organization, id, now, by.user, now).after;
                // An endpoint has one at a time.
                let over = WebhookRecovery { status: RecoveryStatus::Completed, lease_until: None, ..running };
                let change = Change::create(over, "webhook_recovery.started");
                table.commit(&grant, change).await.expect("a recovery can be made");
                format!("{id} {recovery}")
            }
            _ => id.to_string(),
        }
    }

    /// A machine that is told; one to look at is the same each time, as an organization has few.
    pub(super) async fn webhook_endpoint(
        &self,
        subject: Subject,
        tenant: &Tenant,
        by: &Person,
        word: &str,
    ) -> WebhookEndpointId {
        use domain::webhook::{EndpointDetails, EventPatterns, WebhookHeaders, WebhookSecret};

        let spent = matches!(subject, Subject::SpentWebhookEndpoint | Subject::DeletedWebhookEndpoint);
        let known = self.endpoints.lock().expect("no test panicked here").get(&tenant.organization).copied();
        if let Some(known) = known.filter(|_| !spent) {
            return known;
        }
        let details = EndpointDetails {
            url: format!("https://{}.example/", word.to_lowercase()).parse().expect("an address"),
            description: Some(word.parse().expect("a line")),
            events: EventPatterns::new(vec!["lead.*".parse().expect("a type")]).expect("types"),
            headers: WebhookHeaders::default(),
            enabled: true,
        };
        let now = self.world.platform.now();
        let id = WebhookEndpointId::at(now, self.world.platform.random());
        let (secret, maker) = (WebhookSecret::new([7; 32]), (by.user, domain::PersonalFields::ALL));
        let change = domain::WebhookEndpoint::create(id, tenant.organization, details, secret, maker, now);
        let grant = domain::Caller::system(tenant.organization, "test").own();
        self.world.platform.table().commit(&grant, change).await.expect("an endpoint can be made");
        if !spent {
            self.endpoints.lock().expect("no test panicked here").insert(tenant.organization, id);
        }
        id
    }
}
