//! The partitions of a table, or of one of its indexes, on demand.

use super::buckets::Bucket;
use super::cause::{Cause, Hits};
use super::chance::{length, number, whole};
use super::setting::{Quotas, Rate};

/// What is named if something is short.
#[derive(Clone, Copy)]
pub(crate) struct Named {
    pub(crate) warm: Cause,
    pub(crate) partition: Cause,
    pub(crate) key: Cause,
}

struct Partition {
    from: f64,
    to: f64,
    units: f64,
    is_hot: bool,
    /// For how long it was short of units.
    hot_seconds: f64,
}

/// A table or an index, by where its keys lie. Keys are hashed, so a place is from 0 to 1.
pub(crate) struct Keyspace {
    named: Named,
    quota: f64,
    warm: f64,
    per_partition: f64,
    all: Bucket,
    partitions: Vec<Partition>,
    /// The places of the keys that many items have.
    keys: Vec<f64>,
    doubling_seconds: f64,
    split_seconds: f64,
    clock: f64,
    /// Units that were used in this minute, and in the busiest one since the last doubling.
    minute: f64,
    busiest: f64,
}

impl Keyspace {
    pub(crate) fn new(named: Named, quotas: &Quotas, keys: Vec<f64>) -> Self {
        let warm = quotas.warm_units.min(quotas.table_units);
        let mut keyspace = Self {
            named,
            quota: quotas.table_units,
            warm,
            per_partition: quotas.partition_units,
            all: Bucket::full(Rate {
                per_second: warm,
                burst: warm,
            }),
            partitions: vec![Partition::new(0.0, 1.0, quotas.partition_units)],
            keys,
            doubling_seconds: quotas.doubling_seconds,
            split_seconds: quotas.split_seconds,
            clock: 0.0,
            minute: 0.0,
            busiest: 0.0,
        };
        keyspace.grow();
        keyspace
    }

    pub(crate) fn partitions(&self) -> u64 {
        length(self.partitions.len())
    }

    /// Lets time pass. What was short of units for long is split, and every half an hour there is
    /// twice the peak.
    pub(crate) fn pass(&mut self, seconds: f64) {
        self.all.refill(seconds);
        let mut splits = Vec::new();
        for (place, partition) in self.partitions.iter_mut().enumerate() {
            let most = self.per_partition;
            partition.units = (partition.units + most * seconds).min(most);
            let more = if partition.is_hot { seconds } else { -seconds };
            partition.hot_seconds = (partition.hot_seconds + more).max(0.0);
            partition.is_hot = false;
            if partition.hot_seconds >= self.split_seconds {
                partition.hot_seconds = 0.0;
                splits.push(place);
            }
        }
        // From the last to the first: a split moves what comes after it.
        for place in splits.into_iter().rev() {
            self.split(place);
        }
        let before = self.clock;
        self.clock += seconds;
        if whole(before / 60.0) != whole(self.clock / 60.0) {
            self.busiest = self.busiest.max(self.minute / 60.0);
            self.minute = 0.0;
        }
        if whole(before / self.doubling_seconds) != whole(self.clock / self.doubling_seconds) {
            self.warm = self.warm.max(2.0 * self.busiest).min(self.quota);
            self.busiest = 0.0;
            self.grow();
        }
    }

    /// Splits the largest partitions until each can take its share of the whole.
    fn grow(&mut self) {
        self.all = Bucket::full(Rate {
            per_second: self.warm,
            burst: self.warm,
        });
        loop {
            let largest = self.partitions.iter().enumerate();
            let largest = largest.max_by(|(_, one), (_, other)| one.len().total_cmp(&other.len()));
            match largest {
                Some((place, one)) if one.len() * self.warm > self.per_partition => {
                    let middle = one.middle();
                    self.split_at(place, middle);
                }
                _ => return,
            }
        }
    }

    /// Splits a partition for heat: between its busy keys, or in the middle. One that has a single
    /// busy key stays: that key's items come in the order of their time, at its end.
    fn split(&mut self, place: usize) {
        let Some(partition) = self.partitions.get(place) else {
            return;
        };
        let mut inside: Vec<f64> = self
            .keys
            .iter()
            .copied()
            .filter(|key| partition.has(*key))
            .collect();
        inside.sort_by(f64::total_cmp);
        let half = inside.len() / 2;
        let at = match (inside.get(half.wrapping_sub(1)), inside.get(half)) {
            (Some(below), Some(above)) => f64::midpoint(*below, *above),
            (None, Some(_)) => return,
            _ => partition.middle(),
        };
        self.split_at(place, at);
    }

    fn split_at(&mut self, place: usize, at: f64) {
        let new = self.partitions.get_mut(place).map(|partition| {
            let to = std::mem::replace(&mut partition.to, at);
            Partition::new(at, to, self.per_partition)
        });
        if let Some(new) = new {
            self.partitions.insert(place + 1, new);
        }
    }

    /// Writes units that are spread evenly. Returns how many were written.
    pub(crate) fn write_evenly(&mut self, units: f64, hits: &mut Hits) -> f64 {
        let allowed = self.allowed(units, hits);
        let mut written = 0.0;
        for partition in &mut self.partitions {
            written += partition.write(allowed * partition.len());
        }
        hits.hit(self.named.partition, whole(allowed - written));
        self.minute += written;
        written
    }

    /// Writes units that are spread evenly over a few keys, by their places. Returns how many were
    /// written.
    pub(crate) fn write_to(&mut self, keys: &[f64], units: f64, hits: &mut Hits) -> f64 {
        let allowed = self.allowed(units, hits);
        let each = allowed / number(length(keys.len()).max(1));
        let mut written = 0.0;
        for partition in &mut self.partitions {
            let those = keys.iter().filter(|key| partition.has(**key)).count();
            let wanted = each * number(length(those));
            let taken = partition.write(wanted);
            let cause = if those > 1 {
                self.named.partition
            } else {
                self.named.key
            };
            hits.hit(cause, whole(wanted - taken));
            written += taken;
        }
        self.minute += written;
        written
    }

    /// Returns how many of these units the table, or the index, has left as a whole.
    fn allowed(&mut self, units: f64, hits: &mut Hits) -> f64 {
        let wanted = whole(units.ceil());
        let taken = self.all.take(wanted);
        let is_at_quota = self.warm >= self.quota;
        let cause = if is_at_quota {
            Cause::TableQuota
        } else {
            self.named.warm
        };
        hits.hit(cause, wanted - taken);
        number(taken).min(units)
    }
}

impl Partition {
    fn new(from: f64, to: f64, units: f64) -> Self {
        Self {
            from,
            to,
            units,
            is_hot: false,
            hot_seconds: 0.0,
        }
    }

    fn len(&self) -> f64 {
        self.to - self.from
    }

    fn middle(&self) -> f64 {
        f64::midpoint(self.from, self.to)
    }

    fn has(&self, place: f64) -> bool {
        self.from <= place && place < self.to
    }

    fn write(&mut self, units: f64) -> f64 {
        let written = units.min(self.units);
        self.units -= written;
        self.is_hot |= written < units;
        written
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scale::limits::Limits;
    use crate::scale::setting::Opened;

    const NAMED: Named = Named {
        warm: Cause::ProblemWarm,
        partition: Cause::ProblemPartition,
        key: Cause::ProblemKey,
    };

    fn keyspace(opened: Opened, keys: Vec<f64>) -> Keyspace {
        let setting = opened.setting(&Limits::read().unwrap()).unwrap();
        Keyspace::new(NAMED, &setting.quotas, keys)
    }

    /// Writes as much as it takes for so many seconds, and returns the units of the last one.
    fn last_second(keyspace: &mut Keyspace, keys: &[f64], units: f64, seconds: u64) -> u64 {
        let mut hits = Hits::default();
        let mut written = 0.0;
        for second in 0..seconds {
            hits.at(second);
            keyspace.pass(1.0);
            written = if keys.is_empty() {
                keyspace.write_evenly(units, &mut hits)
            } else {
                keyspace.write_to(keys, units, &mut hits)
            };
        }
        whole(written.round())
    }

    #[test]
    fn a_new_table_takes_four_thousand_and_twice_as_many_after_half_an_hour() {
        let mut table = keyspace(Opened::Tuned, Vec::new());
        assert_eq!(table.partitions(), 4);
        assert_eq!(last_second(&mut table, &[], 50_000.0, 1_700), 4_000);
        assert_eq!(last_second(&mut table, &[], 50_000.0, 200), 8_000);
        assert_eq!(
            last_second(&mut table, &[], 50_000.0, 3 * 3_600),
            40_000,
            "the quota"
        );
    }

    #[test]
    fn one_key_takes_a_thousand_however_often_it_is_split() {
        let mut index = keyspace(Opened::Lifted, vec![0.3]);
        assert_eq!(last_second(&mut index, &[0.3], 5_000.0, 3_600), 1_000);
    }

    #[test]
    fn keys_that_share_a_partition_are_parted_for_heat() {
        let keys = [0.01, 0.02, 0.6, 0.7];
        let mut index = keyspace(Opened::Tuned, keys.to_vec());
        let partitions = index.partitions();
        let at_first = last_second(&mut index, &keys, 4_000.0, 60);
        assert_eq!(at_first, 2_000);
        assert_eq!(last_second(&mut index, &keys, 4_000.0, 700), 4_000);
        assert_eq!(index.partitions(), partitions + 2);
    }
}
