//! `cargo run -p local`: Postern on one machine.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::{Args, Parser, Subcommand};
use local::demo;
use local::events::{self, Events, Filter};
use local::functions::Selection;
use local::send::{Sender, provider_of};
use local::stack::{DYNAMODB_PORT, Options, Stack};
use local::terminal::{self, say};

/// Postern on one machine: the template's routes, queue and table, and the real functions. Without a command it builds the
/// functions, starts everything and stays up.
#[derive(Parser)]
#[command(name = "local", bin_name = "cargo run -p local --")]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    settings: Settings,
}

#[derive(Args)]
struct Settings {
    /// Port of the HTTP API
    #[arg(long, global = true, default_value_t = 3000)]
    port: u16,
    /// Port of the queue service
    #[arg(long, global = true, default_value_t = 9324)]
    sqs_port: u16,
    /// Port of the table service
    #[arg(long, global = true, default_value_t = DYNAMODB_PORT)]
    dynamodb_port: u16,
    /// A provider's key, or its JSON object of label -> key; else events/<provider>/secret.txt
    #[arg(long, global = true, value_name = "PROVIDER=KEY", value_parser = pair)]
    secret: Vec<(String, String)>,
    /// A template parameter, e.g. SignatureWindow=0 to accept requests signed at any time
    #[arg(long, global = true, value_name = "NAME=VALUE", value_parser = pair)]
    parameter: Vec<(String, String)>,
    /// Folder that keeps the table between runs; in memory without it
    #[arg(long, global = true, value_name = "DIR")]
    data: Option<PathBuf>,
    /// Seconds after which a message that failed is tried again (AWS waits for the queue's visibility time-out)
    #[arg(long, global = true, default_value_t = 1)]
    retry_after: u64,
    /// Build the functions with optimizations
    #[arg(long, global = true)]
    release: bool,
    /// Show the functions' own log lines
    #[arg(long, global = true)]
    verbose: bool,
}

#[derive(Subcommand)]
enum Command {
    /// Start everything, send every provider's samples, show what the table holds, stay up
    Demo,
    /// Sign raw bodies as their provider would, and post them to a running stack
    Send {
        /// Files in a provider's folder, such as events/insider/click.json
        #[arg(required = true)]
        files: Vec<PathBuf>,
        /// The provider, for files that are elsewhere
        #[arg(long)]
        provider: Option<String>,
    },
    /// Print the stored events of a running stack
    Events {
        #[command(flatten)]
        filter: EventFilter,
        /// One JSON object a line, every attribute
        #[arg(long)]
        json: bool,
    },
}

#[derive(Args)]
#[group(multiple = false)]
struct EventFilter {
    /// Of one recipient
    #[arg(long, value_name = "ADDRESS")]
    recipient: Option<String>,
    /// Of one message, by the provider's message id
    #[arg(long, value_name = "ID")]
    message: Option<String>,
    /// Of one kind of problem on one day, such as bounced/2026-01-02
    #[arg(long, value_name = "KIND/DAY")]
    problem: Option<String>,
}

fn pair(text: &str) -> Result<(String, String), String> {
    let pair = text.split_once('=').ok_or("expected NAME=VALUE")?;
    Ok((pair.0.to_owned(), pair.1.to_owned()))
}

#[tokio::main]
async fn main() -> ExitCode {
    let cli = Cli::parse();
    let settings = cli.settings;
    let done = match cli.command {
        None => up(settings, false).await,
        Some(Command::Demo) => up(settings, true).await,
        Some(Command::Send { files, provider }) => {
            send(&settings, &files, provider.as_deref()).await
        }
        Some(Command::Events { filter, json }) => print_events(&settings, filter, json).await,
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("error: {message}");
            ExitCode::FAILURE
        }
    }
}

impl Settings {
    fn secrets(&self) -> Result<BTreeMap<String, String>, String> {
        for (provider, _) in &self.secret {
            if consumer::provider(provider).is_none() {
                return Err(format!("--secret: there is no provider {provider}"));
            }
        }
        Ok(self.secret.iter().cloned().collect())
    }
}

async fn up(settings: Settings, demonstrate: bool) -> Result<(), String> {
    let secrets = settings.secrets()?;
    let starting = Stack::start(Options {
        port: settings.port,
        sqs_port: settings.sqs_port,
        dynamodb_port: settings.dynamodb_port,
        secrets: secrets.clone(),
        parameters: settings.parameter,
        data: settings.data,
        retry_after: Duration::from_secs(settings.retry_after),
        selection: Selection::Local,
        release: settings.release,
        output: terminal::output(settings.verbose),
        observer: terminal::observer(),
    });
    let stack = tokio::select! {
        stack = starting => stack?,
        () = interrupted() => return Ok(()),
    };
    terminal::welcome(&stack);
    if demonstrate {
        let sender = Sender::new(stack.api, secrets);
        tokio::select! {
            shown = demo::run(&stack, &sender) => shown?,
            () = interrupted() => return Ok(()),
        }
    }
    interrupted().await;
    say("Stopped.");
    Ok(())
}

/// Ctrl-C, or the signal that a script would send.
async fn interrupted() {
    use tokio::signal::unix::{SignalKind, signal};
    let Ok(mut terminate) = signal(SignalKind::terminate()) else {
        return;
    };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        _ = terminate.recv() => {}
    }
}

async fn send(
    settings: &Settings,
    files: &[PathBuf],
    provider: Option<&str>,
) -> Result<(), String> {
    let sender = Sender::new(format!("127.0.0.1:{}", settings.port), settings.secrets()?);
    let mut refused = 0;
    for file in files {
        let provider = provider_of(file, provider)?;
        let body = std::fs::read(file).map_err(|error| format!("{}: {error}", file.display()))?;
        let reply = sender.send(provider, body).await?;
        say(&format!(
            "{} {} {}",
            reply.status.as_u16(),
            file.display(),
            reply.body
        ));
        refused += usize::from(!reply.status.is_success());
    }
    if refused > 0 {
        return Err(format!("{refused} of {} were refused", files.len()));
    }
    Ok(())
}

async fn print_events(settings: &Settings, filter: EventFilter, json: bool) -> Result<(), String> {
    let filter = match filter {
        EventFilter {
            recipient: Some(recipient),
            ..
        } => Filter::Recipient(recipient),
        EventFilter {
            message: Some(message),
            ..
        } => Filter::Message(message),
        EventFilter {
            problem: Some(problem),
            ..
        } => Filter::Problem(problem),
        _ => Filter::All,
    };
    let events = Events::new(format!("127.0.0.1:{}", settings.dynamodb_port))?;
    let items = events.find(&filter).await?;
    if json {
        for item in &items {
            say(&events::plain(item).to_string());
        }
    } else {
        say(&events::table(&items));
        say(&format!("{} events", items.len()));
    }
    Ok(())
}
