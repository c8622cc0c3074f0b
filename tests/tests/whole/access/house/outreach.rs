//! How people are reached.

use domain::BranchId;
use serde_json::json;
use testkit::{Ask, Person, Tenant};

use super::{House, text};
use crate::access::rows::Subject;

impl House {
    /// A campaign that was planned for two leads, so that the list of those has a second page.
    pub(super) async fn campaign(
        &self,
        subject: Subject,
        by: &Person,
        (tenant, branch): (&Tenant, BranchId),
        word: &str,
    ) -> String {
        use domain::{Campaign, CampaignId, CampaignRecipient, CampaignRecipientId, Lead, LeadId};

        let body = json!({
            "name": format!("{word} campaign"), "type": "email", "subject": word, "content": word, "target_audience": "all",
        });
        let id = text(&self.to("campaigns", Ask::post("/campaigns", body).by(by)).await.data(201)["id"]);
        let (table, now) = (self.world.platform.table(), self.world.platform.now());
        let grant = domain::Caller::system(tenant.organization, "test").own();
        let known: CampaignId = id.parse().expect("an id");
        let campaign: Campaign = table.get_to_change(&grant, known).await.expect("a campaign");
        for _ in 0..2 {
            let lead: LeadId = self.lead(by, branch, None, word).await.parse().expect("an id");
            let lead: Lead = table.get_to_change(&grant, lead).await.expect("a lead");
            let recipient = CampaignRecipientId::at(now, self.world.platform.random());
            let held_out = CampaignRecipient::held_out(campaign.planning(recipient, &lead, None, now));
            table.commit(&grant, held_out).await.expect("a recipient");
        }
        let steps: &[&str] = match subject {
            Subject::ActiveCampaign => &["launch"],
            Subject::PausedCampaign => &["launch", "pause"],
            _ => &[],
        };
        for step in steps {
            let ask = Ask::post(format!("/campaigns/{id}/{step}"), json!({}));
            self.to("campaigns", ask.by(by)).await.expect(200);
        }
        if subject == Subject::DeletedCampaign {
            self.to("campaigns", Ask::delete(format!("/campaigns/{id}")).by(by)).await.expect(200);
        }
        id
    }

    /// A list of two leads, so that it has a second page.
    pub(super) async fn segment(&self, subject: Subject, by: &Person, branch: BranchId, word: &str) -> String {
        let leads = [self.lead(by, branch, None, word).await, self.lead(by, branch, None, word).await];
        let body = json!({"name": format!("{word} segment"), "lead_ids": leads});
        let id = text(&self.to("leads", Ask::post("/segments", body).by(by)).await.data(201)["id"]);
        if subject == Subject::DeletedSegment {
            self.to("leads", Ask::delete(format!("/segments/{id}")).by(by)).await.expect(200);
        }
        id
    }

    /// A template of messages, of two versions.
    pub(super) async fn message_template(&self, subject: Subject, by: &Person, word: &str) -> String {
        let name = format!("{word} {}", self.number());
        let body = json!({"name": name, "channel": "email", "subject": "Hello", "body": "First"});
        let id = text(&self.to("communications", Ask::post("/templates", body).by(by)).await.data(201)["id"]);
        let path = format!("/templates/{id}");
        self.to("communications", Ask::put(&path, json!({"body": "Second"})).by(by)).await.expect(200);
        match subject {
            Subject::MessageTemplateVersion => return format!("{id} 1"),
            Subject::DeletedMessageTemplate => {
                self.to("communications", Ask::delete(&path).by(by)).await.expect(200);
            }
            _ => {}
        }
        id
    }

    /// What a lead of this branch agreed to.
    pub(super) async fn consent(&self, by: &Person, branch: BranchId, owner: Option<&Person>, word: &str) -> String {
        let lead = json!({
            "full_name": format!("{word} Lead"), "branch_id": branch, "assigned_to": owner.map(|person| person.user),
            "email": format!("{}_{}@example.com", word.to_lowercase(), self.number()),
        });
        let lead = text(&self.to("leads", Ask::post("/leads", lead).by(by)).await.data(201)["id"]);
        let body = json!({
            "lead_id": lead, "channel": "email", "purpose": "marketing", "state": "granted", "source": word,
        });
        text(&self.to("communications", Ask::post("/consents", body).by(by)).await.data(201)["id"])
    }

    /// The later of two letters to a lead.
    pub(super) async fn communication(
        &self,
        tenant: &Tenant,
        branch: BranchId,
        whose: &Person,
        lead: &str,
        word: &str,
        deleted: bool,
    ) -> String {
        use domain::communication::{CommunicationDetails, Placing};
        use domain::{Communication, CommunicationType, ContactPurpose};

        let (platform, now) = (&self.world.platform, self.world.platform.now());
        let grant = domain::Caller::system(tenant.organization, "test").own();
        let say = async || {
            let content = Some(word.parse().expect("a text"));
            let details = CommunicationDetails::outbound(CommunicationType::Letter, ContactPurpose::Service, content);
            let placing = Placing {
                id: domain::CommunicationId::at(now, platform.random()),
                organization: tenant.organization,
                branch,
                user: whose.user,
                lead: Some(lead.parse().expect("a lead's id")),
                contact: None,
                now,
            };
            platform.table().commit(&grant, Communication::log(details, placing)).await.expect("it is said")
        };
        say().await;
        let said = say().await;
        if deleted {
            platform.table().commit(&grant, said.clone().delete(now)).await.expect("it can be deleted");
        }
        said.id.to_string()
    }
}
