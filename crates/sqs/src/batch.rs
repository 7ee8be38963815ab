//! The parts that the three batch actions share: the checks of a whole batch, and an outcome per
//! entry.

use std::collections::HashSet;

use serde::Serialize;

use crate::{
    errors::SqsError,
    limits::MAX_ENTRIES,
    wire::{Change, Delete, Send},
};

/// An entry of a batch.
pub(crate) trait Entry {
    /// The kind of entry that the error about an empty batch names.
    const KIND: &'static str;
    /// Takes the sender's id out of the entry.
    fn take_id(&mut self) -> Option<String>;
}

impl Entry for Send {
    const KIND: &'static str = "SendMessageBatchRequestEntry";
    fn take_id(&mut self) -> Option<String> {
        self.id.take()
    }
}

impl Entry for Delete {
    const KIND: &'static str = "DeleteMessageBatchRequestEntry";
    fn take_id(&mut self) -> Option<String> {
        self.id.take()
    }
}

impl Entry for Change {
    const KIND: &'static str = "ChangeMessageVisibilityBatchRequestEntry";
    fn take_id(&mut self) -> Option<String> {
        self.id.take()
    }
}

/// The answer to a batch.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Outcomes<T> {
    successful: Vec<Done<T>>,
    failed: Vec<Failed>,
}

#[derive(Serialize)]
struct Done<T> {
    #[serde(rename = "Id")]
    id: String,
    #[serde(flatten)]
    result: T,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Failed {
    id: String,
    code: &'static str,
    message: String,
    sender_fault: bool,
}

/// Returns the entries with their ids, if the batch as a whole is one that AWS would accept.
pub(crate) fn check<E: Entry>(entries: Option<Vec<E>>) -> Result<Vec<(String, E)>, SqsError> {
    let entries = entries.unwrap_or_default();
    if entries.is_empty() {
        return Err(SqsError::EmptyBatchRequest(E::KIND));
    }
    if entries.len() > MAX_ENTRIES {
        return Err(SqsError::TooManyEntriesInBatchRequest(entries.len()));
    }
    let mut checked = Vec::new();
    for mut entry in entries {
        let id = entry.take_id().unwrap_or_default();
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
        if !(1..=80).contains(&id.len()) || !id.chars().all(plain) {
            return Err(SqsError::InvalidBatchEntryId);
        }
        checked.push((id, entry));
    }
    let mut seen = HashSet::new();
    match checked.iter().find(|(id, _)| !seen.insert(id)) {
        Some((id, _)) => Err(SqsError::BatchEntryIdsNotDistinct(id.clone())),
        None => Ok(checked),
    }
}

/// Applies each entry by itself. If one fails, the others are not affected.
pub(crate) fn run<E, T>(
    entries: Vec<(String, E)>,
    mut apply: impl FnMut(E) -> Result<T, SqsError>,
) -> Outcomes<T> {
    let mut outcomes = Outcomes {
        successful: Vec::new(),
        failed: Vec::new(),
    };
    for (id, entry) in entries {
        match apply(entry) {
            Ok(result) => outcomes.successful.push(Done { id, result }),
            Err(error) => outcomes.failed.push(Failed {
                id,
                code: error.code(),
                message: error.to_string(),
                sender_fault: !error.is_internal(),
            }),
        }
    }
    outcomes
}
