//! Creates the template's queues in the embedded SQS. `CloudFormation`'s properties have the names
//! of SQS's attributes.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::Value;
use sqs::{QueueSettings, Sqs, SqsError};

use crate::data;
use crate::error::Error;
use crate::template::REGION;

/// Properties that are not SQS attributes.
const NOT_ATTRIBUTES: &[&str] = &["QueueName", "Tags", "RedriveAllowPolicy"];

/// Opens the queue service. Its messages are kept in the folder, or else in memory.
///
/// # Errors
/// Returns an [`Error`] with the queue service's message if the folder cannot be used.
pub fn open(folder: Option<&Path>) -> Result<Sqs, Error> {
    let Some(folder) = folder else {
        return Ok(Sqs::new(REGION));
    };
    let file = data::database(folder, "sqs.sqlite")?;
    Sqs::durable(REGION, &file).map_err(|error| data::unusable(folder, &error))
}

/// Creates every queue. Dead-letter queues are created first.
///
/// # Errors
/// Returns an [`Error`] with the queue service's message if a queue cannot be created.
pub fn create(sqs: &Sqs, queues: &BTreeMap<String, Value>) -> Result<(), Error> {
    let (with_redrive, plain): (Vec<_>, Vec<_>) = queues
        .iter()
        .partition(|(_, properties)| properties.get("RedrivePolicy").is_some());
    for (name, properties) in plain.into_iter().chain(with_redrive) {
        let created = settings(sqs, name, properties).and_then(|settings| sqs.create(settings));
        created.map_err(|error| Error::Queue {
            name: name.clone(),
            cause: error.to_string(),
        })?;
    }
    Ok(())
}

fn settings(sqs: &Sqs, name: &str, properties: &Value) -> Result<QueueSettings, SqsError> {
    let mut settings = QueueSettings::new(name);
    for (attribute, value) in properties.as_object().into_iter().flatten() {
        if NOT_ATTRIBUTES.contains(&attribute.as_str()) {
            continue;
        }
        let text = value
            .as_str()
            .map_or_else(|| value.to_string(), str::to_owned);
        settings.set(sqs.region(), attribute, &text)?;
    }
    Ok(settings)
}
