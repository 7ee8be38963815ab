//! What a stack has that tells others what is stored, as its template says.

use std::time::Duration;

use serde_json::{Map, Value, json};

use crate::template::{Function, Template};

/// The variables of the functions that say which parts there are.
const TABLE: &str = "OUTLETS_TABLE_NAME";
const OUTBOX: &str = "OUTBOX_URL";
const DEAD_LETTERS: &str = "OUTBOX_DEAD_LETTER_URL";
const AUTH: &str = "API_AUTH";
const BUS: &str = "EVENT_BUS_ARN";

/// The path of the API that manages the endpoints.
const MANAGE: &str = "/api/webhooks/manage";

/// The variable that says for how long an hour lasts, in milliseconds. It is set on this machine
/// alone.
const HOUR: &str = "OUTLETS_HOUR_MS";

/// The parts that tell others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outlets {
    /// The table of the endpoints, and of what waits for them.
    pub table: String,
    /// The URL of the queue of what is to be told.
    pub outbox: String,
    /// The URL of the queue of what could not be told, through no fault of an endpoint.
    dead_letters: String,
    /// The ARN of the event bus, if there is one.
    pub bus: Option<String>,
    /// Who may use the API: `iam` or `key`.
    auth: String,
}

impl Outlets {
    /// Returns the parts of a template. Returns `None` if it has none.
    pub(crate) fn of(template: &Template) -> Option<Self> {
        let variable = |name: &str| {
            let mut functions = template.functions.iter();
            functions.find_map(|function| function.environment.get(name).cloned())
        };
        Some(Self {
            table: variable(TABLE)?,
            outbox: variable(OUTBOX)?,
            dead_letters: variable(DEAD_LETTERS)?,
            bus: variable(BUS).filter(|arn| !arn.is_empty()),
            auth: variable(AUTH)?,
        })
    }

    /// Returns the outputs by which a command finds the parts. The API is at this base URL.
    pub(crate) fn outputs(&self, api: &str) -> Map<String, Value> {
        let outputs = [
            ("OutletsTable", self.table.clone()),
            ("OutboxQueueUrl", self.outbox.clone()),
            ("OutboxDeadLetterQueueUrl", self.dead_letters.clone()),
            ("ManageUrl", format!("{api}{MANAGE}")),
            ("ApiAuth", self.auth.clone()),
        ];
        let bus = self.bus.clone().map(|arn| ("EventBusArn", arn));
        let outputs = outputs.into_iter().chain(bus);
        outputs
            .map(|(name, value)| (name.to_owned(), json!(value)))
            .collect()
    }

    /// Returns the name of the queue of what is to be told.
    pub(crate) fn outbox_name(&self) -> &str {
        self.outbox.rsplit('/').next().unwrap_or_default()
    }
}

/// Checks whether a function has to do with telling others.
pub(crate) fn tells(function: &Function) -> bool {
    function.environment.contains_key(TABLE)
}

/// Returns the variable that a function gets if an hour lasts so long here. Only functions
/// that tell others get it.
pub(crate) fn hour(function: &Function, hour: Option<Duration>) -> Option<(String, String)> {
    let hour = hour.filter(|_| tells(function))?;
    Some((HOUR.to_owned(), hour.as_millis().to_string()))
}
