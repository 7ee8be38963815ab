//! Does the API's name lead to the API, under a certificate that is good for a while?

use std::collections::BTreeSet;
use std::net::IpAddr;

use http::Uri;
use http::uri::Scheme;
use jiff::{SignedDuration, Timestamp};
use tokio::net::lookup_host;

use crate::certificate;
use crate::check::Check;
use operator::account::Deployed;

const ID: &str = "url";
const HTTPS: u16 = 443;
/// A certificate that ends sooner should have been renewed: AWS does it 60 days ahead.
const SOON: SignedDuration = SignedDuration::from_hours(21 * 24);

/// Checks the name of a stack's API. `are_ours` says whether the receivers answer there.
pub(super) async fn url(deployed: &Deployed, are_ours: Option<bool>, now: Timestamp) -> Vec<Check> {
    let Some(base) = deployed.api() else {
        return vec![Check::left_out(ID, "no provider is on")];
    };
    let uri = base.parse::<Uri>().ok();
    let uri = uri.filter(|uri| uri.scheme() == Some(&Scheme::HTTPS));
    let Some(host) = uri.as_ref().and_then(Uri::host).map(str::to_owned) else {
        let text = format!("{base} does not begin with https://");
        return vec![Check::failed(ID, text, "sam build && sam deploy")];
    };
    let target = deployed.output("DomainTarget");
    let (addresses, targets) = (
        addresses(&host).await,
        match target {
            Some(target) => Some((target, addresses(target).await)),
            None => None,
        },
    );
    let name = match named(&host, &addresses, targets.as_ref(), are_ours) {
        Ok(name) => name,
        Err(check) => return vec![check],
    };
    let expiry = certificate::expiry(&host, HTTPS, certificate::public_roots()).await;
    vec![certified(&host, &name, expiry, now)]
}

/// Looks a name up.
async fn addresses(host: &str) -> Result<BTreeSet<IpAddr>, String> {
    let found = lookup_host((host, HTTPS)).await;
    let found = found.map_err(|error| error.to_string())?;
    Ok(found.map(|address| address.ip()).collect())
}

/// Judges where a name leads. Returns the beginning of the line, or the line that says what is
/// wrong.
fn named(
    host: &str,
    addresses: &Result<BTreeSet<IpAddr>, String>,
    target: Option<&(&str, Result<BTreeSet<IpAddr>, String>)>,
    are_ours: Option<bool>,
) -> Result<String, Check> {
    let record = |target: &str| format!("at your DNS provider: {host} CNAME {target}");
    let addresses = match (addresses, target) {
        (Ok(addresses), _) if !addresses.is_empty() => addresses,
        (_, Some((target, _))) => {
            let text = format!("{host} does not resolve");
            return Err(Check::failed(ID, text, record(target)));
        }
        (Err(cause), None) => {
            let text = format!("{host} does not resolve ({cause})");
            return Err(Check::failed(ID, text, "is this machine on the network?"));
        }
        (Ok(_), None) => {
            let text = format!("{host} does not resolve");
            return Err(Check::failed(ID, text, "is this machine on the network?"));
        }
    };
    match target {
        None => Ok(format!("{host} resolves")),
        Some((target, Ok(targets))) if !targets.is_disjoint(addresses) => {
            Ok(format!("{host} leads to {target}"))
        }
        // The addresses of a name may change from one look to the next, or a proxy is in front.
        Some(_) if are_ours == Some(true) => Ok(format!("{host} leads to the receivers")),
        Some((target, _)) => {
            let text = format!("{host} leads elsewhere, not to {target}");
            let check = match are_ours {
                Some(_) => Check::failed(ID, text, record(target)),
                None => Check::warning(ID, text, record(target)),
            };
            Err(check)
        }
    }
}

fn certified(host: &str, name: &str, expiry: Result<Timestamp, String>, now: Timestamp) -> Check {
    let renew =
        "its CNAME for validation must stay in your DNS: AWS Certificate Manager says which";
    match expiry {
        Err(cause) => {
            let text = format!("{host}: no TLS ({cause})");
            Check::failed(
                ID,
                text,
                "the certificate of CertificateArn must be for this name",
            )
        }
        Ok(end) => {
            let day = end.strftime("%Y-%m-%d");
            let text = format!("{name}; TLS good until {day}");
            if end.duration_since(now) > SOON {
                Check::ok(ID, text)
            } else {
                Check::failed(ID, text, renew)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::State;

    const HOST: &str = "hooks.example.com";
    const TARGET: &str = "d-1a2b.execute-api.test";

    fn set(addresses: &[&str]) -> BTreeSet<IpAddr> {
        addresses.iter().map(|a| a.parse().unwrap()).collect()
    }

    fn own(
        addresses: &[&str],
        targets: &[&str],
        are_ours: Option<bool>,
    ) -> Result<String, (String, Option<String>)> {
        let target = (TARGET, Ok(set(targets)));
        let named = named(HOST, &Ok(set(addresses)), Some(&target), are_ours);
        named.map_err(|check| (check.text, check.fix))
    }

    #[test]
    fn a_domain_leads_to_its_target_or_its_record_is_said() {
        let record = Some(format!("at your DNS provider: {HOST} CNAME {TARGET}"));
        let at = ["192.0.2.1", "192.0.2.2"];
        assert_eq!(
            own(&at, &["192.0.2.2"], Some(false)),
            Ok(format!("{HOST} leads to {TARGET}"))
        );
        assert_eq!(
            own(&at, &["192.0.2.9"], Some(true)),
            Ok(format!("{HOST} leads to the receivers"))
        );
        let elsewhere = format!("{HOST} leads elsewhere, not to {TARGET}");
        assert_eq!(
            own(&at, &["192.0.2.9"], Some(false)),
            Err((elsewhere, record.clone()))
        );
        let nowhere = format!("{HOST} does not resolve");
        assert_eq!(own(&[], &["192.0.2.9"], None), Err((nowhere, record)));
        let offline = named("api.test", &Err("no network".to_owned()), None, None);
        let offline = offline.map_err(|check| (check.text, check.fix));
        let text = "api.test does not resolve (no network)".to_owned();
        let fix = Some("is this machine on the network?".to_owned());
        assert_eq!(offline, Err((text, fix)));
    }

    #[test]
    fn a_certificate_is_good_for_three_weeks_at_least() {
        let now: Timestamp = "2026-11-20T12:00:00Z".parse().unwrap();
        let line = |end: &str| {
            let check = certified(HOST, "it resolves", Ok(end.parse().unwrap()), now);
            (check.state, check.text)
        };
        let good = "it resolves; TLS good until 2027-02-11".to_owned();
        assert_eq!(line("2027-02-11T23:59:59Z"), (State::Ok, good));
        let soon = "it resolves; TLS good until 2026-12-11".to_owned();
        assert_eq!(line("2026-12-11T11:59:59Z"), (State::Failed, soon));
        let none = certified(
            HOST,
            "",
            Err("invalid peer certificate: Expired".to_owned()),
            now,
        );
        let text = "hooks.example.com: no TLS (invalid peer certificate: Expired)";
        assert_eq!((none.state, none.text.as_str()), (State::Failed, text));
    }
}
