//! What providers tell comes to what it tells, once, in whatever order and whoever dies.

mod faults;
mod inbox;
mod leads;
mod mail;
mod outsiders;
mod shuffles;
mod sms;
mod support;
mod telephony;
mod templates;
mod whatsapp;
mod written;
