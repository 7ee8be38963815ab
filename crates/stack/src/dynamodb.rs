//! The table service: an embedded `DynamoDB` on a port, with the template's tables created in it.

use std::path::Path;
use std::time::Duration;

use dynoxide::Database;
use serde_json::{Map, Value, json};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::data;
use crate::error::Error;

/// How often expired items are removed. AWS may need days.
const SWEEP: Duration = Duration::from_mins(1);

/// The properties of a template's table that `CreateTable` accepts as they are.
const CREATE: &[&str] = &[
    "AttributeDefinitions",
    "BillingMode",
    "GlobalSecondaryIndexes",
    "KeySchema",
    "LocalSecondaryIndexes",
    "StreamSpecification",
    "DeletionProtectionEnabled",
];

/// Opens the database in the folder. Without a folder it is kept in memory.
///
/// # Errors
/// Returns an [`Error`] with the table service's message if the database cannot be opened.
pub fn open(folder: Option<&Path>) -> Result<Database, Error> {
    let Some(folder) = folder else {
        return Database::memory().map_err(|error| Error::Database(error.to_string()));
    };
    let file = data::database(folder, "dynamodb.sqlite")?;
    let opened = Database::new(&file.to_string_lossy());
    opened.map_err(|error| data::unusable(folder, &error))
}

/// Creates a table of the template, unless an earlier run has left it.
///
/// # Errors
/// Returns an [`Error`] with the table service's message if the table cannot be created.
pub fn create_table(database: &Database, name: &str, properties: &Value) -> Result<(), Error> {
    let failed = |error: &dyn std::fmt::Display| Error::Table {
        name: name.to_owned(),
        cause: error.to_string(),
    };
    let described = json!({"TableName": name});
    let described = serde_json::from_value(described).map_err(|error| failed(&error))?;
    if database.describe_table(described).is_ok() {
        return Ok(());
    }
    let mut request: Map<String, Value> = CREATE
        .iter()
        .filter_map(|key| Some(((*key).to_owned(), properties.get(*key)?.clone())))
        .collect();
    request.insert("TableName".to_owned(), json!(name));
    let request = serde_json::from_value(request.into()).map_err(|error| failed(&error))?;
    database
        .create_table(request)
        .map_err(|error| failed(&error))?;
    if let Some(time_to_live) = properties.get("TimeToLiveSpecification") {
        let request = json!({"TableName": name, "TimeToLiveSpecification": time_to_live});
        let request = serde_json::from_value(request).map_err(|error| failed(&error))?;
        database
            .update_time_to_live(request)
            .map_err(|error| failed(&error))?;
    }
    Ok(())
}

/// Serves the database on a listener and removes expired items, until the tasks are aborted.
#[must_use]
pub fn serve(listener: TcpListener, database: Database) -> Vec<JoinHandle<()>> {
    let sweeper = database.clone();
    vec![
        tokio::spawn(dynoxide::server::serve_on(listener, database)),
        tokio::spawn(async move {
            let mut ticks = tokio::time::interval(SWEEP);
            loop {
                ticks.tick().await;
                // Nothing can be done about an error here. The next sweep tries again.
                let _ = sweeper.sweep_ttl();
            }
        }),
    ]
}
