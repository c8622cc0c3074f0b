//! What providers tell: each request is proved genuine, kept as it came, and handed to the queue.
//!
//! Nothing of a body is read here but what its signature needs, so that an answer goes out within milliseconds, and a
//! handler that is wrong can be mended and every delivery replayed. An address that leads nowhere, a connection of another
//! provider, one that is paused, and a signature that is not good are all 404 in the same words.

mod find;
mod genuine;
mod keep;
mod limits;
mod prove;
mod receive;

use web::{App, Routes, routes};

/// The operations and their document.
pub fn routes() -> Routes {
    Routes::new().routes(routes!(receive::webhook_receive, prove::webhook_prove))
}

/// The service.
pub fn router(app: App) -> axum::Router {
    web::open_service(routes(), app)
}
