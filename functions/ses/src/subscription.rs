//! What a person chose on the page of a contact list: all of it, or some topics.

use std::collections::BTreeMap;

use shared::element::Element;
use shared::event::{Kind, Scope};
use shared::machine::Machine;

use crate::name::Name;

/// The most topics that are compared. A contact list has at most 20.
const MOST_TOPICS: usize = 64;

/// One choice, and the topic that it is of.
pub(crate) struct Choice {
    pub(crate) kind: Kind,
    pub(crate) topic: Option<String>,
}

impl Choice {
    fn whole(kind: Kind) -> Vec<Self> {
        vec![Self { kind, topic: None }]
    }
}

/// The choices: of the list, or of each topic that was changed, all in one direction. What goes in
/// both directions, or in none that is said, is one change of preferences.
pub(crate) fn choices(name: &Name<'_>) -> Vec<Choice> {
    let preferences = |key| name.part.as_ref().and_then(|part| part.object(key));
    let Some(new) = preferences("newTopicPreferences") else {
        return Choice::whole(Kind::PreferencesChanged);
    };
    let old = preferences("oldTopicPreferences");
    let list = || Scope::List(name.text("contactList"));
    if new.flag("unsubscribeAll") == Some(true) {
        return Choice::whole(unsubscribed(list()));
    }
    let was = old.as_ref().map(topics).unwrap_or_default();
    let is_changed = |(topic, chosen): &(&String, &bool)| was.get(*topic) != Some(*chosen);
    let now = topics(&new);
    let changed: Vec<(&String, &bool)> = now.iter().filter(is_changed).collect();
    let is_back = old.and_then(|old| old.flag("unsubscribeAll")) == Some(true);
    let (has_in, has_out) = (
        changed.iter().any(|(_, chosen)| **chosen),
        changed.iter().any(|(_, chosen)| !**chosen),
    );
    match (has_in, has_out) {
        (_, false) if is_back => Choice::whole(Kind::Subscribed(list())),
        (false, false) | (true, true) => Choice::whole(Kind::PreferencesChanged),
        (_, true) if is_back => Choice::whole(Kind::PreferencesChanged),
        (has_in, _) => changed
            .into_iter()
            .map(|(topic, _)| {
                let scope = Scope::Topic(Some(topic.clone()));
                let kind = if has_in {
                    Kind::Subscribed(scope)
                } else {
                    unsubscribed(scope)
                };
                let topic = Some(topic.clone());
                Choice { kind, topic }
            })
            .collect(),
    }
}

fn unsubscribed(scope: Scope) -> Kind {
    Kind::Unsubscribed {
        scope,
        machine: Machine::None, // no user agent is sent
    }
}

/// Whether each topic is chosen; the list's defaults, where the person never chose.
fn topics(preferences: &Element<'_>) -> BTreeMap<String, bool> {
    let lists = ["topicDefaultSubscriptionStatus", "topicSubscriptionStatus"];
    let entries = lists.into_iter().flat_map(|key| preferences.objects(key));
    let chosen = entries.filter_map(|entry| {
        let status = match entry.word("subscriptionStatus").as_str() {
            "optin" | "opt_in" => true,
            "optout" | "opt_out" => false,
            _ => return None,
        };
        Some((entry.text("topicName")?, status))
    });
    chosen.take(MOST_TOPICS).collect()
}
