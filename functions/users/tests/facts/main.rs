//! What `users` promises.

mod agents;
mod api_keys;
mod escalation;
mod invites;
mod joining;
mod people;
mod profile;
mod referral_links;
mod roles;
mod seats;
mod sessions;
mod support;
