//! Checks a stack, and says what to do about what is wrong. It only reads, but for one POST without
//! a signature to each provider's URL.
//!
//! A check ends for itself: what may not be read, does not answer or panics is a line that says so,
//! and the others go on.

#[cfg(feature = "account")]
mod account;
#[cfg(feature = "account")]
mod certificate;
pub mod check;
mod counts;
mod endpoints;
mod keys;
mod local;
mod named;
mod options;
mod report;
mod routes;
mod run;

use self::check::Check;
pub use self::options::Options;
pub use self::report::Report;
use self::run::{Group, each};
use operator::Error;
use operator::target::{LocalStack, Target};

/// Checks a stack. `progress` is told how many of how many groups of checks are done.
pub async fn examine(
    target: &Target,
    options: Options<'_>,
    progress: impl FnMut(u64, u64),
) -> Report {
    if let Some(check) = options.provider.and_then(|name| is_off(target, name)) {
        return Report::new(vec![check]);
    }
    #[cfg(feature = "account")]
    if let Some(deployed) = target.deployed_stack() {
        return Report::new(account::checks(target, deployed, options, progress).await);
    }
    let checks = match target.local_stack() {
        Some(stack) => local(target, stack, options, progress).await,
        None => Vec::new(),
    };
    Report::new(checks)
}

/// Returns that a provider is not on, if it is not.
fn is_off(target: &Target, provider: &str) -> Option<Check> {
    if target.webhook_url(provider).is_some() {
        return None;
    }
    let on: Vec<&str> = target.providers().collect();
    let text = format!("{provider} is not on; these are: {}", on.join(" "));
    let fix = format!("add {provider} to Providers, then: sam build && sam deploy");
    Some(Check::failed("routes", text, fix))
}

/// Checks a stack on this machine.
async fn local(
    target: &Target,
    stack: &LocalStack,
    options: Options<'_>,
    progress: impl FnMut(u64, u64),
) -> Vec<Check> {
    let routes = named::routes(target, options.provider);
    let routing = async {
        if options.no_post {
            return vec![Check::left_out("routes", "left out: --no-post")];
        }
        routes::asked(&routes, None).await.checks
    };
    let groups = vec![
        Group::new(&["up"], async { vec![local::up(stack)] }),
        Group::new(&["binary"], async {
            vec![local::binary(stack, options.version)]
        }),
        Group::new(&["keys"], local::keys(target, options.provider)),
        Group::new(&["routes"], routing),
        Group::new(&["dead"], async { vec![local::dead(target).await] }),
        Group::new(&["queue"], async { vec![local::queue(target).await] }),
        Group::new(&["outlets"], endpoints::outlets(target)),
        Group::new(&["data"], async { vec![local::data(stack)] }),
        Group::new(&["disk"], async {
            vec![local::disk(stack.data.as_deref())]
        }),
        Group::new(&["tunnel"], async { vec![local::tunnel(stack).await] }),
    ];
    each(groups, progress).await
}

/// Returns the report where no local stack could be asked.
#[must_use]
pub fn without_a_stack(error: &Error) -> Report {
    let fix = error.hint().unwrap_or_default();
    let up = Check::failed("up", error.to_string(), fix);
    Report::new(vec![up, local::disk(None)])
}
