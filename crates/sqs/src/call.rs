//! What an action gets from a request besides its input.

use crate::{address, errors::SqsError, handle::QueueHandle, service::Sqs};

/// One request, as the actions see it.
pub(crate) struct Call<'a> {
    pub(crate) sqs: &'a Sqs,
    /// The host by which the caller reached us. Its queue URLs name the same host.
    pub(crate) host: &'a str,
    /// `/`, or the path of a queue URL.
    pub(crate) path: &'a str,
}

impl Call<'_> {
    /// Returns the queue that the request names in its URL or in its path.
    pub(crate) fn queue(&self, url: Option<&str>) -> Result<QueueHandle, SqsError> {
        let url = url.or(Some(self.path).filter(|path| *path != "/"));
        let url = url.ok_or(SqsError::MissingParameter("QueueUrl"))?;
        let (account, name) =
            address::account_and_name(url).ok_or_else(|| SqsError::InvalidAddress(url.into()))?;
        let queue = self.sqs.queue(name);
        queue
            .filter(|_| account == address::ACCOUNT)
            .ok_or(SqsError::QueueDoesNotExist)
    }
}
