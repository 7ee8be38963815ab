//! The event source mapping and the consumers: which batches are made, what the table takes of
//! them, how the rest is tried again, and for how long it is hidden after that.

use std::collections::BTreeMap;
use std::time::Duration;

use backon::{BackoffBuilder as _, ExponentialBackoff};
use consumer::batch::COUNTED_FROM;
use consumer::queues::hidden;
use shared::delivery::BILLED_CHUNK;
use table::store::back_off;

use super::around::Around;
use super::cause::Cause;
use super::chance::{length, number, whole};
use super::figures::Batch;
use super::mix::Mix;
use super::queue::{Part, Queue};
use super::setting::Setting;
use super::table::Table;

/// What waits longer than this has to wait for a consumer.
const WAITS_SECONDS: f64 = 1.0;
/// Calls to the table for a message that was received often: its attempt, its event, its end.
const CALLS_COUNTED: f64 = 3.0;

/// Batches whose events are not all stored.
struct Work {
    parts: Vec<Part>,
    batches: u64,
    /// The consumers that are busy with them.
    slots: u64,
    /// The step in which the consumers give up.
    ends: u64,
    delays: ExponentialBackoff,
    is_again: bool,
    /// How often in a row the table has refused all of them.
    refused: u32,
}

impl Work {
    /// Returns the pause before the next attempt. A call of which nothing was done is the SDK's to
    /// repeat, a few times; after that, and if a part was done, it is the consumer's.
    fn pause(&mut self, at: &mut Around) -> Duration {
        let (attempts, first) = at.figures.sdk;
        match self.refused % attempts {
            0 => self.delays.next().unwrap_or_default(),
            time => first.mul_f64(at.chance.part()) * (1 << (time - 1)),
        }
    }
}

enum Due {
    Attempt(Work),
    GiveUp(Work),
    Free(u64),
    Visible(Part),
}

/// The consumers.
pub(crate) struct Consumers {
    most: u64,
    batch_size: u64,
    window_seconds: f64,
    max_receives: u64,
    pollers: (f64, f64, f64),
    /// How many batches Lambda makes at once by now.
    level: f64,
    busy: u64,
    /// How long the latest batch took.
    cycle_ms: f64,
    due: BTreeMap<u64, Vec<Due>>,
}

impl Consumers {
    pub(crate) fn new(setting: &Setting) -> Self {
        let source = &setting.consumer;
        Self {
            most: length(source.concurrency),
            batch_size: length(source.batch_size),
            window_seconds: source.window.as_secs_f64(),
            max_receives: setting.max_receives,
            pollers: setting.quotas.pollers,
            level: setting.quotas.pollers.0,
            busy: 0,
            cycle_ms: 0.0,
            due: BTreeMap::new(),
        }
    }

    /// Returns how many are at work at the end of a step.
    pub(crate) fn busy(&self) -> u64 {
        self.busy
    }

    /// Checks whether anything is still under way, or hidden.
    pub(crate) fn is_idle(&self) -> bool {
        self.due.is_empty()
    }

    /// Does what is due in this step, and makes new batches. `room` is what is left of the
    /// account's concurrency.
    pub(crate) fn step(
        &mut self,
        queue: &mut Queue,
        table: &mut Table,
        room: f64,
        at: &mut Around,
    ) {
        while let Some(entry) = self
            .due
            .first_entry()
            .filter(|entry| *entry.key() <= at.step)
        {
            for due in entry.remove() {
                match due {
                    Due::Attempt(work) => self.attempt(work, queue, table, at),
                    Due::GiveUp(work) => self.give_up(work, queue, at),
                    Due::Free(slots) => self.busy -= slots.min(self.busy),
                    Due::Visible(part) => queue.again(part),
                }
            }
        }
        self.receive(queue, table, room, at);
        self.scale(queue, at);
    }

    fn wait(&mut self, step: u64, due: Due) {
        self.due.entry(step).or_default().push(due);
    }

    /// Makes batches of what can be received, as many as there are consumers for.
    fn receive(&mut self, queue: &mut Queue, table: &mut Table, room: f64, at: &mut Around) {
        let most = self.most.min(whole(self.level));
        let wanted = most.saturating_sub(self.busy);
        let free = wanted.min(whole(room));
        if queue.visible() == 0 {
            return;
        }
        at.record.hits.hit(Cause::Concurrency, wanted - free);
        if free == 0 {
            return;
        }
        let cycle = self.cycle_ms.max(at.figures.table_ms);
        let rounds = (at.step_ms / cycle).max(1.0);
        let chances = number(free) * rounds;
        let Some(size) = self.size(queue, chances, at) else {
            return;
        };
        let batches = queue.visible().div_ceil(size);
        let batches = batches.min(at.chance.rounded(chances));
        let parts = queue.receive(batches * size, &mut at.record.hits);
        let messages: u64 = parts.iter().map(Part::len).sum();
        if messages == 0 {
            return;
        }
        let batches = messages.div_ceil(size);
        let batch = each(&parts, batches, at.mix);
        let alone_ms = alone(&parts, at.figures.table_ms) / number(batches);
        let takes_ms = at.figures.consumer_ms(&batch) + alone_ms;
        let calls_ms = 2.0 * at.figures.queue_ms + at.figures.hand_over_ms;
        self.cycle_ms = takes_ms + calls_ms;
        count(&parts, batches, &batch, at);
        let slots = batches.min(free);
        let held_ms = self.cycle_ms * number(batches) / number(slots.max(1));
        let work = Work {
            parts,
            batches,
            slots,
            ends: at.after(at.figures.deadline),
            delays: back_off()
                .with_jitter_seed(whole(at.chance.part() * 1e9))
                .build(),
            is_again: false,
            refused: 0,
        };
        self.busy += slots;
        let steps = at.chance.rounded(held_ms / at.step_ms);
        if steps > 1 {
            // They are busy for longer than this step, whatever becomes of the batches.
            self.busy += slots;
            self.wait(at.step + steps, Due::Free(slots));
        }
        self.attempt(work, queue, table, at);
    }

    /// Returns how many messages a batch gets, or nothing while Lambda waits for it to fill.
    fn size(&self, queue: &Queue, chances: f64, at: &Around) -> Option<u64> {
        if self.window_seconds > 0.0 {
            let oldest = queue.oldest_visible().unwrap_or(at.step);
            let is_full = queue.visible() >= self.batch_size;
            let is_over = at.seconds_since(oldest) >= self.window_seconds;
            return (is_full || is_over).then_some(self.batch_size.min(queue.visible()));
        }
        let size = whole((number(queue.visible()) / chances).ceil());
        Some(size.clamp(1, self.batch_size))
    }

    /// Writes what is left of some batches. What the table does not take is tried again after the
    /// consumer's own back-off.
    fn attempt(&mut self, mut work: Work, queue: &mut Queue, table: &mut Table, at: &mut Around) {
        let before: u64 = work.parts.iter().map(Part::len).sum();
        store(&mut work.parts, queue, table, at);
        let left: u64 = work.parts.iter().map(Part::len).sum();
        let open = still_open(work.batches, before, left);
        let slots = work.slots * open;
        let slots = slots.div_ceil(work.batches.max(1)).min(work.slots);
        self.free(work.slots - slots, work.is_again, at);
        (work.batches, work.slots, work.is_again) = (open, slots, true);
        if left == 0 {
            return;
        }
        work.refused = if left == before { work.refused + 1 } else { 0 };
        let delay = if table.is_down() {
            at.figures.gives_up
        } else {
            let call = Duration::from_secs_f64(at.figures.table_ms / 1_000.0);
            call + work.pause(at)
        };
        let next = at.after(delay);
        if next < work.ends {
            self.wait(next, Due::Attempt(work));
        } else {
            self.wait(work.ends.max(at.step + 1), Due::GiveUp(work));
        }
    }

    /// Frees consumers whose batches are done. After another attempt they wait for its answer
    /// first; the time of the first one is that of the batch.
    fn free(&mut self, slots: u64, is_again: bool, at: &mut Around) {
        let steps = at.chance.rounded(at.figures.table_ms / at.step_ms);
        if is_again && steps > 0 {
            return self.wait(at.step + steps, Due::Free(slots));
        }
        self.busy -= slots.min(self.busy);
    }

    /// Hides what is left of some batches, for as long as the consumer does. What was received too
    /// often goes to the dead-letter queue.
    fn give_up(&mut self, work: Work, queue: &mut Queue, at: &mut Around) {
        self.busy -= work.slots.min(self.busy);
        for part in work.parts {
            if u64::from(part.receives) >= self.max_receives {
                at.record.dead_letters += part.len();
                queue.delete(part.group, part.born, part.len());
                continue;
            }
            let until = at.after(hidden(part.receives));
            self.wait(until, Due::Visible(part));
        }
    }

    /// Lets Lambda poll the queue with more, as long as something is left in it.
    fn scale(&mut self, queue: &Queue, at: &mut Around) {
        let (at_first, more, most) = self.pollers;
        if queue.visible() == 0 {
            self.level = (self.level - more * at.seconds()).max(at_first);
            return;
        }
        if self.is_behind(queue, at) {
            let is_at_most = whole(self.level) >= self.most;
            let cause = if is_at_most {
                Cause::Consumers
            } else {
                Cause::Pollers
            };
            at.record.hits.hit(cause, 1);
        }
        self.level = (self.level + more * at.seconds()).min(most);
    }

    /// Checks whether something waits for longer than its batch may wait to be filled.
    fn is_behind(&self, queue: &Queue, at: &Around) -> bool {
        let oldest = queue.oldest_visible();
        let longest = self.window_seconds + WAITS_SECONDS;
        oldest.is_some_and(|born| at.seconds_since(born) >= longest)
    }
}

/// Writes parts, and deletes the messages of what is stored.
fn store(parts: &mut Vec<Part>, queue: &mut Queue, table: &mut Table, at: &mut Around) {
    let mut wanted = vec![0; at.mix.classes.len()];
    for part in &*parts {
        for (sum, count) in wanted.iter_mut().zip(&part.counts) {
            *sum += count;
        }
    }
    let hits = &mut at.record.hits;
    let mut written = table.write(&wanted, &at.mix.classes, at.chance, hits);
    for part in &mut *parts {
        let mut stored = 0;
        for (count, written) in part.counts.iter_mut().zip(&mut written) {
            let now = (*count).min(*written);
            *count -= now;
            *written -= now;
            stored += now;
        }
        queue.delete(part.group, part.born, stored);
        at.record.stored += stored;
    }
    parts.retain(|part| part.len() > 0);
}

/// Returns how many batches have something left, if what is left is spread over them by chance.
fn still_open(batches: u64, before: u64, left: u64) -> u64 {
    if left == 0 {
        return 0;
    }
    let share = number(left) / number(before.max(1));
    let a_batch = number(before) / number(batches.max(1));
    let open = number(batches) * (1.0 - (1.0 - share).powf(a_batch));
    whole(open.ceil()).clamp(1, batches.min(left).max(1))
}

/// Returns what the mean batch is made of. What was received before is processed alone.
fn each(parts: &[Part], batches: u64, mix: &Mix) -> Batch {
    let mut batch = Batch::default();
    let batches = number(batches);
    for part in parts {
        let Some(sender) = mix.senders.get(part.group) else {
            continue;
        };
        let messages = number(part.len()) / batches;
        if sender.is_signed {
            batch.signed += messages;
        } else {
            batch.unsigned += messages;
        }
        if sender.has_token {
            batch.tokens += messages;
        }
        let sights = part.counts.iter().zip(&mix.classes);
        let sights = sights
            .filter(|(_, class)| class.beside > 0)
            .map(|(count, _)| *count);
        batch.sights += number(sights.sum()) / batches;
    }
    batch
}

/// Returns how long it takes to process those alone that were received before.
fn alone(parts: &[Part], table_ms: f64) -> f64 {
    let again = parts.iter().filter(|part| part.receives > 1);
    let calls = again.map(|part| {
        let is_counted = part.receives >= COUNTED_FROM;
        number(part.len()) * if is_counted { CALLS_COUNTED } else { 1.0 }
    });
    calls.sum::<f64>() * table_ms
}

/// Returns how many calls receive, delete or hide so many messages: SQS takes ten at a time.
fn calls(messages: u64) -> u64 {
    messages.div_ceil(10).max(1)
}

/// Counts what is billed for some batches.
fn count(parts: &[Part], batches: u64, batch: &Batch, at: &mut Around) {
    let bytes = parts.iter().map(|part| {
        let sender = at.mix.senders.get(part.group);
        number(part.len()) * sender.map_or(0.0, |sender| sender.message_bytes)
    });
    let a_batch = bytes.sum::<f64>() / number(batches);
    let chunks = whole((a_batch / number(length(BILLED_CHUNK))).ceil());
    let messages = batch.signed + batch.unsigned;
    let calls = calls(whole(messages.ceil()));
    let paid = &mut at.record.paid;
    paid.receives += batches * chunks.max(calls);
    paid.deletes += batches * calls;
    paid.consumer_runs += batches;
    paid.consumer_cpu_ms += at.figures.consumer_cpu_ms(messages) * number(batches);
}
