//! `up`: starts everything on this machine and stays up.

mod browser;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use inspector::{Feed, Inspector, Setup};
use operator::print::say;
use operator::secrets::for_receivers;
use operator::send::Poster;
use operator::target::LocalStack;
use operator::{Exit, Target};
use stack::build::{Launcher, in_folder, in_program};
use stack::faults::{self, Faults, Injection};
use stack::live::Live;
use stack::page::Page;
use stack::poller::Observer;
use stack::{DYNAMODB_PORT, Options, Stack};
use tokio::io::{AsyncBufReadExt as _, BufReader, stdin};
use tokio::task::JoinHandle;

use super::keys::Keys;
use super::target::PORT;
use crate::console;
use crate::environment::Environment;
use crate::error::CommandError;
use crate::output::Output;
use crate::signals::interrupted;
use crate::words;

const EXAMPLES: &str = "Examples:
  postern up
  postern up --data .data --keys keys.json
  postern up --parameter Providers=insider,resend --parameter SignatureWindow=0";

/// Run everything on this machine, until Ctrl-C
#[derive(clap::Args)]
#[group(id = "up")]
#[command(before_help = EXAMPLES, args_override_self = true)]
pub(crate) struct Args {
    /// Port of the HTTP API
    #[arg(long, value_name = "N", default_value_t = PORT)]
    port: u16,
    /// Port of the queue service
    #[arg(long, value_name = "N", default_value_t = 9324)]
    sqs_port: u16,
    /// Port of the table service
    #[arg(long, value_name = "N", default_value_t = DYNAMODB_PORT)]
    dynamodb_port: u16,
    #[command(flatten)]
    keys: Keys,
    /// A template parameter, such as SignatureWindow=0, or Providers=insider,resend
    #[arg(long, value_name = "NAME=VALUE", value_parser = pair)]
    parameter: Vec<(String, String)>,
    /// Folder that keeps the table and the queues between runs; in memory without it
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// Stands for each minute that a message waits before it is tried again
    ///
    /// On AWS it waits for the queue's visibility timeout, or for as long as the consumer says.
    #[arg(long, value_name = "SECONDS", default_value_t = 1)]
    retry_after: u64,
    /// Stands for each hour that a notification to an endpoint waits, such as 1s
    ///
    /// The steps of retries, the probes of an endpoint that fails, and what is counted in minutes
    /// shrink with it.
    #[arg(long, value_name = "TIME", value_parser = words::how_long)]
    hour: Option<Duration>,
    /// Folder with the functions' own binaries; else this program is all of them
    #[arg(long, value_name = "DIR")]
    binaries: Option<PathBuf>,
    /// What goes wrong, such as table:throttle=0.2 (`postern help faults`)
    #[arg(long, value_name = "FAULT")]
    fault: Vec<Injection>,
    /// Where another event bus is, in the place of this one's own: the storm's
    #[arg(long, value_name = "ADDRESS", hide = true)]
    bus_at: Option<SocketAddr>,
    /// What the choices of the faults follow from
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
    /// Read faults from standard input, a line at a time; its end ends everything
    ///
    /// A line of faults takes the place of those in force, and an empty one ends them.
    #[arg(long)]
    pub(super) read_faults: bool,
    /// Open the page about the webhooks in a browser, once all is up
    #[arg(long, conflicts_with = "no_page")]
    pub(super) open: bool,
    /// Serve no page about the webhooks, and remember none for it
    #[arg(long)]
    no_page: bool,
}

/// A stack of this process.
pub(super) struct Running {
    /// The stack.
    pub(super) stack: Stack,
    /// Signs with the same keys.
    pub(super) sender: Arc<Poster>,
    /// What happens on it.
    pub(super) live: Live,
    /// The page, if there is one.
    pub(super) page: Option<Arc<Inspector>>,
}

/// Starts everything and stays up until it is stopped.
pub(super) async fn run(
    args: Args,
    out: &Output,
    environment: &Environment,
) -> Result<Exit, CommandError> {
    let (read_faults, open) = (args.read_faults, args.open);
    console::welcome(
        out,
        args.data.as_deref(),
        [args.sqs_port, args.dynamodb_port],
    );
    let running = start(args, None, out).await?;
    let following = follow(&running, out, environment);
    console::ready(&running.stack, true, out);
    if open {
        self::open(&running, out);
    }
    stay(&running.stack, read_faults, out).await;
    following.abort();
    Ok(Exit::Done)
}

/// Opens the page in a browser.
pub(super) fn open(running: &Running, out: &Output) {
    if running.page.is_none() {
        out.note("there is no page to open: faults are read");
        return;
    }
    browser::open(&format!("http://{}/", running.stack.api), out);
}

/// Prints what happens from now on, unless only results are wanted.
pub(super) fn follow(running: &Running, out: &Output, environment: &Environment) -> JoinHandle<()> {
    if out.is_quiet() {
        return tokio::spawn(async {});
    }
    let target = match running.stack.api.port() {
        PORT => String::new(),
        port => format!(" --port {port}"),
    };
    let (live, out) = (running.live.clone(), out.clone());
    let url = format!("http://{}/", running.stack.api);
    let page = running.page.clone().map(|page| (page, url));
    let following = console::follow(live, target, page, out, environment.clone());
    tokio::spawn(following)
}

/// Starts the stack. What failed is tried again after `retry_after`, or as the line says.
pub(super) async fn start(
    args: Args,
    retry_after: Option<Duration>,
    out: &Output,
) -> Result<Running, CommandError> {
    if let Some(fault) = args.fault.iter().find(|f| f.fault.is_of_a_storm()) {
        return Err(CommandError::OfAStorm(fault.fault.name()));
    }
    are_providers(&args.parameter)?;
    let ports = [
        ("--port", args.port),
        ("--sqs-port", args.sqs_port),
        ("--dynamodb-port", args.dynamodb_port),
    ];
    let given = args.keys.read()?;
    let live = Live::default();
    // Whoever sets faults sends more than anyone would read.
    let is_read = !args.read_faults;
    let window = window(&args.parameter);
    let page = (is_read && !args.no_page).then(|| Inspector::new(Setup { window }));
    let feed = is_read.then(|| Arc::new(Feed::new(live.clone(), page.clone())));
    let observer: Observer = match feed.clone() {
        Some(feed) => Arc::new(move |message| feed.handled(message)),
        None => Arc::new(|_| {}),
    };
    let starting = Stack::start(Options {
        port: args.port,
        sqs_port: args.sqs_port,
        dynamodb_port: args.dynamodb_port,
        secrets: for_receivers(&given)?,
        parameters: with_outlets(args.parameter),
        data: args.data,
        retry_after: retry_after.unwrap_or(Duration::from_secs(args.retry_after)),
        launcher: launcher(args.binaries)?,
        output: console::output(out.is_verbose(), feed),
        observer,
        live: live.clone(),
        page: page.clone().map(|page| page as Arc<dyn Page>),
        bus_at: args.bus_at,
        faults: args.fault,
        seed: args.seed,
        hour: args.hour,
    });
    let stack = tokio::select! {
        stack = starting => stack,
        () = interrupted() => return Err(CommandError::Stopped),
    };
    let stack = match stack {
        Ok(stack) => stack,
        Err(error) => return Err(refused(error, ports).await),
    };
    let sender = Arc::new(Poster::new(stack.api, given));
    if let Some(page) = &page {
        page.connect(Target::local(stack.api).await?, stack.queues.clone());
    }
    Ok(Running {
        stack,
        sender,
        live,
        page,
    })
}

/// Returns the operator's window, if the line sets it: how old a signed time may be, in seconds.
fn window(parameters: &[(String, String)]) -> Option<u64> {
    let mut given = parameters.iter().rev();
    let (_, seconds) = given.find(|(name, _)| name == "SignatureWindow")?;
    seconds.trim().parse().ok()
}

/// The template's parameter that turns on what tells others.
const OUTLETS: &str = "Outlets";

/// Returns the parameters with the outlets on, unless the line says otherwise: they cost nothing
/// here.
fn with_outlets(mut parameters: Vec<(String, String)>) -> Vec<(String, String)> {
    if !parameters.iter().any(|(name, _)| name == OUTLETS) {
        parameters.push((OUTLETS.to_owned(), "yes".to_owned()));
    }
    parameters
}

/// Returns where the functions are: in this program, or in a folder where they were built.
pub(super) fn launcher(binaries: Option<PathBuf>) -> Result<Launcher, CommandError> {
    if let Some(folder) = binaries {
        return Ok(in_folder(folder));
    }
    let program = std::env::current_exe().map_err(CommandError::NoProgram)?;
    Ok(in_program(program))
}

/// Returns why the stack does not start. If a port is taken, this names who has it, and three
/// others: the next one would be taken, too.
async fn refused(error: stack::Error, ports: [(&str, u16); 3]) -> CommandError {
    let stack::Error::Port { port, .. } = &error else {
        return error.into();
    };
    let others = ports.map(|(option, port)| {
        let another = port.checked_add(100).unwrap_or(PORT);
        format!("{option} {another}")
    });
    let others = others.join(" ");
    let running = Target::local(format!("127.0.0.1:{port}")).await.ok();
    let running = running.as_ref().and_then(Target::local_stack);
    let (by, code) = match running {
        Some(stack) => {
            let LocalStack {
                url, pid, since, ..
            } = stack;
            let by = format!("a stack is already up at {url}/ (pid {pid}, since {since})");
            (by, "already_up")
        }
        None => (error.to_string(), error.code()),
    };
    CommandError::PortTaken { by, code, others }
}

/// Checks that the providers that the line chooses are some.
fn are_providers(parameters: &[(String, String)]) -> Result<(), CommandError> {
    let chosen = parameters.iter().filter(|(name, _)| name == "Providers");
    let mut names = chosen
        .flat_map(|(_, value)| value.split(','))
        .map(str::trim);
    match names.find(|name| registry::provider(name).is_none()) {
        Some(name) => Err(CommandError::NoProvider(name.to_owned())),
        None => Ok(()),
    }
}

/// Stays up until it is stopped. If faults are read from standard input, it also stops at the end
/// of the input.
pub(super) async fn stay(stack: &Stack, read_faults: bool, out: &Output) {
    if read_faults {
        tokio::select! {
            () = read(&stack.faults) => {}
            () = interrupted() => {}
        }
    } else {
        interrupted().await;
    }
    out.note("stopped");
}

/// Puts the faults of each line of standard input in force and prints the answer, until the input
/// ends.
async fn read(faults: &Faults) {
    let mut lines = BufReader::new(stdin()).lines();
    while let Ok(Some(line)) = lines.next_line().await {
        say(&faults::answer(faults, &line));
    }
}

fn pair(text: &str) -> Result<(String, String), String> {
    let pair = text.split_once('=').ok_or("expected NAME=VALUE")?;
    Ok((pair.0.to_owned(), pair.1.to_owned()))
}
