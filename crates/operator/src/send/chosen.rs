//! Finds what a user wants to send: samples by name, files, folders, standard input.

use std::fs;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use serde_json::Value;
use shared::sender::Sender;
use strsim::levenshtein;

use super::error::SendError;
use super::queued::is_queued;
use crate::samples::{self, Sample};

/// What a file's name ends with that says what becomes of a body.
const EXPECTATION: &str = ".expected.json";
/// The name of a recorded request in a folder of samples.
const REQUEST: &str = "request.json";
/// How many letters of a sample's name may be wrong for it to be meant.
const SLIPS: usize = 3;

/// A body that is to be sent.
pub struct Chosen {
    /// The sample's name, or the file's.
    pub name: String,
    /// Who would send it.
    pub sender: &'static dyn Sender,
    /// The body.
    pub body: Vec<u8>,
}

/// Finds everything that was named, before anything is sent. `-` is standard input.
///
/// # Errors
/// Returns a [`SendError`] about the first name that is no webhook's body.
pub fn chosen(names: &[String], provider: Option<&str>) -> Result<Vec<Chosen>, SendError> {
    if names.is_empty() {
        return Err(SendError::Nothing);
    }
    let mut all = Vec::new();
    for name in names {
        let path = Path::new(name);
        if name == "-" {
            all.push(standard_input(provider)?);
        } else if path.is_dir() {
            all.extend(in_folder(path, provider)?);
        } else if path.exists() {
            all.push(in_file(path, provider, names.len() > 1)?);
        } else {
            all.push(sample(name)?);
        }
    }
    Ok(all)
}

fn sample(name: &str) -> Result<Chosen, SendError> {
    if let Some(sample) = named(name) {
        let sender = registry::sender(sample.provider);
        return Ok(Chosen {
            name: sample.name.to_owned(),
            sender: sender.ok_or(SendError::Nothing)?, // a sample has a provider
            body: sample.body.to_vec(),
        });
    }
    if name.contains(['*', '?']) {
        return Err(SendError::Pattern(name.to_owned()));
    }
    let near = samples::all()
        .iter()
        .min_by_key(|s| levenshtein(s.name, name));
    let meant = near.filter(|sample| levenshtein(sample.name, name) <= SLIPS);
    Err(SendError::Unknown {
        name: name.to_owned(),
        meant: meant.map(|sample| sample.name),
    })
}

/// Returns the sample of this name. Where a provider puts a word before all of its events, it may
/// be left out: `resend/bounced` is `resend/email_bounced`.
fn named(name: &str) -> Option<&'static Sample> {
    let name = name.strip_suffix(".json").unwrap_or(name);
    let whole = || {
        let (provider, case) = name.split_once('/')?;
        samples::find(&format!("{provider}/email_{case}"))
    };
    samples::find(name).or_else(whole)
}

fn standard_input(provider: Option<&str>) -> Result<Chosen, SendError> {
    let sender = provider.and_then(registry::sender);
    let sender = sender.ok_or_else(|| SendError::NoProvider {
        name: "standard input".to_owned(),
        said: String::new(),
    })?;
    let mut body = Vec::new();
    let read = io::stdin().lock().read_to_end(&mut body);
    read.map_err(|source| SendError::File {
        path: PathBuf::from("-"),
        source,
    })?;
    let name = format!("{}/-", sender.name());
    Ok(Chosen { name, sender, body })
}

fn in_folder(folder: &Path, provider: Option<&str>) -> Result<Vec<Chosen>, SendError> {
    let failed = |source| SendError::File {
        path: folder.to_owned(),
        source,
    };
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let is_body = name.ends_with(".json") && !name.ends_with(EXPECTATION) && name != REQUEST;
        if is_body && path.is_file() {
            files.push(path);
        }
    }
    if files.is_empty() {
        return Err(SendError::Empty(folder.to_owned()));
    }
    files.sort();
    let chosen = files.iter().map(|file| in_file(file, provider, false));
    chosen.collect()
}

fn in_file(file: &Path, provider: Option<&str>, is_one_of: bool) -> Result<Chosen, SendError> {
    let body = fs::read(file).map_err(|source| SendError::File {
        path: file.to_owned(),
        source,
    })?;
    let (file_name, folder) = place(file);
    // Of many files, a shell has filled in a pattern: what is meant is the folder.
    let instead = |case: Option<&str>| match (is_one_of, case) {
        (true, _) => file.parent().map(|folder| folder.display().to_string()),
        (_, Some(case)) => named(&format!("{folder}/{case}")).map(|s| s.name.to_owned()),
        _ => None,
    };
    if let Some(case) = file_name.strip_suffix(EXPECTATION) {
        return Err(SendError::Expectation {
            file: file.to_owned(),
            instead: instead(Some(case)),
        });
    }
    if is_recorded(&body) {
        return Err(SendError::Request {
            file: file.to_owned(),
            instead: instead(None),
        });
    }
    let said = provider.unwrap_or(&folder);
    let sender = registry::sender(said).ok_or_else(|| SendError::NoProvider {
        name: file.display().to_string(),
        said: match said {
            "" => String::new(),
            said => format!("; `{said}` is none"),
        },
    })?;
    Ok(Chosen {
        name: file.display().to_string(),
        sender,
        body,
    })
}

/// Returns a file's name, and that of the folder it is in.
fn place(file: &Path) -> (String, String) {
    let text = |part: Option<&std::ffi::OsStr>| {
        let part = part.map(|part| part.to_string_lossy().into_owned());
        part.unwrap_or_default()
    };
    let whole = file.canonicalize().unwrap_or_else(|_| file.to_owned());
    let folder = whole.parent().and_then(Path::file_name);
    (text(file.file_name()), text(folder))
}

/// Checks whether a file is the gateway's event with a body inside.
fn is_recorded(body: &[u8]) -> bool {
    let event: Option<Value> = serde_json::from_slice(body).ok();
    event.is_some_and(|event| event.get("requestContext").is_some())
}

/// Checks that everything that is to be sent is a webhook, and not for a queue.
///
/// # Errors
/// Returns [`SendError::NoWebhook`] for the first that is for a queue.
pub fn are_webhooks(chosen: &[Chosen]) -> Result<(), SendError> {
    let queued = chosen.iter().find(|chosen| is_queued(chosen.sender));
    match queued {
        Some(chosen) => Err(SendError::NoWebhook(chosen.sender.name())),
        None => Ok(()),
    }
}

/// Checks that a URL which ends in a provider's route is that of everything that is to be sent.
///
/// # Errors
/// Returns [`SendError::AnotherProvider`] if it is not.
pub fn is_for(url: &str, chosen: &[Chosen]) -> Result<(), SendError> {
    let route = url.trim().trim_end_matches('/').rsplit_once("/webhooks/");
    let Some((_, theirs)) = route.filter(|(_, name)| registry::sender(name).is_some()) else {
        return Ok(());
    };
    let mut names = chosen.iter().map(|chosen| chosen.sender.name());
    match names.find(|name| *name != theirs) {
        Some(ours) => Err(SendError::AnotherProvider {
            url: url.to_owned(),
            theirs: theirs.to_owned(),
            ours,
        }),
        None => Ok(()),
    }
}

/// Reads the base URL of an API. The path of a webhook at its end is taken away.
///
/// # Errors
/// Returns [`SendError::Url`] if it is none.
pub fn base_url(url: &str) -> Result<String, SendError> {
    let wrong = |why, meant| SendError::Url {
        url: url.to_owned(),
        why,
        meant,
    };
    let text = url.trim();
    let rest = text
        .strip_prefix("http://")
        .or_else(|| text.strip_prefix("https://"));
    let Some(rest) = rest else {
        let is_host = !text.contains("://") && !text.is_empty();
        let meant = is_host.then(|| format!("http://{text}"));
        return Err(wrong("http:// or https:// is missing", meant));
    };
    if rest.contains(['?', '#']) {
        let meant = text.split(['?', '#']).next().map(str::to_owned);
        return Err(wrong(
            "it has a query (a URL's key is in --key FILE)",
            meant,
        ));
    }
    if rest.is_empty() || rest.starts_with('/') || rest.contains(char::is_whitespace) {
        return Err(wrong("it names no host", None));
    }
    let text = text.trim_end_matches('/');
    let webhook = text.rsplit_once("/webhooks/");
    let webhook = webhook.filter(|(_, name)| registry::sender(name).is_some());
    Ok(webhook.map_or(text, |(base, _)| base).to_owned())
}
