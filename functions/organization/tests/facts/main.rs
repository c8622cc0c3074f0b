//! What `organization` promises.

mod assignment;
mod branches;
mod business_hours;
mod forms;
mod organizations;
mod pipelines;
mod settings;
mod subscription;
mod support;
