//! The template's queues, created in the embedded SQS. `CloudFormation`'s properties have the names of SQS's attributes.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::Value;
use sqs::{QueueSettings, Sqs};

use crate::template::REGION;

/// Properties that SQS does not know as attributes.
const NOT_ATTRIBUTES: &[&str] = &["QueueName", "Tags", "RedriveAllowPolicy"];

/// Opens the queue service: its messages are in `data`, else in memory.
///
/// # Errors
/// A text for the person at the terminal.
pub fn open(data: Option<&Path>) -> Result<Sqs, String> {
    let Some(folder) = data else {
        return Ok(Sqs::new(REGION));
    };
    let failed = |error: &dyn std::fmt::Display| {
        format!("cannot keep data in {}: {error}", folder.display())
    };
    std::fs::create_dir_all(folder).map_err(|error| failed(&error))?;
    Sqs::durable(REGION, &folder.join("sqs.sqlite")).map_err(|error| failed(&error))
}

/// Creates every queue, dead-letter queues first.
///
/// # Errors
/// A text for the person at the terminal.
pub fn create(sqs: &Sqs, queues: &BTreeMap<String, Value>) -> Result<(), String> {
    let (with_redrive, plain): (Vec<_>, Vec<_>) = queues
        .iter()
        .partition(|(_, properties)| properties.get("RedrivePolicy").is_some());
    for (name, properties) in plain.into_iter().chain(with_redrive) {
        let failed = |error| format!("cannot create the queue {name}: {error}");
        let settings = settings(sqs, name, properties).map_err(failed)?;
        sqs.create(settings)
            .map_err(|error| failed(error.to_string()))?;
    }
    Ok(())
}

fn settings(sqs: &Sqs, name: &str, properties: &Value) -> Result<QueueSettings, String> {
    let mut settings = QueueSettings::new(name);
    for (attribute, value) in properties.as_object().into_iter().flatten() {
        if NOT_ATTRIBUTES.contains(&attribute.as_str()) {
            continue;
        }
        let text = value
            .as_str()
            .map_or_else(|| value.to_string(), str::to_owned);
        settings
            .set(sqs.region(), attribute, &text)
            .map_err(|error| error.to_string())?;
    }
    Ok(settings)
}
