//! Somebody with an HTTP client.

use bytes::Bytes;
use http::{HeaderMap, Request, StatusCode, header};
use http_body_util::{BodyExt as _, Full};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde_json::Value;

/// A caller of one platform.
pub(crate) struct HttpCaller {
    client: Client<HttpConnector, Full<Bytes>>,
    base: String,
    token: Option<String>,
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) bytes: Bytes,
}

impl HttpCaller {
    /// Of the platform at this address: `http://127.0.0.1:3000`.
    pub(crate) fn of(base: &str) -> Self {
        Self { client: Client::builder(TokioExecutor::new()).build_http(), base: base.to_owned(), token: None }
    }

    /// Goes on as the person whom an answer signed in.
    pub(crate) fn sign_in(&mut self, answer: &Value) {
        self.token = Some(answer["access_token"].as_str().expect("a token").to_owned());
    }

    pub(crate) async fn get(&self, path: &str) -> Reply {
        self.send("GET", path, "", Bytes::new()).await
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Reply {
        self.send("POST", path, "application/json", body.to_string().into()).await
    }

    pub(crate) async fn put(&self, path: &str, body: Value) -> Reply {
        self.send("PUT", path, "application/json", body.to_string().into()).await
    }

    pub(crate) async fn delete(&self, path: &str) -> Reply {
        self.send("DELETE", path, "", Bytes::new()).await
    }

    /// Uploads a file in a form.
    pub(crate) async fn upload(&self, path: &str, name: &str, file: &[u8]) -> Reply {
        let head = format!("--edge\r\ncontent-disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\r\n");
        let body = [head.as_bytes(), file, b"\r\n--edge--\r\n"].concat();
        self.send("POST", path, "multipart/form-data; boundary=edge", body.into()).await
    }

    /// Posts as a provider does, with headers of its own.
    pub(crate) async fn tell(&self, path: &str, content_type: &str, headers: &[(&str, &str)], body: &str) -> Reply {
        self.send_with("POST", path, content_type, headers, body.to_owned().into()).await
    }

    async fn send(&self, method: &str, path: &str, content_type: &str, body: Bytes) -> Reply {
        self.send_with(method, path, content_type, &[], body).await
    }

    async fn send_with(
        &self,
        method: &str,
        path: &str,
        content_type: &str,
        headers: &[(&str, &str)],
        body: Bytes,
    ) -> Reply {
        let mut request = Request::builder().method(method).uri(format!("{}{path}", self.base));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if !content_type.is_empty() {
            request = request.header(header::CONTENT_TYPE, content_type);
        }
        if let Some(token) = &self.token {
            request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
        }
        let request = request.body(Full::new(body)).expect("a request can be built");
        let (parts, body) = self.client.request(request).await.expect("an answer").into_parts();
        let bytes = body.collect().await.expect("a body").to_bytes();
        Reply { status: parts.status, headers: parts.headers, bytes }
    }
}

impl Reply {
    /// Makes sure of the status; tells the body where it differs.
    #[track_caller]
    pub(crate) fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}", String::from_utf8_lossy(&self.bytes));
        self
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.bytes).unwrap_or(Value::Null)
    }

    /// `data` of the envelope, after making sure of the status.
    #[track_caller]
    pub(crate) fn data(self, status: u16) -> Value {
        self.expect(status).json()["data"].clone()
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }
}
