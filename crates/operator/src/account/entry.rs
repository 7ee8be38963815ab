//! Tells a log line as an entry, as the local stack tells what happens. No address is in it.

use shared::time::rfc3339_ms;

use crate::account::lines::{Line, What};
use crate::live::{Entry, Told};

/// The most events that an entry tells.
const MOST_EVENTS: usize = 100;

/// Returns the entry of a line. Returns `None` if nothing has become of the webhook yet, or if the
/// line is about a key or a function.
///
/// The consumer has a line for all webhooks of a provider in a batch. It is one entry.
#[must_use]
pub fn entry(line: &Line) -> Option<Entry> {
    let entry = Entry {
        at: rfc3339_ms(line.at),
        provider: line.provider.clone(),
        ..Entry::default()
    };
    let entry = match &line.what {
        // Each further attempt says the same again.
        What::Accepted { .. } | What::Trouble { .. } | What::Waiting { tries: 2.., .. } => {
            return None;
        }
        What::Ping { request_id } => Entry {
            status: Some(200),
            request_id: Some(request_id.clone()),
            ..entry
        },
        What::Refused {
            request_id,
            status,
            code,
        } => Entry {
            status: Some(*status),
            code: Some(code.clone()),
            request_id: Some(request_id.clone()),
            ..entry
        },
        What::Stored {
            messages, kinds, ..
        } => {
            let events = kinds.iter().flat_map(|(kind, count)| {
                let count = usize::try_from(*count).unwrap_or(usize::MAX);
                std::iter::repeat_n(kind, count)
            });
            let events = events.map(|kind| Told {
                kind: kind.clone(),
                ..Told::default()
            });
            let count = usize::try_from(kinds.values().sum::<u64>());
            let one = <&[String; 1]>::try_from(&messages[..]).ok();
            Entry {
                status: Some(200),
                events: events.take(MOST_EVENTS).collect(),
                more_events: count.unwrap_or(usize::MAX).saturating_sub(MOST_EVENTS),
                message_id: one.map(|[message_id]| message_id.clone()),
                ..entry
            }
        }
        What::Dead {
            message_id, codes, ..
        } => Entry {
            code: Some(codes.join(",")),
            message_id: Some(message_id.clone()),
            dead: true,
            ..entry
        },
        What::Waiting {
            message_id, codes, ..
        } => Entry {
            code: Some(codes.join(",")),
            message_id: Some(message_id.clone()),
            waits: true,
            ..entry
        },
    };
    Some(entry)
}

#[cfg(test)]
mod tests {
    use super::entry;
    use crate::account::lines::Line;
    use crate::live::line;

    fn told(text: &str) -> Option<String> {
        let read = Line::read(text).expect("a line");
        let line = line(&entry(&read)?);
        Some(format!(
            "{} {} {} {}",
            line.time, line.verdict, line.provider, line.text
        ))
    }

    #[test]
    fn a_log_line_is_told_as_the_local_stack_tells_it() {
        let at = r#"{"timestamp":"2026-01-02T03:04:05.678Z","provider":"resend""#;
        for (rest, wanted) in [
            (
                r#""outcome":"stored","messages":["m","n"],"kinds":{"bounced":1,"delivered":2}"#,
                Some("03:04:05 200 resend bounced;  delivered;  delivered"),
            ),
            (
                r#""outcome":"stored","messages":["m"],"kinds":{"opened":5}"#,
                Some("03:04:05 200 resend opened;  opened;  opened;  and 2 more"),
            ),
            (
                r#""outcome":"ping","request_id":"r""#,
                Some("03:04:05 200 resend without an event"),
            ),
            (
                r#""outcome":"accepted","request_id":"r","body_bytes":1,"message_id":"m""#,
                None,
            ),
            (
                r#""outcome":"waiting","message_id":"m","codes":["x"],"receives":2"#,
                None,
            ),
            (r#""outcome":"secret_odd","code":"c","message":"m""#, None),
        ] {
            assert_eq!(told(&format!("{at},{rest}}}")).as_deref(), wanted, "{rest}");
        }
        let refused = told(&format!(
            r#"{at},"outcome":"rejected","request_id":"r","status":401,"code":"signature_mismatch"}}"#
        ));
        let refused = refused.expect("an entry");
        assert!(
            refused.starts_with("03:04:05 401 resend signature_mismatch  "),
            "{refused}"
        );
        let dead = told(&format!(
            r#"{at},"outcome":"put_aside","message_id":"m","codes":["body_not_json"]}}"#
        ));
        let dead = dead.expect("an entry");
        assert!(
            dead.starts_with("03:04:05 dead resend body_not_json"),
            "{dead}"
        );
        assert!(dead.ends_with(": postern redrive"), "{dead}");
    }
}
