//! The example of SAM's settings, which an operator copies.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::process::Command;

use stack::build::root;
use tests::template::as_written;

use crate::parts::names;

/// The settings by section: environment, command.
type Sections = BTreeMap<(String, String), BTreeMap<String, String>>;

fn sections() -> Sections {
    let text = fs::read_to_string(root().join("samconfig.example.toml")).expect("settings");
    let mut sections = Sections::new();
    let mut section = None;
    for line in text.lines() {
        if let Some(name) = line.strip_prefix('[') {
            let name = name.trim_end_matches(".parameters]");
            let (environment, command) = name.split_once('.').expect("an environment");
            section = Some((environment.to_owned(), command.to_owned()));
        } else if let (Some(section), Some((key, value))) = (&section, line.split_once(" = ")) {
            let settings = sections.entry(section.clone()).or_default();
            settings.insert(key.to_owned(), value.trim_matches('"').to_owned());
        }
    }
    sections
}

/// The parameters that an environment gives.
fn parameters(sections: &Sections, environment: &str) -> BTreeMap<String, String> {
    let global = &sections[&(environment.to_owned(), "global".to_owned())];
    let given: Vec<(String, String)> = global["parameter_overrides"]
        .split(' ')
        .map(|parameter| parameter.split_once('=').expect("name=value"))
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    let parameters: BTreeMap<_, _> = given.iter().cloned().collect();
    assert_eq!(parameters.len(), given.len(), "{environment}: one twice");
    parameters
}

/// What only one of them read would be built and not deployed, or the other way round.
#[test]
fn sam_builds_and_deploys_the_same_providers_in_every_environment() {
    let sections = sections();
    let environments: BTreeSet<&str> = sections.keys().map(|(name, _)| name.as_str()).collect();
    assert_eq!(environments, ["default", "dev", "local", "prod"].into());
    let template = as_written();
    for environment in environments {
        let global = &sections[&(environment.to_owned(), "global".to_owned())];
        assert_eq!(global["language_extensions"], "true", "{environment}");
        let given = parameters(&sections, environment);
        for name in given.keys() {
            let known = &template["Parameters"][name];
            assert!(known.is_object(), "{environment}: {name}");
        }
        let named: BTreeSet<&str> = given["Providers"].split(',').collect();
        assert!(named.is_subset(&names()), "{environment}: {named:?}");
        // The gate deploys them all. An operator leaves those that are used.
        assert!(named == names() || environment != "local", "{named:?}");
        let processor = &given["Architecture"];
        let wanted = if environment == "local" {
            "x86_64"
        } else {
            "arm64"
        };
        assert_eq!(processor, wanted, "{environment}");
        // A new account's quota of 10 leaves nothing to reserve.
        assert!(!given.contains_key("ReceiverConcurrency"), "{environment}");
    }
    for ((environment, command), settings) in &sections {
        let is_global = command == "global";
        for key in ["language_extensions", "parameter_overrides"] {
            let holds = is_global || !settings.contains_key(key);
            assert!(holds, "{environment}.{command}: {key}");
        }
        assert!(!settings.contains_key("cached"), "{environment}.{command}");
    }
}

/// A tool of an operator's, run without thinking, must not find production.
#[test]
fn each_environment_of_an_account_has_a_stack_of_its_own() {
    let sections = sections();
    let stacks = ["default", "dev", "prod"].map(|environment| {
        let deploy = &sections[&(environment.to_owned(), "deploy".to_owned())];
        assert_eq!(deploy["s3_prefix"], deploy["stack_name"], "{environment}");
        deploy["stack_name"].clone()
    });
    assert_eq!(stacks, ["postern", "postern-dev", "postern-prod"]);
}

/// What `sam deploy --guided` writes is one account's.
#[test]
fn an_operators_settings_are_not_tracked() {
    let run = |arguments: &[&str]| {
        let mut git = Command::new("git");
        git.args(arguments).current_dir(root());
        git.output().expect("git")
    };
    let tracked = run(&["ls-files", "samconfig.toml"]);
    assert_eq!(tracked.stdout, b"", "samconfig.toml is tracked");
    let ignored = run(&["check-ignore", "samconfig.toml"]);
    assert!(ignored.status.success(), "samconfig.toml is not ignored");
}
