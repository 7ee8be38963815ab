//! `webhooks add`: adds an endpoint.

use operator::Exit;
use operator::webhooks::Addition;
use outlets::manage::Hidden;

use super::api::ApiArgs;
use crate::environment::Environment;
use crate::error::CommandError;
use crate::given::{Given, is_dash, is_header_name};
use crate::output::Output;

const EXAMPLES: &str = "Examples:
  postern webhooks add https://crm.example.com/hooks --events bounced:hard,complained
  postern webhooks add https://crm.example.com/hooks --provider resend --stack postern
  postern webhooks add https://crm.example.com/hooks --secret - < secret.txt
  postern webhooks add https://crm.example.com/hooks --header x-token < value.txt";

/// Add an endpoint, and show its secret once
///
/// It is told what happens from now on; `webhooks replay` tells it what is stored already. Words
/// for --events: a kind, one of open click bounce unsubscribe, bounced:hard, opened:human,
/// suppression, or * for everything.
#[derive(clap::Args)]
#[command(before_help = EXAMPLES)]
pub(crate) struct Args {
    /// Where it is: https, and a public name
    #[arg(value_name = "URL")]
    url: String,
    /// What it wants, with commas between
    #[arg(long, value_name = "WORDS", default_value = "*")]
    events: String,
    /// Only what this provider said; may be repeated
    #[arg(long, value_name = "NAME")]
    provider: Vec<String>,
    /// Only with this label of a key (a region, a tenant); may be repeated
    #[arg(long, value_name = "LABEL")]
    source: Vec<String>,
    /// Send this header, too: its value is a line of standard input; may be repeated
    #[arg(long, value_name = "NAME")]
    header: Vec<String>,
    /// `-` reads its secret from standard input; else one is made
    #[arg(long, value_name = "-", allow_hyphen_values = true)]
    secret: Option<String>,
    #[command(flatten)]
    api: ApiArgs,
}

/// Adds it, and prints it with its secret.
pub(super) async fn run(
    args: Args,
    out: &Output,
    environment: &Environment,
) -> Result<Exit, CommandError> {
    let has_secret = is_dash("--secret", args.secret.as_deref())?;
    args.header
        .iter()
        .try_for_each(|name| is_header_name(name))?;
    let mut given = Given::default();
    let api = args.api.changing_with(&mut given, out, environment).await?;
    let secret = has_secret
        .then(|| given.line("the endpoint's secret"))
        .transpose()?;
    let header = |name: String| {
        let value = given.line(&format!("the value of {name}"))?;
        Ok((name, value))
    };
    let headers: Result<Vec<_>, CommandError> = args.header.into_iter().map(header).collect();
    let created = api
        .add(&Addition {
            url: args.url.trim().into(),
            events: args.events,
            providers: args.provider,
            sources: args.source,
            headers: headers?,
            secret,
        })
        .await?;
    if out.is_json() {
        out.json(&created)?;
        return Ok(Exit::Done);
    }
    let row = vec![
        created.id.to_string(),
        created.url.expose().to_owned(),
        created.events.clone(),
    ];
    out.rows(&["id", "endpoint", "events"], vec![row]);
    if let Some(secret) = created.secret.as_ref().map(Hidden::expose) {
        out.line(&format!("secret {secret} (shown once)"));
    }
    let target = args.api.flags(environment);
    let next = format!("next: postern webhooks test {}{target}", created.id);
    out.note(&environment.as_called(&next));
    Ok(Exit::Done)
}
