//! Every code that a function logs is explained, and the documents say the same.
//! `BLESS=1 cargo test -p operator --test explain` writes their tables.
#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "a test that fails may panic"
)]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use operator::explain::{Table, explain, in_a_line, tables};

/// The files that name codes, with what stands before each code there.
const SOURCES: &[(&str, &str)] = &[
    ("shared/src/rejection.rs", "=> \""),
    ("shared/src/malformed.rs", "=> \""),
    ("shared/src/delivery.rs", "=> \"message_"),
    ("shared/src/secrets/error.rs", "=> \""),
    ("crates/registry/src/lib.rs", "=> \""),
    ("crates/runtime/src/keyring/error.rs", "=> \"secret_"),
    ("functions/consumer/src/verdict.rs", "Poison(\""),
    ("functions/consumer/src/verdict.rs", "Passing(\""),
    ("crates/runtime/src/settings.rs", "=> \""),
    ("crates/runtime/src/log.rs", "stopped(function, \""),
    ("crates/runtime/src/function.rs", "stop(function, \""),
    ("crates/runtime/src/environment.rs", "=> \"variable_"),
    ("shared/src/auth/outbound.rs", "=> \"secret_"),
    ("shared/src/auth/seal.rs", "=> \"seal"),
    ("crates/outlets/src/filter.rs", "=> \"events_"),
    ("crates/outlets/src/target.rs", "=> \"url_"),
    ("crates/outlets/src/manage/refusal.rs", "=> \""),
    ("crates/table/src/asked.rs", "=> \""),
    ("crates/table/src/read.rs", "\"table_"),
    ("functions/deliver/src/egress/failure.rs", "=> \""),
    ("functions/deliver/src/headers.rs", "=> \"seal"),
    ("crates/outlets/src/store/error.rs", "=> \"outlets_"),
    ("crates/runtime/src/sealing/error.rs", "=> \"sealing_"),
    ("functions/api/src/auth/keys.rs", "=> \"api_keys_"),
];

/// The functions of the way out. Whatever they have between quotation marks may be a code.
const WAY_OUT: [&str; 4] = ["api", "deliver", "fanout", "sweep"];
/// What stands there before a code of one word.
const BEFORE_WORDS: [&str; 8] = [
    "Failed, \"",
    "Gone, \"",
    "Hold(\"",
    "Drop(\"",
    "Dropped(\"",
    "Waits(\"",
    "Err(\"",
    "ok_or(\"",
];
/// What is no code there: outcomes of lines, names of fields, and what a message quotes.
const NO_CODES: [&str; 10] = [
    "bounce_class",
    "current_thread",
    "expires_at",
    "fanned_out",
    "no_answer",
    "put_aside",
    "sealed_anew",
    "secret_previous_unusable",
    "secret_refresh_failed",
    "sequence_number",
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn read(path: &str) -> String {
    let path = root().join(path);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The codes that a source names.
fn codes(path: &str, before: &str) -> BTreeSet<String> {
    let source = read(path);
    let prefix = before.rsplit('"').next().unwrap_or_default();
    let codes = source.split(before).skip(1).filter_map(|rest| {
        let (code, _) = rest.split_once('"')?;
        let code = format!("{prefix}{code}");
        let is_code = code.contains('_') || code == "panicked";
        let is_plain = code.bytes().all(|b| b.is_ascii_lowercase() || b == b'_');
        (is_code && is_plain).then_some(code)
    });
    codes.collect()
}

/// The sources below a folder, each without its tests.
fn sources(folder: &Path, into: &mut Vec<String>) {
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        let name = path.file_name().and_then(|name| name.to_str());
        match name.expect("a name") {
            "tests.rs" | "samples.rs" => {}
            _ if path.is_dir() => sources(&path, into),
            _ => {
                let text = std::fs::read_to_string(&path).expect("a source");
                let code = text.split("#[cfg(test)]").next().unwrap_or_default();
                into.push(code.to_owned());
            }
        }
    }
}

/// The codes that stand as plain texts in a function of the way out.
fn texts(function: &str) -> BTreeSet<String> {
    let mut files = Vec::new();
    let folder = format!("functions/{function}/src");
    sources(&root().join(folder), &mut files);
    let is_word = |text: &str| {
        !text.is_empty()
            && !text.ends_with('_')
            && text.bytes().all(|b| b.is_ascii_lowercase() || b == b'_')
    };
    let mut found = BTreeSet::new();
    let lines = files.iter().flat_map(|file| file.lines());
    for code in lines.filter(|line| !line.trim_start().starts_with("#[")) {
        let quoted = code.split('"').skip(1).step_by(2);
        found.extend(quoted.filter(|text| text.contains('_')));
        for before in BEFORE_WORDS {
            let rest = code.split(before).skip(1);
            found.extend(rest.filter_map(|rest| rest.split('"').next()));
        }
    }
    let codes = found.into_iter().filter(|text| is_word(text));
    let codes = codes.filter(|text| !NO_CODES.contains(text));
    codes.map(str::to_owned).collect()
}

fn all_codes() -> BTreeSet<String> {
    let mut all: BTreeSet<String> = WAY_OUT.into_iter().flat_map(texts).collect();
    for (path, before) in SOURCES {
        let found = codes(path, before);
        assert!(!found.is_empty(), "{path} names no code after {before}");
        all.extend(found);
    }
    all.extend(codes_of_fields());
    all
}

/// What may be wrong with each field of a request.
fn codes_of_fields() -> BTreeSet<String> {
    let source = read("crates/outlets/src/manage/field.rs");
    let (_, codes) = source.split_once("fn codes(").expect("the codes");
    let codes = codes.split('"').skip(1).step_by(2).map(str::to_owned);
    let codes: BTreeSet<String> = codes.collect();
    assert!(codes.contains("why_unfit"), "{codes:?}");
    codes
}

/// Every code that the document of the API lists.
fn codes_of_the_document() -> Vec<String> {
    let document: serde_json::Value =
        serde_json::from_str(&read("docs/openapi.json")).expect("JSON");
    let is_of_codes = |list: &&Vec<serde_json::Value>| list.contains(&"why_unfit".into());
    let mut found = Vec::new();
    let mut open = vec![&document];
    while let Some(value) = open.pop() {
        found.extend(value["enum"].as_array().filter(is_of_codes));
        open.extend(value.as_object().into_iter().flat_map(|of| of.values()));
        open.extend(value.as_array().into_iter().flatten());
    }
    let [codes] = found.as_slice() else {
        panic!("{} lists of codes", found.len());
    };
    let codes = codes.iter().map(|code| code.as_str().expect("a code"));
    codes.map(str::to_owned).collect()
}

#[test]
fn every_code_of_the_api_stands_in_a_table_of_its_documents() {
    let tables = tables();
    let of_api = |table: &&Table| ["docs/api.md", "docs/outlets.md"].contains(&table.document);
    let tables: Vec<&Table> = tables.iter().filter(of_api).collect();
    for code in codes_of_the_document() {
        let has_it = tables.iter().any(|table| table.row(&code).is_some());
        assert!(has_it, "{code}");
        assert!(explain(&code, None).is_some(), "{code}");
    }
}

#[test]
fn every_code_that_a_function_logs_has_a_cause_and_a_cure() {
    let all = all_codes();
    assert!(all.len() > 100, "{}: {all:?}", all.len());
    for code in all {
        let explanation = explain(&code, None).unwrap_or_else(|| panic!("{code}"));
        assert!(explanation.cause.len() > 5, "{code}");
        assert!(explanation.cure.len() > 5, "{code}");
        let (document, anchor) = explanation.page.split_once('#').expect("a section");
        let has_it = read(document).lines().any(|line| {
            let words = line.trim_start_matches('#').trim();
            line.starts_with('#') && words.to_lowercase().replace(' ', "-") == anchor
        });
        assert!(has_it, "{code}: {}", explanation.page);
    }
}

#[test]
fn what_comes_with_a_webhook_is_explained_on_one_line() {
    let mut of_webhooks = BTreeSet::new();
    for (path, before) in SOURCES.iter().filter(|(path, _)| {
        let is_of_webhooks = path.starts_with("shared/src/") && !path.contains("/auth/")
            || path.contains("/registry/")
            || path.contains("/consumer/");
        is_of_webhooks && !path.contains("secrets")
    }) {
        of_webhooks.extend(codes(path, before));
    }
    assert!(of_webhooks.len() > 30, "{of_webhooks:?}");
    for code in of_webhooks {
        let words = in_a_line(&code).unwrap_or_else(|| panic!("{code}"));
        assert!(words.chars().count() <= 80, "{code}: {words}");
    }
}

#[test]
fn no_row_explains_a_code_that_nobody_logs() {
    let all = all_codes();
    for table in tables() {
        for code in table.rows.iter().flat_map(operator::explain::Row::codes) {
            let is_plain = code.bytes().all(|b| b.is_ascii_lowercase() || b == b'_');
            if is_plain && code.contains('_') {
                assert!(all.contains(code), "{}: {code}", table.document);
            }
        }
    }
}

/// The document with this table in place of the one in its section.
fn with_table(text: &str, table: &Table) -> String {
    let (before, section) = text
        .split_once(&format!("\n{}\n", table.heading))
        .unwrap_or_else(|| panic!("{}: {}", table.document, table.heading));
    let start = section.find("\n| ").expect("a table") + 1;
    let (intro, rest) = section.split_at(start);
    let rows = rest.lines().take_while(|line| line.starts_with('|'));
    let length: usize = rows.map(|row| row.len() + 1).sum();
    let (_, after) = rest.split_at(length);
    let markdown = table.markdown();
    format!("{before}\n{}\n{intro}{markdown}{after}", table.heading)
}

#[test]
#[expect(
    clippy::disallowed_methods,
    reason = "a developer asks for the tables to be written"
)]
fn the_tables_of_the_documents_are_these() {
    let is_blessed = std::env::var_os("BLESS").is_some();
    for table in tables() {
        let text = read(table.document);
        let wanted = with_table(&text, &table);
        if is_blessed {
            std::fs::write(root().join(table.document), &wanted).expect("written");
            continue;
        }
        assert!(
            text == wanted,
            "{}, {}: BLESS=1 cargo test -p operator --test explain",
            table.document,
            table.heading
        );
    }
}
