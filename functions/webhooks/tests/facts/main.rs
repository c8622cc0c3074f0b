//! Facts about what providers tell.

mod genuine;
mod keeping;
mod limits;
mod proving;
mod schemes;
mod support;
