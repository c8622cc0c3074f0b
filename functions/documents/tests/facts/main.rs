//! What is true of files, told through the real router, and with a browser that follows its links to the bucket.

mod presigning;
mod reaching;
mod uploading;

use axum::Router;
use bytes::Bytes;
use domain::{Caller, Grant, Role};
use http::{HeaderMap, Request, StatusCode};
use http_body_util::{BodyExt as _, Full};
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use serde_json::{Value, json};
use testkit::{Answer, Ask, Person, Tenant, World};
use tokio::net::TcpListener;

const PDF: &[u8] = b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog >>\nendobj\n%%EOF\n";
const PROGRAM: &[u8] = b"MZ\x90\0\x03\0\0\0\x04\0\0\0\xff\xff\0\0\xb8\0";

/// A platform whose bucket can be reached by its links, one organization, its administrator and the function.
struct Ground {
    world: World,
    tenant: Tenant,
    admin: Person,
    router: Router,
}

impl Ground {
    async fn new() -> Self {
        let world = World::new().await;
        let (tenant, admin) = world.an_admin().await;
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let origin = format!("http://{}", listener.local_addr().expect("an address"));
        let bucket = world.standins.s3.clone();
        tokio::spawn(async move { bucket.serve(listener, std::future::pending()).await });
        let platform = world.platform.clone().with_files(world.standins.s3.client(&origin));
        let app = web::App::new(platform, std::slice::from_ref(&world.keys.published));
        Self { router: documents::router(app), world, tenant, admin }
    }

    fn grant(&self) -> Grant {
        Caller::system(self.tenant.organization, "test").own()
    }

    async fn person(&self, role: Role) -> Person {
        self.world.a_person(&self.tenant, role, self.tenant.branch).await
    }

    async fn upload(&self, by: &Person, name: &str, bytes: &[u8]) -> Answer {
        Ask::new("POST", "/files/upload").form(&[], name, bytes).by(by).of(&self.router).await
    }

    async fn presign(&self, body: Value) -> Answer {
        Ask::post("/files/presign", body).by(&self.admin).of(&self.router).await
    }

    async fn complete(&self, id: &str) -> Answer {
        Ask::post(format!("/files/{id}/complete"), json!({})).by(&self.admin).of(&self.router).await
    }

    async fn get(&self, path: &str) -> Answer {
        Ask::get(path).by(&self.admin).of(&self.router).await
    }

    /// Puts bytes where a file waits for them, whatever its link says.
    async fn put(&self, id: &str, bytes: &[u8]) {
        let place = domain::File::waiting_place(id.parse().expect("an id"));
        let files = self.world.platform.files().expect("files");
        files
            .put(&self.grant(), "tmp", &place, "application/octet-stream", bytes.to_vec())
            .await
            .expect("they are put");
    }

    /// A file's bytes, as its link gives them.
    async fn download(&self, id: &str) -> (HeaderMap, Bytes) {
        let answer = self.get(&format!("/files/{id}/download")).await;
        let link = answer.expect(302).header("location").expect("a link").to_owned();
        let answer = browser(Request::get(link).body(Full::default()).expect("a request")).await;
        assert_eq!(answer.0, StatusCode::OK);
        (answer.1, answer.2)
    }
}

async fn browser(request: Request<Full<Bytes>>) -> (StatusCode, HeaderMap, Bytes) {
    let client: Client<_, Full<Bytes>> = Client::builder(TokioExecutor::new()).build_http();
    let (parts, body) = client.request(request).await.expect("the bucket answers").into_parts();
    (parts.status, parts.headers, body.collect().await.expect("a body").to_bytes())
}

/// Puts bytes by a link, as a browser does.
async fn put_by(link: &str, content_type: &str, bytes: &[u8]) -> StatusCode {
    let request = Request::put(link).header("content-type", content_type);
    browser(request.body(Full::from(bytes.to_vec())).expect("a request")).await.0
}

fn id(file: &Value) -> &str {
    file["id"].as_str().expect("a file has an id")
}

fn wrong(field: &str, code: &str) -> Vec<(String, String)> {
    vec![(field.to_owned(), code.to_owned())]
}
