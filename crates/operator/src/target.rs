//! What an operation works on: the table and the queues of one stack.

use std::fmt::Display;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, StatusCode};
use http_body_util::Full;
use serde::Deserialize;

use crate::error::Error;
use crate::http::Http;
use crate::services::Services;

/// How long a local stack may take to answer the status request.
const PATIENCE: Duration = Duration::from_secs(5);

/// The table and the queues of one stack, and the connections to them.
#[derive(Clone)]
pub struct Target {
    pub(crate) tables: Services,
    pub(crate) queues: Services,
    pub(crate) outputs: Outputs,
}

/// The names of the table and the queues, as in the template's outputs.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Outputs {
    pub(crate) table: String,
    pub(crate) queue_url: String,
    pub(crate) dead_letter_queue_url: String,
}

/// The answer of a local stack to the status request.
#[derive(Deserialize)]
struct Status {
    dynamodb: String,
    sqs: String,
    outputs: Outputs,
}

impl Status {
    /// Checks that it names everything: another program may answer with words of its own.
    fn is_of_a_stack(&self) -> bool {
        let Outputs {
            table,
            queue_url,
            dead_letter_queue_url,
        } = &self.outputs;
        let urls = [&self.dynamodb, &self.sqs, queue_url, dead_letter_queue_url];
        let are_urls = urls.iter().all(|url| url.starts_with("http://"));
        are_urls && !table.is_empty()
    }
}

impl Target {
    /// Asks the local stack for its parts. Its HTTP API is at `address`, such as `127.0.0.1:3000`.
    ///
    /// # Errors
    /// Returns [`Error::NoStack`] if nothing answers within five seconds. Returns
    /// [`Error::NotAStack`] if the answer is not a local stack's.
    pub async fn local(address: impl Display) -> Result<Self, Error> {
        let url = format!("http://{address}");
        let request = Request::get(format!("{url}/_postern/status")).body(Full::<Bytes>::default());
        let request = request.map_err(|error| Error::Request(error.to_string()))?;
        let (status, body) = match Http::new(PATIENCE).send(request).await {
            Ok(answer) => answer,
            Err(cause) => return Err(Error::NoStack { url, cause }),
        };
        let told = serde_json::from_slice(&body).ok();
        let told = told.filter(|_| status == StatusCode::OK);
        let told = told.filter(Status::is_of_a_stack);
        let told = told.ok_or(Error::NotAStack(url))?;
        Ok(Self {
            tables: Services::local(&told.dynamodb),
            queues: Services::local(&told.sqs),
            outputs: told.outputs,
        })
    }

    /// Returns the table's name.
    #[must_use]
    pub fn table(&self) -> &str {
        &self.outputs.table
    }

    /// Returns the URL of the queue between the receivers and the consumer.
    #[must_use]
    pub fn queue_url(&self) -> &str {
        &self.outputs.queue_url
    }

    /// Returns the URL of the dead-letter queue, which holds what could not be stored.
    #[must_use]
    pub fn dead_letter_queue_url(&self) -> &str {
        &self.outputs.dead_letter_queue_url
    }

    /// Returns the connection to the queues.
    #[must_use]
    pub fn queues(&self) -> &Services {
        &self.queues
    }
}
