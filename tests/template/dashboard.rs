//! The dashboard: what it shows, and what it asks the logs.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use stack::build::root;
use stack::template::{providers, resolved};
use tests::template::{as_written, every_provider, with_outlets};

use crate::parts::{alarms, provider_of, resources, strings};
use crate::rule::{Complaints, Rule};

const BODY: &str = "/Resources/Dashboard/Properties/DashboardBody/Fn::Sub/0";

pub const RULES: &[Rule] = &[Rule {
    name: "the dashboard asks the stack's own logs, by the fields that lines have, for every kind of event, and shows both indexes",
    broken_by: questions_without_an_answer,
    changes: &[
        (BODY, Some(r#""{\"widgets\": []}""#)),
        (
            BODY,
            Some(
                r#""{\"widgets\": [{\"type\": \"log\", \"properties\": {\"query\": \"SOURCE '/aws/lambda/x' | filter outcome = 'rejected'\"}}]}""#,
            ),
        ),
        (
            "/Resources/ConsumerLogs/Properties/LogGroupName/Fn::Sub",
            Some(r#""/consumer""#),
        ),
        (
            "/Resources/EventsTable/Properties/GlobalSecondaryIndexes/1/IndexName",
            Some(r#""by_trouble""#),
        ),
    ],
}];

/// The fields of lines that are asked for, kinds apart.
const FIELDS: [&str; 9] = [
    "outlet",
    "status",
    "outcome",
    "provider",
    "source",
    "code",
    "codes.0",
    "stage",
    "@timestamp",
];
/// The words of the query language that stand where a field may.
const WORDS: [&str; 19] = [
    "SOURCE",
    "filter",
    "or",
    "and",
    "ispresent",
    "fields",
    "as",
    "stats",
    "count",
    "max",
    "sum",
    "by",
    "bin",
    "15m",
    "sort",
    "desc",
    "webhooks",
    "messages",
    "notifications",
];

/// The dashboard as a stack with these parameters has it.
fn body(template: &Value, chosen: &[(String, String)]) -> Result<Value, String> {
    let stack = resolved(template, chosen, "http://sqs").map_err(|error| error.to_string())?;
    let body = &stack["Resources"]["Dashboard"]["Properties"]["DashboardBody"];
    let body = body.as_str().ok_or("no text")?;
    serde_json::from_str(body).map_err(|error| format!("{error}: {body}"))
}

/// The properties of the widgets of a type.
fn widgets<'a>(body: &'a Value, kind: &str) -> Vec<&'a Value> {
    let widgets = body["widgets"].as_array().into_iter().flatten();
    let widgets = widgets.filter(|widget| widget["type"] == kind);
    widgets.map(|widget| &widget["properties"]).collect()
}

/// The kinds of events, as lines name them.
fn kinds() -> BTreeSet<String> {
    let source = std::fs::read_to_string(root().join("shared/src/event.rs"));
    let source = source.expect("the kinds");
    let of_kind = source
        .split("\nimpl ")
        .find(|part| part.starts_with("Kind {"));
    let arms = of_kind.expect("the kinds").lines().filter_map(|line| {
        let (variant, word) = line.trim().split_once(" => \"")?;
        let word = word.strip_suffix("\",")?;
        variant.starts_with("Self::").then_some(word)
    });
    let kinds: BTreeSet<String> = arms.map(str::to_owned).collect();
    assert!(kinds.contains("unknown"), "{kinds:?}");
    kinds
}

fn questions_without_an_answer(template: &Value) -> Vec<String> {
    let mut complaints = Complaints::default();
    let body = match body(template, &[every_provider(), with_outlets()]) {
        Ok(body) => body,
        Err(error) => return vec![error],
    };
    let queries = widgets(&body, "log").into_iter();
    let queries: Vec<&str> = queries
        .filter_map(|widget| widget["query"].as_str())
        .collect();
    complaints.unless(
        queries.len() == 4,
        "Dashboard",
        "asks the logs other things",
    );
    let mut summed = BTreeSet::new();
    for query in &queries {
        summed.extend(look_at_query(query, template, &mut complaints));
    }
    let kinds = kinds();
    for kind in summed.symmetric_difference(&kinds) {
        complaints.unless(false, kind, "is no kind, or not summed");
    }
    look_at_table(&body, template, &mut complaints);
    complaints.0
}

/// Complains of a source that is no log of ours, and of a field that no line has. Returns the kinds
/// that are summed.
fn look_at_query(query: &str, template: &Value, complaints: &mut Complaints) -> BTreeSet<String> {
    let (source, rest) = query.split_once(" | ").unwrap_or_default();
    // In the local stack, whose name is `local`, a log group is called as its resource.
    let is_named = ["Consumer", "Deliver"].iter().any(|function| {
        let group = format!("{function}Logs");
        let name = format!("/${{AWS::StackName}}/{}", function.to_ascii_lowercase());
        let group_name = &template["Resources"][&group]["Properties"]["LogGroupName"];
        source == format!("SOURCE '{group}'") && *group_name == json!({"Fn::Sub": name})
    });
    let is_of_all = source == "SOURCE logGroups(namePrefix: ['/local/'])";
    complaints.unless(is_named || is_of_all, query, "is of other logs");
    let mut kinds = BTreeSet::new();
    let outside_of_texts = rest.split('\'').step_by(2);
    for text in outside_of_texts {
        let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '@');
        for word in text.split(|c| !is_part(c)).filter(|word| !word.is_empty()) {
            if let Some(kind) = word.strip_prefix("kinds.") {
                kinds.insert(kind.to_owned());
            } else {
                let is_known = FIELDS.contains(&word) || WORDS.contains(&word);
                let is_name = rest.contains(&format!(" as {word}"));
                complaints.unless(is_known || is_name, word, "is in no line");
            }
        }
    }
    kinds
}

/// Complains of an index whose units or throttles are not shown.
fn look_at_table(body: &Value, template: &Value, complaints: &mut Complaints) {
    let shown: BTreeSet<String> = widgets(body, "metric")
        .into_iter()
        .flat_map(|widget| widget["metrics"].as_array().into_iter().flatten())
        .map(|metric| strings(metric).into_iter().collect::<Vec<_>>().join(" "))
        .collect();
    for (_, table) in resources(template, "AWS::DynamoDB::Table") {
        let indexes = table["Properties"]["GlobalSecondaryIndexes"].as_array();
        for index in indexes.into_iter().flatten() {
            let name = index["IndexName"].as_str().unwrap_or_default();
            let of_it = shown.iter().filter(|metric| metric.contains(name));
            complaints.unless(of_it.count() == 2, name, "is not shown");
        }
    }
}

#[test]
fn the_dashboard_can_be_read_whoever_is_on() {
    for chosen in [
        vec![every_provider()],
        vec![every_provider(), with_outlets()],
        vec![providers(["insider"])],
        vec![providers(["insider"]), with_outlets()],
    ] {
        let template = as_written();
        let body = body(&template, &chosen).expect("JSON");
        let mut taken = BTreeSet::new();
        for widget in body["widgets"].as_array().expect("widgets") {
            let side = |name: &str| widget[name].as_u64().expect("a number");
            assert!(side("x") + side("width") <= 24, "{widget}");
            for x in side("x")..side("x") + side("width") {
                for y in side("y")..side("y") + side("height") {
                    assert!(taken.insert((x, y)), "covers another: {widget}");
                }
            }
        }
        let stack = resolved(&template, &chosen, "http://sqs").expect("a stack");
        let shared = alarms(&stack).into_iter();
        let shared = shared.filter(|(id, _)| provider_of(id).is_none()).count();
        let shown = widgets(&body, "alarm")[0]["alarms"].as_array();
        let shown = shown.expect("alarms").len();
        assert_eq!(shown, shared, "every shared alarm, and no other");
    }
}
