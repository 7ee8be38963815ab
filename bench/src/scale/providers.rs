//! The providers: they send, and what is refused they send again, until they give up.

use std::collections::BTreeMap;
use std::time::Duration;

use super::around::Around;
use super::chance::whole;
use super::limits::{Ladder, Limits};
use super::mix::Sending;
use super::scenario::Scenario;
use crate::outcome::Outcome;

/// Over how many times a second what is sent again is spread.
const SPREAD: u64 = 4;
/// By how much a pause is moved either way, at most.
const MOVED: f64 = 0.2;

/// Webhooks of each provider that wait to be sent again.
pub(crate) struct Providers {
    ladders: Vec<Ladder>,
    /// Step -> provider, how often they were sent, how many.
    waiting: BTreeMap<u64, Vec<(usize, usize, u64)>>,
}

/// Webhooks that were refused.
pub(crate) struct Refused {
    pub(crate) provider: usize,
    /// How often each was sent before.
    pub(crate) tries: usize,
    pub(crate) count: u64,
    /// Whether the answer was a 503, or else a 429.
    pub(crate) is_5xx: bool,
}

/// What a provider sends now: how often it was sent before -> how many.
pub(crate) type Sent = BTreeMap<usize, u64>;

impl Providers {
    pub(crate) fn new(limits: &Limits, senders: &[Sending]) -> Outcome<Self> {
        let ladders = senders
            .iter()
            .map(|sender| Ok(limits.ladder(sender.name)?.clone()));
        Ok(Self {
            ladders: ladders.collect::<Outcome<_>>()?,
            waiting: BTreeMap::new(),
        })
    }

    pub(crate) fn is_idle(&self) -> bool {
        self.waiting.is_empty()
    }

    /// Returns what each provider sends in this step.
    pub(crate) fn send(&mut self, scenario: &Scenario, at: &mut Around) -> Vec<Sent> {
        let providers = at.mix.senders.len();
        let mut sent = vec![Sent::new(); providers];
        let now = at.seconds_since(0);
        for (sender, sent) in at.mix.senders.iter().zip(&mut sent) {
            let rate = scenario.rate(sender.name, providers, now);
            let new = at.chance.poisson(rate * at.step_ms / 1_000.0);
            at.record.sent += new;
            if new > 0 {
                sent.insert(0, new);
            }
        }
        while let Some(entry) = self
            .waiting
            .first_entry()
            .filter(|entry| *entry.key() <= at.step)
        {
            for (provider, tries, count) in entry.remove() {
                at.record.at_providers -= count;
                if let Some(sent) = sent.get_mut(provider) {
                    *sent.entry(tries).or_default() += count;
                }
            }
        }
        sent
    }

    /// Takes back what was refused.
    pub(crate) fn refused(&mut self, refused: &Refused, at: &mut Around) {
        let Refused {
            provider,
            tries,
            count,
            is_5xx,
        } = *refused;
        let ladder = self.ladders.get(provider);
        let ladder = ladder.filter(|ladder| !is_5xx || !ladder.ends_at_5xx);
        let Some(pause) = ladder.and_then(|ladder| ladder.pause_minutes(tries)) else {
            at.record.given_up += count;
            return;
        };
        at.record.at_providers += count;
        let mut left = count;
        for part in (1..=SPREAD).rev() {
            let now = left.div_ceil(part);
            if now == 0 {
                return;
            }
            left -= now;
            let moved = 1.0 - MOVED + 2.0 * MOVED * at.chance.part();
            let seconds = whole((pause * 60.0 * moved).ceil());
            let step = at.after(Duration::from_secs(seconds));
            let later = self.waiting.entry(step).or_default();
            later.push((provider, tries + 1, now));
        }
    }
}
