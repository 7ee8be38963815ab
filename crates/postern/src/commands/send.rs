//! `send`: signs bodies as their provider would, and posts them.

mod outcome;

use std::collections::BTreeMap;
use std::path::PathBuf;

use operator::print::now;
use operator::send::{
    Break, Chosen, How, Poster, Prepared, SendError, are_webhooks, base_url, chosen, curl, enqueue,
    is_for, of_file, of_stack, prepared,
};
use operator::{Exit, Target, samples};
use serde_json::json;
use shared::provider::Strength;

use self::outcome::{Feed, Posted, tell};
use super::target::TargetArgs;
use crate::environment::Environment;
use crate::error::CommandError;
use crate::output::Output;
use crate::words;

const EXAMPLES: &str = "Examples:
  postern send resend/bounced --recipient you@example.test
  postern send sendgrid/click --break key
  postern send mailpanda/click --curl
  postern send body.json --provider insider
  postern send --list mailgun";

/// Send webhooks as their provider would: signed, and dated now
#[derive(clap::Args)]
#[command(before_help = EXAMPLES)]
pub(crate) struct Args {
    /// Samples, files, folders, or - for standard input
    #[arg(value_name = "SAMPLE|FILE|FOLDER|-")]
    names: Vec<String>,
    /// List the samples, of all providers or of those that are named
    #[arg(long)]
    list: bool,
    /// The provider of a file that is in no provider's folder
    #[arg(long, value_name = "NAME", value_parser = words::provider)]
    provider: Option<String>,
    /// About this address, not those in the body
    #[arg(long, value_name = "ADDRESS")]
    recipient: Option<String>,
    /// Leave the times in the body as they are
    #[arg(long)]
    as_is: bool,
    /// Send it wrong on purpose
    #[arg(long = "break", value_name = "WHAT")]
    wrong: Option<Wrong>,
    /// Another API's base URL; signed with --key, or with the samples' key
    #[arg(long, value_name = "URL", conflicts_with = "stack")]
    to: Option<String>,
    /// A file with the key to sign with; else the local stack's
    #[arg(long, value_name = "FILE")]
    key: Option<PathBuf>,
    /// Print it as a signed curl line, and send nothing
    #[arg(long)]
    curl: bool,
    #[command(flatten)]
    target: TargetArgs,
}

/// What is wrong with it.
#[derive(clap::ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
enum Wrong {
    /// A letter of its signature.
    Signature,
    /// The key that it is signed with.
    Key,
    /// A byte of its body, after it was signed.
    Body,
    /// The time at which it was signed.
    Time,
    /// It has no signature.
    None,
}

impl From<Wrong> for Break {
    fn from(wrong: Wrong) -> Self {
        match wrong {
            Wrong::Signature => Self::Signature,
            Wrong::Key => Self::Key,
            Wrong::Body => Self::Body,
            Wrong::Time => Self::Time,
            Wrong::None => Self::None,
        }
    }
}

/// Sends everything that was named, and says what became of it.
pub(super) async fn run(
    args: Args,
    out: &Output,
    environment: &Environment,
) -> Result<Exit, CommandError> {
    if args.list {
        list(&args.names, out)?;
        return Ok(Exit::Done);
    }
    let chosen = chosen(&args.names, args.provider.as_deref())?;
    let (poster, target) = destination(&args, &chosen, out, environment).await?;
    let how = How {
        recipient: args.recipient.clone(),
        as_is: args.as_is,
        wrong: args.wrong.map(Break::from),
    };
    if args.curl {
        are_webhooks(&chosen)?;
        for chosen in &chosen {
            let prepared = prepared(chosen, &poster.key(chosen.sender)?, &how, now())?;
            let url = poster.url_with_key(chosen.sender)?;
            out.line(&curl(&chosen.name, &url, &prepared)?);
        }
        return Ok(Exit::Done);
    }
    let local = target
        .as_ref()
        .filter(|target| target.local_stack().is_some());
    let feed = match local {
        Some(target) => Some(Feed::open(target.api()).await?),
        None => None,
    };
    let sent = post(&chosen, &poster, target.as_ref(), &how, out).await?;
    let target = args.target.flags(environment);
    tell(sent, feed, &target, out, environment).await
}

/// Posts everything, one after the other.
async fn post(
    chosen: &[Chosen],
    poster: &Poster,
    target: Option<&Target>,
    how: &How,
    out: &Output,
) -> Result<Vec<Posted>, CommandError> {
    let progress = out.progress("sending", u64::try_from(chosen.len()).ok());
    let mut sent = Vec::with_capacity(chosen.len());
    for (number, chosen) in (1..).zip(chosen) {
        let prepared = prepared(chosen, &poster.key(chosen.sender)?, how, now())?;
        let posting = Posted::begin(chosen, &prepared);
        let reply = match target {
            Some(target) if chosen.sender.strength() == Strength::Transport => {
                enqueue(target, chosen.sender, &prepared.body).await?
            }
            _ => {
                let url = poster.url_with_key(chosen.sender)?;
                let Prepared {
                    content_type,
                    headers,
                    body,
                    ..
                } = prepared;
                poster.post(&url, content_type, &headers, body).await?
            }
        };
        sent.push(posting.answered(reply));
        progress.set(number);
    }
    Ok(sent)
}

/// Finds where to post, and the keys to sign with.
async fn destination(
    args: &Args,
    chosen: &[Chosen],
    out: &Output,
    environment: &Environment,
) -> Result<(Poster, Option<Target>), CommandError> {
    let given = match &args.key {
        Some(file) => Some(of_file(file, chosen)?),
        None => None,
    };
    if let Some(url) = &args.to {
        let base = base_url(url)?;
        is_for(url, chosen)?;
        are_webhooks(chosen)?;
        return Ok((Poster::to(&base, given.unwrap_or_default()), None));
    }
    // A curl line needs no stack: it is for later.
    if args.curl && given.is_none() && !args.target.is_deployed() {
        let poster = Poster::to(&args.target.local_url(environment), BTreeMap::new());
        return Ok((poster, None));
    }
    let target = args.target.changing(out, environment).await?;
    let keys = match (given, target.local_stack()) {
        (Some(given), _) => given,
        (None, Some(_)) => of_stack(&target, chosen).await?,
        // The samples' key is no deployed receiver's.
        (None, None) => {
            let name = chosen.first().map(|chosen| chosen.sender.name());
            let missing = operator::Error::NoSecret(name.unwrap_or_default().to_owned());
            return Err(SendError::from(missing).into());
        }
    };
    Ok((Poster::to(target.api(), keys), Some(target)))
}

/// Prints the names of the samples.
fn list(providers: &[String], out: &Output) -> Result<(), CommandError> {
    let is_none = |name: &&String| registry::provider(name).is_none();
    if let Some(name) = providers.iter().find(is_none) {
        return Err(SendError::NoSuchProvider(name.clone()).into());
    }
    let is_named = |name: &str| providers.iter().any(|provider| provider == name);
    let samples = samples::all().iter();
    let samples = samples.filter(|s| providers.is_empty() || is_named(s.provider));
    for sample in samples {
        if out.is_json() {
            out.json(&json!({"sample": sample.name, "provider": sample.provider}))?;
        } else {
            out.line(sample.name);
        }
    }
    Ok(())
}
