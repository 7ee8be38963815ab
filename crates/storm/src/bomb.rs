//! Webhooks that are small in the queue and would be large in a careless consumer's memory: lists
//! without end in every place where some provider reads one, and objects of very many fields.

/// The items of a list, and the pairs of an object: some 0.6 MB of JSON, and some 3 KB in the
/// queue.
const ITEMS: usize = 60_000;
/// A push that repeats itself: so many elements, each with so many devices.
const ELEMENTS: usize = 40;
const DEVICES: usize = 1_100;

/// The shapes, in turn. Each says one thing of its own, so that it can be looked for afterwards; an
/// array holds elements of its own.
pub(crate) fn body(number: usize) -> Vec<u8> {
    let list = vec![r#"{"":0}"#; ITEMS].join(",");
    // What an event of each provider needs to be one, and the lists that they read.
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

/// 40 elements of 1,100 devices each.
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
