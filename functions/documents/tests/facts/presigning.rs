//! A file that a browser puts into the bucket itself.

use http::StatusCode;
use serde_json::json;

use crate::{Ground, PDF, PROGRAM, id, put_by, wrong};

#[tokio::test]
async fn a_large_file_goes_by_the_bucket_and_is_looked_at_there() {
    let ground = Ground::new().await;
    let bytes = [PDF, &vec![0xa5; 6 * 1024 * 1024]].concat();
    let body = json!({"name": "brochure.pdf", "content_type": "application/pdf", "bytes": bytes.len()});
    let answer = ground.presign(body).await;
    let place = answer.data(201);
    let (file, link) = (&place["file"], place["upload_url"].as_str().expect("a link"));
    assert_eq!(answer.header("location"), Some(format!("/files/{}", id(file)).as_str()));
    assert_eq!((&file["state"], &file["sha256"]), (&json!("waiting"), &json!(null)));
    assert_eq!(ground.complete(id(file)).await.expect(409).json()["code"], "not_uploaded");
    let refused = ground.get(&format!("/files/{}/download", id(file))).await;
    assert_eq!(refused.expect(409).json()["code"], "not_ready");

    let content_type = place["content_type"].as_str().expect("a type");
    assert_eq!(put_by(link, "text/html", &bytes).await, StatusCode::FORBIDDEN, "the type is signed");
    assert_eq!(put_by(link, content_type, &bytes[1..]).await, StatusCode::FORBIDDEN, "so is the size");
    assert_eq!(put_by(link, content_type, &bytes).await, StatusCode::OK);
    let ready = ground.complete(id(file)).await.data(200);
    assert_eq!((&ready["state"], &ready["bytes"]), (&json!("ready"), &json!(bytes.len())));
    assert_eq!(ground.complete(id(file)).await.data(200), ready, "once is as good as twice");

    // Whoever still has the link changes nothing of it.
    let other = [PROGRAM, &vec![0; bytes.len() - PROGRAM.len()]].concat();
    assert_eq!(put_by(link, content_type, &other).await, StatusCode::OK);
    assert_eq!(ground.complete(id(file)).await.data(200), ready);
    assert_eq!(ground.download(id(file)).await.1, bytes);
}

#[tokio::test]
async fn bytes_that_are_not_what_was_said_are_not_taken_and_the_right_ones_are() {
    let ground = Ground::new().await;
    let waiting = async |content_type: Option<&str>, bytes: usize| {
        let body = json!({"name": "brochure", "content_type": content_type, "bytes": bytes});
        ground.presign(body).await.data(201)["file"].clone()
    };
    for (said, size, bytes, field, code) in [
        (None, PDF.len() + 1, PDF, "bytes", "wrong_size"),
        (None, PDF.len() - 1, PDF, "bytes", "wrong_size"),
        (Some("image/png"), PDF.len(), PDF, "content_type", "content_type_differs"),
        (Some("application/pdf"), 5, b"Hello".as_slice(), "content_type", "content_type_differs"),
        (None, PROGRAM.len(), PROGRAM, "file", "type_not_allowed"),
        (Some("application/pdf"), PROGRAM.len(), PROGRAM, "file", "type_not_allowed"),
    ] {
        let file = waiting(said, size).await;
        ground.put(id(&file), bytes).await;
        assert_eq!(ground.complete(id(&file)).await.expect(422).wrong(), wrong(field, code), "{said:?}");
        assert_eq!(ground.get(&format!("/files/{}", id(&file))).await.data(200)["state"], "waiting");
    }
    let file = waiting(Some("application/pdf"), PDF.len()).await;
    ground.put(id(&file), b"Hello").await;
    ground.complete(id(&file)).await.expect(422);
    ground.put(id(&file), PDF).await;
    assert_eq!(ground.complete(id(&file)).await.data(200)["content_type"], "application/pdf");
}

#[tokio::test]
async fn everything_wrong_of_an_announcement_is_named_at_once() {
    let ground = Ground::new().await;
    let body = json!({"name": "../a.pdf", "content_type": "text/html", "bytes": 26_214_401});
    let named = ground.presign(body).await.expect(422).wrong();
    let codes: Vec<(&str, &str)> = named.iter().map(|(field, code)| (field.as_str(), code.as_str())).collect();
    assert_eq!(codes, [("name", "not_a_name"), ("content_type", "type_not_allowed"), ("bytes", "out_of_range")]);
    for (body, field, code) in [
        (json!({"bytes": 9}), "name", "required"),
        (json!({"name": "a.pdf"}), "bytes", "required"),
        (json!({"name": "a.pdf", "bytes": 0}), "bytes", "out_of_range"),
        (json!({"name": "a.exe", "bytes": 9}), "name", "type_not_allowed"),
        (json!({"name": "x".repeat(256), "bytes": 9}), "name", "too_long"),
        (json!({"name": "a\r\nb.pdf\u{1}", "bytes": 9}), "name", "control_character"),
    ] {
        assert_eq!(ground.presign(body).await.expect(422).wrong(), wrong(field, code));
    }
    let file = ground.presign(json!({"name": "a", "bytes": 26_214_400, "sha256": "ab", "size": 1})).await;
    assert_eq!(file.json()["warnings"].as_array().map(Vec::len), Some(2));
    assert_eq!(file.data(201)["content_type"], "application/octet-stream");
}
