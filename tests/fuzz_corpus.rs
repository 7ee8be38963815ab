//! Every committed input of `fuzz/corpus/` through its target, without a fuzzer. A finding becomes
//! a file there.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use registry::{QUEUED, SENDERS};
use tests::fuzz::run;

/// The targets that look at one provider: each provider has a corpus of its own.
const OF_A_PROVIDER: [&str; 2] = ["normalize", "verify"];
/// The others.
const OF_NONE: [&str; 3] = ["api", "bounce", "queue_message"];

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

/// The names of the corpora that there must be. A provider with a queue of its own has no receiver,
/// so nothing is verified.
fn wanted() -> BTreeSet<String> {
    let of_senders = SENDERS
        .iter()
        .flat_map(|provider| OF_A_PROVIDER.map(|target| format!("{target}_{}", provider.name())));
    let of_queued = QUEUED
        .iter()
        .map(|provider| format!("normalize_{}", provider.name()));
    let others = OF_NONE.map(str::to_owned);
    of_senders.chain(of_queued).chain(others).collect()
}

/// The target and the provider of a corpus.
fn target(corpus: &str) -> (&str, Option<&str>) {
    let of_a_provider = OF_A_PROVIDER.iter().find_map(|target| {
        let provider = corpus.strip_prefix(target)?.strip_prefix('_')?;
        Some((*target, Some(provider)))
    });
    of_a_provider.unwrap_or((corpus, None))
}

#[test]
fn every_target_has_a_corpus_and_finds_nothing_in_it() {
    let targets = files(&fuzz().join("fuzz_targets"));
    let targets: BTreeSet<String> = targets.iter().map(|path| name(path)).collect();
    let known = OF_NONE.into_iter().chain(OF_A_PROVIDER);
    assert_eq!(targets, known.map(str::to_owned).collect());
    let corpora = files(&fuzz().join("corpus"));
    for corpus in &corpora {
        let corpus_name = name(corpus);
        let (target, provider) = target(&corpus_name);
        let inputs = files(corpus);
        assert!(!inputs.is_empty(), "{corpus_name} has no input");
        for input in inputs {
            println!("{}", input.display());
            run(target, provider, &fs::read(&input).expect("an input"));
        }
    }
    let found: BTreeSet<String> = corpora.iter().map(|path| name(path)).collect();
    let (missing, strange): (Vec<_>, Vec<_>) = (
        wanted().difference(&found).cloned().collect(),
        found.difference(&wanted()).cloned().collect(),
    );
    assert!(missing.is_empty(), "fuzz/corpus/ has no {missing:?}");
    assert!(strange.is_empty(), "fuzz/corpus/ has {strange:?}");
}

/// What one provider's mapping trips over is worth showing to the others.
#[test]
fn every_body_is_normalized_by_every_provider() {
    for corpus in files(&fuzz().join("corpus")) {
        if target(&name(&corpus)).0 != "normalize" {
            continue;
        }
        for input in files(&corpus) {
            println!("{}", input.display());
            let body = fs::read(&input).expect("an input");
            for provider in SENDERS.iter().chain(QUEUED) {
                run("normalize", Some(provider.name()), &body);
            }
        }
    }
}
