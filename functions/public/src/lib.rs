//! What needs no sign-in: lead forms on other people's pages, the links that lead there, those by which people object to
//! messages, and those by which e-mails tell that they are opened.
//!
//! Pages of any origin may call it: `template.yaml` sets this function's `SAMPARK_CORS_ORIGINS` to `*`.
//! No answer tells whether a person is known, and none carries an id of ours but the form's own key.

mod capture;
mod find;
mod follow;
mod input;
mod limits;
mod submission;
mod submit;
mod tracking;
mod unsubscribe;
mod view;

use web::{App, Routes, routes};

/// The operations and their document.
pub fn routes() -> Routes {
    counted().merge(tracking::routes())
}

fn counted() -> Routes {
    Routes::new()
        .routes(routes!(view::public_form_view))
        .routes(routes!(submit::public_form_submit))
        .routes(routes!(follow::public_link_follow))
        .routes(routes!(unsubscribe::show::unsubscribe_show, unsubscribe::act::unsubscribe_act))
        .routes(routes!(unsubscribe::preferences::preferences_show, unsubscribe::preferences::preferences_choose))
}

/// The service. A provider's few addresses open the e-mails of all its people, so those requests are no address's own.
pub fn router(app: App) -> axum::Router {
    web::service_with_open(counted(), tracking::routes(), app)
}
