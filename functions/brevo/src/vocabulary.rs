//! Brevo's words: which event is which kind, and what the words of a refusal mean.

use shared::bounce::Category::{
    Generic, InvalidAddress, InvalidDomain, Policy, SuppressedManual, System, Unknown,
};
use shared::bounce::{Category, Class, Evidence, listed};
use shared::element::{Element, MOST_TEXTS};
use shared::event::{Kind, Refusal, Scope};
use shared::json::{self, Items};
use shared::machine::{Machine, Why};

/// The name of an event without what its spellings differ in: `hard_bounce`, `hardBounce` and
/// `proxy _open` have all been seen, in one place or another.
fn name(element: &Element<'_>) -> String {
    let mut name = element.word("event");
    name.retain(|c| c.is_ascii_alphanumeric());
    name
}

/// What happened. Where an element is one event per list, `list` is the one of this event.
pub(crate) fn kind(element: &Element<'_>, list: Option<&str>) -> Kind {
    match name(element).as_str() {
        // Taken, not tried yet: it comes even where `blocked` follows.
        "request" | "sent" => Kind::Queued,
        "delivered" => Kind::Delivered, // its reason, "sent", is no server's answer
        // A 550 5.1.1 was seen under it: Brevo still owns the message, so it stays deferred.
        "deferred" => Kind::Deferred(answer(element, None, None)),
        "softbounce" | "softbounced" => Kind::Bounced(bounced(element, Class::Soft)), // given up
        // No server has spoken, so it is no bounce and condemns no mailbox: the team has blocked
        // the address in Brevo, which is what `blocked` tells of as "blacklist user".
        "hardbounce" | "hardbounced" if element.word("reason").trim() == "blocked by admin" => {
            Kind::Rejected(own(element, None, SuppressedManual))
        }
        "hardbounce" | "hardbounced" => Kind::Bounced(bounced(element, Class::Hard)),
        "blocked" => Kind::Rejected(blocked(element)),
        // A server's word or Brevo's own, which of them is not said.
        "invalidemail" | "invalid" => Kind::Rejected(answer(element, None, Some(InvalidAddress))),
        "error" => Kind::Failed(own(element, Some(Class::Undetermined), System)),
        "complaint" | "spam" => Kind::Complained, // as documented; as seen
        "opened" | "uniqueopened" => Kind::Opened(machine(element)), // see `is_first`
        "proxyopen" | "uniqueproxyopen" => Kind::Opened(by_proxy(element)),
        "click" | "clicked" => Kind::Clicked {
            // of transactional mail; of marketing mail
            url: element.text("link").or_else(|| element.text("URL")),
            machine: machine(element),
        },
        "unsubscribed" | "unsubscribe" => Kind::Unsubscribed {
            scope: scope(element, list),
            machine: machine(element),
        },
        "listaddition" => Kind::Subscribed(Scope::List(list.map(str::to_owned))),
        "contactupdated" => Kind::PreferencesChanged, // `content` is the contact as it is now
        "reply" | "replied" => Kind::Replied,
        // Also `contact_deleted`, and mail that was received.
        _ => Kind::Unknown,
    }
}

/// Whether it is the first open, by Brevo's word. A plain `opened` is a later one where both are
/// subscribed to, and may be the first where they are not.
pub(crate) fn is_first(element: &Element<'_>) -> bool {
    matches!(name(element).as_str(), "uniqueopened" | "uniqueproxyopen")
}

/// To whom it happened, each once, in their order. `email` is a list where several contacts were
/// deleted at once, and a contact that was updated may have it in its `content` alone.
pub(crate) fn addresses(element: &Element<'_>) -> Vec<String> {
    if let Some(only) = element.text("email") {
        return vec![only];
    }
    let mut addresses = once(element.texts("email"));
    if addresses.is_empty() {
        let contacts = element.objects("content");
        addresses = once(contacts.filter_map(|contact| contact.text("email")));
    }
    addresses
}

/// The lists that somebody left or joined, each once, in their order.
pub(crate) fn lists(element: &Element<'_>) -> Vec<String> {
    let is_about_lists = match name(element).as_str() {
        "listaddition" => true,
        "unsubscribe" | "unsubscribed" => is_marketing(element),
        _ => false,
    };
    if !is_about_lists {
        return Vec::new();
    }
    if let Some(only) = element.id("list_id") {
        return vec![only];
    }
    let list = json::value_of(element.raw().as_bytes(), "list_id").and_then(Items::of);
    once(list.into_iter().flatten().filter_map(id))
}

/// The first texts, each once.
fn once(texts: impl IntoIterator<Item = String>) -> Vec<String> {
    let mut known = Vec::new();
    for text in texts.into_iter().take(MOST_TEXTS) {
        if !known.contains(&text) {
            known.push(text);
        }
    }
    known
}

/// An id in a list: a number, digit for digit, or a text.
fn id(json: &[u8]) -> Option<String> {
    let json = std::str::from_utf8(json).ok()?;
    Element::parse(&format!("{{\"id\":{json}}}"))?.id("id")
}

/// Marketing mail has no `message-id`, and a campaign.
fn is_marketing(element: &Element<'_>) -> bool {
    let is_of_list = !element.has("message-id") && element.has("list_id");
    element.has("camp_id") || element.has("campaign name") || is_of_list
}

/// From a list of marketing mail, or from all transactional mail.
fn scope(element: &Element<'_>, list: Option<&str>) -> Scope {
    if is_marketing(element) {
        Scope::List(list.map(str::to_owned))
    } else {
        Scope::Global
    }
}

/// Refused for good. Brevo's class holds, unless the server's words clear the address.
fn bounced(element: &Element<'_>, class: Class) -> Refusal {
    let reason = element.text("reason").unwrap_or_default().to_lowercase();
    // Brevo's own words: "undefined Unable to find MX of domain …".
    let is_without_mx = reason.contains("unable to find mx");
    let mut refusal = answer(element, Some(class), is_without_mx.then_some(InvalidDomain));
    if refusal.verdict.category == Unknown {
        refusal.verdict.category = Generic; // a server has refused it, for no reason that we know
    }
    refusal
}

/// Not tried. "due to unsubscribed user" is an opt-out. "due to blacklist user" is a list that
/// mixes hard bounces, complaints and what an administrator has blocked: it says nothing more.
fn blocked(element: &Element<'_>) -> Refusal {
    let reason = element.text("reason").unwrap_or_default();
    own(element, None, listed(&reason).unwrap_or(Policy))
}

/// A server's answer: it is the reason, and evidence.
fn answer(element: &Element<'_>, class: Option<Class>, category: Option<Category>) -> Refusal {
    Refusal::judge(&Evidence {
        class,
        category,
        text: element.text("reason").as_deref(),
        ..Evidence::default()
    })
}

/// Brevo's own words, which are told and judge nothing.
fn own(element: &Element<'_>, class: Option<Class>, category: Category) -> Refusal {
    Refusal::judge(&Evidence {
        class,
        category: Some(category),
        text: element.text("reason").as_deref(),
        is_providers_sentence: true,
        ..Evidence::default()
    })
}

/// Clicks by scanners are not flagged; only a user agent may tell.
fn machine(element: &Element<'_>) -> Machine {
    let user_agent = element.text("user_agent");
    user_agent.map_or(Machine::None, |text| Machine::of_user_agent(&text))
}

/// "Loaded by proxy": Apple's privacy proxy, or a provider's image proxy. Which, is not said,
/// unless by the user agent.
fn by_proxy(element: &Element<'_>) -> Machine {
    match machine(element) {
        Machine::Suspected(why) => Machine::Confirmed(why),
        _ => Machine::Confirmed(Why::Proxy),
    }
}
