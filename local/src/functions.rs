//! Builds the functions with cargo and finds their binaries.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;

/// Which packages cargo is asked for. It decides which features their dependencies get, and so whether what the caller
/// itself was built from can be used again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Selection {
    /// What `cargo run -p local` has built, and the functions.
    Local,
    /// What `cargo test --workspace` has built.
    Workspace,
    /// The packages and nothing else: what is deployed.
    Deployed,
}

/// The repository's root.
#[must_use]
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Builds the packages and returns the path of each one's binary.
///
/// # Errors
/// A text for the person at the terminal; cargo's own messages went to stderr.
pub fn build(
    packages: &[&str],
    selection: Selection,
    release: bool,
) -> Result<BTreeMap<String, PathBuf>, String> {
    let mut cargo = Command::new(option_env!("CARGO").unwrap_or("cargo"));
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
        Selection::Local => {
            for package in packages.iter().chain(&["local"]) {
                cargo.args(["-p", package]);
            }
        }
        Selection::Deployed => {
            for package in packages {
                cargo.args(["-p", package]);
            }
        }
    }
    let output = cargo
        .stderr(Stdio::inherit())
        .output()
        .map_err(|error| format!("cannot run cargo: {error}"))?;
    if !output.status.success() {
        return Err("cargo could not build the functions".to_owned());
    }
    let binaries = binaries(&output.stdout);
    for package in packages {
        if !binaries.contains_key(*package) {
            return Err(format!("the package {package} has no binary of its name"));
        }
    }
    Ok(binaries)
}

/// The paths of the packages' binaries in a folder where they were built before.
///
/// # Errors
/// A text for the person at the terminal: one is not there.
pub fn built(packages: &[&str], folder: &Path) -> Result<BTreeMap<String, PathBuf>, String> {
    let found = packages.iter().map(|package| {
        let path = folder.join(package);
        if path.is_file() {
            Ok(((*package).to_owned(), path))
        } else {
            Err(format!("there is no {}", path.display()))
        }
    });
    found.collect()
}

/// `cargo run` and `cargo test` tell their child which package it is of. Passed on, it would make build scripts that watch
/// those variables (ring's does) run again, and everything above them compile again.
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

/// Binaries by name, from cargo's messages.
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
