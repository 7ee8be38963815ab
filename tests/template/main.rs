//! The guard rails of `template.yaml`. Each rule says what breaks it, and each is shown a template
//! that does: a rule that cannot fail guards nothing.

mod alarms;
mod api;
mod bus;
mod dashboard;
mod functions;
mod loops;
mod manage;
mod metrics;
mod outlets;
mod outputs;
mod parameters;
mod parts;
mod patterns;
mod queues;
mod roles;
mod rule;
mod samconfig;
mod secrets;
mod senders;
mod storage;
mod watched;

use std::collections::{BTreeMap, BTreeSet};

use registry::SENDERS;
use serde_json::Value;
use stack::template::{TEMPLATE, Template};
use tests::template::{as_expanded, as_written, every_provider, with_outlets};

use crate::rule::{Rule, change};

/// The rules for what each provider gets: of the template with its loops expanded.
const EXPANDED: &[&[Rule]] = &[
    alarms::RULES,
    api::RULES,
    bus::RULES,
    dashboard::RULES,
    functions::RULES,
    manage::RULES,
    metrics::RULES,
    outlets::RULES,
    outputs::RULES,
    patterns::RULES,
    queues::RULES,
    roles::RULES,
    secrets::RULES,
    senders::RULES,
    storage::RULES,
    watched::RULES,
];

/// The rules for the loops and their parameters: of the template as it is written.
const WRITTEN: &[&[Rule]] = &[loops::RULES, parameters::RULES];

/// Every rule, with the form of the template that it is for.
fn rules() -> Vec<(Value, &'static Rule)> {
    let of = |template: Value, rules: &'static [&'static [Rule]]| {
        let rules = rules.iter().copied().flatten();
        rules.map(move |rule| (template.clone(), rule))
    };
    let expanded = of(as_expanded(), EXPANDED);
    expanded.chain(of(as_written(), WRITTEN)).collect()
}

#[test]
fn the_template_keeps_every_rule() {
    let broken: BTreeMap<&str, Vec<String>> = rules()
        .into_iter()
        .map(|(template, rule)| (rule.name, (rule.broken_by)(&template)))
        .filter(|(_, broken_by)| !broken_by.is_empty())
        .collect();
    assert!(broken.is_empty(), "{broken:#?}");
}

#[test]
fn every_rule_can_be_broken() {
    let mut unnoticed = Vec::new();
    for (whole, rule) in rules() {
        let before = (rule.broken_by)(&whole);
        assert!(!rule.changes.is_empty(), "{}", rule.name);
        for (place, value) in rule.changes {
            let mut template = whole.clone();
            change(&mut template, place, *value);
            if (rule.broken_by)(&template) == before {
                unnoticed.push(format!("{}: {place} as {value:?}", rule.name));
            }
        }
    }
    assert!(unnoticed.is_empty(), "{unnoticed:#?}");
}

#[test]
fn the_local_stack_runs_the_providers_that_are_on() {
    let packages = |parameters: &[(String, String)]| {
        let template = Template::parse(TEMPLATE, parameters, "http://sqs");
        let functions = template.expect("a template").functions.into_iter();
        functions.map(|f| f.package).collect::<BTreeSet<String>>()
    };
    let names = SENDERS.iter().map(|provider| provider.name());
    let wanted: BTreeSet<String> = names.chain(["consumer"]).map(str::to_owned).collect();
    assert_eq!(packages(&[every_provider()]), wanted);
    let way_out = parts::WAY_OUT.map(|(package, _)| package.to_owned());
    let wanted: BTreeSet<String> = wanted.into_iter().chain(way_out).collect();
    assert_eq!(packages(&[every_provider(), with_outlets()]), wanted);
    // As on the command line, over what the stack chooses itself.
    let two = ("Providers".to_owned(), "insider,resend".to_owned());
    let wanted = ["consumer", "insider", "resend"].map(str::to_owned);
    assert_eq!(packages(&[every_provider(), two]), BTreeSet::from(wanted));
}
