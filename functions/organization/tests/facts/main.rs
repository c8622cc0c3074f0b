//! What `organization` promises.

mod assignment;
mod branches;
mod forms;
mod organizations;
mod pipelines;
mod settings;
mod subscription;
mod support;
