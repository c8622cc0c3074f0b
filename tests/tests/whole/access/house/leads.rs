//! Leads, how they come, and their files.

use domain::BranchId;
use serde_json::json;
use testkit::{Ask, Person, Tenant};

use super::{House, text};
use crate::access::rows::{Place, Subject};

impl House {
    /// A lead of this branch.
    pub(in crate::access) async fn lead(
        &self,
        by: &Person,
        branch: BranchId,
        owner: Option<&Person>,
        word: &str,
    ) -> String {
        let body = json!({
            "full_name": format!("{word} Lead {}", self.number()), "branch_id": branch,
            "assigned_to": owner.map(|person| person.user),
        });
        text(&self.to("leads", Ask::post("/leads", body).by(by)).await.data(201)["id"])
    }

    /// A form of this branch.
    pub(super) async fn form(
        &self,
        by: &Person,
        branch: BranchId,
        referrer: Option<&Person>,
        word: &str,
        deleted: bool,
    ) -> String {
        let body = json!({
            "name": format!("{word} form"), "source": "Website", "branch_id": branch,
            "referrer": referrer.map(|person| person.user),
        });
        let id = text(&self.to("organization", Ask::post("/forms", body).by(by)).await.data(201)["id"]);
        if deleted {
            self.to("organization", Ask::delete(format!("/forms/{id}")).by(by)).await.expect(200);
        }
        id
    }

    /// An import into this branch, as the store keeps it.
    pub(super) async fn job(&self, tenant: &Tenant, branch: BranchId, owner: &Person, word: &str) -> String {
        let (platform, now) = (&self.world.platform, self.world.platform.now());
        let id = domain::JobId::at(now, platform.random());
        let hash = format!("{:064}", self.number());
        let job = domain::Job::import(
            id,
            tenant.organization,
            Some(owner.user),
            branch,
            format!("{word}.csv"),
            hash,
            domain::job::ImportOptions::default(),
            now,
        );
        let grant = domain::Caller::system(tenant.organization, "test").own();
        platform.table().commit(&grant, domain::Change::create(job, "job.queued")).await.expect("a job can be made");
        id.to_string()
    }

    /// A file, as the store keeps it.
    pub(super) async fn file(
        &self,
        subject: Subject,
        tenant: &Tenant,
        branch: BranchId,
        whose: &Person,
        word: &str,
    ) -> String {
        use domain::File;
        use domain::file::{Contents, NewFile};

        let (platform, now) = (&self.world.platform, self.world.platform.now());
        let grant = domain::Caller::system(tenant.organization, "test").own();
        let new = NewFile {
            id: domain::FileId::at(now, platform.random()),
            organization: tenant.organization,
            branch,
            by: whose.user,
            name: format!("{word} brochure.pdf").parse().expect("a name"),
            now,
        };
        let contents = Contents { content_type: domain::FileType::Pdf, bytes: 9, sha256: "ab".repeat(32) };
        let file = platform.table().commit(&grant, File::upload(new, contents)).await.expect("a file can be kept");
        let id = file.id.to_string();
        if subject == Subject::DeletedFile {
            platform.table().commit(&grant, file.delete(now)).await.expect("it can be deleted");
        }
        id
    }

    /// Something that somebody did, as their frontend told it; an administrator's where they may not tell.
    pub(super) async fn analytics_event(
        &self,
        by: &Person,
        place: Place,
        branch: BranchId,
        owner: Option<&Person>,
        word: &str,
    ) -> String {
        let of = if place == Place::OtherBranch { &self.colleague } else { owner.unwrap_or(by) };
        let body = json!({"event_type": "page_view", "event_name": word, "user_id": of.user, "branch_id": branch});
        text(&self.to("analytics", Ask::post("/analytics/events", body).by(by)).await.data(201)["id"])
    }
}
