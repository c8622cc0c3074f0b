//! What providers tell comes to what it tells, once, in whatever order and whoever dies.

mod backfills;
mod faults;
mod feedback;
mod inbox;
mod leads;
mod letters;
mod mail;
mod outsiders;
mod shuffles;
mod sms;
mod support;
mod telephony;
mod templates;
mod went_out;
mod whatsapp;
mod written;
