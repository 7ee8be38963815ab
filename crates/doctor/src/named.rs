//! Which providers are on, and what theirs is called.

use super::keys::Named;
use super::routes::Route;
use operator::target::Target;

/// Returns the providers that are on, or the one of them that is wanted.
fn wanted<'a>(target: &'a Target, only: Option<&'a str>) -> impl Iterator<Item = &'a str> {
    let providers = target.providers();
    providers.filter(move |name| only.is_none_or(|only| only == *name))
}

/// Returns the URL of each provider.
pub(super) fn routes(target: &Target, only: Option<&str>) -> Vec<Route> {
    let providers = wanted(target, only);
    let routes = providers.filter_map(|name| {
        let url = target.webhook_url(name)?;
        Some((name.to_owned(), url.to_owned()))
    });
    routes.collect()
}

/// Returns the name of each provider's secret.
pub(super) fn secrets(target: &Target, only: Option<&str>) -> Vec<Named> {
    let providers = wanted(target, only);
    let secrets = providers.filter_map(|name| {
        let secret = target.secret_name(name)?;
        Some((name.to_owned(), secret.to_owned()))
    });
    secrets.collect()
}
