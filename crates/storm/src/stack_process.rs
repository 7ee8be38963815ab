//! Runs the stack as a process of its own. It can be killed like a machine and started again on the
//! same data.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::io::{AsyncBufReadExt as _, AsyncRead, AsyncWriteExt as _, BufReader};
use tokio::net::TcpListener;
use tokio::process::{Child, ChildStdin, Command};
use tokio::sync::mpsc;
use tokio::time::{sleep, timeout};

use crate::error::Error;
use crate::report::Struck;
use stack::READY;
use stack::build::{Program, TOOL};
use stack::faults::Injection;

/// How long the stack may take to start, or to answer a line of faults.
const START: Duration = Duration::from_mins(1);
/// The ports to choose from. They are below those that a system gives to outgoing connections
/// (Linux from 32,768, gVisor from 16,000), so that nothing uses one while the stack is down.
const PORTS: std::ops::Range<u16> = 10_000..16_000;
/// How often a port is looked at that is not free yet.
const LOOK_AGAIN: Duration = Duration::from_millis(20);

/// What stays the same from one start to the next.
pub(crate) struct Setup {
    /// The path of this program.
    pub(crate) program: PathBuf,
    /// The folder of the functions' binaries. `None` if they are in the program itself.
    pub(crate) binaries: Option<PathBuf>,
    /// The folder that keeps the table and the queue.
    pub(crate) data: PathBuf,
    /// The ports of the API, the queue and the table.
    pub(crate) ports: [u16; 3],
    /// The secrets by provider.
    pub(crate) secrets: BTreeMap<String, String>,
    /// What stands for an hour in everything that waits to be told.
    pub(crate) hour: Duration,
    /// The template's parameters.
    pub(crate) parameters: Vec<(String, String)>,
    /// The address of the event bus.
    pub(crate) bus: SocketAddr,
}

/// A running stack.
pub(crate) struct StackProcess {
    child: Child,
    stdin: ChildStdin,
    answers: mpsc::UnboundedReceiver<String>,
    noise: Noise,
}

/// Lines of the stack that are not answers: functions that stopped, and panics.
pub(crate) type Noise = Arc<Mutex<Vec<String>>>;

/// Finds three free ports.
///
/// # Errors
/// Returns [`Error::NoPorts`] if there are not three free ports.
pub(crate) async fn free_ports(seed: u64) -> Result<[u16; 3], Error> {
    let width = u64::from(PORTS.end - PORTS.start);
    let offset = (seed
        .wrapping_add(u64::from(std::process::id()))
        .wrapping_mul(97))
        % width;
    let mut free = Vec::new();
    for step in 0..width {
        let port = u16::try_from((offset + step) % width).unwrap_or_default() + PORTS.start;
        if is_free(port).await {
            free.push(port);
        }
        if let [api, sqs, dynamodb] = free[..] {
            return Ok([api, sqs, dynamodb]);
        }
    }
    Err(Error::NoPorts)
}

async fn is_free(port: u16) -> bool {
    TcpListener::bind(("127.0.0.1", port)).await.is_ok()
}

/// Waits until nobody listens on a port. A function that was being started when the stack was
/// killed has a copy of the stack's sockets until it has become its own program.
async fn freed(port: u16) {
    while !is_free(port).await {
        sleep(LOOK_AGAIN).await;
    }
}

impl StackProcess {
    /// Starts the stack and returns when it can receive its first webhook.
    ///
    /// # Errors
    /// Returns an [`Error`] if the process does not start.
    pub(crate) async fn start(
        setup: &Setup,
        faults: &[Injection],
        seed: u64,
        noise: Noise,
    ) -> Result<Self, Error> {
        write_keys(setup)?;
        for port in setup.ports {
            let free = timeout(START, freed(port)).await;
            free.map_err(|_| Error::NoPorts)?;
        }
        let mut child = command(setup, faults, seed)
            .spawn()
            .map_err(Error::NoProcess)?;
        let (told, mut answers) = mpsc::unbounded_channel();
        let stdin = child.stdin.take().ok_or(Error::Silent)?;
        listen(child.stdout.take(), Some(told), &noise);
        listen(child.stderr.take(), None, &noise);
        let ready = timeout(START, answers.recv()).await;
        if !ready
            .ok()
            .flatten()
            .is_some_and(|line| line.starts_with(READY))
        {
            let _ = child.kill().await;
            let said = noise.lock().unwrap_or_else(PoisonError::into_inner);
            return Err(Error::NotStarted(said.join("\n")));
        }
        Ok(Self {
            child,
            stdin,
            answers,
            noise,
        })
    }

    /// Returns the process id.
    pub(crate) fn id(&self) -> Option<u32> {
        self.child.id()
    }

    /// Puts these faults in force, and returns how often each has struck so far.
    ///
    /// # Errors
    /// Returns an [`Error`] if the stack's process does not answer.
    pub(crate) async fn set(&mut self, faults: &[Injection]) -> Result<Struck, Error> {
        let faults: Vec<String> = faults.iter().map(ToString::to_string).collect();
        let line = faults.join(" ") + "\n";
        let written = self.stdin.write_all(line.as_bytes()).await;
        written.map_err(Error::Deaf)?;
        let answer = timeout(START, self.answers.recv()).await.ok().flatten();
        let answer = answer.ok_or(Error::Silent)?;
        Struck::read(&answer).ok_or(Error::Answer(answer))
    }

    /// Kills the stack as a power cut would: nothing can be tidied up.
    pub(crate) async fn kill(mut self) -> Noise {
        let _ = self.child.kill().await;
        self.noise
    }
}

fn command(setup: &Setup, faults: &[Injection], seed: u64) -> Command {
    let mut command = Command::new(&setup.program);
    command.arg("up");
    for (option, port) in ["--port", "--sqs-port", "--dynamodb-port"]
        .into_iter()
        .zip(setup.ports)
    {
        command.arg(option).arg(port.to_string());
    }
    if let Some(binaries) = &setup.binaries {
        command.arg("--binaries").arg(binaries);
    }
    command.arg("--data").arg(&setup.data);
    command.arg("--bus-at").arg(setup.bus.to_string());
    command.arg("--seed").arg(seed.to_string());
    command
        .arg("--hour")
        .arg(format!("{}ms", setup.hour.as_millis()));
    for (name, value) in &setup.parameters {
        command.arg("--parameter").arg(format!("{name}={value}"));
    }
    for fault in faults {
        command.arg("--fault").arg(fault.to_string());
    }
    if !setup.secrets.is_empty() {
        command.arg("--keys").arg(keys_file(setup));
    }
    command
        .args(["--quiet", "--read-faults"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    command
}

/// Returns the folder of the functions' binaries, if they have binaries of their own.
pub(crate) fn binaries(programs: &BTreeMap<String, Program>) -> Option<PathBuf> {
    let mut functions = programs.iter().filter(|(name, _)| *name != TOOL);
    let (_, program) = functions.next()?;
    let has_own = program.arguments.is_empty();
    let folder = program.path.parent().unwrap_or(Path::new("."));
    has_own.then(|| folder.to_owned())
}

/// Writes the keys that are not the samples' own.
fn write_keys(setup: &Setup) -> Result<(), Error> {
    if setup.secrets.is_empty() {
        return Ok(());
    }
    let keys = serde_json::to_vec(&setup.secrets).map_err(|error| Error::NoKeys(error.into()))?;
    std::fs::create_dir_all(&setup.data).map_err(Error::NoKeys)?;
    std::fs::write(keys_file(setup), keys).map_err(Error::NoKeys)
}

/// Returns the file of the keys, beside the stack's data. Keys are in no command line.
fn keys_file(setup: &Setup) -> PathBuf {
    setup.data.join("keys.json")
}

/// Forwards the stack's answers and keeps its other lines. The welcome is neither.
fn listen(
    stream: Option<impl AsyncRead + Unpin + Send + 'static>,
    answers: Option<mpsc::UnboundedSender<String>>,
    noise: &Noise,
) {
    let Some(stream) = stream else { return };
    let noise = Arc::clone(noise);
    tokio::spawn(async move {
        let mut lines = BufReader::new(stream).lines();
        while let Ok(Some(line)) = lines.next_line().await {
            let is_answer = line.starts_with(READY) || line.starts_with("faults: ");
            match &answers {
                Some(answers) if is_answer => {
                    let _ = answers.send(line);
                }
                _ if line.is_empty() || line.starts_with("  ") => {}
                _ => noise
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .push(line),
            }
        }
    });
}
