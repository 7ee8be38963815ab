//! `webhooks retry`: sends what waits for an endpoint now.

use operator::Exit;
use operator::number::count;

use super::api::ApiArgs;
use crate::environment::Environment;
use crate::error::CommandError;
use crate::output::Output;

const EXAMPLES: &str = "Examples:
  postern webhooks retry 3 --all
  postern webhooks retry 3 evt_9f2c17d0a1b24c6e8f3a5b7c9d1e2f30";

/// The most requests of one command: each moves two thousand notifications on.
const MOST_REQUESTS: usize = 500;

/// Send what waits for an endpoint now, under the same ids
#[derive(clap::Args)]
#[command(before_help = EXAMPLES)]
pub(crate) struct Args {
    /// The endpoint's id, or 0 for the event bus
    #[arg(value_name = "ID")]
    id: u64,
    #[command(flatten)]
    which: Which,
    #[command(flatten)]
    api: ApiArgs,
}

#[derive(clap::Args)]
#[group(required = true, multiple = false)]
struct Which {
    /// One notification, by the id that `undelivered` prints
    #[arg(value_name = "EVENT")]
    one: Option<String>,
    /// All that waits
    #[arg(long)]
    all: bool,
}

/// Prints how many are sent again.
pub(super) async fn run(
    args: Args,
    out: &Output,
    environment: &Environment,
) -> Result<Exit, CommandError> {
    let api = args.api.changing(out, environment).await?;
    let one = args.which.one.as_deref();
    let mut all = api.retry(args.id, one).await?;
    for _ in 0..MOST_REQUESTS {
        if !all.more {
            break;
        }
        all = api.retry(args.id, one).await?;
    }
    if out.is_json() {
        out.json(&all)?;
    } else {
        let number = usize::try_from(all.retried).unwrap_or(usize::MAX);
        let line = count(number, "notification is", "notifications are");
        let more = if all.more {
            "; more waits: run it again"
        } else {
            ""
        };
        out.line(&format!("{line} sent again{more}"));
    }
    Ok(Exit::Done)
}
