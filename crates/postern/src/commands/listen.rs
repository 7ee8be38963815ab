//! `listen`: prints what comes in, as it comes.

use jiff::Timestamp;
use operator::live::{Entry, Stream};
use operator::print::json;
use operator::send::{Poster, base_url};
use operator::{Exit, Target};

use super::target::TargetArgs;
use crate::console::show;
use crate::environment::Environment;
use crate::error::CommandError;
use crate::output::Output;
use crate::signals::interrupted;
use crate::words;

const EXAMPLES: &str = "Examples:
  postern listen
  postern listen --only refused --since 10m
  postern listen --json --forward-to http://127.0.0.1:8080/events";

/// Show what comes in, as it comes: stored, refused, put aside
#[derive(clap::Args)]
#[command(before_help = EXAMPLES)]
pub(crate) struct Args {
    /// Only of this provider
    #[arg(long, value_name = "NAME", value_parser = words::provider)]
    provider: Option<String>,
    /// Only what is refused, stored or dead
    #[arg(long, value_name = "WHAT")]
    only: Option<Only>,
    /// Also what came since then, as far as it is remembered: 10m, 2026-01-02T03:04:05Z
    #[arg(long, value_name = "TIME", value_parser = words::time)]
    since: Option<Timestamp>,
    /// Post each entry to this URL, too, as JSON
    #[arg(long, value_name = "URL")]
    forward_to: Option<String>,
    #[command(flatten)]
    target: TargetArgs,
}

/// Which entries.
#[derive(clap::ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
enum Only {
    /// Those that were answered with anything but 200.
    Refused,
    /// Those whose events are in the table.
    Stored,
    /// Those in the dead-letter queue.
    Dead,
}

impl Args {
    fn is_wanted(&self, entry: &Entry) -> bool {
        let is_of_provider = self
            .provider
            .as_ref()
            .is_none_or(|name| entry.provider.as_ref() == Some(name));
        is_of_provider
            && match self.only {
                None => true,
                Some(Only::Refused) => entry.is_refused(),
                Some(Only::Stored) => !entry.events.is_empty() && !entry.waits,
                Some(Only::Dead) => entry.dead,
            }
    }
}

/// Prints entries until it is stopped.
pub(super) async fn run(
    args: Args,
    out: &Output,
    environment: &Environment,
) -> Result<Exit, CommandError> {
    let forward_to = args.forward_to.as_deref();
    let forward_to = forward_to.map(|url| base_url(url).map(|_| url.trim().to_owned()));
    let forward_to = forward_to.transpose()?;
    let target = args.target.reading(out, environment).await?;
    let listening = listen(&args, &target, forward_to.as_deref(), out, environment);
    tokio::select! {
        ended = listening => ended,
        () = interrupted() => Ok(Exit::Done),
    }
}

async fn listen(
    args: &Args,
    target: &Target,
    forward_to: Option<&str>,
    out: &Output,
    environment: &Environment,
) -> Result<Exit, CommandError> {
    let mut stream = Stream::open(target.api(), args.since).await?;
    out.note(&format!("listening to {}, until Ctrl-C", target.api()));
    let poster = forward_to.map(|url| (url, Poster::to(url, std::collections::BTreeMap::new())));
    loop {
        let entry = stream.next().await?;
        if !args.is_wanted(&entry) {
            continue;
        }
        show(&entry, out, environment);
        let Some((url, poster)) = &poster else {
            continue;
        };
        let forwarded = poster.post(url, &[], json(&entry)?.into_bytes()).await;
        match forwarded {
            Ok(reply) if reply.status.is_success() => {}
            Ok(reply) => out.note(&format!("forwarded, and answered {}", reply.status)),
            Err(error) => out.note(&format!("not forwarded: {error}")),
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        args: Args,
    }

    fn wanted(line: &str) -> Vec<&'static str> {
        let args = Line::parse_from(line.split(' ')).args;
        let entry = |provider: &str, status| Entry {
            provider: Some(provider.to_owned()),
            status: Some(status),
            ..Entry::default()
        };
        let stored = Entry {
            events: vec![operator::live::Told::default()],
            ..entry("resend", 200)
        };
        let dead = Entry {
            dead: true,
            ..entry("resend", 200)
        };
        let all = [
            ("stored", stored),
            ("dead", dead),
            ("refused", entry("insider", 401)),
        ];
        let wanted = all.into_iter().filter(|(_, entry)| args.is_wanted(entry));
        wanted.map(|(name, _)| name).collect()
    }

    #[test]
    fn what_is_listened_to_can_be_chosen() {
        assert_eq!(wanted("listen"), ["stored", "dead", "refused"]);
        assert_eq!(wanted("listen --only refused"), ["refused"]);
        assert_eq!(wanted("listen --only stored"), ["stored"]);
        assert_eq!(wanted("listen --only dead"), ["dead"]);
        assert_eq!(wanted("listen --provider insider"), ["refused"]);
        assert_eq!(wanted("listen --provider insider --only dead"), [""; 0]);
    }
}
