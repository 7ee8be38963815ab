//! What happens to a stack.

use super::chance::{length, number};
use super::mix::Kinds;

/// From the first webhook to the full rate.
const RAMP_SECONDS: f64 = 300.0;
/// The provider that floods the others.
pub(crate) const LOUD: &str = "sendgrid";

/// How many webhooks come, all providers together unless it says otherwise.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Load {
    /// So many a second.
    Steady(f64),
    /// So many a second from the first second on.
    Sudden(f64),
    /// So many a second of [`LOUD`], and of each of the others.
    Loud(f64, f64),
}

/// What happens to a stack.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Scenario {
    pub(crate) name: &'static str,
    pub(crate) kinds: Kinds,
    pub(crate) load: Load,
    /// How long webhooks come, and how long it is watched whether the stack recovers.
    pub(crate) seconds: f64,
    pub(crate) watched_seconds: f64,
    /// When the table is down.
    pub(crate) outage: Option<(f64, f64)>,
    /// When one of two endpoints is dead, in a stack that has endpoints.
    pub(crate) dead: Option<(f64, f64)>,
}

const MINUTE: f64 = 60.0;
const HOUR: f64 = 3_600.0;

const STEADY: Scenario = Scenario {
    name: "",
    kinds: Kinds::Day,
    load: Load::Steady(0.0),
    seconds: HOUR,
    watched_seconds: HOUR,
    outage: None,
    dead: None,
};

/// Every scenario of the report.
pub(crate) const SCENARIOS: [Scenario; 9] = [
    Scenario {
        name: "steady, 1,000 a second",
        load: Load::Steady(1_000.0),
        ..STEADY
    },
    Scenario {
        name: "steady, 10,000 a second",
        load: Load::Steady(10_000.0),
        ..STEADY
    },
    Scenario {
        name: "steady, 100,000 a second",
        load: Load::Steady(100_000.0),
        ..STEADY
    },
    Scenario {
        name: "a campaign: 5 million in ten minutes",
        load: Load::Sudden(5e6 / (10.0 * MINUTE)),
        seconds: 10.0 * MINUTE,
        watched_seconds: 2.0 * HOUR,
        ..STEADY
    },
    Scenario {
        name: "a blocklist: everything bounces, 8,000 a second",
        kinds: Kinds::Blocked,
        load: Load::Steady(8_000.0),
        ..STEADY
    },
    Scenario {
        name: "nobody is named, 8,000 a second",
        kinds: Kinds::Nobody,
        load: Load::Steady(8_000.0),
        ..STEADY
    },
    Scenario {
        name: "the table is down for an hour, 2,000 a second",
        load: Load::Steady(2_000.0),
        seconds: 2.0 * HOUR,
        watched_seconds: 3.0 * HOUR,
        outage: Some((10.0 * MINUTE, 70.0 * MINUTE)),
        ..STEADY
    },
    Scenario {
        name: "one provider floods the others, 5,000 a second",
        load: Load::Loud(5_000.0, 10.0),
        ..STEADY
    },
    Scenario {
        name: "a dead subscriber for an hour, 1,000 a second",
        load: Load::Steady(1_000.0),
        seconds: 2.0 * HOUR,
        watched_seconds: 0.0,
        dead: Some((10.0 * MINUTE, 70.0 * MINUTE)),
        ..STEADY
    },
];

/// So many bounces that the shards of `by_problem` are what ends first.
pub(crate) const BLOCKED: Scenario = Scenario {
    name: "a blocklist: everything bounces, 40,000 a second",
    kinds: Kinds::Blocked,
    load: Load::Steady(40_000.0),
    ..STEADY
};

/// The places of the scenarios that have a chart.
pub(crate) const DRAWN: [usize; 4] = [1, 3, 4, 6];

/// Checks whether the scenario of this name has a chart.
pub(crate) fn is_drawn(name: &str) -> bool {
    let drawn = DRAWN.iter().filter_map(|place| SCENARIOS.get(*place));
    drawn.into_iter().any(|scenario| scenario.name == name)
}

impl Scenario {
    /// Returns how many webhooks of one provider come a second at this time, of so many providers.
    pub(crate) fn rate(&self, provider: &str, providers: usize, seconds: f64) -> f64 {
        if seconds >= self.seconds {
            return 0.0;
        }
        let each = number(length(providers.max(1)));
        match self.load {
            Load::Steady(rate) => rate / each * (seconds / RAMP_SECONDS).min(1.0),
            Load::Sudden(rate) => rate / each,
            Load::Loud(loud, _) if provider == LOUD => loud,
            Load::Loud(_, quiet) => quiet,
        }
    }

    /// Returns the place of the group that is loud, among these.
    pub(crate) fn loud<'a>(&self, mut names: impl Iterator<Item = &'a str>) -> Option<usize> {
        let Load::Loud(..) = self.load else {
            return None;
        };
        names.position(|name| name == LOUD)
    }

    /// Returns the same at a smaller scale, as the tests run it.
    #[cfg(test)]
    pub(crate) fn small(self, load: Load, seconds: f64) -> Self {
        Self {
            load,
            seconds,
            watched_seconds: self.watched_seconds.min(4.0 * HOUR),
            ..self
        }
    }

    /// Returns the same for a few minutes, to see that it runs.
    pub(crate) fn quick(self) -> Self {
        let part = |time: f64| time / 10.0;
        Self {
            seconds: part(self.seconds),
            watched_seconds: part(self.watched_seconds),
            outage: self.outage.map(|(from, to)| (part(from), part(to))),
            dead: self.dead.map(|(from, to)| (part(from), part(to))),
            ..self
        }
    }
}

#[cfg(test)]
mod tests {
    use registry::SENDERS;

    use super::*;

    #[test]
    fn the_providers_together_send_what_the_scenario_says() {
        for (scenario, seconds, wanted) in [
            (SCENARIOS[0], 1_000.0, 1_000.0),
            (SCENARIOS[0], 150.0, 500.0),
            (SCENARIOS[0], 3_600.0, 0.0),
            (SCENARIOS[3], 0.0, 5e6 / 600.0),
            (SCENARIOS[7], 60.0, 5_130.0),
        ] {
            let rates = SENDERS
                .iter()
                .map(|sender| scenario.rate(sender.name(), SENDERS.len(), seconds));
            let all: f64 = rates.sum();
            assert!((all - wanted).abs() < 1e-6, "{} {all}", scenario.name);
        }
    }
}
