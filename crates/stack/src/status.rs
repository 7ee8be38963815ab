//! The status of a running stack, at `GET /_postern/status`. Commands find its parts by this
//! status.
//!
//! The names under `outputs` are those of the template's outputs, so that a command reads the same
//! from a deployed stack.

use std::net::SocketAddr;
use std::path::PathBuf;

use jiff::Timestamp;
use serde_json::{Map, Value, json};
use shared::time::rfc3339_ms;

use crate::outlets::Outlets;
use crate::secrets::NAME_VARIABLE;
use crate::template::{Function, Template};

/// The path of the status.
pub(crate) const PATH: &str = "/_postern/status";

/// The outputs that a command uses.
const OUTPUTS: [&str; 3] = ["Table", "QueueUrl", "DeadLetterQueueUrl"];

/// What the path of a receiver begins with. One may have another route besides.
const WEBHOOKS: &str = "/webhooks/";

/// What the status says of a stack besides its template.
pub(crate) struct Facts {
    /// The HTTP API.
    pub(crate) api: SocketAddr,
    /// The table service.
    pub(crate) dynamodb: SocketAddr,
    /// The service of the secrets.
    pub(crate) secrets_manager: SocketAddr,
    /// The queue service.
    pub(crate) sqs: SocketAddr,
    /// When the stack started.
    pub(crate) since: Timestamp,
    /// The folder that keeps the data.
    pub(crate) data: Option<PathBuf>,
}

/// Returns the status of a stack.
pub(crate) fn status(template: &Template, facts: &Facts) -> Value {
    let url = |address: SocketAddr| format!("http://{address}");
    let outputs = OUTPUTS.iter().filter_map(|name| {
        let value = template.outputs.get(*name)?;
        Some(((*name).to_owned(), Value::from(value.clone())))
    });
    let mut outputs: Map<String, Value> = outputs.collect();
    if let Some(outlets) = Outlets::of(template) {
        outputs.extend(outlets.outputs(&url(facts.api)));
    }
    json!({
        "dynamodb": url(facts.dynamodb),
        "secretsmanager": url(facts.secrets_manager),
        "sqs": url(facts.sqs),
        "outputs": outputs,
        "receivers": receivers(template, &url(facts.api)),
        "queues": own_queues(template),
        "retention_days": retention_days(template),
        "version": env!("CARGO_PKG_VERSION"),
        "pid": std::process::id(),
        "since": rfc3339_ms(facts.since),
        "data": facts.data,
    })
}

/// Returns where each provider's webhooks go, and the name of its secret.
fn receivers(template: &Template, api: &str) -> Map<String, Value> {
    let receivers = template.functions.iter().filter_map(|function| {
        let secret = function.environment.get(NAME_VARIABLE)?;
        let mut routes = function.routes.iter();
        let route = routes.find(|route| route.path.starts_with(WEBHOOKS))?;
        let url = format!("{api}{}", route.path);
        let receiver = json!({"url": url, "secret": secret});
        Some((function.package.clone(), receiver))
    });
    receivers.collect()
}

/// Returns the queues of providers that have no receiver, by the consumer's environment:
/// `SES_QUEUE_ARN` and `SES_QUEUE_URL`, and so for each.
fn own_queues(template: &Template) -> Map<String, Value> {
    let variables = template.functions.iter().flat_map(|f| &f.environment);
    let variables: Vec<(&String, &String)> = variables.collect();
    let queues = variables.iter().filter_map(|(name, url)| {
        let provider = name.strip_suffix("_QUEUE_URL")?;
        let arn_name = format!("{provider}_QUEUE_ARN");
        let (_, arn) = variables.iter().find(|(name, _)| **name == arn_name)?;
        let queue = json!({"url": url, "arn": arn});
        (!url.is_empty()).then(|| (provider.to_ascii_lowercase(), queue))
    });
    queues.collect()
}

/// Returns for how many days the consumer keeps events.
fn retention_days(template: &Template) -> u32 {
    let days = |function: &Function| function.environment.get("RETENTION_DAYS")?.parse().ok();
    template.functions.iter().find_map(days).unwrap_or_default()
}
