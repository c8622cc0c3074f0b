//! Facts about imports.

mod bad_files;
mod faults;
mod import;
mod real_file;
mod support;
