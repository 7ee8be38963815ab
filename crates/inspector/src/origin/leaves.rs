//! The values of an element that are neither objects nor lists.

use serde_json::Value;

/// The most values that are looked at.
const MOST_LEAVES: usize = 4_096;
/// The longest path, in bytes. A longer one helps no reader.
const LONGEST_PATH: usize = 256;

/// A value, and where it stands.
pub(super) struct Leaf {
    /// The path from the element: `data.to[0]`.
    pub(super) path: String,
    /// The value as text.
    pub(super) text: String,
    /// How many keys and places lead to it.
    pub(super) depth: usize,
}

impl Leaf {
    /// Returns the last key that leads to it.
    pub(super) fn key(&self) -> &str {
        let list = self.path_of_list();
        list.rsplit('.').next().unwrap_or_default()
    }

    /// Returns the path of the list that it stands in, or its own.
    pub(super) fn path_of_list(&self) -> &str {
        let inside = self.path.strip_suffix(']');
        let list = inside.and_then(|path| path.rsplit_once('['));
        list.map_or(self.path.as_str(), |(list, _)| list)
    }
}

/// Returns the values of an element, in bounds.
pub(super) fn leaves(element: &Value) -> Vec<Leaf> {
    let mut leaves = Vec::new();
    collect(element, String::new(), 0, &mut leaves);
    leaves
}

/// The reader has bounded how deep an element is.
fn collect(value: &Value, path: String, depth: usize, leaves: &mut Vec<Leaf>) {
    if leaves.len() >= MOST_LEAVES || path.len() > LONGEST_PATH {
        return;
    }
    let text = match value {
        Value::Object(fields) => {
            for (key, value) in fields {
                let dot = if path.is_empty() { "" } else { "." };
                collect(value, format!("{path}{dot}{key}"), depth + 1, leaves);
            }
            return;
        }
        Value::Array(items) => {
            for (place, item) in items.iter().enumerate() {
                collect(item, format!("{path}[{place}]"), depth + 1, leaves);
            }
            return;
        }
        Value::Null => return,
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    leaves.push(Leaf { path, text, depth });
}
