//! What stands before the queue: API Gateway's token buckets, and Lambda's environments.

use super::cause::{Cause, Hits};
use super::chance::{number, shared_out, whole};
use super::setting::{Quotas, Rate, Setting};

/// A token bucket.
#[derive(Clone, Debug)]
pub(crate) struct Bucket {
    rate: Rate,
    tokens: f64,
}

impl Bucket {
    pub(crate) fn full(rate: Rate) -> Self {
        Self {
            rate,
            tokens: rate.burst,
        }
    }

    pub(crate) fn refill(&mut self, seconds: f64) {
        self.tokens = (self.tokens + self.rate.per_second * seconds).min(self.rate.burst);
    }

    /// Takes as many tokens as there are, up to so many.
    pub(crate) fn take(&mut self, wanted: u64) -> u64 {
        let taken = whole(self.tokens).min(wanted);
        self.tokens -= number(taken);
        taken
    }
}

/// API Gateway, up to its integration. Every webhook comes on a route with a throttle of its own.
/// The default of the other routes (`ThrottleRate`) is not in it.
pub(crate) struct Gateway {
    routes: Vec<Bucket>,
    account: Bucket,
}

impl Gateway {
    pub(crate) fn new(setting: &Setting, routes: usize) -> Self {
        Self {
            routes: vec![Bucket::full(setting.route); routes],
            account: Bucket::full(setting.quotas.gateway),
        }
    }

    /// Returns how many requests of each route pass. The others are answered 429.
    pub(crate) fn pass(&mut self, wanted: &[u64], seconds: f64, hits: &mut Hits) -> Vec<u64> {
        self.account.refill(seconds);
        let by_route = self.routes.iter_mut().zip(wanted).map(|(route, wanted)| {
            route.refill(seconds);
            let passed = route.take(*wanted);
            hits.hit(Cause::Route, wanted - passed);
            passed
        });
        let passed: Vec<u64> = by_route.collect();
        let all = passed.iter().sum();
        let taken = self.account.take(all);
        hits.hit(Cause::Gateway, all - taken);
        shared_out(taken, &passed)
    }
}

/// What the functions of an account share.
pub(crate) struct Account {
    requests: Bucket,
    concurrency: f64,
    /// What is left of it in this step.
    room: f64,
}

impl Account {
    pub(crate) fn new(quotas: &Quotas) -> Self {
        Self {
            requests: Bucket::full(Rate {
                per_second: quotas.requests,
                burst: quotas.requests,
            }),
            concurrency: quotas.concurrency,
            room: quotas.concurrency,
        }
    }

    /// Begins a step, in which so many executions are under way already.
    pub(crate) fn begin(&mut self, held: f64, seconds: f64) {
        self.requests.refill(seconds);
        self.room = (self.concurrency - held).max(0.0);
    }

    /// Returns how many requests of each receiver Lambda takes on. It shares them out by what each
    /// wants. The others are answered 503.
    pub(crate) fn admit(&mut self, wanted: &[u64], hits: &mut Hits) -> Vec<u64> {
        let all = wanted.iter().sum();
        let taken = self.requests.take(all);
        hits.hit(Cause::Requests, all - taken);
        shared_out(taken, wanted)
    }

    pub(crate) fn room(&self) -> f64 {
        self.room
    }
}

/// The environments of one receiver.
pub(crate) struct Environments {
    warm: u64,
    pub(crate) starting: u64,
    new: Bucket,
}

/// What became of requests at a function.
pub(crate) struct Served {
    pub(crate) served: u64,
    /// Environments that were started for some of them.
    pub(crate) started: u64,
}

impl Environments {
    pub(crate) fn new(quotas: &Quotas) -> Self {
        let per_second = quotas.environments;
        Self {
            warm: 0,
            starting: 0,
            new: Bucket::full(Rate {
                per_second,
                burst: per_second * 10.0,
            }),
        }
    }

    /// So many have started.
    pub(crate) fn warmed(&mut self, count: u64) {
        self.starting -= count.min(self.starting);
        self.warm += count;
    }

    /// Serves requests that take so long each. Those that cannot be served are answered 503.
    pub(crate) fn serve(
        &mut self,
        allowed: u64,
        each_ms: f64,
        step_ms: f64,
        account: &mut Account,
        hits: &mut Hits,
    ) -> Served {
        self.new.refill(step_ms / 1_000.0);
        let a_step = (step_ms / each_ms).max(f64::MIN_POSITIVE);
        let fits = whole(account.room * a_step);
        let by_warm = allowed.min(whole(number(self.warm) * a_step)).min(fits);
        account.room -= number(by_warm) / a_step;
        let rest = allowed - by_warm;
        let room = whole(account.room.max(0.0)).min(rest);
        hits.hit(Cause::Concurrency, rest - room);
        let started = self.new.take(room);
        hits.hit(Cause::Environments, room - started);
        account.room -= number(started);
        self.starting += started;
        Served {
            served: by_warm + started,
            started,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scale::limits::Limits;
    use crate::scale::setting::Opened;

    #[test]
    fn a_flood_of_one_route_leaves_the_others_their_rate() {
        let setting = Opened::Shipped.setting(&Limits::read().unwrap()).unwrap();
        let (mut gateway, mut hits) = (Gateway::new(&setting, 2), Hits::default());
        let (mut flood, mut other) = (0, 0);
        for step in 0..600 {
            hits.at(step);
            let passed = gateway.pass(&[1_000, 10], 0.1, &mut hits);
            flood += passed[0];
            other += passed[1];
        }
        assert_eq!(other, 6_000);
        let most = number(flood) - setting.route.burst;
        assert!(
            (most / 60.0 - setting.route.per_second).abs() < 5.0,
            "{most}"
        );
        assert_eq!(hits.in_order().first().unwrap().cause, Cause::Route);
    }

    #[test]
    fn what_lambda_takes_on_is_shared_out_by_what_each_receiver_wants() {
        let setting = Opened::New.setting(&Limits::read().unwrap()).unwrap();
        let (mut account, mut hits) = (Account::new(&setting.quotas), Hits::default());
        assert_eq!(account.admit(&[150, 30, 20], &mut hits), [75, 15, 10]);
        assert_eq!(account.admit(&[5, 0, 5], &mut hits), [0, 0, 0]);
        account.begin(0.0, 0.1);
        assert_eq!(account.admit(&[5, 0, 1], &mut hits), [5, 0, 1]);
        assert_eq!(hits.refused(&[Cause::Requests]), 110);
    }

    #[test]
    fn environments_start_as_fast_as_lambda_starts_them() {
        let setting = Opened::Lifted.setting(&Limits::read().unwrap()).unwrap();
        let (mut account, mut hits) = (Account::new(&setting.quotas), Hits::default());
        let mut environments = Environments::new(&setting.quotas);
        let mut started = 0;
        for step in 0..10 {
            hits.at(step);
            account.begin(number(environments.starting), 0.1);
            let served = environments.serve(5_000, 1_000.0, 100.0, &mut account, &mut hits);
            assert_eq!(served.served, served.started);
            started += served.started;
        }
        assert_eq!(started, 1_090); // a thousand at once, and ten each step after it
        let told = hits.in_order().into_iter();
        let told = told.map(|told| (told.cause, told.since, told.refused));
        assert_eq!(told.collect::<Vec<_>>(), [(Cause::Environments, 9, 48_910)]);
    }
}
