//! What became of each message of a batch: stored, to be put aside, or to wait.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use shared::aside::Aside;
use shared::delivery::Delivery;
use shared::malformed::Malformed;
use table::store::Unstored;

use crate::event::Record;

/// How old a message may become in the queue, which keeps it for 14 days. After that the consumer
/// puts it aside, because in the dead-letter queue its 14 days begin anew.
const MAX_AGE: SignedDuration = SignedDuration::from_hours(12 * 24);

/// Why a message is not stored, or not all of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Trouble {
    /// It never will be, as it is. The text is the code.
    Poison(&'static str),
    /// The table did not answer. It will. The text is the code.
    Passing(&'static str),
}

impl Trouble {
    pub(crate) const TABLE_WRITE_FAILED: Self = Self::Passing("table_write_failed");
    pub(crate) const TOKEN_REUSED: Self = Self::Poison("token_reused");
    /// An earlier consumer stopped at this message, again and again.
    pub(crate) const CONSUMER_STOPPED: Self = Self::Poison("consumer_stopped");
    /// The dead-letter queue did not take the message.
    pub(crate) const PUT_ASIDE_FAILED: Self = Self::Passing("put_aside_failed");
    const WAITED_TOO_LONG: Self = Self::Poison("waited_too_long");

    /// Returns what is wrong with a message whose event could not be stored.
    pub(crate) fn of_event(why: Unstored) -> Self {
        match why {
            Unstored::Contradicts => Self::Poison("event_contradicts"),
            Unstored::Refused => Self::Poison("item_refused"),
            Unstored::NotKnown => Self::TABLE_WRITE_FAILED,
        }
    }

    /// Returns what is wrong with a message whose word to a register could not be written.
    pub(crate) fn of_register(why: Unstored) -> Self {
        match why {
            Unstored::Contradicts | Unstored::Refused => Self::Poison("item_refused"),
            Unstored::NotKnown => Self::Passing("suppression_write_failed"),
        }
    }

    fn code(self) -> &'static str {
        match self {
            Self::Poison(code) | Self::Passing(code) => code,
        }
    }
}

/// What became of one message.
#[derive(Default)]
pub(crate) struct Verdict {
    troubles: BTreeSet<Trouble>,
    /// What of it cannot become an event, as a queue message.
    part: Option<String>,
    /// Whether all of it is to be put aside, if any of it is.
    is_whole: bool,
    /// How many of its elements are malformed.
    pub(crate) elements: usize,
}

impl Verdict {
    /// Notes trouble with the message as a whole.
    pub(crate) fn fail(&mut self, trouble: Trouble) {
        self.troubles.insert(trouble);
        self.is_whole |= matches!(trouble, Trouble::Poison(_));
    }

    /// Notes elements of the message, or of a part of it, that are not events.
    pub(crate) fn malformed(&mut self, malformed: &[Malformed]) {
        self.elements += malformed.len();
        let codes = malformed.iter().map(|malformed| malformed.code());
        self.troubles.extend(codes.map(Trouble::Poison));
    }

    /// Keeps what could not become an event. It is packed, because ten unpacked ones would be too
    /// many. If it is the whole body, or does not fit in a message, the message is kept as it is.
    pub(crate) fn aside(&mut self, aside: Aside, delivery: &Delivery) {
        let part = match aside {
            Aside::Body => None,
            aside => aside.of(delivery),
        };
        let part = part.filter(|part| part.body() != delivery.body());
        self.part = part.and_then(|part| part.encode().ok());
    }

    /// Puts the message aside if it has waited for too long.
    pub(crate) fn age(&mut self, record: &Record, now: Timestamp) {
        let age = record.sent_at().map(|sent| now.duration_since(sent));
        if self.waits() && age.is_some_and(|age| age >= MAX_AGE) {
            self.fail(Trouble::WAITED_TOO_LONG);
        }
    }

    /// Checks whether the message stays in the queue. It then comes again as it is, so nothing of
    /// it is put aside.
    pub(crate) fn waits(&self) -> bool {
        let is_passing = |trouble: &Trouble| matches!(trouble, Trouble::Passing(_));
        self.troubles.iter().any(is_passing) && !self.troubles.contains(&Trouble::WAITED_TOO_LONG)
    }

    /// Checks whether some of the message is to be put aside.
    pub(crate) fn is_poison(&self) -> bool {
        !self.troubles.is_empty() && !self.waits()
    }

    /// Returns the codes of what is wrong.
    pub(crate) fn codes(&self) -> BTreeSet<&'static str> {
        self.troubles.iter().map(|trouble| trouble.code()).collect()
    }

    /// Returns the message that is put aside: what of it is bad, or all of it.
    pub(crate) fn letter<'a>(&'a self, record: &'a Record) -> &'a str {
        let part = self.part.as_deref().filter(|_| !self.is_whole);
        part.unwrap_or(&record.body)
    }
}
