use crate::demo::DemoError;
use crate::gateway::routes::RouteError;
use crate::template::TemplateError;

/// Why a platform does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// A file or a socket refused.
    #[error("{what}: {cause}")]
    Io {
        /// Which.
        what: String,
        /// Its words.
        cause: std::io::Error,
    },
    /// Another process works on the same data.
    #[error("the data in {0} is in use by another process")]
    InUse(std::path::PathBuf),
    /// A stand-in refused.
    #[error(transparent)]
    Standins(#[from] standins::Error),
    /// The template cannot be run here.
    #[error(transparent)]
    Template(#[from] TemplateError),
    /// Two routes contradict each other.
    #[error("template.yaml: {0}")]
    Route(#[from] RouteError),
    /// What wraps data keys cannot be used.
    #[error(transparent)]
    KeyFile(#[from] runtime::KeyFileError),
    /// A function's environment names a secret that the template does not make.
    #[error("template.yaml: no secret named {0}")]
    Secret(String),
    /// The template gives a function too little.
    #[error("template.yaml: {function}: {cause}")]
    Settings {
        /// The function.
        function: &'static str,
        /// What is missing.
        cause: runtime::SettingsError,
    },
    /// The template has a function of which there is no code here.
    #[error("template.yaml: the binary {0} is not registered in infra/local/src/functions.rs")]
    NotRegistered(String),
    /// There is code of which the template has no function.
    #[error("template.yaml: no function has the binary {0}")]
    NotInTemplate(&'static str),
    /// The template has something call a function that it cannot answer.
    #[error("template.yaml: {function} does not answer {calls}")]
    Mismatch {
        /// The function.
        function: &'static str,
        /// What calls it.
        calls: &'static str,
    },
    /// A stream's table is not in the template.
    #[error("template.yaml: {0} is not a table of this template")]
    NoTable(String),
    /// A function did not get ready.
    #[error("{function} did not get ready: {cause}")]
    Prepare {
        /// The function.
        function: &'static str,
        /// Its words.
        cause: String,
    },
    /// The demo data could not be set up.
    #[error("demo data: {0}")]
    Demo(#[from] DemoError),
}

impl StartError {
    pub(crate) fn io(what: impl Into<String>) -> impl FnOnce(std::io::Error) -> Self {
        let what = what.into();
        move |cause| Self::Io { what, cause }
    }
}
