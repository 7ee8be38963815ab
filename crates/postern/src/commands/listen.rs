//! `listen`: prints what comes in, as it comes; with `--out`, what the stack tells others.

pub(super) mod out;

use std::collections::BTreeMap;

use jiff::Timestamp;
#[cfg(feature = "account")]
use operator::account::{
    Deployed,
    entry::entry,
    lines::What,
    tail::{self, Wanted, follow},
};
use operator::live::{Entry, Stream};
use operator::print::json;
#[cfg(feature = "account")]
use operator::print::{now, printable};
use operator::send::{Poster, base_url};
use operator::{Exit, Target};
#[cfg(feature = "account")]
use tokio::sync::mpsc::unbounded_channel;

use self::out::OutArgs;
use super::target::TargetArgs;
use crate::console::show_of;
use crate::environment::Environment;
use crate::error::CommandError;
use crate::output::Output;
use crate::signals::interrupted;
use crate::words;

const EXAMPLES: &str = "Examples:
  postern listen
  postern listen --only refused --since 10m
  postern listen --json --forward-to http://127.0.0.1:8080/events
  postern listen --out
  postern listen --out --fail 0.3
  postern listen --stack postern --provider resend";

/// Show what comes in, as it comes; with --out, what the stack tells others
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
    as_endpoint: OutArgs,
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
    if args.as_endpoint.out {
        let running = out::run(&args.as_endpoint, &args.target, out, environment);
        return Box::pin(running).await;
    }
    let forward_to = args.forward_to.as_deref();
    let forward_to = forward_to.map(|url| base_url(url).map(|_| url.trim().to_owned()));
    let forward_to = forward_to.transpose()?;
    let target = args.target.reading(out, environment).await?;
    let listener = Listener {
        args: &args,
        poster: forward_to.map(|url| (Poster::to(&url, BTreeMap::new()), url)),
        target: args.target.flags(environment),
        out,
        environment,
    };
    let listening = listener.listen(&target);
    tokio::select! {
        ended = listening => ended,
        () = interrupted() => Ok(Exit::Done),
    }
}

/// What is done with each entry.
struct Listener<'a> {
    args: &'a Args,
    /// Who forwards it, and to which URL.
    poster: Option<(Poster, String)>,
    /// The options that name the stack.
    target: String,
    out: &'a Output,
    environment: &'a Environment,
}

impl Listener<'_> {
    async fn listen(&self, target: &Target) -> Result<Exit, CommandError> {
        #[cfg(feature = "account")]
        if let Some(stack) = target.deployed_stack() {
            return self.follow(stack).await;
        }
        let mut stream = Stream::open(target.api(), self.args.since).await?;
        let api = target.api();
        self.out.note(&format!("listening to {api}, until Ctrl-C"));
        loop {
            let entry = stream.next().await?;
            self.tell(&entry).await?;
        }
    }

    /// Follows a deployed stack's log lines.
    #[cfg(feature = "account")]
    async fn follow(&self, stack: &Deployed) -> Result<Exit, CommandError> {
        let wanted = Wanted {
            provider: self.args.provider.as_deref(),
            only: self.args.only.map(Only::of_log),
            since: self.args.since.unwrap_or_else(now),
        };
        let words =
            "listening to its log lines, some seconds late and without addresses, until Ctrl-C";
        self.out.note(words);
        let (sender, mut lines) = unbounded_channel();
        let following = follow(stack, &wanted, |line| {
            let _ = sender.send(line); // it is received as long as it is followed
        });
        let telling = async {
            while let Some(line) = lines.recv().await {
                if let What::Trouble { code, message } = &line.what {
                    let of = line.provider.as_deref().unwrap_or("-");
                    let words = printable(&format!("{of}: {message} ({code})"));
                    self.out.note(&words);
                } else if let Some(entry) = entry(&line) {
                    self.tell(&entry).await?;
                }
            }
            Ok(Exit::Done)
        };
        tokio::select! {
            ended = following => Ok(ended.map(|()| Exit::Done).map_err(operator::Error::from)?),
            told = telling => told,
        }
    }

    /// Prints an entry, if it is wanted, and forwards it.
    async fn tell(&self, entry: &Entry) -> Result<(), CommandError> {
        if !self.args.is_wanted(entry) {
            return Ok(());
        }
        show_of(entry, &self.target, None, self.out, self.environment);
        let Some((poster, url)) = &self.poster else {
            return Ok(());
        };
        let forwarded = poster
            .post(url, "application/json", &[], json(entry)?.into_bytes())
            .await;
        match forwarded {
            Ok(reply) if reply.status.is_success() => {}
            Ok(reply) => {
                let words = format!("forwarded, and answered {}", reply.status);
                self.out.note(&words);
            }
            Err(error) => self.out.note(&format!("not forwarded: {error}")),
        }
        Ok(())
    }
}

#[cfg(feature = "account")]
impl Only {
    /// Returns the same choice among log lines.
    fn of_log(self) -> tail::Only {
        match self {
            Self::Refused => tail::Only::Refused,
            Self::Stored => tail::Only::Stored,
            Self::Dead => tail::Only::Dead,
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
