//! Who finds a file, and who does not.

use domain::Role;
use serde_json::{Value, json};
use testkit::{Ask, Person};

use crate::{Ground, PDF, id};

fn names(list: &Value) -> Vec<&str> {
    list["files"].as_array().expect("a list").iter().filter_map(|file| file["name"].as_str()).collect()
}

#[tokio::test]
async fn a_file_of_others_is_not_there() {
    let ground = Ground::new().await;
    let agent = ground.person(Role::Agent).await;
    let file = ground.upload(&agent, "a.pdf", PDF).await.data(201);
    let waiting = json!({"name": "b.pdf", "bytes": PDF.len()});
    let waiting = Ask::post("/files/presign", waiting).by(&agent).of(&ground.router).await.data(201)["file"].clone();
    let colleague = ground.person(Role::Agent).await;
    let elsewhere = ground.world.a_person(&ground.tenant, Role::Manager, ground.tenant.other_branch).await;
    let (_, stranger) = ground.world.an_admin().await;
    let asks = |file: &Value| {
        [
            Ask::get(format!("/files/{}", id(file))),
            Ask::get(format!("/files/{}/download", id(file))),
            Ask::post(format!("/files/{}/complete", id(file)), json!({})),
            Ask::post(format!("/files/{}/restore", id(file)), json!({})),
            Ask::delete(format!("/files/{}", id(file))),
        ]
    };
    for person in [&colleague, &elsewhere, &stranger] {
        for ask in asks(&file).into_iter().chain(asks(&waiting)) {
            ask.by(person).of(&ground.router).await.expect(404);
        }
        let list = Ask::get("/files").by(person).of(&ground.router).await.data(200);
        assert_eq!(names(&list), [""; 0]);
    }
    for made_up in ["file_01kaf0v3hteb9s1z6vqk4m2x8y", "lead_01kaf0v3hteb9s1z6vqk4m2x8y", "1"] {
        ground.get(&format!("/files/{made_up}")).await.expect(404);
    }
    let viewer = ground.person(Role::Viewer).await;
    Ask::get("/files").by(&viewer).of(&ground.router).await.expect(403);
    ground.upload(&viewer, "a.pdf", PDF).await.expect(403);
}

#[tokio::test]
async fn files_are_listed_the_newest_first_for_those_who_reach_them() {
    let ground = Ground::new().await;
    let agent = ground.person(Role::Agent).await;
    let elsewhere = ground.world.a_person(&ground.tenant, Role::Manager, ground.tenant.other_branch).await;
    for (by, name) in [(&agent, "1.pdf"), (&ground.admin, "2.pdf"), (&elsewhere, "3.pdf"), (&agent, "4.pdf")] {
        ground.world.clock.advance(jiff::SignedDuration::from_secs(1));
        ground.upload(by, name, PDF).await.expect(201);
    }
    let list =
        async |by: &Person, query: &str| Ask::get(format!("/files{query}")).by(by).of(&ground.router).await.data(200);
    assert_eq!(names(&list(&ground.admin, "").await), ["4.pdf", "3.pdf", "2.pdf", "1.pdf"]);
    assert_eq!(names(&list(&agent, "").await), ["4.pdf", "1.pdf"]);
    assert_eq!(names(&list(&elsewhere, "").await), ["3.pdf"]);
    let manager = ground.person(Role::Manager).await;
    assert_eq!(names(&list(&manager, "").await), ["4.pdf", "2.pdf", "1.pdf"]);
    let (branch, user) = (ground.tenant.other_branch, agent.user);
    assert_eq!(names(&list(&ground.admin, &format!("?branch_id={branch}")).await), ["3.pdf"]);
    assert_eq!(names(&list(&ground.admin, &format!("?user_id={user}")).await), ["4.pdf", "1.pdf"]);
    assert_eq!(names(&list(&manager, &format!("?branch_id={branch}")).await), [""; 0]);
    let first = list(&ground.admin, "?limit=3").await;
    let cursor = first["pagination"]["next_cursor"].as_str().expect("a cursor");
    assert_eq!(names(&list(&ground.admin, &format!("?limit=3&cursor={cursor}")).await), ["1.pdf"]);
    ground.get("/files?user_id=nobody").await.expect(422);
}

#[tokio::test]
async fn a_deleted_file_is_gone_until_it_is_restored() {
    let ground = Ground::new().await;
    let file = ground.upload(&ground.admin, "a.pdf", PDF).await.data(201);
    let path = format!("/files/{}", id(&file));
    let deleted = Ask::delete(&path).by(&ground.admin).of(&ground.router).await.data(200);
    assert!(deleted["restorable_until"].is_string());
    for gone in [path.clone(), format!("{path}/download")] {
        ground.get(&gone).await.expect(404);
    }
    assert_eq!(names(&ground.get("/files").await.data(200)), [""; 0]);
    let restore = || Ask::post(format!("{path}/restore"), json!({})).by(&ground.admin);
    let restored = restore().of(&ground.router).await.data(200);
    assert_eq!((&restored["sha256"], &restored["version"]), (&file["sha256"], &json!(3)));
    restore().of(&ground.router).await.expect(404);
    assert_eq!(ground.download(id(&file)).await.1, PDF);
}
