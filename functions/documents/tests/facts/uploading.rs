//! A file that comes in the request.

use domain::Role;
use domain::organization::Limits;
use serde_json::json;
use testkit::Ask;

use crate::{Ground, PDF, PROGRAM, id, wrong};

#[tokio::test]
async fn a_file_is_kept_and_comes_back_byte_for_byte_under_its_name() {
    let ground = Ground::new().await;
    let answer = ground.upload(&ground.admin, "Fee plan — नया.pdf", PDF).await;
    let file = answer.data(201);
    assert_eq!(answer.header("location"), Some(format!("/files/{}", id(&file)).as_str()));
    assert_eq!((&file["name"], &file["content_type"]), (&json!("Fee plan — नया.pdf"), &json!("application/pdf")));
    assert_eq!((&file["bytes"], &file["state"]), (&json!(PDF.len()), &json!("ready")));
    assert_eq!((&file["branch_id"], &file["uploaded_by"]), (&json!(ground.tenant.branch), &json!(ground.admin.user)));
    assert_eq!(ground.get(&format!("/files/{}", id(&file))).await.data(200), file);
    assert_eq!(ground.get("/files").await.data(200)["files"], json!([file]));

    let (headers, bytes) = ground.download(id(&file)).await;
    assert_eq!(bytes, PDF);
    assert_eq!(headers["content-type"], "application/pdf");
    let disposition = headers["content-disposition"].to_str().expect("text");
    assert!(disposition.starts_with("attachment; filename=\"Fee plan _ ___.pdf\"; filename*=UTF-8''"), "{disposition}");
    assert_eq!(file["sha256"].as_str().map(str::len), Some(64));
}

#[tokio::test]
async fn a_name_is_never_a_path() {
    let ground = Ground::new().await;
    for (sent, kept) in [("../../etc/passwd.pdf", "passwd.pdf"), ("C:\\papers\\a;b=c.pdf", "a;b=c.pdf")] {
        assert_eq!(ground.upload(&ground.admin, sent, PDF).await.data(201)["name"], kept);
    }
    let hidden = ground.upload(&ground.admin, "brochure\u{202e}fdp.txt", b"Hello").await;
    assert_eq!(hidden.expect(422).wrong(), wrong("file", "hidden_character"));
}

#[tokio::test]
async fn what_runs_is_not_taken_whatever_it_is_called() {
    let ground = Ground::new().await;
    for (name, bytes, code) in [
        ("brochure.pdf", PROGRAM, "type_not_allowed"),
        ("page.txt", b"<!DOCTYPE html><script>alert(1)</script>", "type_not_allowed"),
        ("picture.png", b"<svg xmlns=\"http://www.w3.org/2000/svg\"/>", "type_not_allowed"),
        ("notes.txt", b"#!/bin/sh\n", "type_not_allowed"),
        ("brochure.pdf.exe", PDF, "type_not_allowed"),
        ("brochure.js", b"alert(1)", "type_not_allowed"),
        ("brochure.pdf", b"", "empty"),
    ] {
        let answer = ground.upload(&ground.admin, name, bytes).await;
        assert_eq!(answer.expect(422).wrong(), wrong("file", code), "{name}");
    }
    assert_eq!(ground.get("/files").await.data(200)["files"], json!([]));
}

#[tokio::test]
async fn a_form_has_one_file_of_its_bounds() {
    let ground = Ground::new().await;
    let ask = || Ask::new("POST", "/files/upload").by(&ground.admin);
    let largest = "x".repeat(5 * 1024 * 1024);
    assert_eq!(ground.upload(&ground.admin, "a.txt", largest.as_bytes()).await.data(201)["content_type"], "text/plain");
    let answer = ground.upload(&ground.admin, "a.txt", format!("{largest}x").as_bytes()).await;
    assert_eq!(answer.expect(413).json()["code"], "too_large");
    ask().json(&json!({})).of(&ground.router).await.expect(415);
    let texts = "--edge\r\ncontent-disposition: form-data; name=\"entity_type\"\r\n\r\ncase\r\n--edge--\r\n";
    let answer = ask().body("multipart/form-data; boundary=edge", texts).of(&ground.router).await;
    assert_eq!(answer.expect(422).wrong(), wrong("file", "required"));
    let answer = ask().form(&[("entity_type", "case")], "a.csv", b"a,b\n").of(&ground.router).await;
    assert_eq!(answer.data(201)["content_type"], "text/csv");
    assert_eq!(answer.json()["warnings"], json!([{"field": "entity_type", "code": "unknown_field"}]));
}

#[tokio::test]
async fn uploads_of_an_hour_are_counted_however_they_come() {
    let ground = Ground::new().await;
    let limits = Limits { requests_per_hour: 1_000, uploads_per_hour: 2 };
    let mut transaction = ground.world.platform.table().transaction();
    let grant = ground.grant();
    let organization: domain::Organization =
        ground.world.platform.table().get_to_change(&grant, ground.tenant.organization).await.expect("it is there");
    let limited = domain::Organization { limits, ..organization.clone() };
    transaction.push(&grant, domain::Change::update(organization, limited, "organization.limited")).expect("a change");
    transaction.commit().await.expect("it is limited");
    let agent = ground.person(Role::Agent).await;
    ground.upload(&agent, "a.pdf", PDF).await.expect(201);
    let presign = || Ask::post("/files/presign", json!({"name": "a.pdf", "bytes": 9})).by(&agent);
    presign().of(&ground.router).await.expect(201);
    presign().of(&ground.router).await.expect(429);
    ground.upload(&agent, "a.pdf", PDF).await.expect(429);
    ground.upload(&ground.admin, "a.pdf", PDF).await.expect(201);
}
