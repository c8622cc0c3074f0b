/// Why a template cannot be run on this machine.
#[derive(Debug, thiserror::Error)]
pub enum TemplateError {
    /// It is not YAML.
    #[error("template.yaml: {0}")]
    Yaml(#[from] serde_norway::Error),
    /// Something must be there and is not.
    #[error("template.yaml: {place} lacks {what}")]
    Lacks {
        /// Whose it is.
        place: String,
        /// What it is.
        what: String,
    },
    /// A name that is defined nowhere.
    #[error("template.yaml: {0} is not defined")]
    Undefined(String),
    /// CloudFormation or SAM may know it; the local platform does not.
    #[error("template.yaml: {place}: the local platform does not know {what}")]
    Unknown {
        /// Where it stands.
        place: String,
        /// What it is.
        what: String,
    },
    /// A value is not what its property takes.
    #[error("template.yaml: {place}: {cause}")]
    Bad {
        /// Where it stands.
        place: String,
        /// What is wrong with it.
        cause: String,
    },
}

impl TemplateError {
    pub(super) fn lacks(place: impl Into<String>, what: impl Into<String>) -> Self {
        Self::Lacks { place: place.into(), what: what.into() }
    }

    pub(super) fn unknown(place: impl Into<String>, what: impl Into<String>) -> Self {
        Self::Unknown { place: place.into(), what: what.into() }
    }

    #[expect(clippy::needless_pass_by_value, reason = "causes are errors and texts alike, most of them made for it")]
    pub(super) fn bad(place: impl Into<String>, cause: impl ToString) -> Self {
        Self::Bad { place: place.into(), cause: cause.to_string() }
    }
}
