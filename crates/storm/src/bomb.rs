//! Webhooks that are small in the queue but would be large in a careless consumer's memory. They
//! have very long lists in every place where some provider reads one, and objects with very many
//! fields.

/// How many items a list has, and how many pairs an object has. This makes some 0.6 MB of JSON, and
/// some 3 KB in the queue.
const ITEMS: usize = 60_000;
/// How many elements a push with repeated content has.
const ELEMENTS: usize = 40;
const DEVICES: usize = 1_100;

/// Returns the body with this number. The shapes take turns.
///
/// Each body says something unique, so that it can be found afterwards. An array holds elements
/// that are unique, too.
pub(crate) fn body(number: usize) -> Vec<u8> {
    let list = vec![r#"{"":0}"#; ITEMS].join(",");
    // These are the fields that each provider needs to read an event, and the lists that they read.
    let names = format!(
        r#""storm":{number},"metric":"storm","event-data":{{"event":"storm","storm":{number}"#
    );
    let body = match number % 4 {
        0 => format!(
            r#"{{{names},"campaigns":[{list}]}},"object_type":"push","data":{{"recipients":[{list}]}}}}"#
        ),
        1 => format!(
            r#"{{{names},"tags":[{list}]}},"data":{{"tags":[{list}],"to":[{list}]}},"category":[{list}]}}"#
        ),
        2 => {
            let pairs: Vec<String> = (0..ITEMS).map(|n| format!("\"{n}\":0")).collect();
            let pairs = pairs.join(",");
            format!(r#"{{{names}}},"many":{{{pairs}}},{pairs}}}"#)
        }
        _ => push(number),
    };
    body.into_bytes()
}

/// Returns an array of 40 elements with 1,100 devices each.
fn push(number: usize) -> String {
    let devices = vec![r#"{"device_id":"d"}"#; DEVICES].join(",");
    let element = |n: usize| {
        format!(
            r#"{{"storm":{number},"event_id":"storm-{number}-{n}","object_type":"push","metric":"sent","event-data":{{"event":"storm"}},"data":{{"recipients":[{devices}]}}}}"#
        )
    };
    let elements: Vec<String> = (0..ELEMENTS).map(element).collect();
    format!("[{}]", elements.join(","))
}
