//! The table with its two indexes: what it takes of a write, and what it refuses. The keys that
//! many items have are the product's own.

use shared::auth::sha256_hex;
use shared::event::Channel;
use table::shard::{PROBLEMS, SHARDS, nobody_key, problem_key};

use super::cause::{Cause, Hits};
use super::chance::{Chance, number, shared_out, whole};
use super::keyspace::{Keyspace, Named};
use super::mix::Class;
use super::queue::Counts;
use super::setting::Quotas;

/// The day of every scenario.
const DAY: &str = "2026-11-26";

/// The table.
pub(crate) struct Table {
    items: Keyspace,
    by_message: Keyspace,
    by_problem: Keyspace,
    /// The places of the shards of each kind of problem, and of events that name nobody.
    problems: Vec<Vec<f64>>,
    nobody: Vec<f64>,
    is_down: bool,
    partial: f64,
    /// Write units that events have used. What is parked is not among them.
    pub(crate) units: f64,
}

/// How many shards a busy key has.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Shards(pub(crate) usize);

impl Default for Shards {
    /// Returns as many as the product has.
    fn default() -> Self {
        Self(SHARDS.len())
    }
}

impl Shards {
    /// Returns the places of the shards of a key, which is written with one.
    fn places(self, key: impl Fn(char) -> String) -> Vec<f64> {
        let rounds = self.0.div_ceil(SHARDS.len());
        let all = (0..rounds).flat_map(|round| SHARDS.map(|shard| (round, shard)));
        // More shards than the product has: what comes after the first digit.
        let named = all.map(|(round, shard)| match round {
            0 => key(shard),
            _ => format!("{}{round}", key(shard)),
        });
        named.map(|key| place(&key)).take(self.0).collect()
    }
}

impl Table {
    pub(crate) fn new(quotas: &Quotas, shards: Shards) -> Self {
        let problems = PROBLEMS.map(|kind| shards.places(|shard| problem_key(kind, DAY, shard)));
        let nobody = shards.places(|shard| nobody_key(Channel::Email, shard));
        let named = |warm, partition, key| Named {
            warm,
            partition,
            key,
        };
        let of_items = named(Cause::TableWarm, Cause::TablePartition, Cause::NobodyKey);
        let of_messages = named(
            Cause::MessageWarm,
            Cause::MessagePartition,
            Cause::MessagePartition,
        );
        let of_problems = named(
            Cause::ProblemWarm,
            Cause::ProblemPartition,
            Cause::ProblemKey,
        );
        Self {
            items: Keyspace::new(of_items, quotas, nobody.clone()),
            by_message: Keyspace::new(of_messages, quotas, Vec::new()),
            by_problem: Keyspace::new(of_problems, quotas, problems.concat()),
            problems: problems.to_vec(),
            nobody,
            is_down: false,
            partial: 0.0,
            units: 0.0,
        }
    }

    /// Returns the same, which leaves a part of so many batches undone.
    pub(crate) fn partial(self, partial: f64) -> Self {
        Self { partial, ..self }
    }

    pub(crate) fn pass(&mut self, seconds: f64, is_down: bool) {
        self.is_down = is_down;
        for keyspace in [&mut self.items, &mut self.by_message, &mut self.by_problem] {
            keyspace.pass(seconds);
        }
    }

    pub(crate) fn is_down(&self) -> bool {
        self.is_down
    }

    /// Returns how many partitions the table itself has: its stream has as many shards.
    pub(crate) fn partitions(&self) -> u64 {
        self.items.partitions()
    }

    /// Writes items by class, each with its entries. Returns how many are written: one that an
    /// index has no room for is refused by the table, too.
    pub(crate) fn write(
        &mut self,
        wanted: &[u64],
        classes: &[Class],
        chance: &mut Chance,
        hits: &mut Hits,
    ) -> Counts {
        if self.is_down {
            return vec![0; wanted.len()];
        }
        let all: u64 = wanted.iter().sum();
        if self.partial > 0.0 && all > 0 && chance.part() < self.partial {
            // A single write is refused.
            let least = all.min(2) - 1;
            let written = least + whole(chance.part() * number(all - 1));
            return shared_out(written, wanted);
        }
        let mut left: Vec<f64> = wanted.iter().map(|count| number(*count)).collect();
        for (kind, keys) in self.problems.iter().enumerate() {
            let units = |class: &Class| match class.problem {
                Some(problem) if problem == kind => class.problem_units,
                _ => 0,
            };
            thin(&mut left, classes, units, |asked| {
                self.by_problem.write_to(keys, asked, hits)
            });
        }
        thin(
            &mut left,
            classes,
            |class| class.message_units,
            |asked| self.by_message.write_evenly(asked, hits),
        );
        let nobody = |class: &Class| if class.is_nobody { class.item_units } else { 0 };
        thin(&mut left, classes, nobody, |asked| {
            self.items.write_to(&self.nobody, asked, hits)
        });
        let others = |class: &Class| {
            let item = if class.is_nobody { 0 } else { class.item_units };
            item + class.beside
        };
        thin(&mut left, classes, others, |asked| {
            self.items.write_evenly(asked, hits)
        });
        let written = left.iter().zip(wanted);
        let written: Counts = written
            .map(|(left, wanted)| chance.rounded(*left).min(*wanted))
            .collect();
        let units = written.iter().zip(classes);
        self.units += units
            .map(|(count, class)| number(count * class.all_units()))
            .sum::<f64>();
        written
    }

    /// Writes items of one unit that are in no index, under these places. Returns how many are
    /// written.
    pub(crate) fn park(&mut self, count: u64, keys: &[f64], hits: &mut Hits) -> u64 {
        if self.is_down {
            return 0;
        }
        let mut parking = Hits::default();
        let parked = whole(self.items.write_to(keys, number(count), &mut parking));
        hits.hit(Cause::ParkedKey, count - parked);
        parked
    }
}

/// Asks for the units of what is left, and leaves of each class the share that is granted.
fn thin(
    left: &mut [f64],
    classes: &[Class],
    units: impl Fn(&Class) -> u64,
    grant: impl FnOnce(f64) -> f64,
) {
    let of = |class: &Class| number(units(class));
    let asked: f64 = left
        .iter()
        .zip(classes)
        .map(|(left, class)| left * of(class))
        .sum();
    if asked <= 0.0 {
        return;
    }
    let share = (grant(asked) / asked).min(1.0);
    let those = left.iter_mut().zip(classes);
    for (left, _) in those.filter(|(_, class)| units(class) > 0) {
        *left *= share;
    }
}

/// Returns where a key lies, from 0 to 1. How DynamoDB hashes keys is not known, so it is the
/// SHA-256.
pub(crate) fn place(key: &str) -> f64 {
    let hash = sha256_hex(key.as_bytes());
    let digits = hash.get(..13).unwrap_or_default();
    number(u64::from_str_radix(digits, 16).unwrap_or_default()) / number(1 << 52)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scale::limits::Limits;
    use crate::scale::setting::Opened;

    const BOUNCED: Class = Class {
        problem: Some(0),
        is_nobody: false,
        item_units: 1,
        message_units: 1,
        problem_units: 1,
        beside: 0,
    };
    const ORDINARY: Class = Class {
        problem: None,
        problem_units: 0,
        ..BOUNCED
    };

    fn last_second(table: &mut Table, wanted: &[u64], seconds: u64) -> Counts {
        let (mut chance, mut hits) = (Chance::new(1), Hits::default());
        let mut written = Vec::new();
        for second in 0..seconds {
            hits.at(second);
            table.pass(1.0, false);
            written = table.write(wanted, &[BOUNCED, ORDINARY], &mut chance, &mut hits);
        }
        written
    }

    #[test]
    fn an_index_that_is_short_of_units_throttles_the_table() {
        let setting = Opened::Lifted.setting(&Limits::read().unwrap()).unwrap();
        let mut table = Table::new(&setting.quotas, Shards::default());
        let written = last_second(&mut table, &[50_000, 50_000], 10);
        assert_eq!(written[1], 50_000, "the others have room");
        assert!((4_000..=16_000).contains(&written[0]), "{written:?}");
        // Sixteen keys of a thousand each, once each has a partition of its own.
        let written = last_second(&mut table, &[50_000, 0], 3_600);
        assert_eq!(written[0], 16_000);
        let mut table = Table::new(&setting.quotas, Shards(64));
        let written = last_second(&mut table, &[50_000, 0], 3_600);
        assert_eq!(written[0], 50_000);
    }

    #[test]
    fn a_table_that_is_down_takes_nothing() {
        let setting = Opened::Shipped.setting(&Limits::read().unwrap()).unwrap();
        let mut table = Table::new(&setting.quotas, Shards::default());
        let (mut chance, mut hits) = (Chance::new(1), Hits::default());
        table.pass(1.0, true);
        let written = table.write(&[7], &[ORDINARY], &mut chance, &mut hits);
        assert_eq!((written[0], whole(table.units)), (0, 0));
    }

    #[test]
    fn a_key_lies_where_its_hash_says() {
        assert!((place("bounced#2026-11-26#0") - place("bounced#2026-11-26#1")).abs() > 1e-6);
        assert!((0.0..1.0).contains(&place("")));
    }
}
