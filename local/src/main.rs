//! `cargo run -p local`: Postern on one machine.

mod cli;
mod storm_command;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::Parser as _;
use local::aws::Services;
use local::demo;
use local::erase::{self, Person};
use local::events::{self, Events, Filter};
use local::faults::{self, Fault};
use local::functions::Selection;
use local::recipient::Recipient;
use local::redrive::{DeadLetters, PLAN_MESSAGES};
use local::renormalize::{self, Change, Mode};
use local::send::{Sender, provider_of};
use local::stack::{Options, Stack};
use local::terminal::{self, Verbosity, now, say};
use serde::Serialize;

use crate::cli::{Cli, Command, EventFilter, PersonChoice, Renormalizing, Settings, TableChoice};

#[tokio::main]
async fn main() -> ExitCode {
    let cli = Cli::parse();
    let settings = cli.settings;
    let done = match cli.command {
        None => up(settings, false).await,
        Some(Command::Demo) => up(settings, true).await,
        Some(Command::Send {
            files,
            provider,
            to,
        }) => send(&settings, &files, provider.as_deref(), to).await,
        Some(Command::Events {
            filter,
            table,
            json,
        }) => print_events(&settings, filter, table, json).await,
        Some(Command::Key { recipient }) => {
            Recipient::parse(&recipient).map(|recipient| say(recipient.canonical()))
        }
        Some(Command::Redrive {
            go,
            rate,
            queue_url,
            ..
        }) => redrive(&settings, go, rate, queue_url).await,
        Some(Command::Renormalize(asked)) => renormalize(&settings, asked).await,
        Some(Command::Storm(choice)) => tokio::select! {
            done = storm_command::run(settings, choice) => done,
            () = interrupted() => Err("stopped before its end".to_owned()),
        },
        Some(Command::Erase {
            person,
            keep_suppression,
            go,
            dry_run: _,
            table,
        }) => erase(&settings, &person, keep_suppression, go, table).await,
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
    fn verbosity(&self) -> Verbosity {
        match (self.quiet, self.verbose) {
            (true, _) => Verbosity::Quiet,
            (false, false) => Verbosity::Outcomes,
            (false, true) => Verbosity::Lines,
        }
    }

    fn secrets(&self) -> Result<BTreeMap<String, String>, String> {
        let mut secrets = BTreeMap::new();
        for secret in &self.secret {
            let pair = secret.split_once('=');
            let known = pair.filter(|(provider, _)| consumer::provider(provider).is_some());
            let Some((provider, key)) = known else {
                let names = consumer::PROVIDERS.iter().map(|provider| provider.name());
                let names = names.collect::<Vec<_>>().join(" ");
                return Err(format!("--secret is not PROVIDER=KEY, with one of {names}"));
            };
            if key.trim().is_empty() {
                return Err(format!("--secret {provider}=: the key is blank"));
            }
            if secrets
                .insert(provider.to_owned(), key.to_owned())
                .is_some()
            {
                return Err(format!(
                    "--secret {provider} came twice: several keys are one JSON object of label -> key"
                ));
            }
        }
        Ok(secrets)
    }
}

async fn up(settings: Settings, demonstrate: bool) -> Result<(), String> {
    let secrets = settings.secrets()?;
    let verbosity = settings.verbosity();
    if settings.fault.iter().any(|f| f.fault == Fault::StackKill) {
        return Err("stack:kill is for `storm`, which starts the stack again".to_owned());
    }
    let starting = Stack::start(Options {
        port: settings.port,
        sqs_port: settings.sqs_port,
        dynamodb_port: settings.dynamodb_port,
        secrets: secrets.clone(),
        parameters: settings.parameter,
        data: settings.data,
        retry_after: Duration::from_secs(settings.retry_after),
        binaries: settings.binaries,
        selection: Selection::Local,
        release: settings.release,
        output: terminal::output(verbosity),
        observer: terminal::observer(verbosity),
        faults: settings.fault,
        seed: settings.seed,
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
    if settings.read_faults {
        tokio::select! {
            () = faults::read(stack.faults.clone()) => {}
            () = interrupted() => {}
        }
    } else {
        interrupted().await;
    }
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
    to: Option<String>,
) -> Result<(), String> {
    let api = to.unwrap_or_else(|| format!("http://127.0.0.1:{}", settings.port));
    let sender = Sender::to(&api, settings.secrets()?);
    let mut refused = 0;
    for file in files {
        let provider = provider_of(file, provider)?;
        let body = std::fs::read(file).map_err(|error| format!("{}: {error}", file.display()))?;
        let reply = sender.send(provider, body).await?;
        say(&format!(
            "{} {} {}",
            reply.status.as_u16(),
            file.display(),
            terminal::printable(&reply.body)
        ));
        refused += usize::from(!reply.status.is_success());
    }
    if refused > 0 {
        return Err(format!("{refused} of {} were refused", files.len()));
    }
    Ok(())
}

async fn print_events(
    settings: &Settings,
    filter: EventFilter,
    table: TableChoice,
    json: bool,
) -> Result<(), String> {
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
    let events = table_of(settings, table).await?;
    let items = events.find(&filter).await?;
    if json {
        for item in &items {
            say(&terminal::json(&events::plain(item))?);
        }
    } else {
        say(&events::table(&items));
        say(&format!("{} events", items.len()));
    }
    Ok(())
}

/// A real account's table, else the local stack's.
async fn table_of(settings: &Settings, choice: TableChoice) -> Result<Events, String> {
    match choice.table {
        Some(table) => Ok(Events::of(Services::account().await, table)),
        None => Events::new(format!("127.0.0.1:{}", settings.dynamodb_port)),
    }
}

async fn redrive(
    settings: &Settings,
    go: bool,
    rate: Option<i32>,
    queue_url: Option<String>,
) -> Result<(), String> {
    hide_panic_messages();
    let letters = match queue_url {
        Some(url) => DeadLetters::open(Services::account().await, url).await?,
        None => DeadLetters::local(format!("127.0.0.1:{}", settings.sqs_port)).await?,
    };
    let plan = letters.plan(PLAN_MESSAGES).await?;
    say(&plan.text(now()));
    if plan.read == 0 {
        return Ok(());
    }
    if go {
        return print_receipt(&letters.redrive(rate).await?);
    }
    say(
        "A dry run: nothing was moved. With --go all of them go back to the queue, and what still cannot be stored comes back here.",
    );
    say("That is the word of this checkout's consumer: deploy it first.");
    Ok(())
}

/// Where, never what: the message of a panic may quote a body.
fn hide_panic_messages() {
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string);
        eprintln!("panic at {}", place.unwrap_or_default());
    }));
}

async fn renormalize(settings: &Settings, asked: Renormalizing) -> Result<(), String> {
    hide_panic_messages();
    let events = table_of(settings, asked.table).await?;
    let selection = renormalize::Selection {
        provider: asked.provider,
        from: asked.from,
        to: asked.to,
    };
    let mode = if asked.go {
        Mode::Go(asked.rate)
    } else {
        Mode::DryRun
    };
    let tell = |change: &Change| {
        if settings.verbose {
            say(&change.line(asked.show));
        }
    };
    let report = renormalize::renormalize(&events, &selection, mode, tell).await?;
    say(&report.text(asked.show));
    if asked.go {
        print_receipt(&report.receipt(events.table(), now()))?;
    } else if report.changed() > 0 {
        say(
            "A dry run: nothing was written. --go writes it; deploy this checkout's consumer first.",
        );
    }
    match report.failed {
        0 => Ok(()),
        failed => Err(format!("{failed} events were not written: run it again")),
    }
}

async fn erase(
    settings: &Settings,
    person: &PersonChoice,
    keep_suppression: bool,
    go: bool,
    table: TableChoice,
) -> Result<(), String> {
    let person = match (&person.recipient, &person.customer) {
        (Some(address), _) => Person::recipient(address)?,
        (None, id) => Person::customer(id.as_deref().unwrap_or_default())?,
    };
    let events = table_of(settings, table).await?;
    let plan = erase::plan(&events, &person, keep_suppression).await?;
    say(&plan.text(events.table()));
    if !plan.is_empty() {
        if go {
            let receipt = erase::erase(&events, &person, plan, now()).await;
            print_receipt(&receipt)?;
            if receipt.not_deleted > 0 {
                return Err(format!(
                    "{} items may still be there: run it again",
                    receipt.not_deleted
                ));
            }
        } else {
            say("A dry run: nothing was deleted. --go deletes it.");
        }
    }
    say(erase::OUT_OF_REACH);
    Ok(())
}

fn print_receipt(receipt: &impl Serialize) -> Result<(), String> {
    say(&terminal::json(receipt)?);
    Ok(())
}
