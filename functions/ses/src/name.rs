//! What an event is called, and its own part of the object.

use shared::element::Element;

/// The names that `EventBridge` has for events, in letters alone, and SES's own.
const DETAIL_TYPES: &[(&str, &str)] = &[
    ("emailsent", "send"),
    ("emailrejected", "reject"),
    ("emailbounced", "bounce"),
    ("emailcomplaintreceived", "complaint"),
    ("emaildelivered", "delivery"),
    ("emailopened", "open"),
    ("emailclicked", "click"),
    ("emailrenderingfailed", "renderingfailure"),
    ("emaildeliverydelayed", "deliverydelay"),
    ("emailsubscribed", "subscription"),
];

/// Each event's own object in it.
const PARTS: &[(&str, &str)] = &[
    ("send", "send"),
    ("reject", "reject"),
    ("bounce", "bounce"),
    ("complaint", "complaint"),
    ("delivery", "delivery"),
    ("open", "open"),
    ("click", "click"),
    ("renderingfailure", "failure"),
    ("deliverydelay", "deliveryDelay"),
    ("subscription", "subscription"),
];

/// An event's name, and its own object.
pub(crate) struct Name<'a> {
    /// SES's name for it, as it stands, with what it is a case of: `Bounce/Permanent/General`.
    pub(crate) verbatim: Option<String>,
    /// The name in letters alone, in lower case: the API writes `RENDERING_FAILURE`, and an event
    /// `Rendering Failure`.
    pub(crate) word: String,
    /// `bounce`, `click` …
    pub(crate) part: Option<Element<'a>>,
}

impl<'a> Name<'a> {
    /// Reads the name: `eventType` of a configuration set, or `notificationType` of an identity;
    /// else what the envelope is called.
    pub(crate) fn read(event: &Element<'a>, envelope: Option<&str>) -> Self {
        let own = event
            .text("eventType")
            .or_else(|| event.text("notificationType"));
        let given = own.or_else(|| envelope.map(str::to_owned));
        let word = letters(given.as_deref().unwrap_or_default());
        let word = entry(DETAIL_TYPES, &word).map_or(word.clone(), str::to_owned);
        let part = entry(PARTS, &word).and_then(|key| event.object(key));
        let cases = match word.as_str() {
            "bounce" => ["bounceType", "bounceSubType"].as_slice(),
            "complaint" => &["complaintSubType", "complaintFeedbackType"],
            "deliverydelay" => &["delayType"],
            _ => &[],
        };
        let cases = cases.iter().filter_map(|key| part.as_ref()?.text(key));
        Self {
            verbatim: given.map(|name| cases.fold(name, |name, case| format!("{name}/{case}"))),
            word,
            part,
        }
    }

    /// A text of the event's own object.
    pub(crate) fn text(&self, key: &str) -> Option<String> {
        self.part.as_ref()?.text(key)
    }

    /// The texts of a list in the event's own object.
    pub(crate) fn texts(&self, key: &str) -> Vec<String> {
        let texts = self.part.as_ref().map(|part| part.texts(key));
        texts.unwrap_or_default()
    }

    /// A word of the event's own object, in lower case.
    pub(crate) fn lower(&self, key: &str) -> String {
        self.text(key).unwrap_or_default().to_ascii_lowercase()
    }

    /// Checks whether the event is told of by the message alone, and happens when that is sent.
    pub(crate) fn is_of_sending(&self) -> bool {
        matches!(self.word.as_str(), "send" | "reject" | "renderingfailure")
    }
}

fn letters(name: &str) -> String {
    let letters = name.chars().filter(char::is_ascii_alphabetic);
    letters.map(|c| c.to_ascii_lowercase()).collect()
}

fn entry(table: &[(&str, &'static str)], word: &str) -> Option<&'static str> {
    let row = table.iter().find(|(name, _)| *name == word);
    row.map(|(_, value)| *value)
}
