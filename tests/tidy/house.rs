//! Who may use what: the crates of the house, and the files inside each.
//!
//! A crate or a dependency that is not listed here fails, and so do two files that import each
//! other.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::imports;
use crate::{provider_names, root, sources};

/// Stands for each provider's crate.
const PROVIDER: &str = "<provider>";

/// Each crate of this repository, and those that it may use.
const MAY_USE: &[(&str, &[&str])] = &[
    ("shared", &[]),
    ("sqs", &[]),
    ("runtime", &["shared"]),
    ("table", &["shared"]),
    ("outlets", &["shared", "table"]),
    (PROVIDER, &["runtime", "shared"]), // `runtime` in main.rs alone
    ("registry", &[PROVIDER, "shared"]),
    ("consumer", &["registry", "runtime", "shared", "table"]),
    ("fanout", &["outlets", "runtime", "shared", "table"]),
    ("deliver", &["outlets", "runtime", "shared", "table"]),
    ("sweep", &["outlets", "runtime", "shared", "table"]),
    ("api", &["outlets", "runtime", "shared", "table"]),
    ("stack", &["shared", "sqs"]),
    ("operator", &["outlets", "registry", "shared", "table"]),
    ("doctor", &["operator", "outlets", "registry", "shared"]),
    ("suppress", &["operator", "shared", "table"]),
    (
        "inspector",
        &[
            "operator", "outlets", "registry", "shared", "sqs", "stack", "table",
        ],
    ),
    (
        "storm",
        &[
            "operator", "outlets", "registry", "shared", "stack", "table",
        ],
    ),
    ("postern", EVERYTHING),
    ("bench", EVERYTHING),
    ("bare", &[]),
    ("floor", &[]),
    ("tests", EVERYTHING),
];

/// All but what stands above it: nobody uses the tool, the benchmark or the tests.
const EVERYTHING: &[&str] = &[
    PROVIDER,
    "api",
    "consumer",
    "deliver",
    "doctor",
    "fanout",
    "inspector",
    "operator",
    "outlets",
    "registry",
    "runtime",
    "shared",
    "sqs",
    "stack",
    "storm",
    "suppress",
    "sweep",
    "table",
];

/// Crates of others that stand in some crates only: a name, or the start of one, and where.
const ONLY_IN: &[(&str, &[&str])] = &[
    ("aws-sdk-eventbridge", &["deliver"]),
    ("clap", &["postern"]),
    ("csv", &["operator", "suppress"]),
    ("dialoguer", &["postern"]),
    ("indicatif", &["postern"]),
    ("axum", &["inspector", "sqs", "stack", "tests", "bench"]),
    ("rusqlite", &["sqs", "stack"]),
    ("dynoxide-rs", &["stack"]),
    ("hmac", &["bare", "shared"]),
    ("mimalloc", &["consumer"]),
    ("p256", &["shared", "tests"]),
    ("ring", &["shared", "tests"]),
    ("sha1", &["shared"]),
    ("sha2", &["bare", "shared"]),
];

/// Crates of others that never stand in a crate: a name, or the start of one, and where.
const NEVER_IN: &[(&str, &[&str])] = &[
    ("aws-", &["shared"]),
    ("lambda_", &["shared"]),
    ("tokio", &["shared"]),
];

/// One crate, the tests apart, may be less than so much of the code, in percent.
const LARGEST: usize = 25;

/// A member of the workspace, and the names of what it depends on, whatever for.
struct Member {
    name: String,
    folder: PathBuf,
    uses: BTreeSet<String>,
}

fn members() -> Vec<Member> {
    let cargo = Command::new("cargo")
        .args(["metadata", "--no-deps", "--format-version", "1", "--locked"])
        .current_dir(root())
        .output()
        .expect("cargo");
    let metadata: Value = serde_json::from_slice(&cargo.stdout).expect("cargo's metadata");
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    let packages = metadata["packages"].as_array().expect("packages");
    let member = |package: &Value| Member {
        name: text(&package["name"]),
        folder: Path::new(&text(&package["manifest_path"]))
            .parent()
            .expect("a folder")
            .to_owned(),
        uses: package["dependencies"]
            .as_array()
            .expect("dependencies")
            .iter()
            .map(|dependency| text(&dependency["name"]))
            .collect(),
    };
    packages.iter().map(member).collect()
}

/// The name under which the rules know a crate.
fn known_as<'a>(name: &'a str, providers: &BTreeSet<String>) -> &'a str {
    if providers.contains(name) {
        PROVIDER
    } else {
        name
    }
}

#[test]
fn a_crate_uses_what_it_may_use() {
    let (members, providers) = (members(), provider_names());
    let ours: BTreeSet<&str> = members.iter().map(|member| member.name.as_str()).collect();
    let rules: BTreeMap<&str, &[&str]> = MAY_USE.iter().copied().collect();
    let known: BTreeSet<&str> = ours.iter().map(|name| known_as(name, &providers)).collect();
    assert_eq!(
        known,
        rules.keys().copied().collect(),
        "each crate has its rule, and each rule its crate"
    );
    for member in &members {
        let allowed = rules[known_as(&member.name, &providers)];
        for used in member
            .uses
            .iter()
            .filter(|name| ours.contains(name.as_str()))
        {
            let is_allowed = allowed.contains(&known_as(used, &providers));
            assert!(is_allowed, "{} must not use {used}", member.name);
        }
        for (words, places) in ONLY_IN {
            let has = member.uses.iter().any(|name| name.starts_with(words));
            let is_allowed = places.contains(&member.name.as_str());
            assert!(!has || is_allowed, "{} must not use {words}", member.name);
        }
        for (words, places) in NEVER_IN {
            let has = member.uses.iter().any(|name| name.starts_with(words));
            let is_barred = places.contains(&member.name.as_str());
            assert!(!has || !is_barred, "{} must not use {words}", member.name);
        }
    }
}

/// What a provider is, is pure: only its program is a Lambda.
#[test]
fn a_provider_knows_the_runtime_in_its_program_alone() {
    for name in provider_names() {
        for path in sources(&[format!("functions/{name}/src")]) {
            let text = std::fs::read_to_string(&path).expect("a source");
            let is_program = path.ends_with("main.rs");
            assert_eq!(text.contains("runtime::"), is_program, "{}", path.display());
        }
    }
}

/// Crates whose library is not called as they are.
const LIBRARIES: &[(&str, &str)] = &[("dynoxide-rs", "dynoxide"), ("md-5", "md5")];

#[test]
fn a_dependency_is_used() {
    // The source of `floor` stands with the benchmark's.
    let members = members()
        .into_iter()
        .filter(|member| member.name != "floor");
    for member in members {
        let sources = sources(std::slice::from_ref(&member.folder));
        let text = sources
            .iter()
            .map(|path| std::fs::read_to_string(path).expect("a source"));
        let text: String = text.collect();
        for dependency in &member.uses {
            let renamed = LIBRARIES.iter().find(|(name, _)| name == dependency);
            let library = renamed.map_or(dependency.as_str(), |(_, library)| library);
            let path = format!("{}::", library.replace('-', "_"));
            assert!(
                text.contains(&path),
                "{} does not use {dependency}",
                member.name
            );
        }
    }
}

/// A rule that lets two crates use each other would be none.
#[test]
fn the_rules_of_the_crates_have_no_circle() {
    let rules = MAY_USE.iter();
    let arrows =
        rules.flat_map(|(name, used)| used.iter().map(|used| (name.to_string(), used.to_string())));
    assert_eq!(
        imports::circles(&arrows.collect()),
        Vec::<Vec<String>>::new()
    );
}

/// The libraries, programs and test programs of a crate that are a folder each.
fn folders(member: &Member) -> Vec<PathBuf> {
    let tests = [member.folder.join("tests"), member.folder.clone()];
    let entries = tests
        .into_iter()
        .filter_map(|path| std::fs::read_dir(path).ok());
    let inner = entries
        .flatten()
        .map(|entry| entry.expect("an entry").path());
    let programs = inner.filter(|path| path.join("main.rs").is_file());
    let mut folders: Vec<PathBuf> = programs.collect();
    folders.push(member.folder.join("src"));
    folders
}

#[test]
fn no_two_files_import_each_other() {
    let mut circles = Vec::new();
    for folder in members().iter().flat_map(folders) {
        let found = imports::circles(&imports::of_crate(&folder));
        circles.extend(found.into_iter().map(|files| (folder.clone(), files)));
    }
    assert!(circles.is_empty(), "{circles:#?}");
}

#[test]
fn no_crate_has_more_than_its_share_of_the_code() {
    let lines = |member: &Member| -> usize {
        let files = sources(&[member.folder.join("src")]).into_iter();
        files
            .map(|path| {
                std::fs::read_to_string(path)
                    .expect("a source")
                    .lines()
                    .count()
            })
            .sum()
    };
    let members = members();
    let rooms = members.iter().filter(|member| member.name != "tests");
    let lines: BTreeMap<&str, usize> = rooms
        .map(|member| (member.name.as_str(), lines(member)))
        .collect();
    let all: usize = lines.values().sum();
    for (name, lines) in lines {
        let share = 100 * lines / all;
        assert!(share < LARGEST, "{name} has {share} % of {all} lines");
    }
}
