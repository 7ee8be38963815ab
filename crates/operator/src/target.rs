//! What an operation works on: the table, the queues and the secrets of one stack.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::path::PathBuf;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, StatusCode, Uri};
use http_body_util::Full;
use serde::Deserialize;

#[cfg(feature = "account")]
use crate::account::deployed::Deployed;
use crate::error::Error;
use crate::events::Events;
use crate::http::Http;
use crate::outputs::{Outlets, Outputs};
use crate::services::Services;

/// How long a local stack may take to answer the status request.
pub(crate) const PATIENCE: Duration = Duration::from_secs(5);

/// The parts of one stack, and the connections to them.
#[derive(Clone)]
pub struct Target {
    pub(crate) tables: Services,
    pub(crate) queues: Services,
    pub(crate) secrets: Services,
    pub(crate) outputs: Outputs,
    pub(crate) api: String,
    pub(crate) receivers: BTreeMap<String, Receiver>,
    pub(crate) own_queues: BTreeMap<String, OwnQueue>,
    pub(crate) retention_days: u32,
    pub(crate) place: Place,
}

/// Where a stack is.
#[derive(Clone)]
pub(crate) enum Place {
    /// On this machine.
    Local(LocalStack),
    /// In an account.
    #[cfg(feature = "account")]
    Deployed(Box<Deployed>),
}

/// A stack on this machine, as it describes itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LocalStack {
    /// The base URL of its HTTP API.
    pub url: String,
    /// The version of the tool that runs it.
    pub version: String,
    /// Its process.
    pub pid: u32,
    /// When it started, RFC 3339.
    pub since: String,
    /// The folder that keeps its data. Without one, its data is in memory.
    pub data: Option<PathBuf>,
}

/// A provider that is on: where its webhooks go, and the name of its secret.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
pub(crate) struct Receiver {
    pub(crate) url: String,
    pub(crate) secret: String,
}

/// The queue of a provider that has no receiver.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
pub struct OwnQueue {
    /// The queue's URL.
    pub url: String,
}

/// The answer of a local stack to the status request.
#[derive(Deserialize)]
struct Status {
    dynamodb: String,
    secretsmanager: String,
    sqs: String,
    outputs: Outputs,
    receivers: BTreeMap<String, Receiver>,
    #[serde(default)]
    queues: BTreeMap<String, OwnQueue>,
    retention_days: u32,
    version: String,
    pid: u32,
    since: String,
    data: Option<PathBuf>,
}

impl Status {
    /// Checks that it names everything, and nothing but this machine: another program may answer
    /// with words of its own, and would be sent keys and addresses.
    fn is_of_a_stack(&self) -> bool {
        let Outputs {
            table,
            queue_url,
            dead_letter_queue_url,
            outlets,
        } = &self.outputs;
        let services = [&self.dynamodb, &self.secretsmanager, &self.sqs];
        let outlets = outlets
            .iter()
            .flat_map(|outlets| [&outlets.outbox_queue_url, &outlets.manage_url]);
        let mut urls = services
            .into_iter()
            .chain([queue_url, dead_letter_queue_url])
            .chain(outlets)
            .chain(self.receivers.values().map(|receiver| &receiver.url))
            .chain(self.queues.values().map(|queue| &queue.url));
        urls.all(|url| is_here(url)) && !table.is_empty()
    }
}

/// Checks whether a URL is one of a port of this machine.
fn is_here(url: &str) -> bool {
    let Ok(url) = url.parse::<Uri>() else {
        return false;
    };
    let authority = url.authority().map_or("", |authority| authority.as_str());
    let is_own = |(host, port): (&str, &str)| {
        ["127.0.0.1", "localhost", "[::1]"].contains(&host) && port.parse::<u16>().is_ok()
    };
    url.scheme_str() == Some("http") && authority.rsplit_once(':').is_some_and(is_own)
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
        let told: Option<Status> = told.filter(Status::is_of_a_stack);
        let told = told.ok_or_else(|| Error::NotAStack(url.clone()))?;
        Ok(Self {
            tables: Services::local(&told.dynamodb),
            queues: Services::local(&told.sqs),
            secrets: Services::local(&told.secretsmanager),
            outputs: told.outputs,
            api: url.clone(),
            receivers: told.receivers,
            own_queues: told.queues,
            retention_days: told.retention_days,
            place: Place::Local(LocalStack {
                url,
                version: told.version,
                pid: told.pid,
                since: told.since,
                data: told.data,
            }),
        })
    }

    /// Returns the parts of a deployed stack.
    #[cfg(feature = "account")]
    #[must_use]
    pub fn deployed(stack: Deployed) -> Self {
        let services = Services::of(&stack);
        let output = |name| stack.output(name).unwrap_or_default().to_owned();
        let own_queues = stack.own_queues();
        let own_queues = own_queues.map(|(name, url)| (name, OwnQueue { url }));
        let receivers = stack.providers().map(|name| {
            let receiver = Receiver {
                url: stack.webhook_url(name).unwrap_or_default().to_owned(),
                secret: stack.secret_name(name),
            };
            (name.to_owned(), receiver)
        });
        Self {
            tables: services.clone(),
            queues: services.clone(),
            secrets: services,
            outputs: Outputs {
                table: output("Table"),
                queue_url: output("QueueUrl"),
                dead_letter_queue_url: output("DeadLetterQueueUrl"),
                outlets: stack.outlets().map(Box::new),
            },
            api: stack.api().unwrap_or_default().to_owned(),
            receivers: receivers.collect(),
            own_queues: own_queues.collect(),
            retention_days: stack.retention_days(),
            place: Place::Deployed(Box::new(stack)),
        }
    }

    /// Returns a reader of the table.
    #[must_use]
    pub fn events(&self) -> Events {
        Events::named(self.tables.clone(), self.outputs.table.clone())
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

    /// Returns the connection to the table.
    #[must_use]
    pub fn tables(&self) -> &Services {
        &self.tables
    }

    /// Returns the connection to the queues.
    #[must_use]
    pub fn queues(&self) -> &Services {
        &self.queues
    }

    /// Returns the connection to the secrets.
    #[must_use]
    pub fn secrets(&self) -> &Services {
        &self.secrets
    }

    /// Returns the base URL of the HTTP API, without a slash at its end.
    #[must_use]
    pub fn api(&self) -> &str {
        &self.api
    }

    /// Returns the parts that tell others. Returns `None` if the stack has no outlets.
    #[must_use]
    pub fn outlets(&self) -> Option<&Outlets> {
        self.outputs.outlets.as_deref()
    }

    /// Returns a reader of the table of the endpoints. Returns `None` if the stack has no outlets.
    #[must_use]
    pub fn outlets_table(&self) -> Option<Events> {
        let table = self.outlets()?.table.clone();
        Some(Events::named(self.tables.clone(), table))
    }

    /// Returns the providers that are on, in the order of their names.
    pub fn providers(&self) -> impl Iterator<Item = &str> {
        self.receivers.keys().map(String::as_str)
    }

    /// Returns the providers that are on and have a queue instead of a receiver.
    pub fn queued(&self) -> impl Iterator<Item = &str> {
        self.own_queues.keys().map(String::as_str)
    }

    /// Returns the URL that a provider posts its webhooks to. Returns `None` if the provider is not
    /// on.
    #[must_use]
    pub fn webhook_url(&self, provider: &str) -> Option<&str> {
        Some(&self.receivers.get(provider)?.url)
    }

    /// Returns the queue of a provider that has no receiver. Returns `None` if the provider is not
    /// on.
    #[must_use]
    pub fn own_queue(&self, provider: &str) -> Option<&OwnQueue> {
        self.own_queues.get(provider)
    }

    /// Returns the name of a provider's secret. Returns `None` if the provider is not on.
    #[must_use]
    pub fn secret_name(&self, provider: &str) -> Option<&str> {
        Some(&self.receivers.get(provider)?.secret)
    }

    /// Returns for how many days events are kept from when they occurred; 0 is for ever.
    #[must_use]
    pub fn retention_days(&self) -> u32 {
        self.retention_days
    }

    /// Returns the ARN of whoever calls. A local stack knows nobody.
    #[must_use]
    pub fn caller(&self) -> Option<&str> {
        match &self.place {
            Place::Local(_) => None,
            #[cfg(feature = "account")]
            Place::Deployed(stack) => Some(&stack.caller),
        }
    }

    /// Returns the stack on this machine, if it is one.
    #[must_use]
    pub fn local_stack(&self) -> Option<&LocalStack> {
        match &self.place {
            Place::Local(stack) => Some(stack),
            #[cfg(feature = "account")]
            Place::Deployed(_) => None,
        }
    }

    /// Returns the stack in an account, if it is one.
    #[cfg(feature = "account")]
    #[must_use]
    pub fn deployed_stack(&self) -> Option<&Deployed> {
        match &self.place {
            Place::Local(_) => None,
            Place::Deployed(stack) => Some(stack),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_port_of_this_machine_is_believed() {
        for url in [
            "http://127.0.0.1:8000",
            "http://localhost:9324/000000000000/DeliveriesQueue",
            "http://[::1]:3000/webhooks/resend",
        ] {
            assert!(is_here(url), "{url}");
        }
        for url in [
            "http://table.example.test:8000",
            "http://127.0.0.1.example.test:8000",
            "http://127.0.0.1:8000@table.example.test:8000",
            "http://table.example.test:8000@127.0.0.1:8000",
            "http://169.254.169.254:80/",
            "http://localhost",
            "https://127.0.0.1:8000",
            "127.0.0.1:8000",
            "http:///127.0.0.1:8000",
            "",
        ] {
            assert!(!is_here(url), "{url}");
        }
    }
}
