//! The functions, in step with `functions/` and with what they read of their environment.

use std::collections::BTreeSet;
use std::fs;

use registry::QUEUED;
use serde_json::{Value, json};
use stack::build::root;

use crate::parts::{WAY_OUT, functions, names, package, receivers};
use crate::rule::{Complaints, Rule};

pub const RULES: &[Rule] = &[
    Rule {
        name: "every function in functions/ is in the template and the other way round, at its provider's route",
        broken_by: functions_out_of_step,
        changes: &[
            ("/Resources/insiderFunction", None),
            (
                "/Resources/insiderFunction/Properties/CodeUri",
                Some(r#""functions/outsider""#),
            ),
            (
                "/Resources/insiderFunction/Properties/Events/Webhook/Properties/Path",
                Some(r#""/webhooks/outsider""#),
            ),
            (
                "/Resources/insiderFunction/Metadata/BuildMethod",
                Some(r#""makefile""#),
            ),
            ("/Globals/Function/Architectures/0", Some(r#""arm64""#)),
        ],
    },
    Rule {
        name: "every environment variable that the code reads is set and the other way round",
        broken_by: environments_out_of_step,
        changes: &[
            (
                "/Resources/insiderFunction/Properties/Environment/Variables/SIGNATURE_WINDOW",
                None,
            ),
            (
                "/Resources/ConsumerFunction/Properties/Environment/Variables/RETENTION_DAYS",
                None,
            ),
            (
                "/Resources/ConsumerFunction/Properties/Environment/Variables/DEAD_LETTER_QUEUE_URL",
                None,
            ),
            (
                "/Resources/ConsumerFunction/Properties/Environment/Variables/RETENTION",
                Some("1"),
            ),
            (
                "/Resources/insiderFunction/Properties/Environment/Variables/WEBHOOK_SECRETS",
                Some(r#""{{resolve:secretsmanager:x}}""#),
            ),
            (
                "/Resources/DeliverFunction/Properties/Environment/Variables/API_HOSTS",
                None,
            ),
            (
                "/Resources/SweepFunction/Properties/Environment/Variables/OUTLETS_HOUR_MS",
                Some("1000"),
            ),
            (
                "/Globals/Function/Environment",
                Some(r#"{"Variables": {"RUST_LOG": "debug"}}"#),
            ),
        ],
    },
];

fn functions_out_of_step(template: &Value) -> Vec<String> {
    let mut complaints = Complaints::default();
    let folders: BTreeSet<String> = fs::read_dir(root().join("functions"))
        .expect("a folder")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.is_dir())
        .filter_map(|path| Some(path.file_name()?.to_str()?.to_owned()))
        // What comes by a queue of its own has no function.
        .filter(|name| QUEUED.iter().all(|provider| provider.name() != name))
        .collect();
    let functions = functions(template);
    let deployed: BTreeSet<String> = functions
        .iter()
        .map(|(_, f)| package(f).to_owned())
        .collect();
    for package in folders.symmetric_difference(&deployed) {
        let complaint = "is only in one of functions/ and the template";
        complaints.unless(false, package, complaint);
    }
    for (id, function) in functions {
        let is_cargo = function["Metadata"]["BuildMethod"] == "rust-cargolambda";
        complaints.unless(is_cargo, id, "is not built by cargo-lambda");
    }
    let receivers = receivers(template);
    for name in names().symmetric_difference(&receivers.keys().copied().collect()) {
        complaints.unless(false, name, "is no provider, or has no route");
    }
    for (provider, (_, function)) in receivers {
        let route = &function["Properties"]["Events"]["Webhook"]["Properties"];
        let holds = route["Path"] == format!("/webhooks/{provider}") && route["Method"] == "POST";
        complaints.unless(holds, provider, "is at another route");
        let route = &function["Properties"]["Events"]["Validation"]["Properties"];
        let holds = route["Path"] == format!("/webhooks/{provider}") && route["Method"] == "HEAD";
        complaints.unless(holds, provider, "cannot be validated");
    }
    let architectures = &template["Globals"]["Function"]["Architectures"];
    let is_chosen = *architectures == json!([{"Ref": "Architecture"}]);
    complaints.unless(is_chosen, "Globals", "the architecture is no parameter");
    complaints.0
}

/// Every text of a source that is a variable's name and nothing else: `"QUEUE_URL"`.
fn variables_in(source: &str) -> BTreeSet<String> {
    let text = fs::read_to_string(root().join(source)).expect("a source");
    let is_name = |text: &&str| {
        text.contains('_') && text.chars().all(|c| c.is_ascii_uppercase() || c == '_')
    };
    text.split('"').filter(is_name).map(str::to_owned).collect()
}

/// What shrinks the hours of the way out, on a developer's machine alone.
const LOCAL: &str = "OUTLETS_HOUR_MS";

/// The source in which a function names the variables of its environment. `tests/tidy/main.rs` sees
/// to it that it is read nowhere else.
fn source_of(package: &str) -> String {
    if names().contains(package) {
        return "crates/runtime/src/settings.rs".to_owned();
    }
    format!("functions/{package}/src/function.rs")
}

/// `WEBHOOK_SECRETS` is named elsewhere: keys in the environment are for a developer's machine, and
/// no template may set them.
fn environments_out_of_step(template: &Value) -> Vec<String> {
    let mut complaints = Complaints::default();
    for (id, function) in functions(template) {
        let mut read = variables_in(&source_of(package(function)));
        read.remove(LOCAL);
        let variables = |scope: &Value| {
            let variables = scope["Environment"]["Variables"].as_object();
            let names = variables.into_iter().flat_map(serde_json::Map::keys);
            names.cloned().collect::<BTreeSet<String>>()
        };
        let mut set = variables(&function["Properties"]);
        set.extend(variables(&template["Globals"]["Function"]));
        for name in set.symmetric_difference(&read) {
            complaints.unless(false, id, &format!("{name} is only set, or only read"));
        }
    }
    complaints.0
}

/// There the keys are in the environment. A consumer that lacks a setting would not start, and
/// `cargo lambda invoke` would wait for it.
#[test]
fn cargo_lambda_sets_what_the_functions_read() {
    let file = fs::read_to_string(root().join("crates/postern/cargo-lambda.env")).expect("a file");
    let set: BTreeSet<&str> = file
        .lines()
        .filter_map(|line| line.split_once('='))
        .map(|(name, _)| name)
        .collect();
    let of_the_way_out = WAY_OUT.map(|(package, _)| package);
    for package in ["insider", "consumer"].into_iter().chain(of_the_way_out) {
        let elsewhere = ["WEBHOOK_SECRET_NAME", LOCAL, "API_HOSTS"];
        for name in variables_in(&source_of(package)) {
            let is_set = set.contains(name.as_str()) || elsewhere.contains(&name.as_str());
            assert!(is_set, "{package}: {name}");
        }
    }
}
