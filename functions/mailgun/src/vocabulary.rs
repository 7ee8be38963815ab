//! Mailgun's words: which event is which kind, and what the words of a failure mean.

use shared::address::Mailbox;
use shared::bounce::{Category, Class, EnhancedCode, Evidence, judge, listed};
use shared::element::Element;
use shared::event::{Kind, Refusal, Scope};
use shared::machine::{Machine, Why};

/// The event's name; a failure's with its severity, as the two are one webhook each:
/// `failed/permanent`.
pub(crate) fn name(data: &Element<'_>) -> Option<String> {
    let event = data.text("event")?;
    Some(match data.text("severity") {
        Some(severity) if event.eq_ignore_ascii_case("failed") => format!("{event}/{severity}"),
        _ => event,
    })
}

/// What happened.
pub(crate) fn kind(data: &Element<'_>) -> Kind {
    match data.word("event").as_str() {
        "accepted" => Kind::Queued,
        "rejected" => Kind::Rejected(rejection(data)), // before sending: a virus, a rule
        "delivered" => Kind::Delivered,
        "failed" => failure(data),
        "opened" => Kind::Opened(machine(data, Why::Prefetch)),
        "clicked" => Kind::Clicked {
            url: data.text("url"),
            machine: machine(data, Why::Scanner),
        },
        "unsubscribed" => Kind::Unsubscribed {
            scope: scope(data),
            machine: machine(data, Why::Scanner),
        },
        "complained" => Kind::Complained,
        _ => Kind::Unknown, // `stored` is an inbound mail; `list_…` are uploads of a list
    }
}

fn failure(data: &Element<'_>) -> Kind {
    let status = Status::of(data);
    if let Some(category) = suppressed(&status) {
        let refusal = Refusal::judge(&Evidence {
            is_providers_sentence: true,
            ..status.evidence(Some(category))
        });
        return Kind::Rejected(Refusal {
            scope: scope(data),
            ..refusal
        });
    }
    let evidence = status.evidence(category(&status.reason));
    let classed = |class| Refusal::judge(&Evidence { class, ..evidence });
    match data.word("severity").as_str() {
        // The last try of a message that was put off for 8 hours; it has been seen with either
        // severity.
        _ if status.is_too_old() => Kind::Bounced(classed(None)),
        "temporary" => Kind::Deferred(classed(for_now(&evidence))),
        "permanent" => Kind::Bounced(classed(status.class())),
        _ => Kind::Failed(classed(None)), // `internal`, `unknown`: not the receiving side's word
    }
}

/// Mailgun tries again, so the address is not lost: "No MX" may be a resolver's fault.
fn for_now(evidence: &Evidence<'_>) -> Option<Class> {
    (judge(evidence).class == Class::Hard).then_some(Class::Soft)
}

/// Mailgun did not try. Its own codes say so, too, where there is no reason.
fn suppressed(status: &Status) -> Option<Category> {
    Some(match (status.reason.as_str(), status.code) {
        ("suppress-bounce", _) | (_, Some(605)) => Category::SuppressedBounce,
        ("suppress-unsubscribe", _) | (_, Some(606)) => Category::SuppressedUnsubscribe,
        ("suppress-complaint", _) | (_, Some(607)) => Category::SuppressedComplaint,
        // in no document; other bridges count it among the three
        (_, Some(625)) => Category::SuppressedManual,
        _ => return None,
    })
}

/// Mailgun's word for why. `bounce`, `generic`, `hardfail` and `unknown` leave it to the codes and
/// the text.
fn category(reason: &str) -> Option<Category> {
    Some(match reason {
        // the receiver blocks the sender: not the address's fault
        "espblock" | "blacklisted" => Category::Reputation,
        "greylisted" => Category::Greylisted,
        "old" => Category::Expired,
        _ => return None,
    })
}

/// `delivery-status`, which can be null, with the event's `reason`.
struct Status {
    reason: String,
    code: Option<i64>,
    last_code: Option<i64>,
    enhanced_code: Option<EnhancedCode>,
    bounce_type: Option<String>,
    text: Option<String>,
}

impl Status {
    fn of(data: &Element<'_>) -> Self {
        let status = data.object("delivery-status");
        let status = status.as_ref();
        let text = |key| status.and_then(|status| status.text(key));
        let number = |key| status.and_then(|status| status.integer(key));
        let reason = data.text("reason").unwrap_or_default();
        Self {
            reason: reason.to_ascii_lowercase(),
            code: number("code"),
            last_code: number("last-code"),
            enhanced_code: text("enhanced-code").and_then(|code| EnhancedCode::parse(&code)),
            bounce_type: text("bounce-type").map(|word| word.to_ascii_lowercase()),
            text: ["message", "description", "last-message"]
                .into_iter()
                .find_map(text),
        }
    }

    fn is_too_old(&self) -> bool {
        self.reason == "old" || self.code == Some(602) // "Too old"
    }

    fn evidence(&self, category: Option<Category>) -> Evidence<'_> {
        // Mailgun's own codes, such as 605, and 498 for "No MX", are no replies of a server.
        let is_reply = |code: &i64| (200..600).contains(code) && !(460..500).contains(code);
        let code = self.code.filter(is_reply).or(self.last_code);
        let too_old = self.is_too_old().then_some(Category::Expired);
        Evidence {
            category: category.or(too_old),
            enhanced_code: self.enhanced_code,
            smtp_code: code.and_then(|code| u16::try_from(code).ok()),
            text: self.text.as_deref(),
            ..Evidence::default()
        }
    }

    /// Mailgun's own class. Its "permanent" and "hard" are also said of a full mailbox and of a
    /// block, which must not condemn an address: against them the server's answer holds.
    fn class(&self) -> Option<Class> {
        let is_bounce = matches!(self.reason.as_str(), "bounce" | "hardfail");
        match self.bounce_type.as_deref().unwrap_or_default() {
            "hard" => Some(Class::Hard),
            "soft" => Some(self.softened()),
            // these two are what puts an address on Mailgun's list
            _ => is_bounce.then_some(Class::Hard),
        }
    }

    /// Mailgun calls a block soft, too.
    fn softened(&self) -> Class {
        let judged = judge(&self.evidence(category(&self.reason))).class;
        if judged == Class::Block {
            judged
        } else {
            Class::Soft
        }
    }
}

/// `reject` is {reason, description}.
fn rejection(data: &Element<'_>) -> Refusal {
    let reject = data.object("reject");
    let text = |key| reject.as_ref().and_then(|reject| reject.text(key));
    let text = match (text("reason"), text("description")) {
        (Some(reason), Some(description)) => Some(format!("{reason}: {description}")),
        (reason, description) => reason.or(description),
    };
    // A sentence of Mailgun's: its words tell what was wrong with the message, and nothing of the
    // address.
    let words = text.as_deref().unwrap_or_default();
    let judged = judge(&Evidence {
        text: Some(words),
        ..Evidence::default()
    });
    let of_message = Some(judged.category).filter(|category| category.class() == Class::Block);
    Refusal::judge(&Evidence {
        category: listed(words).or(of_message).or(Some(Category::Policy)), // a rule of Mailgun's
        text: text.as_deref(),
        is_providers_sentence: true,
        ..Evidence::default()
    })
}

/// `client-info.bot` names a machine: `apple`, `gmail`, `generic`, and what is to come.
fn machine(data: &Element<'_>, other: Why) -> Machine {
    let Some(client) = data.object("client-info") else {
        return Machine::None;
    };
    match client.word("bot").as_str() {
        "" => client
            .text("user-agent")
            .map_or(Machine::None, |agent| Machine::of_user_agent(&agent)),
        "apple" => Machine::Confirmed(Why::AppleMpp),
        "gmail" => Machine::Confirmed(Why::Proxy),
        _ => Machine::Confirmed(other),
    }
}

/// A mailing list's own link unsubscribes from the list. Whether another was for one tag or for all
/// of the domain's mail is not said, and must be taken for the latter.
fn scope(data: &Element<'_>) -> Scope {
    if !data.has("mailing-list") {
        return Scope::Global;
    }
    // Of a list that cannot be read it is an opt-out all the same, and of nothing more.
    let list = data.object("mailing-list");
    Scope::List(list.and_then(|list| {
        let address = list
            .text("address")
            .map(|address| match Mailbox::one(&address) {
                Ok(mailbox) => mailbox.key().to_owned(),
                Err(_) => address,
            });
        address.or_else(|| list.id("list-id"))
    }))
}
