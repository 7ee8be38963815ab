//! The documents keep their word: every promise has its tests, every named test exists, every link
//! leads somewhere.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use stack::build::root;

const REGISTER: &str = "docs/claims.md";
const MARK: &str = "<!-- claim: ";

/// Every document: Markdown at the top, and in the folders that have some.
fn documents() -> Vec<PathBuf> {
    let folders = ["", "docs", "docs/providers", "events", "functions", "fuzz"];
    let mut documents = Vec::new();
    for folder in folders {
        for entry in fs::read_dir(root().join(folder)).expect("a folder") {
            let name = entry
                .expect("an entry")
                .file_name()
                .into_string()
                .expect("text");
            if Path::new(&name)
                .extension()
                .is_some_and(|extension| extension == "md")
            {
                documents.push(Path::new(folder).join(name));
            }
        }
    }
    documents.sort();
    documents
}

fn read(path: &Path) -> String {
    let path = root().join(path);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The names of the claims that a document makes, in order.
fn claims(text: &str) -> Vec<&str> {
    let marks = text.split(MARK).skip(1);
    marks
        .map(|rest| rest.split(" -->").next().expect("the end of a mark"))
        .collect()
}

/// The rows of the register: name, proof.
fn register() -> BTreeMap<String, String> {
    let text = read(Path::new(REGISTER));
    let rows: Vec<(String, String)> = text
        .lines()
        .filter_map(|line| {
            let (name, rest) = line.strip_prefix("| `")?.split_once("` | ")?;
            let proof = rest.strip_suffix(" |")?.split_once(" | ")?.1;
            Some((name.to_owned(), proof.to_owned()))
        })
        .collect();
    let count = rows.len();
    let rows = BTreeMap::from_iter(rows);
    assert_eq!(rows.len(), count, "a claim has two rows");
    rows
}

#[test]
fn every_promise_is_in_the_register_and_the_other_way_round() {
    let mut made = BTreeSet::new();
    for document in documents() {
        if document == Path::new(REGISTER) {
            continue;
        }
        for claim in claims(&read(&document)) {
            assert!(made.insert(claim.to_owned()), "{claim} is made twice");
        }
    }
    let proved: BTreeSet<String> = register().into_keys().collect();
    assert_eq!(made, proved);
}

/// The section of a document under this heading.
fn section<'a>(document: &'a str, heading: &str) -> &'a str {
    let (_, rest) = document
        .split_once(&format!("\n## {heading}\n"))
        .unwrap_or_else(|| panic!("{heading}: no such section"));
    rest.split("\n## ").next().expect("a section")
}

/// The items of a list, each with the indented lines that go on with it.
fn items(section: &str, starts: impl Fn(&str) -> bool) -> Vec<String> {
    let mut items: Vec<String> = Vec::new();
    for line in section.lines() {
        if starts(line) {
            items.push(line.to_owned());
        } else if line.starts_with("  ")
            && let Some(item) = items.last_mut()
        {
            item.push('\n');
            item.push_str(line);
        }
    }
    items
}

/// Where promises are listed, each of them is marked.
#[test]
fn no_listed_promise_is_left_out() {
    let security = read(Path::new("SECURITY.md"));
    let listed = items(section(&security, "What must hold"), |line| {
        line.starts_with(|c: char| c.is_ascii_digit())
    });
    assert_eq!(listed.len(), 4);
    for item in listed {
        assert!(item.contains(MARK), "{item}");
    }
    let readme = read(Path::new("README.md"));
    let guarantees = section(&readme, "What it guarantees");
    let listed = items(guarantees, |line| line.starts_with("- "));
    for item in &listed {
        assert!(item.ends_with(" -->") && item.contains(MARK), "{item}");
    }
    assert_eq!(listed.len(), claims(guarantees).len());
    assert_eq!(
        claims(guarantees).get(..3),
        Some(&["no-event-lost", "no-forged-event", "stored-once"][..])
    );
    let sections: [(&str, &[&str]); 5] = [
        ("README.md", &["Try it: two commands"]),
        (
            "docs/reference.md",
            &[
                "Answers",
                "The table",
                "Addresses",
                "Suppression",
                "Time",
                "Keys",
                "A second secret in the URL",
                "Parameters",
            ],
        ),
        ("docs/events.md", &["Bounces", "Machines"]),
        ("docs/local.md", &["Commands that change something"]),
        ("SECURITY.md", &["How a webhook is vouched for"]),
    ];
    for (document, headings) in sections {
        let text = read(Path::new(document));
        for heading in headings {
            let promises = claims(section(&text, heading));
            assert!(
                !promises.is_empty(),
                "{document}: {heading} promises nothing?"
            );
        }
    }
}

#[test]
fn every_row_names_a_test() {
    for (claim, proof) in register() {
        let tests = links(&proof)
            .into_iter()
            .filter_map(|(words, _)| test_name(words));
        assert!(tests.count() > 0, "{claim}: {proof}");
    }
}

/// `[text](target)`, wherever it stands.
fn links(text: &str) -> Vec<(&str, &str)> {
    let mut links = Vec::new();
    for (at, _) in text.match_indices("](") {
        let before = &text[..at];
        let open = before.rfind('[').expect("an open bracket");
        let target = text[at + 2..].split(')').next().expect("the end of a link");
        links.push((&before[open + 1..], target));
    }
    links
}

/// Without what is in code blocks, where brackets mean something else.
fn prose(text: &str) -> String {
    let blocks = text.split("```").enumerate();
    blocks
        .filter(|(n, _)| n % 2 == 0)
        .map(|(_, block)| block)
        .collect()
}

#[test]
fn every_link_leads_somewhere_and_every_named_test_is_one() {
    let mut named = 0;
    for document in documents() {
        let text = prose(&read(&document));
        let folder = document.parent().expect("a folder");
        for (words, target) in links(&text) {
            if target.contains("://") {
                continue;
            }
            let context = format!("{}: [{words}]({target})", document.display());
            let (path, anchor) = target.split_once('#').unwrap_or((target, ""));
            let path = if path.is_empty() {
                document.clone()
            } else {
                folder.join(path)
            };
            assert!(root().join(&path).exists(), "{context}");
            if !anchor.is_empty() {
                assert!(anchors(&read(&path)).contains(anchor), "{context}");
            }
            let is_rust = path.extension().is_some_and(|extension| extension == "rs");
            if let (true, Some(name)) = (is_rust, test_name(words)) {
                assert!(has_test(&read(&path), name), "{context}");
                named += 1;
            }
        }
    }
    assert!(named > 100, "only {named} tests are named");
}

/// A test's name, as opposed to a file's.
fn test_name(words: &str) -> Option<&str> {
    let name = words.strip_prefix('`')?.strip_suffix('`')?;
    let is_name = name
        .bytes()
        .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
    is_name.then_some(name)
}

/// Whether the file has a function of this name that the test harness runs.
fn has_test(source: &str, name: &str) -> bool {
    let lines: Vec<&str> = source.lines().map(str::trim).collect();
    let function = format!("fn {name}(");
    lines.iter().enumerate().any(|(at, line)| {
        let is_it = line.trim_start_matches("async ").starts_with(&function);
        let attributes = lines[..at]
            .iter()
            .rev()
            .take_while(|line| line.starts_with("#["));
        is_it
            && attributes
                .into_iter()
                .any(|line| line.starts_with("#[test]") || line.starts_with("#[tokio::test"))
    })
}

/// The anchors of a document: those of its headings, as hosts of repositories make them, and those
/// that are written down.
fn anchors(text: &str) -> BTreeSet<String> {
    let headings = text.lines().filter(|line| line.starts_with('#'));
    let of_headings = headings.map(|line| {
        let heading = line.trim_start_matches('#').trim().to_lowercase();
        let kept = heading
            .chars()
            .filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
        kept.map(|c| if c == ' ' { '-' } else { c }).collect()
    });
    let written = text.split("<a id=\"").skip(1);
    let written = written.filter_map(|rest| Some(rest.split_once('"')?.0.to_owned()));
    of_headings.chain(written).collect()
}

/// The version of a crate in the lock file; `None` where it is in there in several.
fn locked(name: &str) -> Option<Vec<u32>> {
    let lock = read(Path::new("Cargo.lock"));
    let mut versions = lock.split("[[package]]\n").filter_map(|package| {
        let version = package.strip_prefix(&format!("name = \"{name}\"\nversion = \""))?;
        let numbers = version.split('"').next()?.split('.');
        numbers
            .map(|number| number.parse().ok())
            .collect::<Option<Vec<u32>>>()
    });
    let version = versions.next()?;
    versions.next().is_none().then_some(version)
}

/// The comparison of signatures rests on these crates, and earlier versions of them had defects:
/// RUSTSEC-2026-0385, and GHSA-3rjw-m598-pq24, by which `AArch64` could find different bytes equal.
#[test]
fn the_locked_comparison_has_its_fixes() {
    assert!(
        locked("ctutils") >= Some(vec![0, 4, 4]),
        "{:?}",
        locked("ctutils")
    );
    assert!(
        locked("cmov") >= Some(vec![0, 5, 4]),
        "{:?}",
        locked("cmov")
    );
}
