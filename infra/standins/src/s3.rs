//! S3 on a folder.

use std::fmt;
use std::future::Future;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use aws_sdk_s3::config::retry::RetryConfig;
use aws_sdk_s3::config::{Region, StalledStreamProtectionConfig};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_types::body::SdkBody;
use http::header::{self, HeaderName, HeaderValue};
use http::{HeaderMap, Method, StatusCode};
use s3s::Body;
use s3s::auth::SimpleAuth;
use s3s::service::{S3Service, S3ServiceBuilder};
use s3s_fs::FileSystem;
use tempfile::TempDir;
use tokio::net::TcpListener;

use crate::faults::Service;
use crate::{BACKOFF, Error, Fault, Faults, Setup, credentials, http as wire};

/// S3 for tests and for the local platform. Clones share one folder.
#[derive(Clone, Debug)]
pub struct S3(Arc<Inner>);

struct Inner {
    service: S3Service,
    root: PathBuf,
    faults: Faults,
    /// Removes the folder with the last clone.
    _temporary: Option<TempDir>,
}

impl fmt::Debug for Inner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("S3").field("root", &self.root).finish_non_exhaustive()
    }
}

impl S3 {
    /// Buckets that end with the value, in a temporary folder.
    pub fn temporary(setup: &Setup) -> Result<Self, Error> {
        let folder = TempDir::with_prefix("s3-")?;
        Self::over(folder.path().to_owned(), Some(folder), setup)
    }

    /// Buckets in a folder, made if it is not there. An object is written whole or not at all.
    pub fn folder(root: &Path, setup: &Setup) -> Result<Self, Error> {
        std::fs::create_dir_all(root)?;
        Self::over(root.to_owned(), None, setup)
    }

    fn over(root: PathBuf, temporary: Option<TempDir>, setup: &Setup) -> Result<Self, Error> {
        let files = FileSystem::new(&root).map_err(|error| Error::Folder(root.clone(), format!("{error:?}")))?;
        let mut builder = S3ServiceBuilder::new(files);
        builder.set_auth(SimpleAuth::from_single(credentials::ACCESS_KEY, credentials::SECRET_KEY));
        let service = builder.build();
        Ok(Self(Arc::new(Inner { service, root, faults: setup.faults.clone(), _temporary: temporary })))
    }

    /// The ordinary SDK client, with the folder in place of the network. `endpoint_url` is the address the
    /// listener of [`Self::serve`] is reached at: the URLs this client presigns lead there and carry it in
    /// their signature.
    pub fn client(&self, endpoint_url: &str) -> aws_sdk_s3::Client {
        let config = aws_sdk_s3::Config::builder()
            .region(Region::from_static(credentials::REGION))
            .endpoint_url(endpoint_url)
            .force_path_style(true)
            .credentials_provider(credentials::credentials())
            .http_client(wire::client_of(&self.0))
            .retry_config(RetryConfig::standard().with_initial_backoff(BACKOFF))
            .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
            .build();
        aws_sdk_s3::Client::from_conf(config)
    }

    /// Makes a bucket unless it is there.
    pub async fn create_bucket(&self, name: &str) -> Result<(), Error> {
        let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        if name.is_empty() || !name.bytes().all(plain) {
            return Err(Error::Definition(format!("not a bucket name: {name}")));
        }
        let folder = self.0.root.join(name);
        let made = tokio::task::spawn_blocking(move || std::fs::create_dir_all(folder)).await;
        Ok(made.map_err(std::io::Error::other)??)
    }

    /// Serves the buckets to browsers and other programs until `shutdown`. Signatures and presigned URLs are
    /// verified; any origin may read the answers. Faults do not strike here.
    pub async fn serve(&self, listener: TcpListener, shutdown: impl Future<Output = ()> + Send) -> std::io::Result<()> {
        let inner = Arc::clone(&self.0);
        wire::serve(listener, shutdown, move |request| {
            let inner = Arc::clone(&inner);
            async move {
                let mut response = if request.method() == Method::OPTIONS {
                    preflight(request.headers())
                } else {
                    inner.call(request.map(Body::from)).await
                };
                let headers = response.headers_mut();
                headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
                headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static("*"));
                response
            }
        })
        .await
    }
}

impl Inner {
    async fn call(&self, request: http::Request<Body>) -> http::Response<Body> {
        let named = response_headers(request.uri().query().unwrap_or_default());
        let mut response = match self.service.call(request).await {
            Ok(response) => response,
            Err(error) => {
                tracing::error!(?error, "s3");
                refusal(StatusCode::INTERNAL_SERVER_ERROR, "InternalError")
            }
        };
        if response.status().is_success() {
            response.headers_mut().extend(named);
        }
        response
    }
}

impl wire::Answer for Inner {
    async fn answer(self: Arc<Self>, request: HttpRequest) -> Result<HttpResponse, ConnectorError> {
        let (operation, writes) = match request.method() {
            "GET" => ("GetObject", false),
            "HEAD" => ("HeadObject", false),
            "PUT" => ("PutObject", true),
            "DELETE" => ("DeleteObject", true),
            _ => ("Post", true),
        };
        let applies = |fault| !matches!(fault, Fault::Conflict | Fault::Partial);
        let fault = self.faults.next(Service::S3, operation, writes, applies)?;
        let response = if fault == Some(Fault::Throttled) {
            refusal(StatusCode::SERVICE_UNAVAILABLE, "SlowDown")
        } else {
            let mut request = request.try_into_http1x().map_err(|error| ConnectorError::user(error.into()))?;
            // Hyper would add it, and the signature covers it.
            if let Some(host) = request.uri().authority().and_then(|host| HeaderValue::from_str(host.as_str()).ok()) {
                request.headers_mut().entry(header::HOST).or_insert(host);
            }
            self.call(request.map(Body::http_body_unsync)).await
        };
        let response = HttpResponse::try_from(response.map(SdkBody::from_body_1_x))
            .map_err(|error| ConnectorError::other(error.into(), None))?;
        self.faults.finish(fault, response)
    }
}

/// The headers of its answer that a presigned GET may name, such as `response-content-disposition`.
fn response_headers(query: &str) -> HeaderMap {
    form_urlencoded::parse(query.as_bytes())
        .filter_map(|(name, value)| {
            let header = match &*name {
                "response-cache-control" => header::CACHE_CONTROL,
                "response-content-disposition" => header::CONTENT_DISPOSITION,
                "response-content-encoding" => header::CONTENT_ENCODING,
                "response-content-language" => header::CONTENT_LANGUAGE,
                "response-content-type" => header::CONTENT_TYPE,
                "response-expires" => header::EXPIRES,
                _ => return None,
            };
            Some((header, HeaderValue::from_str(&value).ok()?))
        })
        .collect()
}

fn preflight(asked: &HeaderMap) -> http::Response<Body> {
    const METHODS: HeaderValue = HeaderValue::from_static("GET, HEAD, PUT, POST, DELETE");
    const MINUTES: HeaderValue = HeaderValue::from_static("600");
    let any: HeaderValue = HeaderValue::from_static("*");
    let headers: [(HeaderName, HeaderValue); 3] = [
        (header::ACCESS_CONTROL_ALLOW_METHODS, METHODS),
        (header::ACCESS_CONTROL_MAX_AGE, MINUTES),
        (
            header::ACCESS_CONTROL_ALLOW_HEADERS,
            asked.get(header::ACCESS_CONTROL_REQUEST_HEADERS).cloned().unwrap_or(any),
        ),
    ];
    let mut response = http::Response::new(Body::empty());
    *response.status_mut() = StatusCode::NO_CONTENT;
    response.headers_mut().extend(headers);
    response
}

fn refusal(status: StatusCode, code: &str) -> http::Response<Body> {
    let body = format!("<Error><Code>{code}</Code><Message>{code}</Message></Error>");
    let mut response = http::Response::new(Body::from(body));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/xml"));
    response
}
