//! Hostile shapes: bodies that a provider's customer may have signed, each as small in the queue
//! and as large in memory as it can be made. A grammar: every place where a provider reads a list,
//! an object or a text, filled with everything that such a place can hold.

use shared::sender::Sender;

/// A shape, of any size.
pub struct Bomb {
    /// What it is, for a failure's text.
    pub name: String,
    before: String,
    after: String,
    filling: Filling,
    /// Whether the whole element is repeated in an array, each with its share of the filling.
    elements: usize,
}

/// What a place is filled with, over and over.
#[derive(Clone, Copy)]
enum Filling {
    /// Items of a list.
    Items(&'static str),
    /// Pairs of an object, each with a key of its own.
    Keys,
    /// Pairs of an object, all with one key.
    OneKey,
    /// Bytes of a text, or of anything.
    Bytes(&'static [u8]),
    /// Brackets that are opened and closed.
    Nested(&'static str, &'static str),
}

/// What a list may hold.
const ITEMS: &[&str] = &[
    "{}",
    r#"{"":0}"#,
    r#"{"device_id":"d","name":"n","value":"v","id":1}"#,
    r#"{"a":{"b":[{"c":0}]}}"#,
    r#""a""#,
    r#""a@b.test""#,
    "1",
    "[{}]",
];

/// What a text may hold: the last two are no JSON.
const TEXTS: &[&[u8]] = &[b"a", b"\\u0000", b"\\\"", b"a@b.test ", b"\xff", b"\x01"];

/// The places: `[@]` takes items, `{@}` pairs, `"@"` text. What stands around them reaches the
/// place.
fn places(provider: &str) -> &'static [&'static str] {
    match provider {
        "customerio" => &[
            r#"{"event_id":"e","object_type":"push","metric":"sent","data":{"recipients":[@]}}"#,
            r#"{"event_id":"e","object_type":"email","metric":"bounced","data":{"failure_message":"@"}}"#,
            r#"{"event_id":"e","metric":"cio_subscription_preferences_changed","data":{"content":"@"}}"#,
            r#"{"event_id":"e","metric":"opened","data":{"identifiers":{@}}}"#,
            r#"{"metric":"clicked","data":{@}}"#,
        ],
        "inboxroad" => &[
            r#"{"kind":"subscription_changed","change":"unsubscribe","contact_list":{@}}"#,
            r#"{"kind":"bounce","recipient":"a@b.test","dsn_status":"@"}"#,
            r#"{"type":"b","rcpt":"a@b.test","dsnDiag":"@"}"#,
        ],
        "insider" => &[
            r#"{"event":"click","url_offset":{@}}"#,
            r#"{"event":"bounce","email":"a@b.test","reason":"@"}"#,
        ],
        "mailgun" => &[
            r#"{"event-data":{"event":"opened","campaigns":[@]}}"#,
            r#"{"event-data":{"event":"opened","tags":[@]}}"#,
            r#"{"event-data":{"event":"rejected","message":{"recipients":[@]}}}"#,
            r#"{"event-data":{"event":"opened","user-variables":{@}}}"#,
            r#"{"event-data":{"event":"failed","severity":"permanent","delivery-status":{"message":"@"}}}"#,
            r#"{"event-data":{"event":"rejected","message":{"headers":{"to":"@"}}}}"#,
            r#"{"elsewhere":[@]}"#,
        ],
        "mailpanda" => &[
            r#"{"type":"open","to":[@]}"#,
            r#"{"type":"open","tags":[@]}"#,
            r#"{"type":"open","data":{"to":[@]}}"#,
            r#"{"type":"bounce","bounce":{@}}"#,
            r#"{"type":"bounce","reason":"@"}"#,
        ],
        "resend" => &[
            r#"{"type":"email.opened","data":{"to":[@]}}"#,
            r#"{"type":"email.opened","data":{"tags":[@]}}"#,
            r#"{"type":"email.opened","data":{"tags":{@}}}"#,
            r#"{"type":"email.bounced","data":{"to":["a@b.test","c@d.test"],"bounce":{"diagnosticCode":[@]}}}"#,
            r#"{"type":"email.bounced","data":{"to":["a@b.test","c@d.test"],"bounce":{"message":"@"}}}"#,
        ],
        "sendgrid" => &[
            r#"{"event":"open","category":[@]}"#,
            r#"{"event":"open",@}"#,
            r#"{"event":"open","email":"a@b.test","timestamp":1767323045,@}"#,
            r#"{"event":"bounce","email":"a@b.test","timestamp":1767323045,"reason":"@"}"#,
            r#"{"event":"bounce","sg_message_id":"@"}"#,
        ],
        _ => &[r#"{"list":[@]}"#, r#"{"object":{@}}"#, r#"{"text":"@"}"#],
    }
}

/// Every shape for a provider.
#[must_use]
pub fn bombs(provider: &dyn Sender) -> Vec<Bomb> {
    let mut bombs = Vec::new();
    for place in places(provider.name()) {
        // Not any @: an address has one, too.
        let holes = ["[@]", "{@}", "\"@\"", ",@}"];
        let at = holes.iter().find_map(|hole| place.find(hole));
        let (before, after) = place.split_at(at.expect("a place") + 1);
        let after = &after[1..];
        let fillings: Vec<Filling> = match after.as_bytes().first() {
            Some(b']') => ITEMS.iter().copied().map(Filling::Items).collect(),
            Some(b'}') => vec![Filling::Keys, Filling::OneKey],
            _ => TEXTS.iter().copied().map(Filling::Bytes).collect(),
        };
        for filling in fillings {
            for elements in [1, 40, 2_000] {
                bombs.push(Bomb {
                    name: format!("{}: {elements} x {place} of {filling:?}", provider.name()),
                    before: before.to_owned(),
                    after: after.to_owned(),
                    filling,
                    elements,
                });
            }
        }
    }
    bombs.extend(whole(provider));
    bombs
}

/// The shapes of a whole body, whoever sends it.
fn whole(provider: &dyn Sender) -> Vec<Bomb> {
    let element = r#"{"event":"open","type":"open","kind":"open","metric":"opened","event-data":{"event":"opened"}}"#;
    let shapes: [(&str, Filling, &str); 12] = [
        ("[", Filling::Items("{}"), "]"),
        ("[", Filling::Items(r#"{"":0}"#), "]"),
        ("[", Filling::Items("1"), "]"),
        ("[", Filling::Items(element), "]"),
        ("[", Filling::Items("{\"a\":\"\x01\"}"), "]"),
        ("{", Filling::Keys, "}"),
        ("", Filling::Nested("[", "]"), ""),
        (r#"{"x":"#, Filling::Nested(r#"{"a":"#, "}"), "}"),
        ("[", Filling::Bytes(b"["), ""),
        ("[[", Filling::Bytes(b"}"), ""),
        ("[{", Filling::Bytes(b"\""), ""),
        ("[{\"a\":", Filling::Bytes(b"\xff\x00"), "}]"),
    ];
    let bomb = |(before, filling, after): (&str, Filling, &str)| Bomb {
        name: format!("{}: {before}{filling:?}{after}", provider.name()),
        before: before.to_owned(),
        after: after.to_owned(),
        filling,
        elements: 1,
    };
    shapes.into_iter().map(bomb).collect()
}

impl std::fmt::Debug for Filling {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Items(item) => write!(f, "{item}"),
            Self::Keys => f.write_str("keys"),
            Self::OneKey => f.write_str("one key"),
            Self::Bytes(bytes) => write!(f, "{}", bytes.escape_ascii()),
            Self::Nested(open, close) => write!(f, "{open}…{close}"),
        }
    }
}

impl Bomb {
    /// The body, of about so many bytes. Without the signature that a provider has inside of it.
    #[must_use]
    pub fn body(&self, bytes: usize) -> Vec<u8> {
        let around = self.before.len() + self.after.len() + 1;
        let share = (bytes / self.elements).saturating_sub(around).max(1);
        let element = [
            self.before.as_bytes(),
            &self.filling.of(share),
            self.after.as_bytes(),
        ]
        .concat();
        if self.elements == 1 {
            return element;
        }
        let body = vec![element; self.elements].join(&b","[..]);
        [b"[", body.as_slice(), b"]"].concat()
    }
}

impl Filling {
    fn of(self, bytes: usize) -> Vec<u8> {
        match self {
            Self::Items(item) => {
                let count = bytes / (item.len() + 1) + 1;
                vec![item; count].join(",").into_bytes()
            }
            Self::Keys => {
                let pairs: Vec<String> =
                    (0..=bytes / 11).map(|n| format!("\"{n:06x}\":0")).collect();
                pairs.join(",").into_bytes()
            }
            Self::OneKey => vec![r#""a":0"#; bytes / 6 + 1].join(",").into_bytes(),
            Self::Bytes(piece) => piece.repeat(bytes / piece.len() + 1),
            Self::Nested(open, close) => {
                let levels = bytes / (open.len() + close.len()) + 1;
                let inner = if open.ends_with(':') { "1" } else { "" };
                let text = [&open.repeat(levels), inner, &close.repeat(levels)].concat();
                text.into_bytes()
            }
        }
    }
}
