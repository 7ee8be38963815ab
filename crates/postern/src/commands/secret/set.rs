//! `secret set`: puts a provider's key.

use operator::Exit;
use operator::print::now;
use operator::secret::{Ask, Put, SecretError, made, set};
use shared::sender::Sender;

use super::key;
use super::provider::sender;
use crate::commands::target::TargetArgs;
use crate::environment::Environment;
use crate::error::CommandError;
use crate::output::{Color, Output};

const EXAMPLES: &str = "Examples:
  postern secret set mailgun --stack postern          (asks for the key, and shows nothing)
  postern secret set resend --stack postern < key.txt
  postern secret set customerio --label us --stack postern
  postern secret set insider --make --stack postern";

/// Put a provider's key, from standard input or a hidden prompt
///
/// What is no key of the provider is refused before anything is put. Other labels, and the key in
/// the URL, stay. The key until now stays accepted, until another one is put or it is retired.
///
/// A JSON object of label to key is taken as the whole secret.
#[derive(clap::Args)]
#[command(before_help = EXAMPLES)]
pub(crate) struct Args {
    /// The provider
    #[arg(value_name = "PROVIDER", value_parser = sender)]
    provider: &'static dyn Sender,
    /// Put it under this label, beside other keys; it becomes the events' source
    #[arg(long, value_name = "NAME")]
    label: Option<String>,
    /// It is the key in the URL, ?key=…, which every request must then have
    #[arg(long)]
    url_key: bool,
    /// Make a key, and show it once: where the provider lets you choose it, and with --url-key
    #[arg(long)]
    make: bool,
    /// Drop the key before the current one even if the provider may still sign with it
    #[arg(long)]
    drop_previous: bool,
    #[command(flatten)]
    target: TargetArgs,
}

/// Puts the key, and says what became of those before.
pub(super) async fn run(
    args: Args,
    out: &Output,
    environment: &Environment,
) -> Result<Exit, CommandError> {
    let provider = args.provider;
    may_be_made(&args, out)?;
    let target = args.target.changing(out, environment).await?;
    let about = provider.signing_key();
    let key = match (args.make, args.url_key) {
        (true, _) => made().ok_or(SecretError::NoRandom)?,
        (false, true) => key::read(&format!("{}: the key in the URL", about.provider))?,
        (false, false) => key::read(&format!("{}: {}", about.provider, about.name))?,
    };
    let ask = Ask {
        label: args.label,
        is_url_key: args.url_key,
        drops_previous: args.drop_previous,
    };
    let put = set(&target, provider, &key, &ask, now()).await?;
    if out.is_json() {
        out.json(&put)?;
    } else if args.make {
        out.line(&key);
        out.note(&said(&put, args.url_key));
    } else {
        out.line(&said(&put, args.url_key));
    }
    notes(&put, out);
    let place = match (target.webhook_url(provider.name()), args.url_key) {
        (None, _) => format!("{} is not on in this stack", provider.name()),
        (Some(url), true) => format!("the URL at {} is now {url}?key=THE-KEY", about.provider),
        (Some(_), false) if args.make => format!("set it there: {}", about.place),
        (Some(_), false) => return Ok(Exit::Done),
    };
    out.note(&place);
    Ok(Exit::Done)
}

/// Checks that a key may be made: the user chooses it, and sees it.
fn may_be_made(args: &Args, out: &Output) -> Result<(), SecretError> {
    let about = args.provider.signing_key();
    if args.make && !args.url_key && !about.is_chosen {
        return Err(SecretError::NotChosen {
            name: about.provider,
            place: about.place,
        });
    }
    if args.make && out.is_json() {
        return Err(SecretError::NeverInJson);
    }
    Ok(())
}

fn said(put: &Put, is_url_key: bool) -> String {
    let (what, until_now) = if is_url_key {
        ("URL key", "the URL")
    } else {
        ("key", "the one")
    };
    let provider = put.provider;
    if put.is_first {
        return format!("{provider}: put as the first {what}; in use within a minute");
    }
    let dropped = if put.is_one_dropped {
        ", the one before is dropped"
    } else {
        ""
    };
    format!(
        "{provider}: put as the current {what}; {until_now} until now stays accepted{dropped}; in use within 5 minutes"
    )
}

/// Says what the user may not expect.
fn notes(put: &Put, out: &Output) {
    if !put.labels.is_empty() {
        out.note(&format!("labels: {}", put.labels.join(" ")));
    }
    if !put.labels_gone.is_empty() {
        out.note(&format!("no longer there: {}", put.labels_gone.join(" ")));
    }
    for warning in &put.warnings {
        let warning = format!("warning: {warning} ({})", warning.code());
        out.note(&out.paint(Color::Yellow, &warning));
    }
}
