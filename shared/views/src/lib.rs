//! How records look from outside, where more than one function shows them.

mod call;
mod lead;
mod reminder;
mod sla;

pub use call::CallView;
pub use lead::LeadView;
pub use reminder::{ReminderView, RepeatView};
pub use sla::SlaClockView;
