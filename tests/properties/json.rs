//! Bodies: any JSON, made of a provider's own keys and words often enough that its mapping is
//! reached, and of what JSON readers trip over.

use std::fmt;

use proptest::prelude::*;
use proptest::sample::{Index, select};
use serde_json::Value;
use shared::normalize::Layout;
use shared::sender::Sender;
use tests::cases;

/// JSON that need not make sense: leaves and keys are JSON texts, and a key may come twice.
#[derive(Clone)]
pub(crate) enum Json {
    Leaf(String),
    Array(Vec<Json>),
    Object(Vec<(String, Json)>),
}

use Json::{Array, Leaf, Object};

impl fmt::Display for Json {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let comma = |index: usize| if index == 0 { "" } else { "," };
        match self {
            Leaf(text) => f.write_str(text),
            Array(values) => {
                f.write_str("[")?;
                for (index, value) in values.iter().enumerate() {
                    write!(f, "{}{value}", comma(index))?;
                }
                f.write_str("]")
            }
            Object(pairs) => {
                f.write_str("{")?;
                for (index, (key, value)) in pairs.iter().enumerate() {
                    write!(f, "{}{key}:{value}", comma(index))?;
                }
                f.write_str("}")
            }
        }
    }
}

impl fmt::Debug for Json {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Json {
    fn of(value: &Value) -> Self {
        match value {
            Value::Array(values) => Array(values.iter().map(Self::of).collect()),
            Value::Object(pairs) => Object(
                pairs
                    .iter()
                    .map(|(key, value)| (quoted(key), Self::of(value)))
                    .collect(),
            ),
            leaf => Leaf(leaf.to_string()),
        }
    }

    fn children(&self) -> Box<dyn Iterator<Item = &Self> + '_> {
        match self {
            Leaf(_) => Box::new(std::iter::empty()),
            Array(values) => Box::new(values.iter()),
            Object(pairs) => Box::new(pairs.iter().map(|(_, value)| value)),
        }
    }

    fn children_mut(&mut self) -> Box<dyn Iterator<Item = &mut Self> + '_> {
        match self {
            Leaf(_) => Box::new(std::iter::empty()),
            Array(values) => Box::new(values.iter_mut()),
            Object(pairs) => Box::new(pairs.iter_mut().map(|(_, value)| value)),
        }
    }

    /// How many values it is.
    fn count(&self) -> usize {
        1 + self.children().map(Self::count).sum::<usize>()
    }

    /// Changes one of its values: an object gets one more pair, anything else becomes the value of
    /// the pair.
    fn graft(&mut self, at: usize, key: String, value: Self) {
        let Some(mut at) = at.checked_sub(1) else {
            match self {
                Object(pairs) => pairs.push((key, value)),
                other => *other = value,
            }
            return;
        };
        for child in self.children_mut() {
            let count = child.count();
            if at < count {
                return child.graft(at, key, value);
            }
            at -= count;
        }
    }
}

pub(crate) fn quoted(text: &str) -> String {
    Value::from(text).to_string()
}

/// What a provider's samples are made of.
struct Words {
    keys: Vec<String>,
    leaves: Vec<String>,
    elements: Vec<Json>,
}

/// The list of a body that may be an object around its elements.
fn list_of(provider: &dyn Sender) -> Option<&'static str> {
    match provider.layout() {
        Layout::Plain | Layout::Nowhere => None,
        Layout::ListOrLines(name) => Some(name),
    }
}

fn words(provider: &dyn Sender) -> Words {
    let elements: Vec<Json> = cases(provider)
        .iter()
        .filter_map(|(body, _)| {
            let body = std::fs::read(body).expect("a sample");
            serde_json::from_slice::<Value>(&body).ok() // some samples are what a reader trips over
        })
        .flat_map(|mut body| {
            let list = list_of(provider).and_then(|name| body.get_mut(name)?.as_array_mut());
            match (list.map(std::mem::take), body) {
                (Some(elements), _) | (None, Value::Array(elements)) => elements,
                (None, element) => vec![element],
            }
        })
        .filter(Value::is_object)
        .map(|element| Json::of(&element))
        .collect();
    let name = provider.name();
    assert!(!elements.is_empty(), "events/{name}/ has no sample");
    let (mut keys, mut leaves) = (Vec::new(), Vec::new());
    for element in &elements {
        collect(element, &mut keys, &mut leaves);
    }
    for words in [&mut keys, &mut leaves] {
        words.sort();
        words.dedup();
    }
    Words {
        keys,
        leaves,
        elements,
    }
}

fn collect(json: &Json, keys: &mut Vec<String>, leaves: &mut Vec<String>) {
    match json {
        Leaf(text) => leaves.push(text.clone()),
        Object(pairs) => keys.extend(pairs.iter().map(|(key, _)| key.clone())),
        Array(_) => {}
    }
    for child in json.children() {
        collect(child, keys, leaves);
    }
}

const HOSTILE_KEYS: &[&str] = &[
    "\"\"",
    r#""\ud800""#,
    r#""\udc00\ud800x""#,
    r#""\u0000""#,
    r#""\u0064ata""#,
    r#"" ""#,
];

#[rustfmt::skip]
const HOSTILE_LEAVES: &[&str] = &[
    "null", "true", "false", "0", "-0", "-1", "0.0", "1e400", "-1e400", "1e-400", "9007199254740993", "9223372036854775807",
    "9223372036854775808", "-9223372036854775809", "1767323100", "1767323100.9", "1767323100678", "253402300799", "253402300800",
    "8640000000000001", "1.7e9", "123456789012345678901234567890",
    "\"\"", r#"" ""#, r#""\ud800""#, r#""\ud83d\ude00""#, r#""\udc00 5.1.1""#, r#""\u0000""#, r#""\ufffe\uffff""#, "\"\u{fffe}\u{ffff}\"",
    r#""0""#, r#""-1""#, r#""1767323100""#, r#""1767323100.5""#, r#""true""#, r#""2026-01-02T03:05:00.6789+14:00""#,
    r#""9999-12-31T23:59:59.999Z""#, r#""-009999-01-02T01:59:59Z""#, r#""1969-12-31T23:59:60Z""#, r#""{\"topics\":{},\"channels\":[]}""#,
    r#""<@>""#, r#""@""#, r#""<00000000-0000-0000-0000-000000000000@>""#, r#""550 5.1.1 user unknown""#, r#""5.1.1 (""#, "\"#\"",
    "[]", "{}", "[[[[[[[[]]]]]]]]", r#"[{},1,{"device_id":""}]"#, r#"[""," ","a"]"#,
];

fn leaf(words: &Words) -> BoxedStrategy<Json> {
    let piece = select(vec!["a", "用", "😀", "\\u0000", "\\ud800", "550 5.1.1 "]);
    let long = prop_oneof![
        40 => (piece.clone(), 1usize..300),
        10 => (piece, 300usize..3_000),
        1 => (Just("😀"), 90_000usize..110_000), // too large for an item
    ];
    prop_oneof![
        6 => select(words.leaves.clone()),
        5 => select(HOSTILE_LEAVES).prop_map(str::to_owned),
        1 => any::<String>().prop_map(|text| quoted(&text)),
        1 => any::<i64>().prop_map(|number| number.to_string()),
        1 => any::<f64>().prop_map(|number| Value::from(number).to_string()),
        1 => long.prop_map(|(piece, times)| format!("\"{}\"", piece.repeat(times))),
    ]
    .prop_map(Leaf)
    .boxed()
}

fn key(words: &Words) -> BoxedStrategy<String> {
    prop_oneof![
        12 => select(words.keys.clone()),
        1 => select(HOSTILE_KEYS).prop_map(str::to_owned),
        1 => any::<String>().prop_map(|text| quoted(&text)),
    ]
    .boxed()
}

fn value(words: &Words) -> BoxedStrategy<Json> {
    let key = key(words);
    leaf(words)
        .prop_recursive(4, 32, 5, move |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..5).prop_map(Array),
                prop::collection::vec((key.clone(), inner), 0..8).prop_map(Object),
            ]
        })
        .boxed()
}

/// An object: a sample with some of its values changed, or one made up.
fn element(words: &Words) -> BoxedStrategy<Json> {
    let (key, value) = (key(words), value(words));
    let changes = prop::collection::vec((any::<Index>(), key.clone(), value.clone()), 0..6);
    let sampled = (select(words.elements.clone()), changes).prop_map(|(mut element, changes)| {
        for (at, key, value) in changes {
            let at = at.index(element.count());
            element.graft(at, key, value);
        }
        element
    });
    let made_up = prop::collection::vec((key, value), 0..12).prop_map(Object);
    prop_oneof![4 => sampled, 1 => made_up].boxed()
}

/// Any body that is JSON.
pub(crate) fn body(provider: &dyn Sender) -> BoxedStrategy<String> {
    let words = words(provider);
    let (element, value) = (element(&words), value(&words));
    let elements =
        prop::collection::vec(prop_oneof![6 => element.clone(), 1 => value.clone()], 0..6);
    let in_a_list = list_of(provider).map(quoted);
    let elements = (elements, any::<bool>()).prop_map(move |(elements, is_in)| match &in_a_list {
        Some(name) if is_in => Object(vec![(name.clone(), Array(elements))]),
        _ => Array(elements),
    });
    let json = prop_oneof![4 => element, 4 => elements, 1 => value];
    let space = || select(vec!["", "", " ", "\r\n\t"]);
    (space(), json, space())
        .prop_map(|(before, json, after)| format!("{before}{json}{after}"))
        .boxed()
}

/// Any body at all.
pub(crate) fn bytes(provider: &dyn Sender) -> BoxedStrategy<Vec<u8>> {
    let body = body(provider).prop_map(String::into_bytes);
    let damaged = (body.clone(), any::<Index>(), any::<u8>(), any::<bool>()).prop_map(
        |(mut body, at, byte, is_cut)| {
            let at = at.index(body.len());
            body[at] = byte;
            body.truncate(if is_cut { at } else { usize::MAX });
            body
        },
    );
    let any_bytes = prop_oneof![8 => body, 2 => damaged, 1 => any::<Vec<u8>>()];
    if list_of(provider).is_none() {
        return any_bytes.boxed();
    }
    prop_oneof![3 => any_bytes, 1 => lines(provider)].boxed()
}

/// JSON Lines.
fn lines(provider: &dyn Sender) -> impl Strategy<Value = Vec<u8>> + use<> {
    let element = element(&words(provider));
    prop::collection::vec(element, 0..6).prop_map(|elements| {
        let lines = elements.iter().map(|json| format!("{json}\n"));
        lines.collect::<String>().into_bytes()
    })
}
