//! `secret check`: says which key one is.

use operator::Exit;
use operator::secret::{Checked, Which, check};
use shared::sender::Sender;

use super::key;
use super::provider::sender;
use crate::commands::target::TargetArgs;
use crate::environment::Environment;
use crate::error::CommandError;
use crate::output::Output;

const EXAMPLES: &str = "Examples:
  postern secret check mailgun --stack postern        (asks for the key, and shows nothing)
  postern secret check resend --stack postern < key.txt";

/// Say whether a key is the current one, the one before, or neither
#[derive(clap::Args)]
#[command(before_help = EXAMPLES)]
pub(crate) struct Args {
    /// The provider
    #[arg(value_name = "PROVIDER", value_parser = sender)]
    provider: &'static dyn Sender,
    #[command(flatten)]
    target: TargetArgs,
}

/// Compares the key with those that are accepted. It fails if it is none of them.
pub(super) async fn run(
    args: Args,
    out: &Output,
    environment: &Environment,
) -> Result<Exit, CommandError> {
    let target = args.target.reading(out, environment).await?;
    let about = args.provider.signing_key();
    let key = key::read(&format!("{}: the key to compare", about.provider))?;
    let checked = check(&target, args.provider, &key).await?;
    if out.is_json() {
        out.json(&checked)?;
    } else {
        out.line(&said(&checked));
    }
    Ok(match checked.key {
        Which::Current | Which::Previous => Exit::Done,
        Which::Neither => Exit::No,
    })
}

fn said(checked: &Checked) -> String {
    let provider = checked.provider;
    let what = if checked.is_url_key { "URL key" } else { "key" };
    let label = checked.label.as_ref();
    let label = label.map(|label| format!(", label {label}"));
    let label = label.unwrap_or_default();
    match checked.key {
        Which::Current => format!("{provider}: the current {what}{label}"),
        Which::Previous => {
            format!("{provider}: the {what} before the current one{label}; it is accepted, too")
        }
        Which::Neither => format!("{provider}: neither the current key nor the one before"),
    }
}
