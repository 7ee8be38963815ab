//! Checks that every document names only commands and options that exist.

use std::path::{Path, PathBuf};

use crate::cli::grammar;
use crate::environment::Environment;

/// How documents call the tool.
const CALLS: [&str; 2] = ["postern ", "-p postern -- "];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Every document, but for the changelog, which names what was.
fn documents() -> Vec<PathBuf> {
    let mut folders = vec![root(), root().join("docs"), root().join("docs/providers")];
    folders.extend(["functions", "events"].map(|folder| root().join(folder)));
    let mut documents = Vec::new();
    for folder in folders {
        for entry in std::fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            let is_document = path.extension().is_some_and(|ending| ending == "md");
            if is_document && !path.ends_with("CHANGELOG.md") {
                documents.push(path);
            }
        }
    }
    documents.sort();
    documents
}

/// The commands in a document: whole lines of its blocks, and the code in its sentences. What a
/// sample shows to be wrong, by the exit code below it, is none.
fn commands(text: &str) -> Vec<String> {
    let mut commands = Vec::new();
    let mut is_block = false;
    let mut lines = text.lines().peekable();
    while let Some(line) = lines.next() {
        if line.trim_start().starts_with("```") {
            is_block = !is_block;
        } else if is_block {
            let is_wrong = lines.peek() == Some(&"? 2");
            commands.extend(command(line).filter(|_| !is_wrong));
        } else {
            let code = line.split('`').skip(1).step_by(2);
            commands.extend(code.filter_map(command));
        }
    }
    commands
}

/// The command that a piece of code is, without what the shell does with it.
fn command(code: &str) -> Option<String> {
    let code = code
        .trim()
        .trim_start_matches("$ ")
        .trim_start_matches("hint: ");
    let called = CALLS.iter().find_map(|call| match code.find(call) {
        // The name alone stands at the start; cargo's options stand before it.
        Some(at) if *call != "postern " || at == 0 => code.get(at + call.len()..),
        _ => None,
    })?;
    let ends = [" # ", "  ", " |", " >", " <", " &&", ";"];
    let end = ends.iter().filter_map(|end| called.find(end)).min();
    Some(called[..end.unwrap_or(called.len())].trim().to_owned())
}

/// Why a command is none, if it is none. What is left out (`…`) is not checked.
fn wrong(command: &str) -> Option<String> {
    let words = crate::cli::tests::words(command);
    let grammar = grammar(&Environment::default());
    if command.contains('…') {
        let name = words.first().map(String::as_str).unwrap_or_default();
        let is_known = name.starts_with('…') || grammar.find_subcommand(name).is_some();
        return (!is_known).then(|| format!("there is no `{name}`"));
    }
    let words = std::iter::once("postern".to_owned()).chain(words);
    let error = grammar.try_get_matches_from(words).err()?;
    (error.exit_code() != 0).then(|| error.to_string())
}

#[test]
fn every_document_names_only_commands_that_exist() {
    let mut wrongs = Vec::new();
    let mut count = 0;
    for path in documents() {
        let text = std::fs::read_to_string(&path).expect("a document");
        for command in commands(&text) {
            count += 1;
            if let Some(why) = wrong(&command) {
                let name = path.file_name().unwrap_or_default().display();
                wrongs.push(format!(
                    "{name}: {command}\n    {}",
                    why.lines().next().unwrap_or_default()
                ));
            }
        }
    }
    assert!(count > 40, "{count} commands");
    assert!(wrongs.is_empty(), "{}", wrongs.join("\n"));
}

#[test]
fn a_command_is_found_in_a_block_and_in_a_sentence_and_what_is_none_is_wrong() {
    let text = "Say `postern demo --exit`, or `the stack postern up`:\n```sh\n$ postern up --port 1  # a stack\n$ postern upp\n? 2\ncargo run --release -p postern -- storm --webhooks 3 > report\nls\n```\n";
    let found = commands(text);
    assert_eq!(found, ["demo --exit", "up --port 1", "storm --webhooks 3"]);
    for (command, is_wrong) in [
        ("up --port 1", false),
        ("up --port x", true),
        ("upp …", true),
        ("up --parameter …", false),
        ("redrive --aws", true),
        ("help exit-codes", false),
    ] {
        assert_eq!(wrong(command).is_some(), is_wrong, "{command}");
    }
}
