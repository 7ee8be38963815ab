//! `secret retire`: ends the key before the current one.

use operator::Exit;
use operator::secret::{Retired, retire, signed};
use shared::sender::Sender;

use super::provider::sender;
use crate::commands::target::TargetArgs;
use crate::environment::Environment;
use crate::error::CommandError;
use crate::output::Output;

const EXAMPLES: &str = "Examples:
  postern secret retire customerio
  postern secret retire customerio --stack postern
  postern secret retire customerio --drop-previous --stack postern    (it has leaked)";

/// End the key before the current one, by putting the current one once more
///
/// If webhooks were signed with it in the last 24 hours, it stays, unless it is dropped on purpose.
#[derive(clap::Args)]
#[command(before_help = EXAMPLES)]
pub(crate) struct Args {
    /// The provider
    #[arg(value_name = "PROVIDER", value_parser = sender)]
    provider: &'static dyn Sender,
    /// End it even if the provider still signs with it
    #[arg(long)]
    drop_previous: bool,
    #[command(flatten)]
    target: TargetArgs,
}

/// Retires the key, if there is one to retire.
pub(super) async fn run(
    args: Args,
    out: &Output,
    environment: &Environment,
) -> Result<Exit, CommandError> {
    let target = args.target.changing(out, environment).await?;
    let signed = signed(&target, &[args.provider.name()]).await;
    let signed = signed.into_iter().next().flatten();
    let retired = retire(&target, args.provider, signed, args.drop_previous).await?;
    if out.is_json() {
        out.json(&retired)?;
    } else {
        out.line(&said(retired));
    }
    Ok(Exit::Done)
}

fn said(retired: Retired) -> String {
    let provider = retired.provider;
    if retired.is_retired {
        format!("{provider}: retired; the key before the current one is refused within 5 minutes")
    } else {
        format!("{provider}: nothing to retire, only the current key is accepted")
    }
}
