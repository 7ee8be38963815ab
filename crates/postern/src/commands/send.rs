//! `send`: signs bodies as their provider would, and posts them.

use std::path::PathBuf;

use operator::Exit;
use operator::print::printable;
use operator::send::{Poster, provider_of};

use super::keys::Keys;
use super::target::PORT;
use crate::error::CommandError;
use crate::output::Output;
use crate::words;

const EXAMPLES: &str = "Examples:
  postern send events/insider/click.json";

/// Sign raw bodies as their provider would, and post them to a running stack
#[derive(clap::Args)]
#[command(before_help = EXAMPLES)]
pub(crate) struct Args {
    /// Files in a provider's folder, such as events/insider/click.json
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// The provider, for files that are elsewhere
    #[arg(long, value_name = "NAME", value_parser = words::provider)]
    provider: Option<String>,
    /// Base URL of another API, such as a deployed one; sign with its key (--secret)
    #[arg(long, value_name = "URL", conflicts_with = "port")]
    to: Option<String>,
    /// The local stack's port
    #[arg(long, env = "POSTERN_PORT", hide_env = true, default_value_t = PORT)]
    port: u16,
    #[command(flatten)]
    keys: Keys,
}

/// Sends every file, and fails if one of them is not accepted.
pub(super) async fn run(args: Args, out: &Output) -> Result<Exit, CommandError> {
    let local = || format!("http://127.0.0.1:{}", args.port);
    let api = args.to.clone().unwrap_or_else(local);
    let sender = Poster::to(&api, args.keys.read()?);
    let mut refused = 0;
    for file in &args.files {
        let body = std::fs::read(file).map_err(|source| CommandError::File {
            path: file.clone(),
            source,
        })?;
        let provider = provider_of(file, args.provider.as_deref())?;
        let reply = sender.send(provider, body).await?;
        out.line(&format!(
            "{} {} {}",
            reply.status.as_u16(),
            file.display(),
            printable(&reply.body)
        ));
        refused += usize::from(!reply.status.is_success());
    }
    Ok(if refused == 0 { Exit::Done } else { Exit::No })
}
