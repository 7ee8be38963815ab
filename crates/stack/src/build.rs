//! Finds the functions' programs. They are in the tool itself, in a folder where they were built
//! before, or they are built by cargo, for the tests and the benchmark.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;

use serde_json::Value;

/// Why a function's program cannot be found.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// Cargo cannot be run.
    #[error("cannot run cargo: {0}")]
    Cargo(#[from] std::io::Error),
    /// Cargo failed, and has said on stderr why.
    #[error("cargo could not build the functions")]
    Failed,
    /// A package has no binary of its own name.
    #[error("the package {0} has no binary of its name")]
    NoBinary(String),
    /// The folder does not hold a program.
    #[error("there is no {path}", path = .0.display())]
    NotThere(PathBuf),
    /// The task that builds ended early.
    #[error("the build was stopped")]
    Stopped,
}

impl BuildError {
    /// Returns the stable name.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Cargo(_) => "cargo_missing",
            Self::Failed => "build_failed",
            Self::NoBinary(_) => "binary_unnamed",
            Self::NotThere(_) => "binary_missing",
            Self::Stopped => "build_stopped",
        }
    }
}

/// The program of a function and its arguments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Program {
    /// The program.
    pub path: PathBuf,
    /// Its arguments.
    pub arguments: Vec<String>,
}

/// Finds the program of each of these packages.
pub type Launcher =
    Arc<dyn Fn(&[&str]) -> Result<BTreeMap<String, Program>, BuildError> + Send + Sync>;

/// Which packages cargo is asked to build. This decides which features their dependencies get, and
/// so whether the build of the caller itself can be reused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Selection {
    /// Everything that `cargo test --workspace` has built.
    Workspace,
    /// The packages and nothing else, as they are deployed.
    Deployed,
}

/// The name of the package, and of the program, that runs the stack.
pub const TOOL: &str = "postern";

/// The command of the tool that runs a function.
pub const FUNCTION: &str = "function";

/// The repository's root.
#[must_use]
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Returns a launcher that builds the packages with cargo.
#[must_use]
pub fn with_cargo(selection: Selection, release: bool) -> Launcher {
    Arc::new(move |packages| Ok(programs(build(packages, selection, release)?)))
}

/// Returns a launcher for functions that are in one program, which is told by its arguments which
/// function it is: `<program> function <package>`. Without the arguments, it is the tool.
#[must_use]
pub fn in_program(path: PathBuf) -> Launcher {
    let program = move |package: &str| Program {
        path: path.clone(),
        arguments: match package {
            TOOL => Vec::new(),
            package => vec![FUNCTION.to_owned(), package.to_owned()],
        },
    };
    Arc::new(move |packages| {
        let packages = packages.iter();
        Ok(packages
            .map(|name| ((*name).to_owned(), program(name)))
            .collect())
    })
}

/// Returns a launcher that takes the programs from a folder where they were built before.
#[must_use]
pub fn in_folder(folder: PathBuf) -> Launcher {
    Arc::new(move |packages| Ok(programs(built(packages, &folder)?)))
}

fn programs(paths: BTreeMap<String, PathBuf>) -> BTreeMap<String, Program> {
    let program = |path| Program {
        path,
        arguments: Vec::new(),
    };
    let paths = paths.into_iter();
    paths.map(|(name, path)| (name, program(path))).collect()
}

/// Builds the packages and returns the path of each one's binary.
///
/// # Errors
/// Returns a [`BuildError`] if cargo cannot build the packages. Cargo's own messages went to
/// stderr.
pub fn build(
    packages: &[&str],
    selection: Selection,
    release: bool,
) -> Result<BTreeMap<String, PathBuf>, BuildError> {
    let mut cargo = Command::new(cargo());
    cargo.current_dir(root()).args(["build", "--locked"]);
    cargo.arg("--message-format=json-render-diagnostics");
    forget_the_package(&mut cargo);
    if release {
        cargo.arg("--release");
    }
    match selection {
        Selection::Workspace => {
            cargo.arg("--workspace");
        }
        Selection::Deployed => {
            for package in packages {
                cargo.args(["-p", package]);
            }
        }
    }
    let output = cargo.stderr(Stdio::inherit()).output()?;
    if !output.status.success() {
        return Err(BuildError::Failed);
    }
    let binaries = binaries(&output.stdout);
    for package in packages {
        if !binaries.contains_key(*package) {
            return Err(BuildError::NoBinary((*package).to_owned()));
        }
    }
    Ok(binaries)
}

/// Returns the paths of the packages' binaries in a folder where they were built before.
///
/// # Errors
/// Returns [`BuildError::NotThere`] for the first binary that is not there.
fn built(packages: &[&str], folder: &Path) -> Result<BTreeMap<String, PathBuf>, BuildError> {
    let found = packages.iter().map(|package| {
        let path = folder.join(package);
        if path.is_file() {
            Ok(((*package).to_owned(), path))
        } else {
            Err(BuildError::NotThere(path))
        }
    });
    found.collect()
}

/// Returns the cargo that runs this program, or else the one that is installed. It is not the one
/// that built this program, which would compile with the toolchain of another folder.
fn cargo() -> OsString {
    #[expect(
        clippy::disallowed_methods,
        reason = "cargo names itself to what it runs by this variable alone"
    )]
    let running = std::env::var_os("CARGO");
    running.unwrap_or_else(|| "cargo".into())
}

/// Removes the variables by which `cargo run` and `cargo test` tell their child which package it
/// belongs to.
///
/// If they were passed on, build scripts that watch them (ring's does) would run again, and
/// everything that depends on them would be compiled again.
fn forget_the_package(cargo: &mut Command) {
    for (name, _) in std::env::vars_os() {
        let name = name.to_string_lossy();
        let is_of_package = [
            "CARGO_PKG_",
            "CARGO_MANIFEST_",
            "CARGO_BIN_",
            "CARGO_CRATE_",
            "CARGO_PRIMARY_",
        ];
        if is_of_package.iter().any(|prefix| name.starts_with(prefix)) {
            cargo.env_remove(&*name);
        }
    }
}

/// Finds the binaries in cargo's messages, by name.
fn binaries(messages: &[u8]) -> BTreeMap<String, PathBuf> {
    messages
        .split(|byte| *byte == b'\n')
        .filter_map(|line| {
            let message: Value = serde_json::from_slice(line).ok()?;
            let path = message.get("executable")?.as_str()?;
            let name = message.pointer("/target/name")?.as_str()?;
            Some((name.to_owned(), PathBuf::from(path)))
        })
        .collect()
}
