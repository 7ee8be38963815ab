//! What a rule is, and how the template is changed to break it.

use serde_json::Value;

/// A rule, and changes to the template that it must notice.
pub struct Rule {
    pub name: &'static str,
    /// Returns what of the template breaks the rule, in words.
    pub broken_by: fn(&Value) -> Vec<String>,
    pub changes: &'static [Change],
}

/// A place in the template, as a JSON pointer, and the JSON to put there; nothing to remove it.
pub type Change = (&'static str, Option<&'static str>);

/// Puts a value at a place, or removes what is there.
pub fn change(template: &mut Value, place: &str, value: Option<&str>) {
    let (parent, key) = place.rsplit_once('/').expect("a pointer");
    let key = &key.replace("~1", "/");
    let parent = template
        .pointer_mut(parent)
        .unwrap_or_else(|| panic!("{place} is nowhere"));
    match (parent, value) {
        (Value::Object(map), Some(value)) => {
            let value: Value = serde_json::from_str(value).expect("JSON");
            let before = map.insert(key.to_owned(), value.clone());
            assert_ne!(before, Some(value), "{place} changes nothing");
        }
        (Value::Array(list), Some(value)) => {
            list[key.parse::<usize>().expect("an index")] =
                serde_json::from_str(value).expect("JSON");
        }
        (Value::Object(map), None) => {
            assert!(map.remove(key).is_some(), "{place} is nowhere");
        }
        (Value::Array(list), None) => {
            list.remove(key.parse().expect("an index"));
        }
        _ => panic!("{place} is nowhere"),
    }
}

/// Collects complaints.
#[derive(Default)]
pub struct Complaints(pub Vec<String>);

impl Complaints {
    pub fn unless(&mut self, holds: bool, subject: &str, complaint: &str) {
        if !holds {
            self.0.push(format!("{subject}: {complaint}"));
        }
    }
}
