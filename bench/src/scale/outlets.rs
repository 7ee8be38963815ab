//! The way out, with two endpoints that want everything: one is healthy, and one is dead for a
//! while. The breaker, the ladder and the pace are the product's own.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use outlets::breaker::{Outcome, State};
use outlets::hour::Hour;
use outlets::ladder::{self, Next};
use outlets::pace::allowed;
use outlets::parked::SHARDS;

use super::around::Around;
use super::cause::Cause;
use super::chance::{length, number, whole};
use super::setting::Setting;
use super::table::{Table, place};

/// When the clock of a scenario begins.
const BEGIN: Timestamp = Timestamp::constant(1_795_000_000, 0);
/// What waits longer than this has to wait.
const WAITS_SECONDS: f64 = 1.0;
/// How often parked notifications are swept, in seconds.
const SWEEP_SECONDS: f64 = 60.0;
/// The endpoints: the healthy one, and the one that is dead for a while.
const HEALTHY: usize = 0;
const DEAD: usize = 1;

/// Notifications in the order in which they came: step, how many.
#[derive(Default)]
struct Line {
    waiting: VecDeque<(u64, u64)>,
    in_flight: u64,
}

/// The way out.
pub(crate) struct Outlets {
    dead: (f64, f64),
    stream: Line,
    stream_batch: f64,
    shard_polls: f64,
    outbox: [Line; 2],
    most: u64,
    batch_size: u64,
    level: f64,
    pollers: (f64, f64, f64),
    busy: u64,
    /// Step -> endpoint, notifications that are over, and whether a deliverer is free again.
    due: BTreeMap<u64, Vec<(usize, u64, u64)>>,
    /// Step -> notifications that the queue delays.
    delayed: BTreeMap<u64, u64>,
    state: State,
    parked: u64,
    keys: Vec<f64>,
}

impl Line {
    fn push(&mut self, step: u64, count: u64) {
        if count > 0 {
            self.waiting.push_back((step, count));
        }
    }

    fn take(&mut self, wanted: u64) -> u64 {
        let mut taken = 0;
        while let Some((_, count)) = self.waiting.front_mut().filter(|_| taken < wanted) {
            let now = (*count).min(wanted - taken);
            *count -= now;
            taken += now;
            if *count == 0 {
                self.waiting.pop_front();
            }
        }
        taken
    }

    fn oldest(&self) -> Option<u64> {
        self.waiting.front().map(|(step, _)| *step)
    }

    fn behind(&self, at: &Around) -> f64 {
        self.oldest().map_or(0.0, |step| at.seconds_since(step))
    }
}

impl Outlets {
    pub(crate) fn new(setting: &Setting, dead: (f64, f64)) -> Self {
        let keys = (0..SHARDS).map(|shard| place(&format!("parked#2#{shard}")));
        Self {
            dead,
            stream: Line::default(),
            stream_batch: number(setting.stream_batch),
            shard_polls: setting.quotas.shard_polls,
            outbox: [Line::default(), Line::default()],
            most: length(setting.deliver.concurrency),
            batch_size: length(setting.deliver.batch_size),
            level: setting.quotas.pollers.0,
            pollers: setting.quotas.pollers,
            busy: 0,
            due: BTreeMap::new(),
            delayed: BTreeMap::new(),
            state: State::default(),
            parked: 0,
            keys: keys.collect(),
        }
    }

    /// Returns how many deliverers are at work at the end of a step.
    pub(crate) fn busy(&self) -> u64 {
        self.busy
    }

    /// Tells both endpoints of what was stored in this step.
    pub(crate) fn step(&mut self, stored: u64, table: &mut Table, at: &mut Around) {
        self.stream.push(at.step, stored);
        self.fan_out(table.partitions(), at);
        self.end_what_is_due(at);
        let now = at.seconds_since(0);
        let before = now - at.seconds();
        if whole(now / SWEEP_SECONDS) != whole(before.max(0.0) / SWEEP_SECONDS) {
            self.sweep(at);
        }
        self.deliver(table, at);
        let told = &mut at.record.told;
        told.most_parked = told.most_parked.max(self.parked);
        let behind = self.outbox.first().map_or(0.0, |line| line.behind(at));
        at.record.told.healthy_behind = at.record.told.healthy_behind.max(behind);
    }

    /// Makes messages of what the stream has: each of its shards is looked at a few times a second.
    fn fan_out(&mut self, shards: u64, at: &mut Around) {
        let most = number(shards) * self.shard_polls * self.stream_batch * at.seconds();
        let taken = self.stream.take(at.chance.rounded(most));
        for line in &mut self.outbox {
            line.push(at.step, taken);
        }
        let behind = self.stream.behind(at);
        at.record.told.stream_behind = at.record.told.stream_behind.max(behind);
        if behind >= WAITS_SECONDS {
            at.record.hits.hit(Cause::Shards, 1);
        }
    }

    fn end_what_is_due(&mut self, at: &Around) {
        while let Some(entry) = self
            .due
            .first_entry()
            .filter(|entry| *entry.key() <= at.step)
        {
            for (endpoint, count, slots) in entry.remove() {
                self.busy -= slots.min(self.busy);
                if let Some(line) = self.outbox.get_mut(endpoint) {
                    line.in_flight -= count.min(line.in_flight);
                }
            }
        }
        while let Some(entry) = self
            .delayed
            .first_entry()
            .filter(|entry| *entry.key() <= at.step)
        {
            let count = entry.remove();
            if let Some(line) = self.outbox.get_mut(DEAD) {
                line.push(at.step, count);
            }
        }
    }

    /// Probes the endpoint if its breaker is open, and lets out what is parked once it is back.
    fn sweep(&mut self, at: &mut Around) {
        let (now, hour) = (time(at), Hour::default());
        let is_due = self.state.probe_at.is_some_and(|due| due <= now);
        if self.state.is_open() && is_due {
            let outcome = self.outcome(true, at);
            self.state = self.state.after(&outcome, now, &hour);
        }
        if self.state.back_since.is_none() || self.state.is_open() {
            return;
        }
        let may = allowed(self.state.back_since, self.state.paced, now, &hour);
        let sent = may.min(self.parked);
        at.record.hits.hit(Cause::Pace, (self.parked - sent).min(1));
        self.parked -= sent;
        self.state.paced += sent;
        if self.parked == 0 {
            self.state.back_since = None;
        }
        if let Some(line) = self.outbox.get_mut(DEAD) {
            line.push(at.step, sent);
        }
    }

    /// Returns what becomes of an attempt at the endpoint that is dead for a while.
    fn outcome(&self, is_probe: bool, at: &Around) -> Outcome {
        if !self.is_dead(at) {
            return Outcome::Delivered;
        }
        Outcome::Failed {
            code: "timeout".to_owned(),
            wasted: at.figures.endpoint_timeout,
            retry_after: None,
            is_probe,
        }
    }

    fn is_dead(&self, at: &Around) -> bool {
        let (from, to) = self.dead;
        (from..to).contains(&at.seconds_since(0))
    }

    /// Takes batches from the outbox, as many as there are deliverers for.
    fn deliver(&mut self, table: &mut Table, at: &mut Around) {
        let (at_first, more, most) = self.pollers;
        let slots = self.most.min(whole(self.level)).saturating_sub(self.busy);
        let mut left_ms = number(slots) * at.step_ms;
        while left_ms > 0.0 {
            let Some(endpoint) = self.next() else { break };
            let taken = self
                .outbox
                .get_mut(endpoint)
                .map_or(0, |line| line.take(self.batch_size));
            let time = self.batch(endpoint, taken, table, at);
            let time_ms = time.as_secs_f64() * 1_000.0;
            left_ms -= time_ms.min(at.step_ms);
            if time_ms > at.step_ms {
                self.busy += 1;
                let until = at.step + at.chance.rounded(time_ms / at.step_ms);
                self.due
                    .entry(until)
                    .or_default()
                    .push((endpoint, taken, 1));
                if let Some(line) = self.outbox.get_mut(endpoint) {
                    line.in_flight += taken;
                }
            }
        }
        let behind = self
            .outbox
            .iter()
            .map(|line| line.behind(at))
            .fold(0.0, f64::max);
        if self.next().is_none() {
            self.level = (self.level - more * at.seconds()).max(at_first);
            return;
        }
        if behind >= WAITS_SECONDS {
            let is_at_most = whole(self.level) >= self.most;
            let cause = if is_at_most {
                Cause::Deliverers
            } else {
                Cause::Pollers
            };
            at.record.hits.hit(cause, 1);
        }
        self.level = (self.level + more * at.seconds()).min(most);
    }

    /// Returns the endpoint whose turn it is: the one that has fewer in flight.
    fn next(&self) -> Option<usize> {
        let lines = self.outbox.iter().enumerate();
        let waiting =
            lines.filter_map(|(place, line)| Some((line.in_flight, line.oldest()?, place)));
        waiting.min().map(|(_, _, place)| place)
    }

    /// Delivers a batch, and returns how long that takes.
    fn batch(
        &mut self,
        endpoint: usize,
        taken: u64,
        table: &mut Table,
        at: &mut Around,
    ) -> Duration {
        let figures = at.figures;
        let cpu = figures.deliver_cpu_ms * number(taken) * figures.slower;
        let calls = 2.0 * figures.queue_ms + figures.table_ms;
        let with = |ms: f64| Duration::from_secs_f64((cpu + calls + ms) / 1_000.0);
        if endpoint == DEAD && self.state.is_open() {
            self.park(taken, table, at);
            return with(figures.table_ms);
        }
        if endpoint == HEALTHY || !self.is_dead(at) {
            at.record.told.delivered += taken;
            return with(figures.endpoint_ms);
        }
        self.fail(taken, table, at);
        with(figures.endpoint_timeout.as_secs_f64() * 1_000.0)
    }

    /// Lets so many attempts fail. What comes after each is what the ladder says.
    fn fail(&mut self, count: u64, table: &mut Table, at: &mut Around) {
        at.record.told.failed += count;
        let (now, hour) = (time(at), Hour::default());
        let outcome = self.outcome(false, at);
        let mut parked = 0;
        for _ in 0..count {
            self.state = self.state.after(&outcome, now, &hour);
            match ladder::next(1, now, now, at.chance.part(), None, &hour) {
                Next::Delayed(delay) => {
                    let until = at.after(delay + at.figures.endpoint_timeout);
                    *self.delayed.entry(until).or_default() += 1;
                }
                Next::Parked(_) | Next::Over => parked += 1,
            }
        }
        self.park(parked, table, at);
    }

    /// Parks notifications. What the table does not take comes again.
    fn park(&mut self, count: u64, table: &mut Table, at: &mut Around) {
        let parked = table.park(count, &self.keys, &mut at.record.hits);
        self.parked += parked;
        at.record.told.parked += parked;
        if let Some(line) = self.outbox.get_mut(DEAD) {
            line.push(at.step, count - parked);
        }
    }
}

/// Returns the time of a step.
fn time(at: &Around) -> Timestamp {
    let passed = SignedDuration::from_secs_f64(at.seconds_since(0));
    BEGIN.checked_add(passed).unwrap_or(BEGIN)
}
