//! What is done with leads.

use domain::BranchId;
use serde_json::json;
use testkit::{Ask, Person, Tenant};

use super::{House, text};
use crate::access::rows::Subject;

impl House {
    /// A call, a reminder or a note of somebody's about a lead.
    pub(super) async fn activity(
        &self,
        subject: Subject,
        (by, tenant, branch): (&Person, &Tenant, BranchId),
        whose: &Person,
        lead: &str,
        word: &str,
    ) -> String {
        let (path, body) = match subject {
            Subject::Note | Subject::DeletedNote => {
                return self.note(tenant, branch, whose, lead, word, subject == Subject::DeletedNote).await;
            }
            Subject::Communication | Subject::DeletedCommunication => {
                let deleted = subject == Subject::DeletedCommunication;
                return self.communication(tenant, branch, whose, lead, word, deleted).await;
            }
            Subject::Reminder | Subject::DeletedReminder => {
                let due_at = self.world.platform.now() + jiff::SignedDuration::from_mins(30);
                ("/reminders", json!({"lead_id": lead, "agentId": whose.user, "title": word, "due_at": due_at}))
            }
            _ => {
                let body = json!({"lead_id": lead, "agentId": whose.user, "notes": word, "phone": "9876543210"});
                ("/calls", body)
            }
        };
        let id = text(&self.to("activities", Ask::post(path, body).by(by)).await.data(201)["id"]);
        if matches!(subject, Subject::DeletedCall | Subject::DeletedReminder) {
            self.to("activities", Ask::delete(format!("{path}/{id}")).by(by)).await.expect(200);
        }
        id
    }

    /// A note about a lead, as the store keeps it.
    pub(super) async fn note(
        &self,
        tenant: &Tenant,
        branch: BranchId,
        author: &Person,
        lead: &str,
        word: &str,
        deleted: bool,
    ) -> String {
        use domain::note::{NoteDetails, Writing};

        let (platform, now) = (&self.world.platform, self.world.platform.now());
        let details = NoteDetails {
            content: word.parse().expect("a text"),
            note_type: None,
            priority: None,
            is_private: false,
            tags: domain::Tags::default(),
            mentions: Vec::new(),
            reminder: None,
        };
        let writing = Writing {
            id: domain::NoteId::at(now, platform.random()),
            organization: tenant.organization,
            branch,
            author: author.user,
            entity: lead.parse().expect("a lead's id"),
            now,
        };
        let grant = domain::Caller::system(tenant.organization, "test").own();
        let change = domain::EntityNote::create(details, writing);
        let note = platform.table().commit(&grant, change).await.expect("a note can be made");
        if deleted {
            platform.table().commit(&grant, note.clone().delete(now)).await.expect("a note can be deleted");
        }
        note.id.to_string()
    }
}
