//! Reads a table's stream.

use dynoxide::Database;
use dynoxide::streams::shard_id;
use serde_json::{Value, json};
use tokio::task::spawn_blocking;

use crate::error::Error;
use crate::template::{REGION, StreamSource};

/// The stream of one table. Clones read the same one.
#[derive(Clone)]
pub(crate) struct Reader {
    database: Database,
    table: String,
    arn: String,
}

/// A change of one item.
#[derive(Clone, Debug)]
pub(crate) struct Record {
    /// Its place in the stream.
    pub(crate) sequence: String,
    /// The record as a function gets it.
    pub(crate) passed: Value,
}

impl Reader {
    /// Returns the reader of the stream that a mapping names.
    pub(crate) fn new(database: &Database, source: &StreamSource) -> Self {
        Self {
            database: database.clone(),
            table: source.table.clone(),
            arn: source.arn.clone(),
        }
    }

    /// Returns the records that come after a place, at most so many. Without a place they are the
    /// first ones.
    ///
    /// # Errors
    /// Returns [`Error::Stream`] with the table service's message if the stream cannot be read.
    pub(crate) async fn after(
        &self,
        place: Option<String>,
        most: usize,
    ) -> Result<Vec<Record>, Error> {
        let reader = self.clone();
        let reading = spawn_blocking(move || reader.read(place.as_deref(), most));
        let read = reading.await.map_err(|error| self.failed(&error))?;
        read.map_err(|error| self.failed(&*error))
    }

    fn failed(&self, cause: &dyn std::fmt::Display) -> Error {
        Error::Stream {
            table: self.table.clone(),
            cause: cause.to_string(),
        }
    }

    fn read(
        &self,
        place: Option<&str>,
        most: usize,
    ) -> Result<Vec<Record>, Box<dyn std::error::Error + Send + Sync>> {
        let mut ask = json!({
            "StreamArn": self.arn,
            "ShardId": shard_id(&self.table),
            "ShardIteratorType": "TRIM_HORIZON",
        });
        if let Some(place) = place {
            ask = json!({
                "StreamArn": self.arn,
                "ShardId": shard_id(&self.table),
                "ShardIteratorType": "AFTER_SEQUENCE_NUMBER",
                "SequenceNumber": place,
            });
        }
        let iterator = self
            .database
            .get_shard_iterator(serde_json::from_value(ask)?)?;
        let ask = json!({"ShardIterator": iterator.shard_iterator, "Limit": most});
        let found = self.database.get_records(serde_json::from_value(ask)?)?;
        let mut records = Vec::new();
        for record in found.records {
            let mut passed = serde_json::to_value(&record)?;
            if let Some(fields) = passed.as_object_mut() {
                fields.insert("awsRegion".to_owned(), json!(REGION));
                fields.insert("eventSourceARN".to_owned(), json!(self.arn));
            }
            records.push(Record {
                sequence: record.dynamodb.sequence_number,
                passed,
            });
        }
        Ok(records)
    }
}
