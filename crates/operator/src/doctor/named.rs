//! Which providers are on, and what theirs is called.

use super::keys::Named;
use super::routes::Route;
use crate::target::Target;

/// Returns the URL of each provider.
pub(super) fn routes(target: &Target) -> Vec<Route> {
    let providers = target.providers();
    let routes = providers.filter_map(|name| {
        let url = target.webhook_url(name)?;
        Some((name.to_owned(), url.to_owned()))
    });
    routes.collect()
}

/// Returns the name of each provider's secret.
pub(super) fn secrets(target: &Target) -> Vec<Named> {
    let providers = target.providers();
    let secrets = providers.filter_map(|name| {
        let secret = target.secret_name(name)?;
        Some((name.to_owned(), secret.to_owned()))
    });
    secrets.collect()
}
