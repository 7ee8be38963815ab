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
    "DeletionProtectionEnabled",
];

/// The property that says which stream a table has.
const STREAM: &str = "StreamSpecification";

/// Finds the records of a stream by their place in it. Without it each write, and each look at the
/// stream, reads all records that there have ever been.
const INDEX: &str = "CREATE INDEX IF NOT EXISTS postern_stream ON _stream_records \
     (table_name, CAST(sequence_number AS INTEGER))";

/// Opens the database in the folder. Without a folder it is kept in memory.
///
/// # Errors
/// Returns an [`Error`] with the table service's message if the database cannot be opened.
pub fn open(folder: Option<&Path>) -> Result<Database, Error> {
    let Some(folder) = folder else {
        // A database in memory that has a name can be opened twice, for its index.
        let name = format!("file:{}?mode=memory&cache=shared", uuid::Uuid::new_v4());
        return opened(&name).map_err(Error::Database);
    };
    let file = data::database(folder, "dynamodb.sqlite")?;
    opened(&file.to_string_lossy()).map_err(|cause| data::unusable(folder, &cause))
}

fn opened(name: &str) -> Result<Database, String> {
    let database = Database::new(name).map_err(|error| error.to_string())?;
    let indexed =
        rusqlite::Connection::open(name).and_then(|connection| connection.execute_batch(INDEX));
    indexed.map_err(|error| error.to_string())?;
    Ok(database)
}

/// Creates a table of the template, unless an earlier run has left it. It has a stream if the
/// template says so now.
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
        return update_stream(database, name, properties).map_err(|error| failed(error.as_ref()));
    }
    let mut request: Map<String, Value> = CREATE
        .iter()
        .filter_map(|key| Some(((*key).to_owned(), properties.get(*key)?.clone())))
        .collect();
    request.insert("TableName".to_owned(), json!(name));
    if let Some(stream) = stream(properties) {
        request.insert(STREAM.to_owned(), stream);
    }
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

/// Returns the stream that a table has, as the table service wants it said.
fn stream(properties: &Value) -> Option<Value> {
    let view = properties.get(STREAM)?.get("StreamViewType")?;
    Some(json!({"StreamEnabled": true, "StreamViewType": view}))
}

/// Gives a table its stream, or takes it away.
fn update_stream(
    database: &Database,
    name: &str,
    properties: &Value,
) -> Result<(), Box<dyn std::error::Error>> {
    let wanted = stream(properties);
    let metadata = database.get_table_metadata(name)?;
    let has_stream = metadata.is_some_and(|metadata| metadata.stream_enabled);
    if wanted.is_some() == has_stream {
        return Ok(());
    }
    let stream = wanted.unwrap_or_else(|| json!({"StreamEnabled": false}));
    let request = json!({"TableName": name, STREAM: stream});
    database.update_table(serde_json::from_value(request)?)?;
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

#[cfg(test)]
mod tests {
    use super::*;

    const PLANS: [&str; 2] = [
        "SELECT COALESCE(MAX(CAST(sequence_number AS INTEGER)), 0) + 1 FROM _stream_records \
         WHERE table_name = ?1",
        "SELECT keys_json FROM _stream_records WHERE table_name = ?1 AND shard_id = ?2 \
         AND CAST(sequence_number AS INTEGER) > ?3 \
         ORDER BY CAST(sequence_number AS INTEGER) ASC LIMIT ?4",
    ];

    fn properties(stream: &Value) -> Value {
        json!({
            "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}],
            "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
            "BillingMode": "PAY_PER_REQUEST",
            STREAM: stream,
        })
    }

    fn has_stream(database: &Database) -> bool {
        let metadata = database.get_table_metadata("Table").unwrap();
        metadata.unwrap().stream_enabled
    }

    #[test]
    fn a_table_has_the_stream_that_the_template_says_now() {
        let database = open(None).unwrap();
        let (off, on) = (json!(null), json!({"StreamViewType": "NEW_AND_OLD_IMAGES"}));
        for (stream, is_on) in [(&off, false), (&on, true), (&on, true), (&off, false)] {
            create_table(&database, "Table", &properties(stream)).unwrap();
            assert_eq!(has_stream(&database), is_on);
        }
    }

    #[test]
    fn a_place_in_the_stream_is_found_by_the_index() {
        let name = format!("file:{}?mode=memory&cache=shared", uuid::Uuid::new_v4());
        let _database = opened(&name).unwrap();
        let connection = rusqlite::Connection::open(&name).unwrap();
        for query in PLANS {
            let mut statement = connection
                .prepare(&format!("EXPLAIN QUERY PLAN {query}"))
                .unwrap();
            let plan: String = statement
                .query_row(
                    rusqlite::params_from_iter(vec!["x"; statement.parameter_count()]),
                    |row| row.get(3),
                )
                .unwrap();
            assert!(plan.contains("INDEX postern_stream"), "{plan}");
        }
    }
}
