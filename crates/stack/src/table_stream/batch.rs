//! What becomes of a batch once its function has answered.

use serde::Deserialize;

use super::reader::Record;

/// What the function's answer means for a batch.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// All of it is done.
    Done,
    /// It is to be tried again from this record on.
    From(usize),
    /// All of it failed.
    Failed,
}

/// A function's answer.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Answer {
    batch_item_failures: Option<Vec<ItemFailure>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ItemFailure {
    #[serde(default)]
    item_identifier: Option<String>,
}

/// Returns what an answer means. `None` is a function that died, timed out or reported an error.
pub(super) fn verdict(batch: &[Record], answer: Option<&[u8]>, reports_failures: bool) -> Verdict {
    let Some(answer) = answer else {
        return Verdict::Failed;
    };
    if !reports_failures {
        return Verdict::Done;
    }
    let Ok(answer) = serde_json::from_slice::<Option<Answer>>(answer) else {
        return Verdict::Failed; // not a partial batch response
    };
    let failures = answer.unwrap_or_default().batch_item_failures;
    let places = failures.into_iter().flatten().map(|failure| {
        let sequence = failure.item_identifier?;
        batch.iter().position(|record| record.sequence == sequence)
    });
    match places.collect::<Option<Vec<usize>>>() {
        Some(places) => places
            .into_iter()
            .min()
            .map_or(Verdict::Done, Verdict::From),
        None => Verdict::Failed,
    }
}

/// Splits a batch in two. Its first half comes first.
pub(super) fn halves(mut batch: Vec<Record>) -> Vec<Vec<Record>> {
    let second = batch.split_off(batch.len().div_ceil(2));
    [batch, second]
        .into_iter()
        .filter(|half| !half.is_empty())
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn batch(count: usize) -> Vec<Record> {
        let records = (0..count).map(|n| Record {
            sequence: n.to_string(),
            passed: Value::Null,
        });
        records.collect()
    }

    fn of(answer: &Value) -> Verdict {
        verdict(&batch(4), Some(answer.to_string().as_bytes()), true)
    }

    #[test]
    fn the_first_failure_is_where_it_goes_on() {
        let failed = |ids: &[&str]| {
            let failures = ids.iter().map(|id| json!({"itemIdentifier": id}));
            json!({"batchItemFailures": failures.collect::<Vec<_>>()})
        };
        assert_eq!(of(&failed(&["3", "1", "2"])), Verdict::From(1));
        assert_eq!(of(&failed(&[])), Verdict::Done);
        assert_eq!(of(&json!({"batchItemFailures": null})), Verdict::Done);
        assert_eq!(of(&json!({})), Verdict::Done);
        assert_eq!(of(&Value::Null), Verdict::Done);
    }

    #[test]
    fn what_names_no_record_fails_the_whole_batch() {
        for id in [json!(""), json!(null), json!("9")] {
            let answer =
                json!({"batchItemFailures": [{"itemIdentifier": "1"}, {"itemIdentifier": id}]});
            assert_eq!(of(&answer), Verdict::Failed, "{id}");
        }
        let nameless = json!({"batchItemFailures": [{"identifier": "1"}]});
        assert_eq!(of(&nameless), Verdict::Failed);
        assert_eq!(of(&json!("done")), Verdict::Failed);
        assert_eq!(verdict(&batch(1), None, true), Verdict::Failed);
        assert_eq!(verdict(&batch(1), Some(b"done"), false), Verdict::Done);
    }

    #[test]
    fn a_batch_is_halved_until_one_record_is_left() {
        let sizes = |count| {
            let halves = halves(batch(count));
            halves.iter().map(Vec::len).collect::<Vec<_>>()
        };
        assert_eq!(sizes(5), [3, 2]);
        assert_eq!(sizes(2), [1, 1]);
        assert_eq!(sizes(1), [1]);
    }
}
