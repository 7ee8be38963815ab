//! `webhooks rotate`: gives an endpoint another secret.

use jiff::Timestamp;
use operator::Exit;
use operator::events::when;

use super::api::ApiArgs;
use super::id::endpoint;
use crate::environment::Environment;
use crate::error::CommandError;
use crate::given::{Given, is_dash};
use crate::output::Output;
use crate::words;

const EXAMPLES: &str = "Examples:
  postern webhooks rotate 3
  postern webhooks rotate 3 --keep 48h --stack postern
  postern webhooks rotate 3 --secret - < secret.txt";

/// Give an endpoint another secret, and show it once
///
/// The old one signs beside the new one, so that the receiver can change it without a gap.
/// `x-webhook-signature` has room for one signature: that of the new secret.
#[derive(clap::Args)]
#[command(before_help = EXAMPLES)]
pub(crate) struct Args {
    /// The endpoint's id
    #[arg(value_name = "ID", value_parser = endpoint)]
    id: u64,
    /// How long the old one signs beside it, in hours or days, up to 7d
    #[arg(long, value_name = "24h", default_value = "24h", value_parser = words::hours)]
    keep: u64,
    /// `-` reads the new secret from standard input; else one is made
    #[arg(long, value_name = "-", allow_hyphen_values = true)]
    secret: Option<String>,
    #[command(flatten)]
    api: ApiArgs,
}

/// Puts the secret, and says how long the old one signs.
pub(super) async fn run(
    args: Args,
    out: &Output,
    environment: &Environment,
) -> Result<Exit, CommandError> {
    let has_secret = is_dash("--secret", args.secret.as_deref())?;
    let mut given = Given::default();
    let api = args.api.changing_with(&mut given, out, environment).await?;
    let secret = has_secret
        .then(|| given.line("the endpoint's new secret"))
        .transpose()?;
    let rotated = api.rotate(args.id, args.keep, secret.as_ref()).await?;
    if out.is_json() {
        out.json(&rotated)?;
        return Ok(Exit::Done);
    }
    let new = match &rotated.secret {
        Some(secret) => format!("new secret {} (shown once)", secret.expose()),
        None => "the new secret signs from now on".to_owned(),
    };
    let is_time = rotated.old_until.parse::<Timestamp>().is_ok() && args.keep > 0;
    let old = if is_time {
        let until = when(&rotated.old_until, out.is_terminal());
        format!("the old one signs beside it until {until}")
    } else {
        "the old one signs no more".to_owned()
    };
    out.line(&format!("{new}, {old}"));
    Ok(Exit::Done)
}
