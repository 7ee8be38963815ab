//! `listen --out`: is an endpoint on this machine, and shows what it is told.

use std::time::Duration;

use operator::endpoint::{Arrival, Listener, Manners, Verdict};
use operator::print::printable;
use operator::webhooks::{Addition, Webhooks};
use operator::{Exit, Target};
use outlets::manage::Hidden;
use shared::auth::OutboundSecret;

use super::super::target::TargetArgs;
use crate::environment::Environment;
use crate::error::CommandError;
use crate::given::{Given, is_dash};
use crate::output::{Color, Output};
use crate::signals::interrupted;
use crate::words;

/// What an endpoint fails with, unless another answer is asked for.
const FAILURE: u16 = 500;

/// How the endpoint behaves.
#[derive(clap::Args)]
#[command(next_help_heading = "As an endpoint")]
pub(super) struct OutArgs {
    /// Be an endpoint: show what the stack tells others, both signatures checked
    #[arg(
        long,
        conflicts_with_all = ["provider", "only", "since", "forward_to", "stack"]
    )]
    pub(super) out: bool,
    /// Answer with this status [default: 200; with --fail 500]
    #[arg(
        long,
        value_name = "STATUS",
        requires = "out",
        value_parser = clap::value_parser!(u16).range(200..=599)
    )]
    answer: Option<u16>,
    /// Fail this share of what comes, such as 0.3
    #[arg(long, value_name = "SHARE", requires = "out", value_parser = words::share)]
    fail: Option<f64>,
    /// Be down for so long first, such as 60s
    #[arg(long, value_name = "TIME", requires = "out", value_parser = words::how_long)]
    down: Option<Duration>,
    /// Its port; any free one without it
    #[arg(
        long,
        value_name = "N",
        requires = "out",
        default_value_t = 0,
        hide_default_value = true
    )]
    at_port: u16,
    /// `-`: check with the secrets on standard input, and register nothing
    #[arg(long, value_name = "-", requires = "out", allow_hyphen_values = true)]
    secret: Option<String>,
}

impl OutArgs {
    fn manners(&self) -> Manners {
        let usual = if self.fail.is_some() { FAILURE } else { 200 };
        Manners {
            answer: self.answer.unwrap_or(usual),
            share: self.fail.unwrap_or(1.0),
            down: self.down.unwrap_or_default(),
        }
    }

    /// Returns the secrets that were given. Without any, the endpoint registers itself.
    fn secrets(&self, environment: &Environment) -> Result<Vec<OutboundSecret>, CommandError> {
        let mut given: Vec<Hidden> = environment.webhook_secret.iter().cloned().collect();
        if is_dash("--secret", self.secret.as_deref())? {
            given = Given::default().rest("the endpoint's secret")?;
        }
        let secrets = given.iter();
        let secrets = secrets.map(|secret| OutboundSecret::new(secret.expose().trim()));
        secrets
            .collect::<Result<_, _>>()
            .map_err(CommandError::NoSecret)
    }
}

/// An endpoint that the stack knows.
pub(in crate::commands) struct Registered {
    /// What comes.
    pub(in crate::commands) listener: Listener,
    /// Its id.
    pub(in crate::commands) id: u64,
    api: Webhooks,
}

/// Starts an endpoint, and has the stack tell it everything from now on.
pub(in crate::commands) async fn register(
    target: &Target,
    port: u16,
    manners: Manners,
    key: Option<Hidden>,
) -> Result<Registered, CommandError> {
    let api = Webhooks::of(target, key)?;
    let secret = operator::endpoint::secret().ok_or(operator::secret::SecretError::NoRandom)?;
    let listener = start(port, vec![secret.clone()], manners).await?;
    let created = api
        .add(&Addition {
            url: listener.url().into(),
            events: "*".to_owned(),
            secret: Some(secret.expose().into()),
            ..Addition::default()
        })
        .await?;
    Ok(Registered {
        listener,
        id: created.id,
        api,
    })
}

impl Registered {
    /// Has the stack forget the endpoint. If that fails, the user may have stopped the stack.
    pub(in crate::commands) async fn forget(self, out: &Output) {
        if let Err(error) = self.api.remove(self.id).await {
            out.note(&format!("webhook {} stays registered: {error}", self.id));
        }
    }
}

async fn start(
    port: u16,
    secrets: Vec<OutboundSecret>,
    manners: Manners,
) -> Result<Listener, CommandError> {
    let listener = Listener::start(port, secrets, manners).await;
    listener.map_err(|source| CommandError::NoListener { port, source })
}

/// Prints what comes until it is stopped.
pub(super) async fn run(
    args: &OutArgs,
    target: &TargetArgs,
    out: &Output,
    environment: &Environment,
) -> Result<Exit, CommandError> {
    let secrets = args.secrets(environment)?;
    if !secrets.is_empty() {
        let mut listener = start(args.at_port, secrets, args.manners()).await?;
        ready(&listener, "", out);
        show(&mut listener, out).await?;
        return Ok(Exit::Done);
    }
    let target = target.changing(out, environment).await?;
    let key = environment.api_key.clone();
    let mut registered = register(&target, args.at_port, args.manners(), key).await?;
    let id = format!(", registered as webhook {}", registered.id);
    ready(&registered.listener, &id, out);
    let shown = show(&mut registered.listener, out).await;
    registered.forget(out).await;
    shown.map(|()| Exit::Done)
}

fn ready(listener: &Listener, registered: &str, out: &Output) {
    let url = listener.url();
    out.note(&format!("an endpoint at {url}{registered}, until Ctrl-C"));
}

async fn show(listener: &mut Listener, out: &Output) -> Result<(), CommandError> {
    loop {
        let arrival = tokio::select! {
            arrival = listener.next() => arrival,
            () = interrupted() => return Ok(()),
        };
        let Some(arrival) = arrival else {
            return Ok(());
        };
        if out.is_json() {
            out.json(&arrival)?;
        } else {
            let line = printable(&arrival.line());
            out.line(&out.paint(color(&arrival), &line));
        }
    }
}

fn color(arrival: &Arrival) -> Color {
    let signatures = [arrival.signatures.v1, arrival.signatures.hex];
    let is_unsigned = |verdict| matches!(verdict, Verdict::Bad | Verdict::Missing);
    if signatures.into_iter().any(is_unsigned) {
        Color::Red
    } else if arrival.is_well() {
        Color::Green
    } else {
        Color::Yellow
    }
}
