//! Embeds the samples and the invented keys of `events/`, and what the providers' pages say about
//! failures, so that an installed tool needs no checkout.

use std::error::Error;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

/// Writes the tables of Rust that the crate includes.
fn main() -> Result<(), Box<dyn Error>> {
    #[expect(
        clippy::disallowed_methods,
        reason = "cargo says where a build script writes by this variable alone"
    )]
    let out = std::env::var_os("OUT_DIR").ok_or("cargo sets OUT_DIR")?;
    let out = PathBuf::from(out);
    fs::write(out.join("samples.rs"), samples_and_keys()?)?;
    fs::write(out.join("pages.rs"), pages()?)?;
    Ok(())
}

/// The section of a provider's page that has its codes.
const HEADING: &str = "## When it fails";

/// Returns a table of the providers' pages: of each the rows of the table in its section
/// [`HEADING`].
fn pages() -> Result<String, Box<dyn Error>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/providers");
    println!("cargo::rerun-if-changed={}", folder.display());
    let mut pages = String::new();
    for page in sorted(&folder)? {
        println!("cargo::rerun-if-changed={}", page.display());
        let provider = name(&page.with_extension(""));
        let text = fs::read_to_string(&page)?;
        let (_, section) = text
            .split_once(&format!("\n{HEADING}\n"))
            .ok_or_else(|| format!("{}: no {HEADING}", page.display()))?;
        let lines = section.lines().skip_while(|line| !line.starts_with('|'));
        let rows = lines.take_while(|line| line.starts_with('|')).skip(2);
        writeln!(pages, "    page!({provider:?}, &[")?;
        for row in rows {
            let cells = row.trim_matches(['|', ' ']).split(" | ");
            let cells: Vec<&str> = cells.map(str::trim).collect();
            let [what, cause, cure] = cells[..] else {
                return Err(format!("{}: {row}", page.display()).into());
            };
            writeln!(
                pages,
                "        Row {{ what: {what:?}, cause: {cause:?}, cure: {cure:?} }},"
            )?;
        }
        writeln!(pages, "    ]),")?;
    }
    Ok(format!(
        "pub(super) static PROVIDERS: &[(&str, Table)] = &[\n{pages}];\n"
    ))
}

/// Returns two tables: the samples, by name, and the keys, by provider.
fn samples_and_keys() -> Result<String, Box<dyn Error>> {
    let events = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../events");
    println!("cargo::rerun-if-changed={}", events.display());
    let (mut samples, mut keys) = (String::new(), String::new());
    for folder in sorted(&events)? {
        if !folder.is_dir() || name(&folder) == SENT_ON {
            continue;
        }
        println!("cargo::rerun-if-changed={}", folder.display());
        let (provider, secret) = (name(&folder), folder.join("secret.txt"));
        // A provider whose events come through a queue of its own has none.
        if secret.is_file() {
            let secret = secret.to_string_lossy();
            writeln!(keys, "    ({provider:?}, include_str!({secret:?})),")?;
        }
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
    Ok(format!(
        "static SAMPLES: &[Sample] = &[\n{samples}];\n\nstatic KEYS: &[(&str, &str)] = &[\n{keys}];\n"
    ))
}

/// The folder of what Postern itself sends. It is no provider's.
const SENT_ON: &str = "outlets";

/// What else stands beside the bodies: the recorded request, and what the tests know of the format.
const OTHERS: [&str; 3] = ["identity.json", "request.json", "scheme.json"];

/// Checks whether a file is a body, and not an expectation.
fn is_body(file: &Path) -> bool {
    let is_json = file.extension().is_some_and(|ending| ending == "json");
    let name = name(file);
    is_json && !OTHERS.contains(&name.as_str()) && !name.ends_with(".expected.json")
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
