//! What stands around an event: nothing, what SNS puts around a text, or what `EventBridge` puts
//! around an object; or the one in the other.

use jiff::Timestamp;
use shared::element::Element;

use crate::times::time_of;

/// How the text begins that a topic gets once, when a configuration set begins to publish to it. It
/// is no JSON.
const VALIDATED: &str = "Successfully validated SNS topic";
/// What an identity's topic gets that is no event of a mail that was sent: it was subscribed, or
/// mail came in.
const NO_EVENTS: [&str; 2] = ["amazonsnssubscriptionsucceeded", "received"];

/// What SNS sends.
const SNS_TYPES: [&str; 3] = [
    "notification",
    "subscriptionconfirmation",
    "unsubscribeconfirmation",
];

/// What SNS writes around a message.
pub(crate) struct Sns {
    /// The message's text.
    pub(crate) message: Option<String>,
    /// What came, if it is no event: the type.
    pub(crate) name: Option<String>,
    /// When it was published.
    pub(crate) time: Option<Timestamp>,
}

impl Sns {
    /// Reads the envelope, if it is one.
    pub(crate) fn of(element: &Element<'_>) -> Option<Self> {
        if !SNS_TYPES.contains(&element.word("Type").as_str()) {
            return None;
        }
        // SNS writes JSON as a text. Tools that replay messages also write it as it is.
        let message = element
            .text("Message")
            .or_else(|| Some(element.object("Message")?.raw().to_owned()));
        Some(Self {
            name: element.text("Type"),
            time: time_in(element, "Timestamp"),
            message,
        })
    }
}

/// Checks whether a message of the queue is a notice of SES's and no event.
pub(crate) fn is_notice(body: &str) -> bool {
    let body = body.trim_start();
    if body.starts_with(VALIDATED) {
        return true;
    }
    let Some(element) = Element::parse(body) else {
        return false;
    };
    match Sns::of(&element).map(|sns| sns.message) {
        Some(Some(message)) => {
            let is_validation = message.trim_start().starts_with(VALIDATED);
            is_validation || Element::parse(&message).is_some_and(|inner| says_notice(&inner))
        }
        Some(None) => false,
        None => says_notice(&element),
    }
}

fn says_notice(event: &Element<'_>) -> bool {
    let word = event.word("notificationType");
    !event.has("eventType") && NO_EVENTS.contains(&word.as_str())
}

/// What `EventBridge` writes around an event, whose object is its `detail`.
pub(crate) struct EventBridge<'a> {
    /// The event.
    pub(crate) detail: Element<'a>,
    /// What it is called here.
    pub(crate) name: String,
    /// When it happened, in whole seconds.
    pub(crate) time: Option<Timestamp>,
}

impl<'a> EventBridge<'a> {
    /// Reads the envelope, if it is one around something of SES.
    pub(crate) fn of(element: &Element<'a>) -> Option<Self> {
        let name = element.text("detail-type")?;
        (element.word("source") == "aws.ses").then_some(())?;
        Some(Self {
            detail: element.object("detail")?,
            name,
            time: time_in(element, "time"),
        })
    }
}

fn time_in(element: &Element<'_>, key: &str) -> Option<Timestamp> {
    element.id(key).as_deref().and_then(time_of)
}
