//! A stack in virtual time: a step of the clock after the other.

use std::collections::BTreeMap;
use std::time::Duration;

use super::around::Around;
use super::buckets::{Account, Environments, Gateway};
use super::cause::Cause;
use super::chance::{Chance, length, number, shared_out};
use super::consumers::Consumers;
use super::figures::Figures;
use super::limits::Limits;
use super::mix::Mix;
use super::outlets::Outlets;
use super::providers::{Providers, Refused, Sent};
use super::queue::{Part, Queue};
use super::record::{Record, Seen};
use super::scenario::Scenario;
use super::setting::Setting;
use super::table::{Shards, Table};
use crate::outcome::Outcome;

/// The clock's step unless somebody wants a finer one, in milliseconds.
pub(crate) const STEP_MS: f64 = 100.0;

/// What a run needs.
pub(crate) struct Plan<'a> {
    pub(crate) scenario: &'a Scenario,
    pub(crate) setting: &'a Setting,
    pub(crate) mix: &'a Mix,
    pub(crate) figures: &'a Figures,
    pub(crate) limits: &'a Limits,
    pub(crate) shards: Shards,
    /// How many batches the table leaves a part of undone, as a fault of the local stack does.
    pub(crate) partial: f64,
    pub(crate) seed: u64,
    pub(crate) step_ms: f64,
}

/// What is left where when a run ends.
pub(crate) struct End {
    pub(crate) record: Record,
    pub(crate) in_queue: u64,
    pub(crate) seconds: f64,
}

/// Lets a scenario happen.
pub(crate) fn run(plan: &Plan) -> Outcome<End> {
    let mut world = World::new(plan)?;
    let mut chance = Chance::new(plan.seed);
    let mut record = Record::default();
    let mut step = 0;
    loop {
        let mut at = Around {
            step,
            step_ms: plan.step_ms,
            mix: plan.mix,
            figures: plan.figures,
            chance: &mut chance,
            record: &mut record,
        };
        at.record.hits.at(step);
        world.step(&mut at);
        step += 1;
        let now = number(step) * plan.step_ms / 1_000.0;
        let is_over = now >= plan.scenario.seconds && world.is_idle();
        if is_over || now >= plan.scenario.seconds + plan.scenario.watched_seconds {
            return Ok(End {
                in_queue: world.queue.len(),
                seconds: now,
                record,
            });
        }
    }
}

struct World<'a> {
    plan: &'a Plan<'a>,
    providers: Providers,
    gateway: Gateway,
    account: Account,
    receivers: Vec<Environments>,
    /// Step -> receiver, environments that are warm then.
    starting: BTreeMap<u64, Vec<(usize, u64)>>,
    queue: Queue,
    consumers: Consumers,
    table: Table,
    outlets: Option<Outlets>,
    loud: Option<usize>,
}

impl<'a> World<'a> {
    fn new(plan: &'a Plan<'a>) -> Outcome<Self> {
        let quotas = &plan.setting.quotas;
        let groups = plan.mix.senders.len();
        let outlets = plan
            .scenario
            .dead
            .map(|dead| Outlets::new(plan.setting, dead));
        let names = plan.mix.senders.iter().map(|sender| sender.name);
        Ok(Self {
            plan,
            providers: Providers::new(plan.limits, &plan.mix.senders)?,
            gateway: Gateway::new(plan.setting, groups),
            account: Account::new(quotas),
            receivers: std::iter::repeat_with(|| Environments::new(quotas))
                .take(groups)
                .collect(),
            starting: BTreeMap::new(),
            queue: Queue::new(groups, quotas),
            consumers: Consumers::new(plan.setting),
            table: Table::new(quotas, plan.shards).partial(plan.partial),
            outlets,
            loud: plan.scenario.loud(names),
        })
    }

    fn is_idle(&self) -> bool {
        self.providers.is_idle() && self.queue.len() == 0 && self.consumers.is_idle()
    }

    fn step(&mut self, at: &mut Around) {
        let (now, seconds) = (at.seconds_since(0), at.seconds());
        let outage = self.plan.scenario.outage;
        let is_down = outage.is_some_and(|(from, to)| (from..to).contains(&now));
        self.table.pass(seconds, is_down);
        at.record.hits.hit(Cause::Outage, u64::from(is_down));
        self.start_account(at);
        self.accept(at);
        let stored = at.record.stored;
        let room = self.account.room().max(0.0);
        self.consumers
            .step(&mut self.queue, &mut self.table, room, at);
        if let Some(outlets) = &mut self.outlets {
            let stored = at.record.stored - stored;
            outlets.step(stored, &mut self.table, at);
        }
        if now < self.plan.scenario.seconds {
            at.record.stored_meanwhile = at.record.stored;
        }
        let oldest = self
            .queue
            .oldest(None)
            .map_or(0.0, |born| at.seconds_since(born));
        let others = self
            .queue
            .oldest(self.loud)
            .map_or(0.0, |born| at.seconds_since(born));
        at.record.pass(&Seen {
            now_seconds: now + seconds,
            step_seconds: seconds,
            oldest_seconds: oldest,
            oldest_of_others: others,
            write_units: self.table.units,
        });
    }

    /// Counts what is under way, and lets environments become warm.
    fn start_account(&mut self, at: &Around) {
        while let Some(entry) = self
            .starting
            .first_entry()
            .filter(|entry| *entry.key() <= at.step)
        {
            for (receiver, count) in entry.remove() {
                if let Some(receiver) = self.receivers.get_mut(receiver) {
                    receiver.warmed(count);
                }
            }
        }
        let starting: u64 = self
            .receivers
            .iter()
            .map(|receiver| receiver.starting)
            .sum();
        let outlets = self.outlets.as_ref().map_or(0, Outlets::busy);
        let held = number(starting + self.consumers.busy() + outlets);
        self.account.begin(held, at.seconds());
    }

    /// Lets the providers' webhooks come in.
    fn accept(&mut self, at: &mut Around) {
        let sent = self.providers.send(self.plan.scenario, at);
        let wanted: Vec<u64> = sent.iter().map(|sent| sent.values().sum()).collect();
        let passed = self
            .gateway
            .pass(&wanted, at.seconds(), &mut at.record.hits);
        let allowed = self.account.admit(&passed, &mut at.record.hits);
        // Another receiver comes first each time: they share the account's concurrency.
        let mut in_turn: Vec<(usize, u64)> = allowed.into_iter().enumerate().collect();
        let turn = at.step % length(in_turn.len().max(1));
        in_turn.rotate_left(usize::try_from(turn).unwrap_or_default());
        let mut accepted = vec![0; passed.len()];
        for (group, allowed) in in_turn {
            if let Some(accepted) = accepted.get_mut(group) {
                *accepted = self.receive(group, allowed, at);
            }
        }
        let came = sent.iter().zip(passed).zip(accepted);
        for (group, ((sent, passed), accepted)) in came.enumerate() {
            let wanted: u64 = sent.values().sum();
            if wanted == 0 {
                continue;
            }
            at.record.refused.0 += wanted - passed;
            at.record.refused.1 += passed - accepted;
            at.record.accepted += accepted;
            let refused = [(false, wanted - passed), (true, passed - accepted)];
            self.give_back(group, sent, refused, at);
            let part = Part {
                group,
                born: at.step,
                receives: 0,
                counts: classes(group, accepted, at),
            };
            self.queue.send(part);
        }
    }

    /// Returns how many of these a receiver puts into the queue.
    fn receive(&mut self, group: usize, allowed: u64, at: &mut Around) -> u64 {
        let (sender, receiver) = (at.mix.senders.get(group), self.receivers.get_mut(group));
        let (Some(sender), Some(receiver)) = (sender, receiver) else {
            return 0;
        };
        let each_ms = at.figures.receiver_ms(sender.cpu_ms);
        let hits = &mut at.record.hits;
        let served = receiver.serve(allowed, each_ms, at.step_ms, &mut self.account, hits);
        at.record.paid.receiver_cpu_ms += number(served.served) * sender.cpu_ms;
        if served.started > 0 {
            let warm = at.after(Duration::from_secs_f64(at.figures.start_ms / 1_000.0));
            self.starting
                .entry(warm)
                .or_default()
                .push((group, served.started));
        }
        served.served
    }

    /// Gives what was refused back to its provider: whether with a 5xx, and how many.
    fn give_back(
        &mut self,
        provider: usize,
        sent: &Sent,
        refused: [(bool, u64); 2],
        at: &mut Around,
    ) {
        let mut counts: Vec<u64> = sent.values().copied().collect();
        for (is_5xx, refused) in refused {
            let shares = shared_out(refused, &counts);
            for ((tries, left), count) in sent.keys().zip(&mut counts).zip(shares) {
                *left -= count;
                if count > 0 {
                    let refused = Refused {
                        provider,
                        tries: *tries,
                        count,
                        is_5xx,
                    };
                    self.providers.refused(&refused, at);
                }
            }
        }
    }
}

/// Draws of which classes the webhooks of a provider are.
fn classes(group: usize, count: u64, at: &mut Around) -> Vec<u64> {
    let shares = at
        .mix
        .senders
        .get(group)
        .map(|sender| sender.shares.clone());
    let mut left = count;
    let mut left_share = 1.0;
    let shares = shares.unwrap_or_default();
    let last = shares.len().saturating_sub(1);
    let drawn = shares.iter().enumerate().map(|(place, share)| {
        // What is left is all of it, but for what floating point has lost.
        let of_left = share / f64::max(left_share, f64::MIN_POSITIVE) + 1e-9;
        left_share -= share;
        let drawn = if place == last {
            left
        } else {
            at.chance.binomial(left, of_left)
        };
        left -= drawn;
        drawn
    });
    drawn.collect()
}
