//! Says whether the tests of the page can run: they need a browser.
//!
//! Whoever has none sees them as ignored, by name and with the reason. The gate sets `NEEDED`, and
//! then they run, and fail without one.

use std::env;

/// The program that `tests/src/browser.rs` starts.
const PROGRAM: &str = "chromium-headless-shell";
/// The variable by which the gate says that there has to be a browser.
const NEEDED: &str = "POSTERN_BROWSER_NEEDED";

#[expect(
    clippy::disallowed_methods,
    reason = "the environment is what it asks for"
)]
fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-env-changed={NEEDED}");
    println!("cargo::rerun-if-env-changed=PATH");
    println!("cargo::rustc-check-cfg=cfg(browser)");
    let paths = env::var_os("PATH").unwrap_or_default();
    let is_there = env::split_paths(&paths).any(|folder| folder.join(PROGRAM).is_file());
    if is_there || env::var_os(NEEDED).is_some() {
        println!("cargo::rustc-cfg=browser");
    }
}
