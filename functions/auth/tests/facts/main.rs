//! What `auth` promises.

mod attacks;
mod change_password;
mod codes;
mod events;
mod lockout;
mod mfa;
mod refresh;
mod registration;
mod reset;
mod sign_in;
mod support;
mod tokens;
