//! Tries what people get wrong with a webhook that was refused, and says which would match.
//!
//! Nothing is computed here: each slip is undone in the request or in the secrets, and the
//! provider's own `verify` judges what comes of it. So a forger's own key matches nothing, and no
//! secret is in what is said.

mod bodies;
mod case;
mod credentials;
mod headers;
mod held;
mod judge;
mod keys;
mod layout;
mod miss;
mod repairs;
mod signatures;
mod slip;
mod sorted;
mod times;
mod url_keys;
mod urls;

use shared::provider::Strength;
use shared::rejection::Rejection;

pub use self::case::Refused;
pub use self::held::{Held, Versions};
pub use self::miss::NearMiss;

use self::case::Case;
use self::judge::Judge;
use self::slip::Slip;

/// The largest body that is looked at, in bytes.
const LARGEST_BODY: usize = 1 << 20;

/// Returns what would have let a request in, if somebody made one of the common slips. Returns
/// `None` if no slip explains it.
///
/// Of a request that was let in, it says whether that is by the version of the secret before.
///
/// It tries at most 200 times, and says nothing of a body over 1 MiB. It computes for up to a
/// second or two if such a body is a forgery, so call it where that holds nobody up.
#[must_use]
pub fn near_miss(refused: &Refused<'_>, held: &Held) -> Option<NearMiss> {
    if refused.body.len() > LARGEST_BODY {
        return None;
    }
    let case = Case::new(refused, held)?;
    let judge = Judge::new(&case);
    let Some(secrets) = &case.secrets else {
        return first(&judge, repairs::slips(&case));
    };
    match judge.verdict(secrets) {
        None => first(&judge, keys::of_before(&case)),
        Some(Rejection::TimestampStale | Rejection::TimestampAhead) => times::outside(&case),
        Some(Rejection::UrlKeyMismatch) => {
            first(&judge, url_keys::slips(&case)).or_else(|| url_keys::missing(&case))
        }
        Some(rejection) => {
            first(&judge, slips(&case)).or_else(|| times::in_milliseconds(&case, rejection))
        }
    }
}

/// Returns every slip that can be undone, the likeliest first. Each is made when it is asked for.
fn slips<'a>(case: &'a Case<'a>) -> Box<dyn Iterator<Item = Slip> + 'a> {
    if case.strength() == Strength::SharedSecret {
        let slips = credentials::slips(case).chain(keys::of_others(case));
        return Box::new(slips.chain(credentials::elsewhere(case)));
    }
    let signed = keys::of_other_route(case)
        .chain(headers::slips(case))
        .chain(signatures::slips(case))
        .chain(times::slips(case))
        .chain(keys::of_others(case))
        .chain(urls::slips(case))
        .chain(keys::changed(case))
        .chain(bodies::slips(case))
        .chain(keys::completed(case));
    Box::new(signed)
}

fn first(judge: &Judge<'_>, slips: impl Iterator<Item = Slip>) -> Option<NearMiss> {
    let mut slips = slips.take_while(|_| judge.may_go_on());
    let mut slip = slips.find(|slip| judge.is_undone_by(slip))?;
    // What would match may be too old all the same.
    if let Some(age) = judge.age_beside(&slip) {
        slip.text = format!("{} And it is {age}: that, too, refuses it.", slip.text);
    }
    Some(NearMiss::from(slip))
}
