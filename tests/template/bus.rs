//! The event bus, which is one more outlet.

use serde_json::{Value, json};
use stack::template::resolved;
use tests::template::as_written;

use crate::parts::{functions, only_if, package};
use crate::rule::{Complaints, Rule};

pub const RULES: &[Rule] = &[Rule {
    name: "the bus is one of the way out's, off by default, and the same for all who must know of it",
    broken_by: a_bus_by_halves,
    changes: &[
        (
            "/Parameters/EventBusArn/Default",
            Some(r#""arn:aws:events:eu-west-1:000000000000:event-bus/default""#),
        ),
        ("/Parameters/EventBusArn/AllowedPattern", Some(r#""^.*$""#)),
        ("/Conditions/Bus/Fn::And/0", None),
        ("/Conditions/Bus/Fn::And/1", None),
        ("/Rules/ABusIsAnOutlet/Assertions", None),
        ("/Rules/ABusIsAnOutlet/RuleCondition", Some("true")),
        (
            "/Resources/FanoutFunction/Properties/Environment/Variables/EVENT_BUS_ARN",
            None,
        ),
        (
            "/Resources/SweepFunction/Properties/Environment/Variables/EVENT_BUS_ARN",
            None,
        ),
        (
            "/Resources/ApiFunction/Properties/Environment/Variables/EVENT_BUS_ARN",
            Some(r#""""#),
        ),
        (
            "/Resources/DeliverFunction/Properties/Environment/Variables/STACK_NAME",
            None,
        ),
        (
            "/Resources/DeliverRole/Properties/Policies/0/PolicyDocument/Statement/5",
            Some(
                r#"{"Effect": "Allow", "Action": "events:PutEvents", "Resource": {"Ref": "EventBusArn"}}"#,
            ),
        ),
    ],
}];

/// The functions that must know whether there is a bus.
const KNOWING: [&str; 4] = ["api", "deliver", "fanout", "sweep"];

fn a_bus_by_halves(template: &Value) -> Vec<String> {
    let mut complaints = Complaints::default();
    let parameter = &template["Parameters"]["EventBusArn"];
    complaints.unless(parameter["Default"] == "", "EventBusArn", "is not off");
    let arn = "arn:[^:]+:events:[^:]+:[0-9]{12}:event-bus/[a-zA-Z0-9._/-]{1,256}";
    let is_arn = parameter["AllowedPattern"] == format!("^$|^{arn}$");
    complaints.unless(is_arn, "EventBusArn", "takes what is no bus");
    let given = json!({"Fn::Not": [{"Fn::Equals": [{"Ref": "EventBusArn"}, ""]}]});
    let both = json!({"Fn::And": [{"Condition": "Outlets"}, given]});
    let is_both = template["Conditions"]["Bus"] == both;
    complaints.unless(is_both, "Bus", "is decided by something else");
    let wanted = json!({
        "RuleCondition": given,
        "Assertions": [{
            "Assert": {"Fn::Equals": [{"Ref": "Outlets"}, "yes"]},
            "AssertDescription": "EventBusArn needs Outlets=yes.",
        }],
    });
    let is_refused = template["Rules"]["ABusIsAnOutlet"] == wanted;
    complaints.unless(is_refused, "ABusIsAnOutlet", "lets a bus be alone");
    for (id, function) in functions(template) {
        let variables = &function["Properties"]["Environment"]["Variables"];
        let is_told = variables["EVENT_BUS_ARN"] == json!({"Ref": "EventBusArn"});
        let must_know = KNOWING.contains(&package(function));
        complaints.unless(
            is_told == must_know,
            id,
            "knows too little or too much of it",
        );
        let named = variables["STACK_NAME"] == json!({"Ref": "AWS::StackName"});
        let is_deliver = package(function) == "deliver";
        complaints.unless(
            named == is_deliver,
            id,
            "does not say whose events they are",
        );
    }
    let put = json!({"Effect": "Allow", "Action": "events:PutEvents", "Resource": {"Ref": "EventBusArn"}});
    let policies = &template["Resources"]["DeliverRole"]["Properties"]["Policies"];
    let statements = policies[0]["PolicyDocument"]["Statement"].as_array();
    let may = statements.is_some_and(|all| all.contains(&only_if("Bus", &put)));
    complaints.unless(may, "DeliverRole", "may not put, or may without a bus");
    complaints.0
}

/// What is left of the template with these parameters.
fn with(parameters: &[(&str, &str)]) -> Value {
    let given = parameters.iter();
    let given = given.map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    let needed = [("Providers", "mailpanda"), ("Architecture", "arm64")];
    let needed = needed.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let parameters: Vec<(String, String)> = needed.into_iter().chain(given).collect();
    resolved(&as_written(), &parameters, "http://sqs").expect("a template")
}

#[test]
fn a_bus_gives_one_right_and_no_resource() {
    let arn = "arn:aws:events:eu-west-1:123456789012:event-bus/crm";
    let without = with(&[("Outlets", "yes")]);
    let bus = with(&[("Outlets", "yes"), ("EventBusArn", arn)]);
    let names = |template: &Value| {
        let resources = template["Resources"].as_object().expect("resources");
        resources.keys().cloned().collect::<Vec<_>>()
    };
    assert_eq!(names(&without), names(&bus));
    let rights = |template: &Value| -> Vec<Value> {
        let policies = &template["Resources"]["DeliverRole"]["Properties"]["Policies"];
        let statements = policies[0]["PolicyDocument"]["Statement"].as_array();
        let statements = statements.expect("statements").iter().cloned();
        statements
            .filter(|statement| statement["Action"] == "events:PutEvents")
            .collect()
    };
    assert_eq!(rights(&without), [] as [Value; 0]);
    let right = json!({"Effect": "Allow", "Action": "events:PutEvents", "Resource": arn});
    assert_eq!(rights(&bus), [right]);
}
