//! The emulator's errors.

use thiserror::Error;

/// Why a request was refused, worded as AWS words it.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum SqsError {
    /// No queue has this name, or the URL names another account.
    #[error("The specified queue does not exist.")]
    QueueDoesNotExist,
    /// A queue of this name has another value for the named attribute.
    #[error("A queue already exists with the same name and a different value for attribute {0}")]
    QueueNameExists(String),
    /// The queue was purged less than a minute ago.
    #[error("Only one PurgeQueue operation on {0} is allowed every 60 seconds.")]
    PurgeQueueInProgress(String),
    /// The batch has no entries.
    #[error("There should be at least one {0} in the request.")]
    EmptyBatchRequest(&'static str),
    /// The batch has more than ten entries.
    #[error("Maximum number of entries per request are 10. You have sent {0}.")]
    TooManyEntriesInBatchRequest(usize),
    /// Two entries of a batch share an id.
    #[error("Id {0} repeated.")]
    BatchEntryIdsNotDistinct(String),
    /// An entry's id is empty, too long or has other characters.
    #[error(
        "A batch entry id can only contain alphanumeric characters, hyphens and underscores. It can be at most 80 letters long."
    )]
    InvalidBatchEntryId,
    /// The entries of a batch are larger than 1 MiB together.
    #[error("Batch requests cannot be longer than 1048576 bytes. You have sent {0} bytes.")]
    BatchRequestTooLong(usize),
    /// The body has a character that SQS does not carry.
    #[error(
        "Invalid characters found. Valid unicode characters are #x9 | #xA | #xD | #x20 to #xD7FF | #xE000 to #xFFFD | #x10000 to #x10FFFF"
    )]
    InvalidMessageContents,
    /// The receipt handle was not issued by this queue.
    #[error("The input receipt handle is invalid.")]
    ReceiptHandleIsInvalid,
    /// The message is visible, so nobody holds it.
    #[error("The specified message isn't in flight.")]
    MessageNotInflight,
    /// No attribute has this name.
    #[error("Unknown Attribute {0}.")]
    InvalidAttributeName(String),
    /// The named attribute cannot have this value.
    #[error("Invalid value for the parameter {0}.")]
    InvalidAttributeValue(String),
    /// The queue URL is not one.
    #[error("The address {0} is not valid for this endpoint.")]
    InvalidAddress(String),
    /// A move task names a queue that does not exist.
    #[error("The resource that you specified for the {0} parameter doesn't exist.")]
    ResourceNotFound(&'static str),
    /// AWS supports it, and this emulator does not.
    #[error("{0} is not supported by this emulator.")]
    UnsupportedOperation(String),
    /// A parameter has a value outside its range. The text says which.
    #[error("{0}")]
    InvalidParameterValue(String),
    /// A required parameter is absent or empty.
    #[error("The request must contain the parameter {0}.")]
    MissingParameter(&'static str),
    /// The request is not JSON, or a field has another type.
    #[error("{0}")]
    Malformed(String),
    /// The `x-amz-target` header names no action.
    #[error("The action {0} is not valid for this endpoint.")]
    InvalidAction(String),
    /// The emulator could not write its answer.
    #[error("The request processing has failed because of an unknown error.")]
    Internal,
}

impl SqsError {
    /// Returns the code of the older query protocol. SDKs match on it, and batch answers carry it.
    #[must_use]
    pub fn code(&self) -> &'static str {
        self.names().1
    }

    /// Returns the name of the error's shape in the JSON protocol: `__type` without its namespace.
    #[must_use]
    pub fn shape(&self) -> &'static str {
        self.names().0
    }

    /// Returns the namespace of the shape. SQS models some errors itself; the others come from
    /// AWS's framework.
    #[must_use]
    pub fn namespace(&self) -> &'static str {
        match self {
            Self::InvalidParameterValue(_)
            | Self::MissingParameter(_)
            | Self::Malformed(_)
            | Self::InvalidAction(_)
            | Self::Internal => "com.amazon.coral.service",
            _ => "com.amazonaws.sqs",
        }
    }

    /// Checks whether the emulator is at fault, and not the caller.
    #[must_use]
    pub fn is_internal(&self) -> bool {
        matches!(self, Self::Internal)
    }

    #[rustfmt::skip]
    fn names(&self) -> (&'static str, &'static str) {
        match self {
            Self::QueueDoesNotExist => ("QueueDoesNotExist", "AWS.SimpleQueueService.NonExistentQueue"),
            Self::QueueNameExists(_) => ("QueueNameExists", "QueueAlreadyExists"),
            Self::PurgeQueueInProgress(_) => ("PurgeQueueInProgress", "AWS.SimpleQueueService.PurgeQueueInProgress"),
            Self::EmptyBatchRequest(_) => ("EmptyBatchRequest", "AWS.SimpleQueueService.EmptyBatchRequest"),
            Self::TooManyEntriesInBatchRequest(_) => ("TooManyEntriesInBatchRequest", "AWS.SimpleQueueService.TooManyEntriesInBatchRequest"),
            Self::BatchEntryIdsNotDistinct(_) => ("BatchEntryIdsNotDistinct", "AWS.SimpleQueueService.BatchEntryIdsNotDistinct"),
            Self::InvalidBatchEntryId => ("InvalidBatchEntryId", "AWS.SimpleQueueService.InvalidBatchEntryId"),
            Self::BatchRequestTooLong(_) => ("BatchRequestTooLong", "AWS.SimpleQueueService.BatchRequestTooLong"),
            Self::InvalidMessageContents => ("InvalidMessageContents", "InvalidMessageContents"),
            Self::ReceiptHandleIsInvalid => ("ReceiptHandleIsInvalid", "ReceiptHandleIsInvalid"),
            Self::MessageNotInflight => ("MessageNotInflight", "AWS.SimpleQueueService.MessageNotInflight"),
            Self::InvalidAttributeName(_) => ("InvalidAttributeName", "InvalidAttributeName"),
            Self::InvalidAttributeValue(_) => ("InvalidAttributeValue", "InvalidAttributeValue"),
            Self::InvalidAddress(_) => ("InvalidAddress", "InvalidAddress"),
            Self::ResourceNotFound(_) => ("ResourceNotFoundException", "ResourceNotFoundException"),
            Self::UnsupportedOperation(_) => ("UnsupportedOperation", "AWS.SimpleQueueService.UnsupportedOperation"),
            Self::InvalidParameterValue(_) => ("InvalidParameterValueException", "InvalidParameterValue"),
            Self::MissingParameter(_) => ("MissingRequiredParameterException", "MissingParameter"),
            Self::Malformed(_) => ("SerializationException", "MalformedInput"),
            Self::InvalidAction(_) => ("UnknownOperationException", "InvalidAction"),
            Self::Internal => ("InternalFailure", "InternalFailure"),
        }
    }

    /// Returns the error for one value that is out of bounds, in AWS's words.
    pub(crate) fn value(value: impl std::fmt::Display, parameter: &str, reason: &str) -> Self {
        Self::InvalidParameterValue(format!(
            "Value {value} for parameter {parameter} is invalid. Reason: {reason}"
        ))
    }
}
