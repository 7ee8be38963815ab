//! What the stack says of itself.

use std::fs;

use serde_json::Value;
use stack::build::root;
use tests::template::as_expanded;

use crate::parts::{functions, names, package, provider_of, receivers, resources, strings};
use crate::rule::{Complaints, Rule};

pub const RULES: &[Rule] = &[Rule {
    name: "what an operator needs is an output",
    broken_by: outputs_that_are_missing,
    changes: &[
        ("/Outputs/insiderUrl", None),
        ("/Outputs/Table", None),
        ("/Outputs/QueueUrl", None),
        ("/Outputs/DeadLetterQueueUrl", None),
        ("/Outputs/DashboardUrl", None),
    ],
}];

fn outputs_that_are_missing(template: &Value) -> Vec<String> {
    let mut complaints = Complaints::default();
    let outputs = strings(&template["Outputs"]);
    for name in receivers(template).into_keys() {
        let url = format!("${{Base}}/webhooks/{name}");
        complaints.unless(outputs.contains(url.as_str()), name, "its URL");
    }
    for kind in ["AWS::DynamoDB::Table", "AWS::SQS::Queue"] {
        for (id, _) in resources(template, kind) {
            complaints.unless(outputs.contains(id), id, "its address");
        }
    }
    let shown = outputs.iter().any(|text| text.contains("${Dashboard}"));
    complaints.unless(shown, "Dashboard", "its URL");
    complaints.0
}

/// What can be read of the stack is in the reference, a provider's by one example.
#[test]
fn every_output_and_every_variable_of_a_function_is_in_the_reference() {
    let reference = fs::read_to_string(root().join("docs/reference.md")).expect("the reference");
    let after = |heading: &str| {
        let (_, after) = reference.split_once(heading).expect("a section");
        after.split("\n## ").next().unwrap_or_default()
    };
    let template = as_expanded();
    let outputs = after("## Outputs\n");
    for name in template["Outputs"].as_object().expect("outputs").keys() {
        let name = match provider_of(name) {
            Some(_) => "insiderUrl",
            None => name,
        };
        assert!(outputs.contains(&format!("`{name}`")), "{name}");
    }
    let variables = after("## What the functions are told\n");
    for (id, function) in functions(&template) {
        let told = function["Properties"]["Environment"]["Variables"].as_object();
        for name in told.expect("variables").keys() {
            let row = variables
                .lines()
                .find(|line| line.contains(&format!("`{name}`")));
            let row = row.unwrap_or_else(|| panic!("{id}: {name}"));
            let folder = package(function);
            let reader = if names().contains(folder) {
                "receivers"
            } else {
                folder
            };
            assert!(row.contains(reader), "{id}: {row}");
        }
    }
}
