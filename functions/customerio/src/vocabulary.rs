//! Customer.io's words: which metric is which kind, which object which channel, and what the words
//! of a refusal mean.

use shared::bounce::{Category, Class, Evidence, judge, listed};
use shared::element::Element;
use shared::event::{Channel, Kind, Refusal, Scope};
use shared::machine::{Machine, Why};

/// `object_type`, and what its messages travel through.
const OBJECTS: &[(&str, Channel)] = &[
    // the person's own settings, which an asker looks up by mail address
    ("customer", Channel::Email),
    ("email", Channel::Email),
    ("sms", Channel::Sms), // also WhatsApp by way of Twilio
    ("push", Channel::Push),
    ("in_app", Channel::InApp),
    ("slack", Channel::Slack),
    ("webhook", Channel::Webhook),
    ("whatsapp", Channel::WhatsApp),
];

/// What an event is called.
pub(crate) struct Name {
    /// The provider's name for it, as it stands.
    pub(crate) verbatim: Option<String>,
    /// The object, in lower case: `email`, `push` …
    pub(crate) object: Option<String>,
    /// The name without its object, in lower case.
    metric: String,
    /// What the message travels through; `None` for an object that we do not know.
    pub(crate) channel: Option<Channel>,
}

impl Name {
    /// Reads `object_type` and `metric`, or the one name that joins them.
    pub(crate) fn read(element: &Element<'_>, data: &Element<'_>) -> Self {
        let verbatim = ["metric", "event_type", "event"]
            .into_iter()
            .find_map(|key| element.text(key));
        let name = verbatim.as_deref().unwrap_or_default().to_ascii_lowercase();
        let (prefix, metric) = split(&name);
        let object = element
            .text("object_type")
            // so spelled for the preferences, in documents and samples
            .or_else(|| element.text("object_type_type"))
            .map(|object| object.to_ascii_lowercase())
            .or_else(|| prefix.map(str::to_owned));
        // The person's own setting names no message's recipient. Its object is the channel in which
        // the change was made; what changed is the person's, who is looked up, and mailed, by mail
        // address.
        let is_of_person = is_setting(metric) && !data.has("recipient");
        let channel = if is_of_person {
            Some(Channel::Email)
        } else {
            channel(object.as_deref())
        };
        Self {
            metric: metric.to_owned(),
            channel,
            object,
            verbatim,
        }
    }

    /// Whether the person chose among topics or channels.
    pub(crate) fn is_preferences(&self) -> bool {
        is_preferences(&self.metric)
    }
}

fn is_preferences(metric: &str) -> bool {
    matches!(
        metric,
        "cio_subscription_preferences_changed" // the metric
            | "subscription_preferences_changed" // `customer_` before it: the name in the settings
    )
}

fn is_setting(metric: &str) -> bool {
    matches!(metric, "subscribed" | "unsubscribed") || is_preferences(metric)
}

/// `in_app_clicked` is `in_app` and `clicked`; a name without a known object stays whole.
fn split(name: &str) -> (Option<&'static str>, &str) {
    OBJECTS
        .iter()
        .find_map(|(object, _)| {
            let metric = name.strip_prefix(object)?.strip_prefix('_')?;
            Some((Some(*object), metric))
        })
        .unwrap_or((None, name))
}

fn channel(object: Option<&str>) -> Option<Channel> {
    let Some(object) = object else {
        // the preferences come without; what else does can only be guessed
        return Some(Channel::Email);
    };
    OBJECTS
        .iter()
        .find(|(known, _)| *known == object)
        .map(|(_, channel)| *channel)
}

/// What happened. `device` is the one of a push that the event is about.
#[expect(clippy::match_same_arms, reason = "a table: one line per metric")]
pub(crate) fn kind(name: &Name, data: &Element<'_>, device: Option<&Element<'_>>) -> Kind {
    let text = device
        .and_then(|device| device.text("failure_message"))
        .or_else(|| data.text("failure_message"));
    let text = text.as_deref();
    let refusal = |category: Option<Category>| refusal(name.channel, text, category);

    match name.metric.as_str() {
        "drafted" => Kind::Queued,
        "sent" => Kind::Sent,
        "delivered" => Kind::Delivered,
        // did not reach the sending service; will be tried again
        "attempted" => Kind::Deferred(refusal(None)),
        "deferred" => Kind::Deferred(refusal(None)), // in no document, but others receive it
        // hard or soft is not said: the text is all there is
        "bounced" => Kind::Bounced(refusal(None)),
        "dropped" => Kind::Rejected(Refusal {
            scope: opt_out(text),
            ..own(text, dropped(text))
        }),
        "undeliverable" => Kind::Rejected(own(text, undeliverable(text))),
        "failed" => Kind::Failed(refusal(failed(name.channel, text))),
        "opened" => Kind::Opened(opener(data)),
        "clicked" => Kind::Clicked {
            url: data.text("href"),
            machine: clicker(data),
        },
        "converted" => Kind::Converted,
        "replied" => Kind::Replied,
        "spammed" => Kind::Complained,
        // Two events under one name: the link in a message, or the person's attribute. Either stops
        // all messages.
        "unsubscribed" => Kind::Unsubscribed {
            scope: Scope::Global,
            machine: clicker(data),
        },
        "subscribed" => Kind::Subscribed(Scope::Global),
        // one topic of many: must not suppress the address
        _ if name.is_preferences() => Kind::PreferencesChanged,
        _ => Kind::Unknown,
    }
}

fn opener(data: &Element<'_>) -> Machine {
    let is = |flag: &str| data.flag(flag) == Some(true);
    if is("prefetched") {
        // Apple, Gmail or a known machine loaded it before anyone looked
        Machine::Confirmed(Why::Prefetch)
    } else if is("proxied") {
        // loaded through a privacy proxy, and a person may be behind it
        Machine::Suspected(Why::Proxy)
    } else if is("synthetic") {
        Machine::None // no pixel was loaded at all: a click implied that somebody had opened it
    } else {
        by_user_agent(data)
    }
}

fn clicker(data: &Element<'_>) -> Machine {
    if data.flag("machine") == Some(true) {
        Machine::Confirmed(Why::Scanner)
    } else {
        by_user_agent(data)
    }
}

/// In no document; free to read where it comes.
fn by_user_agent(data: &Element<'_>) -> Machine {
    data.text("user_agent")
        .map_or(Machine::None, |agent| Machine::of_user_agent(&agent))
}

/// "Email Suppressed" in the documents: the person is on the suppression list. Why, only the words
/// say.
fn dropped(text: Option<&str>) -> Category {
    text.and_then(listed).unwrap_or(Category::SuppressedManual)
}

/// What an opt-out is about, for which nothing was tried: where the words name a topic, it is not
/// all mail, and which one is not said.
fn opt_out(text: Option<&str>) -> Scope {
    let is_of_topic = [("topic", ()), ("subscription preference", ())];
    match first(text, &is_of_topic) {
        Some(()) => Scope::Topic(None),
        None => Scope::Global,
    }
}

/// A sentence of Customer.io's, which did not try: no answer of a server.
fn own(text: Option<&str>, category: Category) -> Refusal {
    Refusal::judge(&Evidence {
        class: Some(Class::Undetermined),
        category: Some(category),
        text,
        is_providers_sentence: true,
        ..Evidence::default()
    })
}

/// A message limit, a newsletter that was cancelled, or delivery that was switched off: the team's
/// own doing each time.
fn undeliverable(text: Option<&str>) -> Category {
    let words = [
        // first: a newsletter may be cancelled with words about its limits
        ("cancel", Category::Policy),
        ("limit", Category::Quota), // the team's limit per person, and not a receiver's rate
        ("frequency", Category::Quota),
    ];
    first(text, &words).unwrap_or(Category::Policy)
}

/// It never got to the sending service. `None` where a mail server's code explains it better.
fn failed(channel: Option<Channel>, text: Option<&str>) -> Option<Category> {
    let words = [
        ("liquid", Category::TemplateError), // the template language
        ("template", Category::TemplateError),
    ];
    let verdict = refusal(channel, text, None).verdict;
    let has_code = verdict.smtp_code.is_some() || verdict.enhanced_code.is_some();
    first(text, &words).or((!has_code).then_some(Category::SenderError))
}

/// The category of the first row whose piece is in the text.
fn first<T: Copy>(text: Option<&str>, rows: &[(&str, T)]) -> Option<T> {
    let words: Vec<&str> = text?
        .split_whitespace()
        .filter(|word| !word.contains('@')) // spam@shop.test is no complaint
        .collect();
    let words = words.join(" ").to_lowercase();
    rows.iter()
        .find(|(piece, _)| words.contains(piece))
        .map(|(_, category)| *category)
}

/// Without a category, the text decides; but only a mail server's text can speak of an address.
fn refusal(channel: Option<Channel>, text: Option<&str>, category: Option<Category>) -> Refusal {
    let evidence = Evidence {
        category,
        text,
        ..Evidence::default()
    };
    let refusal = Refusal::judge(&evidence);
    if channel == Some(Channel::Email) {
        return refusal;
    }
    // Twilio's 30003, Apple's 410 or a webhook's 500 are no SMTP codes, and what reads like "user
    // unknown" there may be a token that was renewed: a hard class would suppress a person for it.
    let verdict = judge(&Evidence {
        class: Some(Class::Undetermined),
        category: Some(category.unwrap_or(Category::Generic)),
        ..Evidence::default()
    });
    Refusal { verdict, ..refusal }
}
