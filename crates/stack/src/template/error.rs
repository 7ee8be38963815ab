//! Why the template cannot be used.

/// Why the template cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum TemplateError {
    /// The template is not YAML.
    #[error("the template is not YAML: {0}")]
    NotYaml(#[from] serde_norway::Error),
    /// A part that the local stack needs is missing or has an unexpected form.
    #[error("the template's {0} is missing or of an unexpected form")]
    Unexpected(String),
    /// The command line has a parameter that is not in the template.
    #[error("the template has no parameter {0}; it has {1}")]
    NoSuchParameter(String, String),
    /// A parameter has neither a default nor a value on the command line.
    #[error("the template's parameter {0} has no default, and no value is given")]
    NoValue(String),
}
