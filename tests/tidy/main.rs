//! The repository's own rules, kept by a test because nobody re-reads a document.

mod house;
mod imports;
mod words;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use registry::{PROVIDERS, QUEUED, SENDERS, sender};
use serde_json::Value;
use shared::admit::admit;
use shared::provider::Strength;
use shared::secrets::{SECRETS_VARIABLE, Secrets, variable_of};
use shared::sender::Sender;
use stack::build::root;
use tests::{received_at, template};

fn read(path: impl AsRef<Path>) -> String {
    let path = root().join(path);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn folders(of: &str) -> BTreeSet<String> {
    fs::read_dir(root().join(of))
        .expect("a folder")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.is_dir())
        .filter_map(|path| Some(path.file_name()?.to_str()?.to_owned()))
        .collect()
}

/// Every Rust file of the crates that are deployed, and of what serves them.
fn sources(folders: &[impl AsRef<Path>]) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut queue: Vec<PathBuf> = folders.iter().map(|folder| root().join(folder)).collect();
    while let Some(path) = queue.pop() {
        if path.is_dir() {
            let entries = fs::read_dir(&path).expect("a folder");
            queue.extend(entries.map(|entry| entry.expect("an entry").path()));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files
}

fn provider_names() -> BTreeSet<String> {
    SENDERS
        .iter()
        .chain(QUEUED)
        .map(|provider| provider.name().to_owned())
        .collect()
}

/// The providers that have a receiver. The events of the others come through a queue.
fn receiver_names() -> BTreeSet<String> {
    SENDERS
        .iter()
        .map(|provider| provider.name().to_owned())
        .collect()
}

/// The functions that are no provider's.
const OTHER_FUNCTIONS: &[&str] = &["api", "consumer", "deliver", "fanout", "sweep"];

#[test]
fn a_provider_has_one_name_everywhere() {
    let names = provider_names();
    let mut functions = folders("functions");
    for other in OTHER_FUNCTIONS {
        assert!(functions.remove(*other), "{other} is a function");
    }
    assert_eq!(functions, names, "functions/");
    let mut samples = folders("events");
    assert!(samples.remove("outlets"), "what is sent on has vectors");
    assert_eq!(samples, names, "events/");
    let functions = template::as_read().functions.into_iter();
    let routes: BTreeMap<String, String> = functions
        .filter(|function| names.contains(&function.package))
        .flat_map(|f| {
            f.routes
                .into_iter()
                .map(move |route| (f.package.clone(), route.path))
        })
        .collect();
    let expected = receiver_names()
        .into_iter()
        .map(|name| (name.clone(), format!("/webhooks/{name}")));
    assert_eq!(routes, expected.collect(), "routes");
    let readme = read("README.md");
    for name in &names {
        let manifest = read(format!("functions/{name}/Cargo.toml"));
        assert!(
            manifest.contains(&format!("name = \"{name}\"")),
            "{name}: package"
        );
        let row = format!("| [`{name}`](functions/{name}) |");
        assert!(
            readme.contains(&row),
            "{name}: a row of the README that starts {row}"
        );
    }
}

/// The registry has lists of its own for senders, so that no deployed function has the sending
/// side.
#[test]
fn every_provider_is_a_sender() {
    let providers = PROVIDERS.iter().map(|provider| provider.name());
    let mut providers: Vec<&str> = providers.collect();
    providers.sort_unstable();
    let senders = SENDERS.iter().chain(QUEUED).map(|sender| sender.name());
    let mut senders: Vec<&str> = senders.collect();
    senders.sort_unstable();
    assert_eq!(senders, providers, "each once");
    let is_of_a_queue = |sender: &&'static dyn Sender| sender.strength() == Strength::Transport;
    assert!(QUEUED.iter().all(is_of_a_queue));
    assert!(!SENDERS.iter().any(is_of_a_queue));
}

#[test]
fn cargo_lambda_knows_every_provider() {
    let environment = read("crates/postern/cargo-lambda.env");
    let secrets = environment
        .lines()
        .filter_map(|line| line.strip_suffix('\'')?.split_once("='"))
        .filter(|(variable, _)| variable.starts_with(SECRETS_VARIABLE));
    let samples: BTreeMap<String, String> = SENDERS
        .iter()
        .map(|provider| {
            let secret = operator::secrets::for_receiver(*provider, &BTreeMap::new());
            (variable_of(provider.name()), secret.expect("a secret"))
        })
        .collect();
    let samples = samples
        .iter()
        .map(|(name, key)| (name.as_str(), key.as_str()));
    assert_eq!(secrets.collect::<BTreeMap<_, _>>(), samples.collect());
    let manifest = read("Cargo.toml");
    for name in receiver_names() {
        let route = format!("\"/webhooks/{name}\" = \"{name}\"\n");
        assert!(manifest.contains(&route), "Cargo.toml: {route}");
    }
}

#[test]
fn a_receiver_is_three_small_files_at_heart() {
    for name in receiver_names() {
        let main = read(format!("functions/{name}/src/main.rs"));
        assert!(main.lines().count() <= 8, "{name}: main.rs is one call");
    }
    for sender in QUEUED {
        let main = root().join(format!("functions/{}/src/main.rs", sender.name()));
        assert!(!main.exists(), "{} has no receiver", sender.name());
    }
    for name in provider_names() {
        read(format!("functions/{name}/src/lib.rs"));
        read(format!("functions/{name}/src/payload.rs"));
    }
}

/// What else is beside the samples.
const NO_SAMPLES: [&str; 4] = ["identity.json", "request.json", "scheme.json", "secret.txt"];

#[test]
fn every_sample_has_its_expectation_and_the_other_way_round() {
    for name in provider_names() {
        let folder = root().join("events").join(&name);
        let files: BTreeSet<String> = fs::read_dir(&folder)
            .expect("a folder")
            .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
            .collect();
        for file in &files {
            let case = file
                .strip_suffix(".expected.json")
                .or(file.strip_suffix(".json"));
            let is_known = NO_SAMPLES.contains(&file.as_str());
            let Some(case) = case.filter(|_| !is_known) else {
                assert!(is_known, "{name}: {file}");
                continue;
            };
            for pair in [format!("{case}.json"), format!("{case}.expected.json")] {
                assert!(files.contains(&pair), "{name}: {pair} is missing");
            }
        }
    }
}

#[test]
fn the_recorded_requests_are_signed_with_the_sample_secrets() {
    for name in receiver_names() {
        let provider = sender(&name).expect("a provider");
        let secret = operator::secrets::for_receiver(provider, &BTreeMap::new()).expect("a secret");
        let secrets = Secrets::parse(&secret).expect("a secret");
        let event: Value =
            serde_json::from_str(&read(format!("events/{name}/request.json"))).expect("JSON");
        let admitted = admit(
            provider,
            &secrets,
            None,
            &tests::request(event),
            received_at(),
        );
        assert_eq!(
            admitted
                .map(|a| a.delivery.provider().to_owned())
                .as_deref(),
            Ok(name.as_str())
        );
    }
}

#[test]
fn sample_people_live_in_reserved_domains() {
    let reserved = [
        ".test",
        ".example",
        "example.com",
        "example.org",
        "example.net",
        ".invalid",
        "simulator.amazonses.com", // Amazon's own, for tests: it is nobody's
    ];
    for name in provider_names() {
        for (body, _) in tests::cases(sender(&name).expect("a provider")) {
            let bytes = fs::read(&body).expect("a sample");
            let text = String::from_utf8_lossy(&bytes); // some samples are what a reader trips over
            for (place, _) in text.match_indices('@') {
                let is_domain = |c: char| c.is_ascii_alphanumeric() || c == '.' || c == '-';
                let domain: String = text[place + 1..]
                    .chars()
                    .take_while(|c| is_domain(*c))
                    .collect();
                let domain = domain.trim_end_matches('.').to_lowercase();
                let is_reserved =
                    !domain.contains('.') || reserved.iter().any(|end| domain.ends_with(end));
                assert!(is_reserved, "{}: {domain}", body.display());
            }
        }
    }
}

/// Where cryptography is.
const CRYPTOGRAPHY: &[&str] = &["shared/src/auth"];

/// Cryptography is in one folder; I/O, clocks and the environment are where they may be.
#[test]
fn what_may_only_be_in_one_place_is_nowhere_else() {
    let rules: [(&str, &[&str]); 7] = [
        ("use p256::", CRYPTOGRAPHY),
        ("use hmac::", CRYPTOGRAPHY),
        ("use ring::", CRYPTOGRAPHY),
        ("use sha1::", CRYPTOGRAPHY),
        ("use sha2::", CRYPTOGRAPHY),
        (
            "std::env::var",
            &[
                "crates/runtime/src/settings.rs",
                "crates/runtime/src/aws.rs",
                "crates/runtime/src/environment.rs",
                "functions/consumer/src/function.rs",
            ],
        ),
        (
            "Timestamp::now()",
            &[
                "crates/runtime/src/clock.rs",
                "functions/consumer/src/function.rs",
            ],
        ),
    ];
    let deployed =
        ["runtime", "table", "registry", "outlets"].map(|name| format!("crates/{name}/src"));
    let deployed = deployed
        .into_iter()
        .chain(["shared/src", "functions"].map(str::to_owned));
    for path in sources(&deployed.collect::<Vec<_>>()) {
        let text = fs::read_to_string(&path).expect("a source");
        for (words, places) in rules {
            let is_allowed = places
                .iter()
                .any(|place| path.starts_with(root().join(place)));
            assert!(
                is_allowed || !text.contains(words),
                "{}: {words}",
                path.display()
            );
        }
    }
}

/// The check of the key in the URL is where the proof is made, so there must be no second place.
#[test]
fn a_proof_of_authenticity_is_made_in_one_place() {
    let made: Vec<PathBuf> = sources(&["shared/src", "functions", "crates"])
        .into_iter()
        .flat_map(|path| {
            let text = fs::read_to_string(&path).expect("a source");
            let places = text.matches("Authentic {").count();
            std::iter::repeat_n(path, places)
        })
        .collect();
    assert_eq!(made, [root().join("shared/src/auth/proof.rs")]);
}

/// Nothing of a request proves the operator's words: the function of the API does, by having asked
/// who says them.
#[test]
fn the_operators_words_are_vouched_for_by_the_api_alone() {
    let is_called = |path: &PathBuf| {
        let text = fs::read_to_string(path).expect("a source");
        text.contains("auth::operator(")
    };
    let sources = sources(&["shared/src", "functions", "crates"]).into_iter();
    let called: BTreeSet<PathBuf> = sources.filter(is_called).collect();
    // the second in its tests
    let here = [
        "functions/api/src/suppression.rs",
        "shared/src/operator/spoken.rs",
    ];
    let here = here.map(|path| root().join(path));
    assert_eq!(called, here.into());
    let exports = read("shared/src/auth/mod.rs");
    assert_eq!(exports.matches("self::operator::").count(), 1);
}

#[test]
fn no_file_outgrows_its_reader() {
    for path in sources(&["shared", "functions", "crates"]) {
        let lines = fs::read_to_string(&path).expect("a source").lines().count();
        assert!(lines <= 380, "{}: {lines} lines", path.display());
    }
}

#[test]
fn no_name_says_nothing() {
    let nothing = [
        "utils", "util", "helpers", "helper", "manager", "common", "misc",
    ];
    for path in sources(&["shared", "functions", "crates", "tests"]) {
        let stem = path
            .file_stem()
            .and_then(|stem| stem.to_str())
            .unwrap_or_default();
        assert!(!nothing.contains(&stem), "{}", path.display());
    }
}

/// `customerioRejectedAlarm` is described as `RejectedAlarm`.
#[test]
fn every_alarm_is_in_the_operating_guide() {
    let (template, guide) = (template::as_expanded(), read("docs/operations.md"));
    let resources = template["Resources"].as_object().expect("resources");
    let alarms = resources
        .iter()
        .filter(|(_, part)| part["Type"] == "AWS::CloudWatch::Alarm");
    let alarms: Vec<&String> = alarms.map(|(id, _)| id).collect();
    assert!(alarms.len() > 10, "{alarms:?}");
    let functions: Vec<String> = folders("functions").into_iter().collect();
    for alarm in alarms {
        let of = functions
            .iter()
            .find(|function| alarm.starts_with(*function));
        let name = &alarm[of.map_or(0, String::len)..];
        assert!(guide.contains(&format!(": `{name}`")), "{alarm}");
    }
}

#[test]
fn the_readme_and_the_gate_name_the_same_commands() {
    let readme = read("README.md");
    let gate = read(".ci/run") + &read(".ci/smoke");
    for command in [
        "cargo run -p postern -- demo",
        "cargo test --workspace --locked",
    ] {
        assert!(readme.contains(command), "README: {command}");
        assert!(gate.contains(command), ".ci: {command}");
    }
}
