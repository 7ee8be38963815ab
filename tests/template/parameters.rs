//! The parameters, the names that they accept, and their table in the reference.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use stack::build::root;

use crate::parts::{names, referred, strings};
use crate::rule::{Complaints, Rule};

/// What an operator chooses, once, for what is built and what is deployed.
const CHOSEN: [&str; 2] = ["Providers", "Architecture"];

pub const RULES: &[Rule] = &[
    Rule {
        name: "every parameter but those chosen for the build has a default that works, and each a limit, a description and its row in the reference",
        broken_by: parameters_that_explain_nothing,
        changes: &[
            ("/Parameters/Providers/Default", Some(r#""insider""#)),
            ("/Parameters/Architecture/Default", Some(r#""arm64""#)),
            ("/Parameters/Providers/Description", None),
            ("/Rules/EveryProviderIsKnown", None),
            ("/Rules/WhoIsWatchedIsThere", None),
            ("/Parameters/BatchSize/Default", None),
            ("/Parameters/BatchSize/Default", Some("11")),
            ("/Parameters/BatchSize/MinValue", None),
            ("/Parameters/AlarmEmail/AllowedPattern", None),
            ("/Parameters/KmsKeyArn/AllowedPattern", None),
            ("/Parameters/Architecture/Description", None),
            (
                "/Parameters/Undocumented",
                Some(r#"{"Type": "Number", "Default": 1, "MinValue": 1, "Description": "?"}"#),
            ),
        ],
    },
    Rule {
        name: "the names that are accepted are the providers', each has its route, and only those are watched",
        broken_by: names_out_of_step,
        changes: &[
            (
                "/Rules/EveryProviderIsKnown/Assertions/0/Assert/Fn::EachMemberIn/1/0",
                Some(r#""acme""#),
            ),
            (
                "/Rules/EveryProviderIsKnown/Assertions/0/Assert/Fn::EachMemberIn/0/Ref",
                Some(r#""AlarmEmail""#),
            ),
            (
                "/Rules/WhoIsWatchedIsThere/Assertions/0/Assert/Fn::EachMemberIn/1",
                Some(r#"["insider"]"#),
            ),
            ("/Parameters/SilenceProviders/Default", Some(r#""insider""#)),
            ("/Mappings/Routes/insider", None),
            (
                "/Mappings/Routes/acme",
                Some(r#"{"Path": "/webhooks/acme"}"#),
            ),
            (
                "/Mappings/Routes/insider/Path",
                Some(r#""/webhooks/resend""#),
            ),
            // loops are expanded before SAM looks for its own
            ("/Transform/0", None),
            ("/Transform/1", None),
        ],
    },
];

fn parameters_that_explain_nothing(template: &Value) -> Vec<String> {
    let mut complaints = Complaints::default();
    let reference =
        std::fs::read_to_string(root().join("docs/reference.md")).expect("the reference");
    let after = reference
        .split_once("## Parameters\n")
        .expect("the parameters");
    let section = after.1.split("\n## ").next().unwrap_or_default();
    let mut rows: BTreeSet<&str> = section
        .lines()
        .filter(|line| line.starts_with("| `"))
        .collect();
    for (name, parameter) in template["Parameters"].as_object().expect("parameters") {
        let has = |key: &str| !parameter[key].is_null();
        let is_chosen = CHOSEN.contains(&name.as_str());
        complaints.unless(has("Default") != is_chosen, name, "its default");
        let limits = ["AllowedValues", "AllowedPattern", "MinValue"];
        let rule = match name.as_str() {
            "Providers" => &template["Rules"]["EveryProviderIsKnown"],
            "SilenceProviders" => &template["Rules"]["WhoIsWatchedIsThere"],
            _ => &Value::Null,
        };
        let has_limit = limits.iter().any(|key| has(key)) || !rule.is_null();
        complaints.unless(has_limit, name, "has no limit");
        complaints.unless(has("Description"), name, "is not explained");
        let start = format!("| `{name}` | {} | ", default_of(parameter));
        let row = rows.iter().find(|row| row.starts_with(&start)).copied();
        complaints.unless(row.is_some(), name, &format!("has no row {start}"));
        rows.retain(|other| Some(*other) != row);
    }
    for row in rows {
        complaints.unless(false, row, "is of no parameter");
    }
    complaints.0
}

/// A parameter's default as the reference has it.
fn default_of(parameter: &Value) -> String {
    match &parameter["Default"] {
        Value::Null => "none: choose".to_owned(),
        Value::String(text) if text.is_empty() => "empty".to_owned(),
        Value::String(text) => format!("`{text}`"),
        other => other.to_string(),
    }
}

fn names_out_of_step(template: &Value) -> Vec<String> {
    let mut complaints = Complaints::default();
    let names = names();
    let is_checked = &template["Rules"]["EveryProviderIsKnown"]["Assertions"][0]["Assert"];
    let [of, known] = [0, 1].map(|part| &is_checked["Fn::EachMemberIn"][part]);
    let holds = referred(of) == Some("Providers") && strings(known) == names;
    complaints.unless(holds, "Rules", "other names are accepted");
    let watched = json!({"Ref": "SilenceProviders"});
    let rule = &template["Rules"]["WhoIsWatchedIsThere"];
    let is_asked = json!({"Fn::Not": [{"Fn::EachMemberEquals": [watched, "none"]}]});
    let is_there = json!({"Fn::EachMemberIn": [watched, {"Ref": "Providers"}]});
    let holds = rule["RuleCondition"] == is_asked && rule["Assertions"][0]["Assert"] == is_there;
    complaints.unless(holds, "Rules", "who is not there is watched");
    let nobody = template["Parameters"]["SilenceProviders"]["Default"] == "none";
    complaints.unless(nobody, "SilenceProviders", "somebody is watched unasked");
    let routes = &template["Mappings"]["Routes"];
    let reachable = routes.as_object().expect("routes").keys();
    let reachable: BTreeSet<&str> = reachable.map(String::as_str).collect();
    for name in names.symmetric_difference(&reachable) {
        complaints.unless(false, name, "is no provider, or has no route");
    }
    for name in names {
        let holds = routes[name]["Path"] == format!("/webhooks/{name}");
        complaints.unless(holds, name, "is at another route");
    }
    let in_order = json!(["AWS::LanguageExtensions", "AWS::Serverless-2016-10-31"]);
    let holds = template["Transform"] == in_order;
    complaints.unless(holds, "Transform", "is not the loops' and then SAM's");
    complaints.0
}
