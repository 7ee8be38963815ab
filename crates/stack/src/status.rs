//! The status of a running stack, at `GET /_postern/status`. Commands find its parts by this
//! status.
//!
//! The names under `outputs` are those of the template's outputs, so that a command reads the same
//! from a deployed stack.

use std::net::SocketAddr;

use serde_json::{Map, Value, json};

use crate::template::Template;

/// The path of the status.
pub(crate) const PATH: &str = "/_postern/status";

/// The outputs that a command uses.
const OUTPUTS: [&str; 3] = ["Table", "QueueUrl", "DeadLetterQueueUrl"];

/// Where the services of a stack are.
pub(crate) struct Services {
    pub(crate) dynamodb: SocketAddr,
    pub(crate) secrets_manager: SocketAddr,
    pub(crate) sqs: SocketAddr,
}

/// Returns the status of a stack whose services are at these addresses.
pub(crate) fn status(template: &Template, services: &Services) -> Value {
    let url = |address: SocketAddr| format!("http://{address}");
    let outputs = OUTPUTS.iter().filter_map(|name| {
        let value = template.outputs.get(*name)?;
        Some(((*name).to_owned(), Value::from(value.clone())))
    });
    json!({
        "dynamodb": url(services.dynamodb),
        "secretsmanager": url(services.secrets_manager),
        "sqs": url(services.sqs),
        "outputs": outputs.collect::<Map<_, _>>(),
    })
}
