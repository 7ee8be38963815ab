//! `send`: signs bodies as their provider would, and posts them.

use std::path::PathBuf;

use operator::print::{printable, say};
use operator::send::{Poster, provider_of};

use super::provider;
use super::secrets::Secrets;
use super::target::Local;
use crate::error::CommandError;

/// Sign raw bodies as their provider would, and post them to a running stack
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Files in a provider's folder, such as events/insider/click.json
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// The provider, for files that are elsewhere
    #[arg(long, value_name = "NAME", value_parser = provider::known)]
    provider: Option<String>,
    /// Base URL of another API, such as a deployed one; sign with its key (--secret)
    #[arg(long, value_name = "URL", conflicts_with = "port")]
    to: Option<String>,
    #[command(flatten)]
    local: Local,
    #[command(flatten)]
    secrets: Secrets,
}

/// Sends every file, and fails if one of them is not accepted.
pub(super) async fn run(args: &Args) -> Result<(), CommandError> {
    let api = args.to.clone().unwrap_or_else(|| args.local.url());
    let sender = Poster::to(&api, args.secrets.read()?);
    let mut refused = 0;
    for file in &args.files {
        let body = std::fs::read(file).map_err(|source| CommandError::File {
            path: file.clone(),
            source,
        })?;
        let provider = provider_of(file, args.provider.as_deref())?;
        let reply = sender.send(provider, body).await?;
        say(&format!(
            "{} {} {}",
            reply.status.as_u16(),
            file.display(),
            printable(&reply.body)
        ));
        refused += usize::from(!reply.status.is_success());
    }
    match refused {
        0 => Ok(()),
        refused => Err(CommandError::Refused {
            refused,
            sent: args.files.len(),
        }),
    }
}
