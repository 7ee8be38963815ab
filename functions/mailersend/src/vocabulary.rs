//! `MailerSend`'s words: which type is which kind, and what the words of a bounce mean.

use shared::bounce::{Category, Class, EnhancedCode, Evidence, judge, listed};
use shared::element::Element;
use shared::event::{Kind, Refusal, Scope};
use shared::machine::Machine;

/// What the types begin with that are about a message. Most others are about the account.
const ACTIVITY: &str = "activity.";
/// What the types begin with that are about a person, and no message.
const RECIPIENT: &str = "recipient.";
/// What the types end with that tell of the first time only.
const FIRST: &str = "_unique";

/// Checks whether an event is about a message.
pub(crate) fn is_activity(element: &Element<'_>) -> bool {
    element.word("type").starts_with(ACTIVITY)
}

/// Checks whether an address in the event is a recipient's, and not the sender's own.
pub(crate) fn is_of_recipient(element: &Element<'_>) -> bool {
    is_activity(element) || element.word("type").starts_with(RECIPIENT) || !element.has("type")
}

/// Checks whether the event is told of the first open or click only.
pub(crate) fn is_first(element: &Element<'_>) -> bool {
    is_activity(element) && element.word("type").ends_with(FIRST)
}

/// What happened.
pub(crate) fn kind(element: &Element<'_>, data: &Element<'_>, details: &Details<'_>) -> Kind {
    let word = element.word("type");
    let Some(activity) = word.strip_prefix(ACTIVITY) else {
        // `recipient.on_hold_…` is a pause, and the rest is about the account, about
        // mail that was received, or about SMS, whose webhooks have other keys.
        return Kind::Unknown;
    };
    match activity {
        "sent" => Kind::Sent,
        "delivered" => Kind::Delivered,
        "deferred" => Kind::Deferred(details.deferred()),
        "soft_bounced" => Kind::Bounced(details.soft()), // final: nothing follows
        "hard_bounced" => Kind::Bounced(details.hard()),
        // in no document, but others list it
        "suppressed" => Kind::Rejected(details.suppressed(domain(element, data))),
        "opened" | "opened_unique" => Kind::Opened(details.machine()),
        "clicked" | "clicked_unique" => Kind::Clicked {
            url: details.text("url"),
            machine: details.machine(),
        },
        // MailerSend then sends it nothing from this domain: must not suppress the address.
        "unsubscribed" => Kind::Unsubscribed {
            scope: domain(element, data),
            machine: details.machine(),
        },
        "spam_complaint" => Kind::Complained,
        _ => Kind::Unknown, // `survey_…`: an answer to a question, and no mail
    }
}

/// What an opt-out is about: the sending domain, which version 1 has at the top.
fn domain(element: &Element<'_>, data: &Element<'_>) -> Scope {
    let id = data.id("domain_id").or_else(|| element.id("domain_id"));
    Scope::Group(id)
}

/// An event's own facts.
pub(crate) struct Details<'a>(Option<Element<'a>>);

impl<'a> Details<'a> {
    /// Reads `meta` of version 2, or `morph` of version 1.
    pub(crate) fn read(element: &Element<'a>, data: &Element<'a>) -> Self {
        let nested = data.object("meta").or_else(|| data.object("morph"));
        Self(nested.or_else(|| element.object("morph")))
    }

    fn text(&self, key: &str) -> Option<String> {
        self.0.as_ref()?.text(key)
    }

    /// What a person chose among the reasons when unsubscribing, or what a complaint says.
    pub(crate) fn reasons(&self) -> impl Iterator<Item = (&'static str, String)> {
        let keys = [
            ("reason", "unsubscribe_reason"),
            ("reason", "reason"), // version 1
            ("readable_reason", "readable_reason"),
        ];
        keys.into_iter()
            .filter_map(|(name, key)| Some((name, self.text(key)?)))
    }

    fn machine(&self) -> Machine {
        let user_agent = self.text("user_agent"); // version 1 has none
        user_agent.map_or(Machine::None, |text| Machine::of_user_agent(&text))
    }

    fn refusal_text(&self) -> Option<String> {
        ["bounce_reason", "readable_reason", "reason"]
            .iter()
            .find_map(|key| self.text(key))
    }

    fn judged(&self, class: Option<Class>, category: Option<Category>) -> Refusal {
        Refusal::judge(&self.evidence(self.refusal_text().as_deref(), class, category))
    }

    fn evidence<'t>(
        &self,
        text: Option<&'t str>,
        class: Option<Class>,
        category: Option<Category>,
    ) -> Evidence<'t> {
        let code = |details: &Element<'_>| details.integer("bounce_code");
        let enhanced_code = self.text("bounce_code"); // where there is one, it is in the text
        Evidence {
            class,
            category,
            enhanced_code: enhanced_code.and_then(|code| EnhancedCode::parse(code.trim())),
            smtp_code: self
                .0
                .as_ref()
                .and_then(code)
                .and_then(|code| code.try_into().ok()),
            text,
            ..Evidence::default()
        }
    }

    /// What is judged without `MailerSend`'s own class.
    fn found(&self) -> (Class, Category) {
        let text = self.refusal_text();
        let verdict = judge(&self.evidence(text.as_deref(), None, None));
        (verdict.class, verdict.category)
    }

    /// `MailerSend` tries again, so nothing is said of the address for good.
    fn deferred(&self) -> Refusal {
        let (class, _) = self.found();
        self.judged((class == Class::Hard).then_some(Class::Soft), None)
    }

    /// A block by the receiver is called soft, too.
    fn soft(&self) -> Refusal {
        let (class, _) = self.found();
        let class = if class == Class::Block {
            class
        } else {
            Class::Soft
        };
        self.judged(Some(class), None)
    }

    /// What puts an address on `MailerSend`'s list. It is also said of a block, and of a domain
    /// without a server: against it the words hold, and so does a `bounce_type` that says soft.
    fn hard(&self) -> Refusal {
        if self
            .0
            .as_ref()
            .is_some_and(|d| d.word("bounce_type") == "soft")
        {
            return self.soft();
        }
        let (_, category) = self.found();
        // Not even a code: it was refused, and no reason is known.
        let category = (category == Category::Unknown).then_some(Category::Generic);
        self.judged(Some(Class::Hard), category)
    }

    /// On a list, and not tried. Why it is on the list only the words say.
    fn suppressed(&self, scope: Scope) -> Refusal {
        let text = self.refusal_text();
        let list = text.as_deref().and_then(listed);
        let category = list.unwrap_or(Category::SuppressedManual);
        let refusal = Refusal::judge(&Evidence {
            is_providers_sentence: true,
            ..self.evidence(text.as_deref(), Some(Class::Undetermined), Some(category))
        });
        if category == Category::SuppressedUnsubscribe {
            Refusal { scope, ..refusal }
        } else {
            refusal
        }
    }
}
