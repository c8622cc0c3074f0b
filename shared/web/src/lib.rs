//! How every HTTP function speaks: caller, envelope, problems, paging, filters, merge updates,
//! entity tags, idempotency, limits, headers and the OpenAPI document.

mod address;
pub mod agents;
pub mod api_key;
mod app;
mod body;
mod cache;
mod change;
mod device;
mod envelope;
mod etag;
mod exported;
mod field;
mod headers;
mod hex;
mod idempotency;
pub mod invite_token;
mod lambda;
mod limits;
pub mod listing;
pub mod members;
mod multipart;
#[cfg(feature = "document")]
mod openapi;
mod paging;
mod params;
pub mod password;
mod path;
mod problem;
mod range;
pub mod room;
mod routes;
mod scope;
pub mod seats;
mod secret;
mod service;
mod signed_in;
pub mod sync;
mod token;
pub mod wire;

pub use address::Address;
pub use app::App;
pub use body::{Body, Fields};
pub use change::{change, change_or_begin, refuse_changed};
pub use device::FromDevice;
pub use envelope::{Created, Data, Deleted, Envelope, Versioned};
pub use etag::IfMatch;
pub use exported::{Download, note_export};
pub use field::{Field, FromWire};
pub use hex::hex;
pub use lambda::{run, serve, start};
pub use limits::Usage;
pub use multipart::{Form, FormFile};
#[cfg(feature = "document")]
pub use openapi::{document, finish};
pub use paging::{MAX_LIMIT, Page, PageQuery, Pagination, Sort};
pub use params::Params;
pub use path::{PathId, PathText};
pub use problem::{FieldProblem, Problem, ProblemBody};
pub use range::{RangeQuery, range};
pub use routes::{__routes, Route, Routes};
pub use scope::{Scope, Warning};
pub use secret::Secret;
pub use service::{open_service, service};
pub use signed_in::{Entering, SignedIn};
pub use token::{AUDIENCE, Claims, KeySet, TOKEN_TYPE, TokenError};
