//! The fields of the API's requests, and what may be wrong with each.

/// A field of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    /// Where the notifications go.
    Url,
    /// What is wanted.
    Events,
    /// What the notifications are signed with.
    Secret,
    /// The providers that an endpoint is narrowed to.
    Providers,
    /// The labels of keys that an endpoint is narrowed to.
    Sources,
    /// The endpoint's own headers.
    Headers,
    /// Whether it is told anything.
    Active,
    /// What to do with what was held.
    Held,
    /// How long an old secret signs beside the new one.
    KeepHours,
    /// A `webhook-id`.
    Id,
    /// Whether all of them are meant.
    All,
    /// Where a list goes on. It is in the query of the URL.
    After,
    /// The addresses that are asked about.
    Addresses,
    /// The reasons that do not count.
    Ignore,
    /// The list, group, topic or stream that is to be sent to.
    Scope,
    /// Why an address is suppressed, or no more.
    Why,
    /// The one reason that is lifted.
    Reason,
    /// Whether a complaint is lifted, too.
    EvenComplaint,
    /// The channel that is spoken of.
    Channel,
}

/// What is wrong with a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// It must be there.
    Missing,
    /// It is there twice.
    Repeated,
    /// It is not of its type.
    Unreadable,
    /// Its value is not allowed.
    Unfit,
}

/// Every field.
const FIELDS: [Field; 19] = [
    Field::Url,
    Field::Events,
    Field::Secret,
    Field::Providers,
    Field::Sources,
    Field::Headers,
    Field::Active,
    Field::Held,
    Field::KeepHours,
    Field::Id,
    Field::All,
    Field::After,
    Field::Addresses,
    Field::Ignore,
    Field::Scope,
    Field::Why,
    Field::Reason,
    Field::EvenComplaint,
    Field::Channel,
];

impl Field {
    /// Returns its name in JSON.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Url => "url",
            Self::Events => "events",
            Self::Secret => "secret",
            Self::Providers => "providers",
            Self::Sources => "sources",
            Self::Headers => "headers",
            Self::Active => "active",
            Self::Held => "held",
            Self::KeepHours => "keep_hours",
            Self::Id => "id",
            Self::All => "all",
            Self::After => "after",
            Self::Addresses => "addresses",
            Self::Ignore => "ignore",
            Self::Scope => "scope",
            Self::Why => "why",
            Self::Reason => "reason",
            Self::EvenComplaint => "even_complaint",
            Self::Channel => "channel",
        }
    }

    /// Returns the field of this name.
    pub(super) fn of(name: &str) -> Option<Self> {
        FIELDS.into_iter().find(|field| field.name() == name)
    }

    /// Returns what its values must be.
    pub(super) fn rule(self) -> &'static str {
        match self {
            Self::Url => "url is a text: the https URL of the endpoint",
            Self::Events => "events is a text: words with commas between them, as in open,click",
            Self::Secret => "secret is a text of 16 to 256 visible ASCII characters",
            Self::Providers => "providers is a list of at most 32 names of providers, each once",
            Self::Sources => "sources is a list of at most 32 labels of keys, each once",
            Self::Headers => {
                "headers is an object of at most 5 names with their values: names that Postern does not send itself, and values of at most 1024 visible ASCII characters"
            }
            Self::Active => "active is true or false",
            Self::Held => "held is \"drop\", and stands beside \"active\": true",
            Self::KeepHours => "keep_hours is a whole number from 0 to 168",
            Self::Id => {
                "id is a webhook-id, as `undelivered` lists them; it does not stand beside all"
            }
            Self::All => "all is true, and does not stand beside id",
            Self::After => "after is the `next` of the answer before, and stands in the URL once",
            Self::Addresses => "addresses is a list of at most 100 texts",
            Self::Ignore => "ignore is a list of: bounced complained unsubscribed manual",
            Self::Scope => {
                "scope is a text: list, group, topic or stream, a colon, and the provider's id"
            }
            Self::Why => "why is a text of at most 500 characters in one line, which says why",
            Self::Reason => "reason is bounced, complained, unsubscribed or manual",
            Self::EvenComplaint => "even_complaint is true or false",
            Self::Channel => {
                "channel is one of email sms push in_app whatsapp slack webhook; the operator's words have email alone"
            }
        }
    }

    /// Returns the stable name of what is wrong with it.
    pub(super) fn code(self, fault: Fault) -> &'static str {
        let [missing, repeated, unreadable, unfit] = self.codes();
        match fault {
            Fault::Missing => missing,
            Fault::Repeated => repeated,
            Fault::Unreadable => unreadable,
            Fault::Unfit => unfit,
        }
    }

    #[rustfmt::skip]
    fn codes(self) -> [&'static str; 4] {
        match self {
            Self::Url => ["url_missing", "url_repeated", "url_unreadable", "url_unfit"],
            Self::Events => ["events_missing", "events_repeated", "events_unreadable", "events_unfit"],
            Self::Secret => ["secret_missing", "secret_repeated", "secret_unreadable", "secret_unfit"],
            Self::Providers => ["providers_missing", "providers_repeated", "providers_unreadable", "providers_unfit"],
            Self::Sources => ["sources_missing", "sources_repeated", "sources_unreadable", "sources_unfit"],
            Self::Headers => ["headers_missing", "headers_repeated", "headers_unreadable", "headers_unfit"],
            Self::Active => ["active_missing", "active_repeated", "active_unreadable", "active_unfit"],
            Self::Held => ["held_missing", "held_repeated", "held_unreadable", "held_unfit"],
            Self::KeepHours => ["keep_hours_missing", "keep_hours_repeated", "keep_hours_unreadable", "keep_hours_unfit"],
            Self::Id => ["id_missing", "id_repeated", "id_unreadable", "id_unfit"],
            Self::All => ["all_missing", "all_repeated", "all_unreadable", "all_unfit"],
            Self::After => ["after_missing", "after_repeated", "after_unreadable", "after_unfit"],
            Self::Addresses => ["addresses_missing", "addresses_repeated", "addresses_unreadable", "addresses_unfit"],
            Self::Ignore => ["ignore_missing", "ignore_repeated", "ignore_unreadable", "ignore_unfit"],
            Self::Scope => ["scope_missing", "scope_repeated", "scope_unreadable", "scope_unfit"],
            Self::Why => ["why_missing", "why_repeated", "why_unreadable", "why_unfit"],
            Self::Reason => ["reason_missing", "reason_repeated", "reason_unreadable", "reason_unfit"],
            Self::EvenComplaint => ["even_complaint_missing", "even_complaint_repeated", "even_complaint_unreadable", "even_complaint_unfit"],
            Self::Channel => ["channel_missing", "channel_repeated", "channel_unreadable", "channel_unfit"],
        }
    }
}
