//! What goes with a communication: names, and files that were uploaded.

use domain::file::{Contents, NewFile};
use domain::{BranchId, Caller, File, FileId, FileType, OrganizationId, Role, UserId};
use serde_json::{Value, json};
use testkit::{Answer, Ask, Person};

use crate::support::House;

const MEGABYTE: u32 = 1024 * 1024;

impl House {
    async fn keep(
        &self,
        organization: OrganizationId,
        branch: BranchId,
        by: UserId,
        is_ready: bool,
        bytes: u32,
    ) -> File {
        let (platform, now) = (&self.world.platform, self.world.platform.now());
        let id = FileId::at(now, platform.random());
        let new = NewFile { id, organization, branch, by, name: "brochure.pdf".parse().expect("a name"), now };
        let contents = Contents { content_type: FileType::Pdf, bytes, sha256: "ab".repeat(32) };
        let change = if is_ready { File::upload(new, contents) } else { File::announce(new, None, bytes) };
        let grant = Caller::system(organization, "test").own();
        platform.table().commit(&grant, change).await.expect("a file")
    }

    async fn a_file(&self, by: &Person, bytes: u32) -> File {
        self.keep(self.tenant.organization, self.tenant.branch, by.user, true, bytes).await
    }

    async fn say_as(&self, person: &Person, body: Value) -> Answer {
        Ask::post("/communications", body).by(person).of(&self.router).await
    }
}

#[expect(clippy::needless_pass_by_value, reason = "callers build it in place")]
fn mail(attachments: Value) -> Value {
    json!({
        "type": "email", "subject": "Your fee plan", "content": "It goes with this.", "recipient": "asha@example.com",
        "attachments": attachments,
    })
}

fn shown(file: &File) -> Value {
    json!({"id": file.id, "name": "brochure.pdf", "content_type": "application/pdf", "bytes": file.bytes})
}

#[tokio::test]
async fn an_email_goes_with_files() {
    let house = House::new().await;
    let (one, other) = (house.a_file(&house.agent, 3 * MEGABYTE).await, house.a_file(&house.agent, 4 * MEGABYTE).await);
    let said = house.say_as(&house.agent, mail(json!([one.id, other.id, one.id]))).await.data(201);
    assert_eq!(said["attachments"], json!(["brochure.pdf", "brochure.pdf"]), "each goes once");
    assert_eq!((&said["files"], &said["status"]), (&json!([shown(&one), shown(&other)]), &json!("queued")));
    let path = format!("/communications/{}", said["id"].as_str().expect("an id"));
    assert_eq!(house.get(&path).await.data(200)["files"], said["files"]);
    let changed = Ask::put(&path, json!({"attachments": []})).by(&house.agent).of(&house.router).await;
    assert_eq!(changed.expect(409).json()["code"], "gone_out");
}

#[tokio::test]
async fn a_file_that_is_not_there_for_the_caller_goes_with_nothing() {
    let house = House::new().await;
    let ours = house.tenant.organization;
    let (branch, elsewhere, agent) = (house.tenant.branch, house.tenant.other_branch, house.agent.user);
    let good = house.a_file(&house.agent, 9).await;
    let colleague = house.world.a_person(&house.tenant, Role::Agent, branch).await;
    let (other, stranger) = house.world.an_admin().await;
    let gone = house.a_file(&house.agent, 9).await;
    let table = house.world.platform.table();
    table.commit(&house.grant(), gone.clone().delete(house.world.platform.now())).await.expect("it is deleted");
    let mut unknown = vec![
        house.keep(ours, branch, agent, false, 9).await.id,
        house.keep(ours, branch, colleague.user, true, 9).await.id,
        house.keep(ours, elsewhere, colleague.user, true, 9).await.id,
        house.keep(other.organization, other.branch, stranger.user, true, 9).await.id,
        gone.id,
    ];
    unknown.push("file_01kaf0v3hteb9s1z6vqk4m2x8y".parse().expect("an id"));
    for kind in ["email", "letter"] {
        for id in &unknown {
            let body = json!({"type": kind, "attachments": [good.id, id]});
            let mut body = body.as_object().cloned().expect("an object");
            body.extend(
                mail(json!([good.id, id]))
                    .as_object()
                    .cloned()
                    .expect("an object")
                    .into_iter()
                    .filter(|(name, _)| name != "type"),
            );
            let answer = house.say_as(&house.agent, body.into()).await;
            assert_eq!(
                answer.expect(422).wrong(),
                [("attachments.1".to_owned(), "unknown_file".to_owned())],
                "{kind} {id}"
            );
        }
    }
}

#[tokio::test]
async fn what_cannot_be_sent_is_refused_before_it_is() {
    let house = House::new().await;
    let file = house.a_file(&house.agent, 9).await;
    let refused = async |body: Value, code: &str| {
        let answer = house.say_as(&house.agent, body).await;
        assert_eq!(answer.expect(422).wrong(), [("attachments".to_owned(), code.to_owned())]);
    };
    refused(mail(json!(["brochure.pdf"])), "not_sent").await;
    refused(mail(json!([file.id, "brochure.pdf"])), "not_sent").await;
    refused(mail(json!([format!("{}.pdf", file.id)])), "not_sent").await;
    let text = |kind: &str, attachments: Value| json!({"type": kind, "content": "Hello", "recipient": "+919876543210", "attachments": attachments});
    refused(text("sms", json!([file.id])), "not_sent").await;
    refused(text("whatsapp", json!(["brochure.pdf"])), "not_sent").await;
    refused(text("whatsapp", json!([file.id, "brochure.pdf"])), "not_sent").await;
    refused(text("whatsapp", json!([file.id, file.id])), "not_sent").await;
    refused(mail(json!(vec![file.id; 21])), "too_many").await;
    let large = [house.a_file(&house.agent, 7 * MEGABYTE).await.id, file.id];
    refused(mail(json!(large)), "too_large").await;
    assert_eq!(house.say_as(&house.agent, mail(json!([large[0]]))).await.expect(201).json()["success"], true);
}

#[tokio::test]
async fn one_file_goes_over_whatsapp_with_the_words_below_it() {
    let house = House::new().await;
    let (ours, branch, agent) = (house.tenant.organization, house.tenant.branch, house.agent.user);
    let of = async |content_type: FileType, bytes: u32| {
        let (platform, now) = (&house.world.platform, house.world.platform.now());
        let id = FileId::at(now, platform.random());
        let name = "brochure.pdf".parse().expect("a name");
        let new = NewFile { id, organization: ours, branch, by: agent, name, now };
        let contents = Contents { content_type, bytes, sha256: "ab".repeat(32) };
        platform.table().commit(&house.grant(), File::upload(new, contents)).await.expect("a file").id
    };
    let send = async |file: FileId, more: Value| {
        let mut body = json!({"type": "whatsapp", "recipient": "+919876543210", "attachments": [file]});
        body.as_object_mut().expect("an object").extend(more.as_object().cloned().expect("an object"));
        house.say_as(&house.agent, body).await
    };
    let plan = of(FileType::Pdf, 9).await;
    let closed = send(plan, json!({"content": "Your fee plan"})).await;
    assert_eq!(closed.expect(409).json()["code"], "window_closed", "a file is free words");
    let (table, now) = (house.world.platform.table(), house.world.platform.now());
    let number = "+919876543210".parse().expect("a number");
    let contact = table.hash_key().reachability_id(ours, &number);
    let known = domain::Reachability::new(contact, ours, now);
    table.commit(&house.grant(), known.wrote(now, now)).await.expect("they wrote");

    let said = send(plan, json!({"content": "Your fee plan"})).await.data(201);
    assert_eq!((&said["status"], &said["attachments"]), (&json!("queued"), &json!(["brochure.pdf"])));
    let (sound, picture) = (of(FileType::Ogg, 9).await, of(FileType::Png, 9).await);
    for file in [plan, sound, picture] {
        assert_eq!(send(file, json!({})).await.data(201)["content"], Value::Null, "a file speaks for itself");
    }
    let (moving, table, large) =
        (of(FileType::Gif, 9).await, of(FileType::Csv, 9).await, of(FileType::Png, 5_000_001).await);
    for (file, more, field, code) in [
        (moving, json!({}), "attachments.0", "not_sent"),
        (table, json!({}), "attachments.0", "not_sent"),
        (large, json!({}), "attachments.0", "too_large"),
        (sound, json!({"content": "Listen"}), "content", "not_sent"),
        (plan, json!({"content": "x".repeat(1_025)}), "content", "too_long"),
        (plan, json!({"template_id": "tpl_01kaf0v3hteb9s1z6vqk4m2x8y"}), "attachments", "not_sent"),
    ] {
        assert_eq!(send(file, more).await.expect(422).wrong(), [(field.to_owned(), code.to_owned())]);
    }
}

#[tokio::test]
async fn what_people_had_themselves_has_names_and_files() {
    let house = House::new().await;
    let file = house.a_file(&house.admin, 9 * MEGABYTE).await;
    let body = json!({"type": "letter", "content": "Sent by post.", "attachments": ["form.pdf", file.id]});
    let said = house.say_as(&house.admin, body).await.data(201);
    assert_eq!(said["attachments"], json!(["form.pdf", "brochure.pdf"]));
    assert_eq!(said["files"], json!([shown(&file)]));
    let path = format!("/communications/{}", said["id"].as_str().expect("an id"));
    let put = async |attachments: Value| {
        let ask = Ask::put(&path, json!({"attachments": attachments})).by(&house.admin);
        ask.of(&house.router).await
    };
    // A frontend sends back what it was shown.
    let kept = put(json!(["brochure.pdf", "form.pdf"])).await.data(200);
    assert_eq!((&kept["attachments"], &kept["files"]), (&json!(["brochure.pdf", "form.pdf"]), &said["files"]));
    let lost = put(json!(["form.pdf"])).await.data(200);
    assert_eq!((&lost["attachments"], &lost["files"]), (&json!(["form.pdf"]), &json!([])));
    let again = put(json!([file.id])).await.data(200);
    assert_eq!((&again["attachments"], &again["files"]), (&json!(["brochure.pdf"]), &said["files"]));
    let answer = put(json!(["file_01kaf0v3hteb9s1z6vqk4m2x8y"])).await;
    assert_eq!(answer.expect(422).wrong(), [("attachments.0".to_owned(), "unknown_file".to_owned())]);
}

#[tokio::test]
async fn many_get_the_same_files() {
    let house = House::new().await;
    let file = house.a_file(&house.admin, 9).await;
    let leads = [house.a_lead("Asha", None).await.id, house.a_lead("Ravi", None).await.id];
    let body = json!({"lead_ids": leads, "communication": mail(json!([file.id]))});
    let sent = house.post("/communications/bulk", body).await.data(200);
    assert_eq!(sent["created"], 2);
    for outcome in sent["results"].as_array().expect("results") {
        let path = format!("/communications/{}", outcome["id"].as_str().expect("an id"));
        assert_eq!(house.get(&path).await.data(200)["files"], json!([shown(&file)]));
    }
    let body = json!({"lead_ids": leads, "communication": mail(json!(["file_01kaf0v3hteb9s1z6vqk4m2x8y"]))});
    let wrong = house.post("/communications/bulk", body).await.expect(422).wrong();
    assert_eq!(wrong, [("communication.attachments.0".to_owned(), "unknown_file".to_owned())]);
}
