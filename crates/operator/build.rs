//! Embeds the samples and the invented keys of `events/`, so that an installed tool needs no
//! checkout.

use std::error::Error;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

/// Writes two tables of Rust: the samples, by name, and the keys, by provider.
fn main() -> Result<(), Box<dyn Error>> {
    let events = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../events");
    println!("cargo::rerun-if-changed={}", events.display());
    let (mut samples, mut keys) = (String::new(), String::new());
    for folder in sorted(&events)? {
        let secret = folder.join("secret.txt");
        if !secret.is_file() {
            continue;
        }
        println!("cargo::rerun-if-changed={}", folder.display());
        let (provider, secret) = (name(&folder), secret.to_string_lossy().into_owned());
        writeln!(keys, "    ({provider:?}, include_str!({secret:?})),")?;
        for file in sorted(&folder)? {
            if !is_body(&file) {
                continue;
            }
            let sample = format!("{provider}/{}", name(&file.with_extension("")));
            let file = file.to_string_lossy();
            writeln!(
                samples,
                "    Sample {{ name: {sample:?}, provider: {provider:?}, body: include_bytes!({file:?}) }},"
            )?;
        }
    }
    let tables = format!(
        "static SAMPLES: &[Sample] = &[\n{samples}];\n\nstatic KEYS: &[(&str, &str)] = &[\n{keys}];\n"
    );
    #[expect(
        clippy::disallowed_methods,
        reason = "cargo says where a build script writes by this variable alone"
    )]
    let out = std::env::var_os("OUT_DIR").ok_or("cargo sets OUT_DIR")?;
    fs::write(PathBuf::from(out).join("samples.rs"), tables)?;
    Ok(())
}

/// Checks whether a file is a body: neither an expectation nor the recorded request.
fn is_body(file: &Path) -> bool {
    let is_json = file.extension().is_some_and(|ending| ending == "json");
    let name = name(file);
    is_json && name != "request.json" && !name.ends_with(".expected.json")
}

fn name(path: &Path) -> String {
    let name = path.file_name().unwrap_or_default();
    name.to_string_lossy().into_owned()
}

fn sorted(folder: &Path) -> Result<Vec<PathBuf>, std::io::Error> {
    let entries = fs::read_dir(folder)?.map(|entry| Ok(entry?.path()));
    let mut paths = entries.collect::<Result<Vec<_>, std::io::Error>>()?;
    paths.retain(|path| path.is_dir() || path.is_file());
    paths.sort();
    Ok(paths)
}
