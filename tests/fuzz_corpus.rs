//! Every committed input of `fuzz/corpus/<target>/` through its target, without a fuzzer. A finding
//! becomes a file there.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use registry::SENDERS;
use tests::fuzz::run;

fn fuzz() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz")
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("a folder");
    let mut files: Vec<PathBuf> = entries
        .map(|entry| entry.expect("an entry").path())
        .collect();
    files.sort();
    files
}

fn name(path: &Path) -> String {
    path.file_stem()
        .expect("a name")
        .to_string_lossy()
        .into_owned()
}

#[test]
fn every_target_has_a_corpus_and_finds_nothing_in_it() {
    let targets: BTreeSet<String> = files(&fuzz().join("fuzz_targets"))
        .iter()
        .map(|path| name(path))
        .collect();
    let corpora = files(&fuzz().join("corpus"));
    assert_eq!(targets, corpora.iter().map(|path| name(path)).collect());
    for corpus in corpora {
        let target = name(&corpus);
        let inputs = files(&corpus);
        assert!(!inputs.is_empty(), "{target} has no input");
        for input in inputs {
            println!("{}", input.display());
            run(&target, &fs::read(&input).expect("an input"));
        }
    }
}

/// What one provider's mapping trips over is worth showing to the others.
#[test]
fn every_body_is_normalized_by_every_provider() {
    for corpus in files(&fuzz().join("corpus")) {
        if !name(&corpus).starts_with("normalize_") {
            continue;
        }
        for input in files(&corpus) {
            println!("{}", input.display());
            let body = fs::read(&input).expect("an input");
            for provider in SENDERS {
                run(&format!("normalize_{}", provider.name()), &body);
            }
        }
    }
}
