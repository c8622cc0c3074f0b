//! Templates that an organization's people write: checked when they are written, filled in when they are sent.
//!
//! A template is a stranger's program. It is made of a small part of Jinja: `{{ a.b | filter }}`, `if` and `for`, with
//! comparisons and no arithmetic ([`grammar`]), so that no value grows in it. What it may cost is bounded by fuel and by the
//! size of what it writes ([`render`]). It sees what it is given and nothing else.

mod filled;
mod grammar;
mod render;

pub use filled::{Filled, Whom, as_written, filled};
pub use render::{MAX_OUTPUT, Unfilled, Written, check, fill};
