//! A fair queue of SQS. Messages are counted by what they have in common: their group, when they
//! came, how often they were received, and their classes.

use std::collections::BTreeMap;

use super::cause::{Cause, Hits};
use super::chance::{number, shared_out};
use super::setting::Quotas;

/// Messages by class.
pub(crate) type Counts = Vec<u64>;

/// Messages that have everything in common but their class.
#[derive(Clone, Debug)]
pub(crate) struct Part {
    pub(crate) group: usize,
    /// The step in which they were accepted.
    pub(crate) born: u64,
    /// How often they were received.
    pub(crate) receives: u32,
    pub(crate) counts: Counts,
}

impl Part {
    pub(crate) fn len(&self) -> u64 {
        self.counts.iter().sum()
    }

    /// Cuts so many off, of each class its share.
    fn cut(&mut self, wanted: u64) -> Self {
        let counts = shared_out(wanted, &self.counts);
        for (left, cut) in self.counts.iter_mut().zip(&counts) {
            *left -= cut;
        }
        Self {
            counts,
            ..self.clone()
        }
    }
}

#[derive(Default)]
struct Group {
    /// When they came, and how often they were received -> those that anybody may receive.
    visible: BTreeMap<(u64, u32), Counts>,
    in_flight: u64,
    /// When they came -> those that are neither stored nor dead.
    unstored: BTreeMap<u64, u64>,
}

/// The queue.
pub(crate) struct Queue {
    groups: Vec<Group>,
    visible: u64,
    in_flight: u64,
    most_in_flight: u64,
    noisy: (f64, u64),
}

impl Queue {
    pub(crate) fn new(groups: usize, quotas: &Quotas) -> Self {
        Self {
            groups: std::iter::repeat_with(Group::default)
                .take(groups)
                .collect(),
            visible: 0,
            in_flight: 0,
            most_in_flight: quotas.in_flight,
            noisy: (quotas.noisy_share, quotas.noisy_messages),
        }
    }

    pub(crate) fn visible(&self) -> u64 {
        self.visible
    }

    /// Returns how many there are, those in flight included.
    pub(crate) fn len(&self) -> u64 {
        self.visible + self.in_flight
    }

    /// Accepts new messages.
    pub(crate) fn send(&mut self, part: Part) {
        let len = part.len();
        if let Some(group) = self.groups.get_mut(part.group).filter(|_| len > 0) {
            *group.unstored.entry(part.born).or_default() += len;
            show(group, part);
            self.visible += len;
        }
    }

    /// Makes messages visible again that were received.
    pub(crate) fn again(&mut self, part: Part) {
        let len = part.len();
        if let Some(group) = self.groups.get_mut(part.group) {
            group.in_flight -= len;
            show(group, part);
            self.in_flight -= len;
            self.visible += len;
        }
    }

    /// Deletes messages that were received.
    pub(crate) fn delete(&mut self, group: usize, born: u64, count: u64) {
        let Some(group) = self.groups.get_mut(group).filter(|_| count > 0) else {
            return;
        };
        group.in_flight -= count;
        self.in_flight -= count;
        if let Some(left) = group.unstored.get_mut(&born) {
            *left -= count;
            if *left == 0 {
                group.unstored.remove(&born);
            }
        }
    }

    /// Receives up to so many messages: the oldest of the quiet groups first, then those of the
    /// noisy group that has the fewest in flight.
    pub(crate) fn receive(&mut self, wanted: u64, hits: &mut Hits) -> Vec<Part> {
        let room = self.most_in_flight.saturating_sub(self.in_flight);
        let wanted = wanted.min(self.visible);
        hits.hit(Cause::InFlight, wanted.saturating_sub(room).min(1));
        let mut left = wanted.min(room);
        let noisy: Vec<bool> = self
            .groups
            .iter()
            .map(|group| self.is_noisy(group))
            .collect();
        let mut parts = Vec::new();
        while left > 0 {
            let next = self.next(&noisy, false).or_else(|| self.next(&noisy, true));
            let Some(part) = next.and_then(|group| self.receive_of(group, left)) else {
                break;
            };
            left -= part.len();
            parts.push(part);
        }
        parts
    }

    fn is_noisy(&self, group: &Group) -> bool {
        let (share, messages) = self.noisy;
        let many = number(group.in_flight) > share * number(self.in_flight);
        many && group.in_flight >= messages
    }

    /// Returns the group whose turn it is.
    fn next(&self, noisy: &[bool], of_noisy: bool) -> Option<usize> {
        let groups = self.groups.iter().zip(noisy).enumerate();
        let those = groups
            .filter(|(_, (group, is_noisy))| **is_noisy == of_noisy && !group.visible.is_empty());
        let next = those.min_by_key(|(_, (group, _))| {
            let in_flight = if of_noisy { group.in_flight } else { 0 };
            (in_flight, group.visible.keys().next().copied())
        });
        next.map(|(place, _)| place)
    }

    fn receive_of(&mut self, place: usize, wanted: u64) -> Option<Part> {
        let group = self.groups.get_mut(place)?;
        let ((born, receives), counts) = group.visible.pop_first()?;
        let mut part = Part {
            group: place,
            born,
            receives,
            counts,
        };
        if part.len() > wanted {
            let cut = part.cut(wanted);
            group.visible.insert((born, receives), part.counts);
            part = cut;
        }
        part.receives += 1;
        group.in_flight += part.len();
        self.in_flight += part.len();
        self.visible -= part.len();
        Some(part)
    }

    /// Returns since when the oldest waits that is not stored, of all groups or of all but one.
    pub(crate) fn oldest(&self, but: Option<usize>) -> Option<u64> {
        let groups = self.groups.iter().enumerate();
        let groups = groups.filter(|(place, _)| Some(*place) != but);
        let oldest = groups.filter_map(|(_, group)| group.unstored.keys().next());
        oldest.min().copied()
    }

    /// Returns since when the oldest waits that anybody may receive.
    pub(crate) fn oldest_visible(&self) -> Option<u64> {
        let oldest = self
            .groups
            .iter()
            .filter_map(|group| group.visible.keys().next());
        oldest.map(|(born, _)| *born).min()
    }
}

fn show(group: &mut Group, part: Part) {
    let visible = group.visible.entry((part.born, part.receives));
    let there = visible.or_insert_with(|| vec![0; part.counts.len()]);
    for (there, more) in there.iter_mut().zip(part.counts) {
        *there += more;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scale::limits::Limits;
    use crate::scale::setting::Opened;

    fn queue(groups: usize) -> Queue {
        let setting = Opened::Shipped.setting(&Limits::read().unwrap()).unwrap();
        Queue::new(groups, &setting.quotas)
    }

    fn part(group: usize, born: u64, counts: &[u64]) -> Part {
        Part {
            group,
            born,
            receives: 0,
            counts: counts.to_vec(),
        }
    }

    #[test]
    fn the_oldest_come_first_and_a_quiet_group_before_a_noisy_one() {
        let (mut queue, mut hits) = (queue(2), Hits::default());
        queue.send(part(0, 1, &[100, 0]));
        let received = queue.receive(50, &mut hits);
        assert_eq!(received.len(), 1);
        queue.send(part(1, 5, &[3, 1]));
        let next: Vec<usize> = queue
            .receive(10, &mut hits)
            .iter()
            .map(|part| part.group)
            .collect();
        assert_eq!(next, [1, 0], "the first group has all that is in flight");
        assert_eq!((queue.visible(), queue.len()), (44, 104));
        assert_eq!(
            (queue.oldest(None), queue.oldest(Some(0))),
            (Some(1), Some(5))
        );
        queue.delete(0, 1, 56);
        for hidden in received {
            assert_eq!((hidden.receives, hidden.len()), (1, 50));
        }
    }

    #[test]
    fn what_is_hidden_is_in_flight_and_there_is_an_end_of_it() {
        let (mut queue, mut hits) = (queue(1), Hits::default());
        queue.send(part(0, 0, &[200_000]));
        let received = queue.receive(200_000, &mut hits);
        assert_eq!(received[0].len(), 120_000);
        assert!(queue.receive(1, &mut hits).is_empty());
        for part in received {
            queue.again(part);
        }
        assert_eq!(queue.visible(), 200_000);
    }
}
