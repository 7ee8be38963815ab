//! What is measured: the functions as they are deployed, the floor, the limit by hand, the Python
//! peers.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use shared::secrets::{SECRETS_VARIABLE, variable_of};
use stack::build::{self, Program, Selection};
use stack::faults::Faults;
use stack::lambda::{Lambda, Output, Settings};

use crate::outcome::Outcome;
use crate::services::{Services, work_folder};
use crate::workload::no_others;

/// The name of the floor among the subjects.
pub(crate) const FLOOR: &str = "floor";
/// The name of the Python receiver.
pub(crate) const PEER_RECEIVER: &str = "python receiver";
/// The name of the Python consumer.
pub(crate) const PEER_CONSUMER: &str = "python consumer";
/// The package of the functions by hand.
pub(crate) const BARE: &str = "bare";
/// The name of the receiver by hand.
pub(crate) const BARE_RECEIVER: &str = "bare receiver";
/// The name of the consumer by hand.
pub(crate) const BARE_CONSUMER: &str = "bare consumer";
/// What tells the program by hand which of the two it is, as Lambda would.
const JOB: &str = "_HANDLER";
/// The receiver that those by hand and in Python are compared with, and the provider of
/// single-event webhooks.
pub(crate) const RECEIVER: &str = "customerio";
/// The consumer.
pub(crate) const CONSUMER: &str = "consumer";

/// In megabytes, as in the template.
const MEMORY: u64 = 256;

/// A function to be measured.
#[derive(Clone)]
pub(crate) struct Subject {
    pub(crate) name: String,
    pub(crate) binary: PathBuf,
    pub(crate) environment: BTreeMap<String, String>,
}

impl Subject {
    /// The function, not started yet, with at most so many instances at once.
    pub(crate) fn lambda(&self, output: Output, concurrency: usize) -> Lambda {
        let settings = Settings {
            name: self.name.replace(' ', "-"),
            program: Program {
                path: self.binary.clone(),
                arguments: Vec::new(),
            },
            environment: self.environment.clone(),
            timeout: Duration::from_mins(2),
            memory: MEMORY,
            concurrency,
            faults: Faults::new(0, Vec::new()),
        };
        Lambda::new(settings, output)
    }

    /// Started, with its process id and the time from exec to its first request for work.
    pub(crate) async fn start(&self) -> Outcome<(Lambda, u32, Duration)> {
        let lambda = self.lambda(silent(), 1);
        let start = std::time::Instant::now();
        lambda
            .warm()
            .await
            .map_err(|e| format!("{}: {e}", self.name))?;
        let took = start.elapsed();
        let pid = lambda.idle_processes().first().copied();
        Ok((lambda, pid.ok_or("it has died")?, took))
    }
}

/// For functions whose lines nobody reads, but for errors.
pub(crate) fn silent() -> Output {
    Arc::new(|name, line| {
        if line.to_lowercase().contains("error") {
            eprintln!("{name}: {line}");
        }
    })
}

/// Returns the subject of this name.
pub(crate) fn find<'a>(subjects: &'a [Subject], name: &str) -> Outcome<&'a Subject> {
    let found = subjects.iter().find(|subject| subject.name == name);
    found.ok_or_else(|| format!("no function {name}").into())
}

/// Builds everything and names it: the receivers, the consumer, the floor, the two by hand, the two
/// peers.
/// `built` is a folder of binaries to take instead, to compare builds.
pub(crate) fn all(services: &Services, built: Option<&Path>) -> Outcome<Vec<Subject>> {
    let mut packages: Vec<&str> = services
        .template
        .functions
        .iter()
        .map(|function| function.package.as_str())
        .collect();
    packages.extend([FLOOR, BARE]);
    let mut binaries = match built {
        None => build::build(&packages, Selection::Deployed, true)?,
        Some(folder) => packages
            .iter()
            .map(|name| ((*name).to_owned(), folder.join(name)))
            .filter(|(_, binary)| binary.exists())
            .collect(),
    };
    if let Some(bare) = binaries.remove(BARE) {
        binaries.insert(BARE_RECEIVER.to_owned(), bare.clone());
        binaries.insert(BARE_CONSUMER.to_owned(), bare);
    }
    binaries.insert(PEER_RECEIVER.to_owned(), peer("receiver")?);
    binaries.insert(PEER_CONSUMER.to_owned(), peer("consumer")?);
    let mut environment = services.environment();
    let peers = registry::sender(RECEIVER).ok_or("no such provider")?;
    let secret = operator::secrets::for_receiver(peers, &no_others())?;
    environment.insert(SECRETS_VARIABLE.to_owned(), secret);
    for provider in registry::SENDERS {
        let secret = operator::secrets::for_receiver(*provider, &no_others())?;
        environment.insert(variable_of(provider.name()), secret);
    }
    let beside = [BARE_RECEIVER, BARE_CONSUMER, PEER_RECEIVER, PEER_CONSUMER];
    let wanted = |name: &String| packages.contains(&&**name) || beside.contains(&&**name);
    let environment = |name: &str| {
        let mut environment = environment.clone();
        let job = name.strip_prefix(BARE).map(|job| job.trim().to_owned());
        environment.extend(job.map(|job| (JOB.to_owned(), job)));
        environment
    };
    Ok(binaries
        .into_iter()
        .filter(|(name, _)| wanted(name))
        .map(|(name, binary)| Subject {
            environment: environment(&name),
            name,
            binary,
        })
        .collect())
}

/// A script that runs a module of `bench/peer` on the Python runtime for Lambda, as Lambda's own
/// bootstrap does.
fn peer(module: &str) -> Outcome<PathBuf> {
    let source = build::root().canonicalize()?.join("bench/peer");
    let venv = virtual_environment(&source)?;
    let mut script = String::new();
    writeln!(script, "#!{}/bin/python", venv.display())?;
    writeln!(script, "import sys")?;
    writeln!(
        script,
        "sys.path.insert(0, {:?})",
        source.display().to_string()
    )?;
    writeln!(
        script,
        "sys.pycache_prefix = {:?}",
        venv.display().to_string()
    )?;
    writeln!(script, "from awslambdaric.__main__ import main")?;
    writeln!(script, "main(['bootstrap', '{module}.handler'])")?;
    let path = work_folder().join(format!("python-{module}"));
    std::fs::write(&path, script)?;
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755))?;
    Ok(path)
}

/// Made once; rebuilt when the requirements change.
fn virtual_environment(source: &Path) -> Outcome<PathBuf> {
    let venv = build::root().canonicalize()?.join("target/bench-peer");
    let wanted = std::fs::read_to_string(source.join("requirements.txt"))?;
    let mark = venv.join("installed.txt");
    if std::fs::read_to_string(&mark).is_ok_and(|installed| installed == wanted) {
        return Ok(venv);
    }
    run(Command::new("python3").args(["-m", "venv"]).arg(&venv))?;
    let mut pip = Command::new(venv.join("bin/pip"));
    run(pip
        .args(["install", "--quiet", "--requirement"])
        .arg(source.join("requirements.txt")))?;
    std::fs::write(mark, wanted)?;
    Ok(venv)
}

fn run(command: &mut Command) -> Outcome<()> {
    if command.status()?.success() {
        return Ok(());
    }
    Err(format!("failed: {command:?}").into())
}
