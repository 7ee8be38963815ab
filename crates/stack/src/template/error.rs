//! Why the template cannot be used.

/// Why the template cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum TemplateError {
    /// Not there, or not to be read.
    #[error("cannot read {0}: {1}")]
    Unreadable(String, std::io::Error),
    /// Not YAML.
    #[error("the template is not YAML: {0}")]
    NotYaml(#[from] serde_norway::Error),
    /// A piece that a local stack needs is not as expected.
    #[error("the template's {0} is missing or of an unexpected form")]
    Unexpected(String),
    /// A parameter on the command line that the template does not have.
    #[error("the template has no parameter {0}; it has {1}")]
    NoSuchParameter(String, String),
}
