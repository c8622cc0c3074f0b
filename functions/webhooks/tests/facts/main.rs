//! Facts about what providers tell.

mod genuine;
mod keeping;
mod limits;
mod support;
