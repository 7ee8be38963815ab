//! What goes wrong with a URL that is signed. It stands behind the key in the secret.

use percent_encoding::percent_decode_str;
use shared::secrets::Secrets;

use super::case::Case;
use super::slip::{Slip, Undone};

/// What a handshake is signed with before the webhook is saved.
const PUBLIC_KEY: &str = "test-webhook";

/// A change of a URL: what to say, and the URL that is signed.
type Change = (&'static str, fn(&str, &Case<'_>) -> Option<String>);

/// The changes, the likeliest first. A URL is not said: it may have a key.
const CHANGES: &[Change] = &[
    ("with a slash at the end of the URL", |url, _| {
        (!url.ends_with('/')).then(|| format!("{url}/"))
    }),
    ("without the slash at the end of the URL", |url, _| {
        url.strip_suffix('/').map(str::to_owned)
    }),
    ("with http: in place of https: in the URL", |url, _| {
        let rest = url.strip_prefix("https:")?;
        Some(format!("http:{rest}"))
    }),
    (
        "with the host that the request names in the URL",
        |url, case| {
            let host = host(case)?;
            with_host(url, |_| host.to_owned())
        },
    ),
    (
        "with the host and the path of the request as the URL",
        |_, case| Some(format!("https://{}{}", host(case)?, case.refused.path)),
    ),
    (
        "with http:, the host and the path of the request as the URL",
        |_, case| Some(format!("http://{}{}", host(case)?, case.refused.path)),
    ),
    ("without the parameters of the URL", |url, _| {
        url.split_once('?').map(|(url, _)| url.to_owned())
    }),
    (
        "with the parameters of the request in the URL",
        |url, case| {
            let query = case.refused.query.iter();
            let query = query.map(|(name, value)| format!("{name}={value}"));
            let query = query.collect::<Vec<_>>().join("&");
            let bare = url.split('?').next()?;
            (!query.is_empty()).then(|| format!("{bare}?{query}"))
        },
    ),
    ("with the path of the URL percent-decoded", |url, _| {
        Some(percent_decode_str(url).decode_utf8().ok()?.into_owned())
    }),
    ("without user and password in the URL", |url, _| {
        let (scheme, rest) = url.split_once("://")?;
        let (user, rest) = rest.split_once('@')?;
        (!user.contains('/')).then(|| format!("{scheme}://{rest}"))
    }),
    ("with the URL in lower case", |url, _| {
        Some(url.to_lowercase())
    }),
    ("with the host of the URL in lower case", |url, _| {
        with_host(url, str::to_lowercase)
    }),
    ("with the host of the URL in upper case", |url, _| {
        with_host(url, str::to_uppercase)
    }),
    (
        "with the host of the URL written with a capital",
        |url, _| with_host(url, capital),
    ),
    (
        "with the host of the URL written with capitals",
        |url, _| {
            with_host(url, |host| {
                let labels = host.split('.').map(capital);
                labels.collect::<Vec<_>>().join(".")
            })
        },
    ),
    ("with www. before the host of the URL", |url, _| {
        let (scheme, rest) = url.split_once("://")?;
        Some(format!("{scheme}://www.{rest}"))
    }),
    ("without www. before the host of the URL", |url, _| {
        let (scheme, rest) = url.split_once("://www.")?;
        Some(format!("{scheme}://{rest}"))
    }),
    ("without a URL", |_, _| Some(String::new())),
];

/// Returns the slips in a URL that is signed.
pub(super) fn slips<'a>(case: &'a Case<'a>) -> impl Iterator<Item = Slip> + 'a {
    let keys = case.signing_keys().filter(|_| case.provider().signs_url());
    keys.take(2).flat_map(move |key| {
        let split = key.text.split_once('@');
        split
            .into_iter()
            .flat_map(move |(key, url)| changed(case, key, url))
    })
}

/// Returns a URL with its host written otherwise.
fn with_host(url: &str, change: impl Fn(&str) -> String) -> Option<String> {
    let (scheme, rest) = url.split_once("://")?;
    let end = rest.find(['/', '?']).unwrap_or(rest.len());
    let (host, path) = rest.split_at_checked(end)?;
    Some(format!("{scheme}://{}{path}", change(host)))
}

fn capital(word: &str) -> String {
    let mut letters = word.chars();
    let first = letters.next().map(|first| first.to_ascii_uppercase());
    first.into_iter().chain(letters).collect()
}

fn changed<'a>(case: &'a Case<'a>, key: &'a str, url: &'a str) -> impl Iterator<Item = Slip> + 'a {
    let changes = CHANGES.iter().filter_map(move |(words, change)| {
        let new = change(url, case).filter(|new| new != url)?;
        slip(case, words, &format!("{key}@{new}"))
    });
    let public = Secrets::verbatim(&format!("{PUBLIC_KEY}@{url}")).map(|secrets| {
        let text =
            "It is signed with the key that everybody knows, of a webhook that is not saved yet.";
        Slip::new("published_key", text, Undone::Secrets(secrets))
    });
    changes.chain(public)
}

/// Returns the slip that a secret with another URL undoes. One that no receiver takes is no remedy.
fn slip(case: &Case<'_>, words: &str, secret: &str) -> Option<Slip> {
    let undone = Undone::Secrets(Secrets::verbatim(secret)?);
    if case.provider().check_key(secret).is_ok() {
        let text =
            format!("It would match {words}: it must be what the provider has, to the letter.");
        return Some(Slip::new("url", text, undone).by(case.set()));
    }
    let name = case.provider().signing_key().provider;
    let text = format!(
        "It would match {words}, but the URL in the secret must be the one that {name} posts to, with https: behind a tunnel the public one. Have that one at {name}, too, and sign with it, to the letter."
    );
    Some(Slip::new("url", text, undone))
}

fn host<'a>(case: &Case<'a>) -> Option<&'a str> {
    let headers = case.refused.headers.iter();
    let mut hosts = headers.filter(|(name, _)| name.eq_ignore_ascii_case("host"));
    hosts.next().map(|(_, host)| host.trim())
}
