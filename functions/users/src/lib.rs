//! People: their places, roles, invitations, sessions, keys of their machines, referral links.

mod agents;
mod api_keys;
mod beyond;
mod editing;
mod invites;
mod known_role;
mod people;
mod permitted;
mod profile;
mod referral_links;
mod roles;
mod sessions;

use web::{App, Routes, routes};

/// Tries against other writers of the same records before a caller is told to try again.
const TRIES: u32 = 8;

/// The operations and their document.
pub fn routes() -> Routes {
    Routes::new()
        .routes(routes!(people::list::user_list, people::create::user_create))
        .routes(routes!(people::view::user_view, people::update::user_update, people::deactivate::user_deactivate))
        .routes(routes!(people::restore::user_restore))
        .routes(routes!(people::approve::user_approve))
        .routes(routes!(people::reject::user_reject))
        .routes(routes!(people::permissions::user_permissions_update))
        .routes(routes!(people::branches::user_branches_update))
        .routes(routes!(agents::list::agent_list, agents::create::agent_create))
        .routes(routes!(agents::view::agent_view, agents::update::agent_update))
        .routes(routes!(agents::status::agent_status_change))
        .routes(routes!(agents::stats::agent_stats))
        .routes(routes!(profile::view::profile_view))
        .routes(routes!(profile::update::profile_update))
        .routes(routes!(sessions::list::session_list))
        .routes(routes!(sessions::revoke::session_revoke))
        .routes(routes!(sessions::revoke_all::session_revoke_all))
        .routes(routes!(roles::list::role_list, roles::create::role_create))
        .routes(routes!(roles::view::role_view, roles::update::role_update, roles::delete::role_delete))
        .routes(routes!(roles::restore::role_restore))
        .routes(routes!(roles::permissions::permission_list))
        .routes(routes!(invites::list::invite_list, invites::create::invite_create))
        .routes(routes!(invites::view::invite_view))
        .routes(routes!(invites::resend::invite_resend))
        .routes(routes!(invites::revoke::invite_revoke))
        .routes(routes!(referral_links::list::referral_link_list, referral_links::create::referral_link_create))
        .routes(routes!(
            referral_links::view::referral_link_view,
            referral_links::update::referral_link_update,
            referral_links::delete::referral_link_delete
        ))
        .routes(routes!(referral_links::restore::referral_link_restore))
        .routes(routes!(api_keys::list::api_key_list, api_keys::create::api_key_create))
        .routes(routes!(api_keys::view::api_key_view, api_keys::update::api_key_update))
        .routes(routes!(api_keys::rotate::api_key_rotate))
        .routes(routes!(api_keys::revoke::api_key_revoke))
}

/// The service.
pub fn router(app: App) -> axum::Router {
    web::service(routes(), app)
}
