//! The loops: where a name is filled in, and that a provider can be left out.

use std::collections::BTreeSet;

use serde_json::Value;
use stack::build::root;
use stack::template::{expanded, providers, resolved};
use tests::template::{every_provider, with_outlets};

use crate::parts::{names, provider_of, referred};
use crate::rule::{Complaints, Rule};

pub const RULES: &[Rule] = &[
    Rule {
        name: "inside a loop ${Provider} stands where CloudFormation fills it in, and in CodeUri",
        broken_by: items_that_are_not_filled_in,
        changes: &[
            (
                "/Resources/Fn::ForEach::Receivers/2/${Provider}Function/Properties/FunctionName",
                Some(r#""postern-${Provider}""#),
            ),
            (
                "/Resources/Fn::ForEach::Receivers/2/${Provider}Function/Properties/Role/Fn::GetAtt/0",
                Some(r#""${Provider}Role""#),
            ),
            (
                "/Resources/Fn::ForEach::Receivers/2/${Provider}Role/Properties/Policies/0/PolicyName",
                Some(r#"{"Fn::Join": ["-", ["may", "${Provider}"]]}"#),
            ),
            (
                "/Resources/Fn::ForEach::Watches/2/${Provider}SilenceAlarm/Condition",
                Some(r#""Watched${Provider}""#),
            ),
            // a key further in
            (
                "/Resources/Fn::ForEach::Receivers/2/${Provider}Function/Properties/Events/${Provider}",
                Some("{}"),
            ),
            (
                "/Resources/Api/Properties/RouteSettings/Fn::ForEach::Throttled/2/POST ~1webhooks~1${Provider}/Why",
                Some(r#""${Provider}""#),
            ),
            (
                "/Resources/Api/Properties/RouteSettings/POST ~1webhooks~1${Provider}",
                Some("{}"),
            ),
            (
                "/Outputs/Fn::ForEach::Urls/2/${Provider}Url/Value/Fn::Sub/1/Base",
                Some(r#""https://${Provider}""#),
            ),
            // outside of a loop there is nothing to fill in
            (
                "/Resources/ConsumerLogs/Properties/LogGroupName",
                Some(r#"{"Fn::Sub": "/${Provider}"}"#),
            ),
        ],
    },
    Rule {
        name: "every provider can be left out, with all that it costs, and watched or not",
        broken_by: providers_that_cannot_be_left_out,
        changes: &[
            ("/Parameters/Providers/Type", Some(r#""String""#)),
            (
                "/Resources/Fn::ForEach::Receivers/1",
                Some(r#"["insider", "resend"]"#),
            ),
            ("/Resources/Fn::ForEach::Receivers/2/${Provider}Logs", None),
            ("/Outputs/Fn::ForEach::Urls/1", Some(r#"["insider"]"#)),
            ("/Outputs/Table/Value/Ref", Some(r#""insiderFunction""#)),
            (
                "/Resources/Fn::ForEach::Watches/2/${Provider}SilenceAlarm/Condition",
                None,
            ),
            ("/Resources/Fn::ForEach::Watches/1", Some(r#"["insider"]"#)),
        ],
    },
];

/// The resources that a value refers to, in any depth.
fn all_referred(value: &Value) -> BTreeSet<&str> {
    let inner: Vec<&Value> = match value {
        Value::Array(list) => list.iter().collect(),
        Value::Object(map) => map.values().collect(),
        _ => Vec::new(),
    };
    let inner = inner.into_iter().flat_map(all_referred);
    referred(value).into_iter().chain(inner).collect()
}

/// What a provider has: function, role, log, four filters, alarm and URL.
const OF_ONE: usize = 9;

/// One provider is chosen, first unwatched and then watched: what is there is what it costs.
fn providers_that_cannot_be_left_out(template: &Value) -> Vec<String> {
    let mut complaints = Complaints::default();
    for (chosen, is_watched) in names().into_iter().flat_map(|n| [(n, false), (n, true)]) {
        let mut parameters = vec![providers([chosen])];
        // each with outlets, and without
        if is_watched {
            parameters.push(with_outlets());
        }
        if is_watched {
            parameters.push(("SilenceProviders".to_owned(), chosen.to_owned()));
        }
        let stack = match resolved(template, &parameters, "") {
            Ok(stack) => stack,
            Err(error) => return vec![error.to_string()],
        };
        let all = expanded(template, &parameters).expect("loops");
        for (id, part) in all["Resources"].as_object().expect("resources") {
            let condition = part["Condition"].as_str();
            let is_known = condition.is_none_or(|name| all["Conditions"][name].is_object());
            complaints.unless(is_known, id, "has a condition that is not there");
        }
        let resources = stack["Resources"].as_object().expect("resources");
        let outputs = stack["Outputs"].as_object().expect("outputs");
        for (id, part) in resources.iter().chain(outputs) {
            let is_anothers = provider_of(id).is_some_and(|name| name != chosen);
            complaints.unless(!is_anothers, id, "is there without its provider");
            for needed in all_referred(part) {
                let is_there = resources.contains_key(needed)
                    || needed.starts_with("AWS::")
                    // the processor is chosen where it is built
                    || needed == "Architecture";
                complaints.unless(is_there, id, &format!("needs {needed}"));
            }
        }
        let kept = resources.keys().chain(outputs.keys());
        let kept = kept.filter(|id| id.starts_with(chosen)).count();
        let wanted = OF_ONE + usize::from(is_watched);
        complaints.unless(kept == wanted, chosen, "is not all there when it is chosen");
        let silence = resources.keys().filter(|id| id.ends_with("SilenceAlarm"));
        let wanted = usize::from(is_watched);
        complaints.unless(silence.count() == wanted, chosen, "is not watched as asked");
    }
    complaints.0
}

/// An account fills in an item in the keys of a loop's body, but in no key further in, and in
/// `Fn::Sub`, but in no plain string. A `Ref` to the identifier has no placeholder.
fn items_that_are_not_filled_in(template: &Value) -> Vec<String> {
    let mut complaints = Complaints::default();
    for section in ["Mappings", "Rules", "Conditions", "Resources", "Outputs"] {
        look_for_placeholders(&template[section], section, false, &mut complaints);
    }
    complaints.0
}

fn look_for_placeholders(value: &Value, place: &str, in_loop: bool, complaints: &mut Complaints) {
    const PLACEHOLDER: &str = "${Provider}";
    match value {
        Value::String(text) => {
            complaints.unless(!text.contains(PLACEHOLDER), place, text);
        }
        Value::Array(list) => {
            for each in list {
                look_for_placeholders(each, place, in_loop, complaints);
            }
        }
        Value::Object(map) => {
            for (key, value) in map {
                complaints.unless(!key.contains(PLACEHOLDER), place, key);
                match (key.as_str(), value) {
                    (key, _) if key.starts_with("Fn::ForEach::") => {
                        let body = value[2].as_object().expect("a loop's body");
                        for part in body.values() {
                            look_for_placeholders(part, key, true, complaints);
                        }
                    }
                    ("Fn::Sub" | "CodeUri", Value::String(_)) if in_loop => {}
                    ("Fn::Sub", Value::Array(parts)) if in_loop => {
                        for names in parts.iter().skip(1) {
                            look_for_placeholders(names, place, in_loop, complaints);
                        }
                    }
                    _ => look_for_placeholders(value, place, in_loop, complaints),
                }
            }
        }
        _ => {}
    }
}

/// `CloudFormation` does not create a stack where a loop's resource begins with its condition.
#[test]
fn no_item_begins_with_its_condition() {
    let text = std::fs::read_to_string(root().join("template.yaml")).expect("a template");
    let lines: Vec<&str> = text.lines().map(str::trim).collect();
    let conditions = lines
        .windows(2)
        .filter(|pair| pair[1].starts_with("Condition: "));
    let before: Vec<&str> = conditions.map(|pair| pair[0]).collect();
    assert!(!before.is_empty(), "no resource has a condition");
    for line in before {
        assert!(!line.starts_with("${"), "{line}");
    }
}

/// The list that the tests choose is every provider's.
#[test]
fn every_provider_is_chosen() {
    assert_eq!(every_provider().1.split(',').count(), names().len());
}
