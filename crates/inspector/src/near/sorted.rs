//! Writes the members of JSON objects in the order of their names, as canonical JSON has them.
//!
//! Numbers and strings stay as they are written.

use std::collections::BTreeMap;

use serde_json::value::RawValue;

/// The deepest nesting that is sorted. Each level reads what is inside it once more.
const DEEPEST: usize = 16;

/// Returns JSON with the members of every object sorted by name. Returns `None` if it is no JSON,
/// or nests deeper than 16.
pub(super) fn sorted(text: &str) -> Option<String> {
    let mut out = String::with_capacity(text.len());
    write(text.trim_ascii(), 0, &mut out)?;
    Some(out)
}

fn write(text: &str, depth: usize, out: &mut String) -> Option<()> {
    if depth > DEEPEST {
        return None;
    }
    if text.starts_with('{') {
        let members: BTreeMap<String, &RawValue> = serde_json::from_str(text).ok()?;
        out.push('{');
        for (place, (name, value)) in members.iter().enumerate() {
            if place > 0 {
                out.push(',');
            }
            out.push_str(&serde_json::to_string(name).ok()?);
            out.push(':');
            write(value.get().trim_ascii(), depth + 1, out)?;
        }
        out.push('}');
    } else if text.starts_with('[') {
        let elements: Vec<&RawValue> = serde_json::from_str(text).ok()?;
        out.push('[');
        for (place, value) in elements.iter().enumerate() {
            if place > 0 {
                out.push(',');
            }
            write(value.get().trim_ascii(), depth + 1, out)?;
        }
        out.push(']');
    } else {
        out.push_str(text);
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::sorted;

    #[test]
    fn members_are_in_the_order_of_their_names() {
        for (text, wanted) in [
            (
                r#" { "b" : 1.0 , "a":[{"d":"\u00e9","c":12345678901234567890123}, 2] } "#,
                Some(r#"{"a":[{"c":12345678901234567890123,"d":"\u00e9"},2],"b":1.0}"#),
            ),
            ("{}", Some("{}")),
            ("[ ]", Some("[]")),
            ("{\"a\":", None),
            ("[1,]", None),
        ] {
            assert_eq!(sorted(text).as_deref(), wanted, "{text}");
        }
        let nested = |depth: usize| format!("{}1{}", "[".repeat(depth), "]".repeat(depth));
        assert_eq!(sorted(&nested(16)), Some(nested(16)));
        assert_eq!(sorted(&nested(17)), None);
        assert_eq!(sorted(&nested(100_000)), None);
    }
}
