//! The way out: what of the stack is there for it, and that nothing is without it.

use serde_json::{Value, json};
use stack::template::resolved;
use tests::template::{as_written, every_provider};

use crate::parts::{functions, number, only_if, package, provider_of, resources};
use crate::rule::{Complaints, Rule};

pub const RULES: &[Rule] = &[
    Rule {
        name: "all of the way out is there with Outlets alone, which is off",
        broken_by: parts_that_are_there_unasked,
        changes: &[
            ("/Resources/OutletsTable/Condition", None),
            ("/Resources/FanoutFunction/Condition", Some(r#""Domain""#)),
            ("/Resources/SweepLogs/Condition", None),
            ("/Resources/MailPandasPathPermission/Condition", None),
            ("/Outputs/ManageUrl/Condition", None),
            ("/Parameters/Outlets/Default", Some(r#""yes""#)),
            (
                "/Resources/EventsTable/Properties/StreamSpecification",
                Some(r#"{"StreamViewType": "NEW_AND_OLD_IMAGES"}"#),
            ),
            (
                "/Resources/Api/Properties/DefinitionBody/paths/~1api~1webhooks",
                Some(r#"{"post": {}}"#),
            ),
        ],
    },
    Rule {
        name: "the stream is read from its oldest record until it forgets, and one record fails alone",
        broken_by: records_that_are_lost,
        changes: &[
            (
                "/Resources/EventsTable/Properties/StreamSpecification/Fn::If/1/StreamViewType",
                Some(r#""NEW_IMAGE""#),
            ),
            (
                "/Resources/FanoutSource/Properties/StartingPosition",
                Some(r#""LATEST""#),
            ),
            (
                "/Resources/FanoutSource/Properties/FunctionResponseTypes",
                None,
            ),
            (
                "/Resources/FanoutSource/Properties/BisectBatchOnFunctionError",
                Some("false"),
            ),
            (
                "/Resources/FanoutSource/Properties/MaximumRetryAttempts",
                Some("10"),
            ),
            ("/Resources/FanoutSource/Properties/DestinationConfig", None),
            // an event that is told to nobody
            (
                "/Resources/FanoutSource/Properties/FilterCriteria/Filters/0/Pattern",
                Some(r#""{\"dynamodb\":{\"Keys\":{\"sk\":{\"S\":[{\"prefix\":\"2026\"}]}}}}""#),
            ),
        ],
    },
    Rule {
        name: "sweep ends before it starts again, and a test of an endpoint is waited for",
        broken_by: functions_that_run_into_each_other,
        changes: &[
            ("/Resources/SweepFunction/Properties/Timeout", Some("60")),
            (
                "/Resources/SweepFunction/Properties/EventInvokeConfig",
                None,
            ),
            (
                "/Resources/SweepFunction/Properties/Events/Minute/Properties/Schedule",
                Some(r#""rate(5 minutes)""#),
            ),
            (
                "/Resources/SweepFunction/Properties/ReservedConcurrentExecutions",
                None,
            ),
            (
                "/Resources/FanoutFunction/Properties/ReservedConcurrentExecutions",
                None,
            ),
            ("/Resources/ApiFunction/Properties/Timeout", None),
            ("/Resources/DeliverFunction/Properties/Timeout", Some("15")),
        ],
    },
];

/// What is there without a condition of the way out, beside what each provider has.
const WITHOUT: [&str; 36] = [
    "AlarmTopic",
    "Api",
    "ApiDomain",
    "ApiDomainMapping",
    "ApiDomainRecord",
    "ApiErrorsAlarm",
    "ApiLogs",
    "ApiRefusalsAlarm",
    "ConsumerErrorsAlarm",
    "ConsumerFunction",
    "ConsumerLag",
    "ConsumerLogs",
    "ConsumerRole",
    "ConsumerWaiting",
    "Dashboard",
    "DeadLetterQueue",
    "DeadLetterQueueAgeAlarm",
    "DeadLetterQueueAlarm",
    "DeadLetterQueuePolicy",
    "DeliveriesQueue",
    "DeliveriesQueueAlarm",
    "DeliveriesQueuePolicy",
    "EventsTable",
    "SecretRefreshAlarm",
    "SesDeadLetterQueue",
    "SesDeadLetterQueuePolicy",
    "SesDeadLettersAlarm",
    "SesDestination",
    "SesQueue",
    "SesQueueAlarm",
    "SesQueuePolicy",
    "SesSet",
    "SesSource",
    "SesSubscription",
    "TableThrottlesAlarm",
    "WaitingAlarm",
];
/// The rest of it: what SNS has of SES.
const OF_SES: [&str; 4] = [
    "SesTopic",
    "SesTopicPolicy",
    "SesUndeliveredQueue",
    "SesUndeliveredQueuePolicy",
];
const OUTPUTS: [&str; 5] = [
    "FanoutFailuresQueueUrl",
    "ManageUrl",
    "OutboxDeadLetterQueueUrl",
    "OutboxQueueUrl",
    "OutletsTable",
];

fn is_of_before(id: &str) -> bool {
    WITHOUT.contains(&id) || OF_SES.contains(&id) || provider_of(id).is_some()
}

fn parts_that_are_there_unasked(template: &Value) -> Vec<String> {
    let mut complaints = Complaints::default();
    let asked = &template["Parameters"]["Outlets"];
    let is_off = asked["Default"] == "no" && asked["AllowedValues"] == json!(["yes", "no"]);
    complaints.unless(is_off, "Outlets", "is on");
    let on = json!({"Fn::Equals": [{"Ref": "Outlets"}, "yes"]});
    let is_decided = template["Conditions"]["Outlets"] == on;
    complaints.unless(is_decided, "Outlets", "is decided by something else");
    for (id, part) in template["Resources"].as_object().expect("resources") {
        let condition = match id.as_str() {
            id if is_of_before(id) => continue,
            "MailPandasPathPermission" => "MailPandasPath",
            _ => "Outlets",
        };
        complaints.unless(part["Condition"] == condition, id, "is there unasked");
    }
    for id in OUTPUTS {
        let is_asked = template["Outputs"][id]["Condition"] == "Outlets";
        complaints.unless(is_asked, id, "is there unasked");
    }
    let stream = &template["Resources"]["EventsTable"]["Properties"]["StreamSpecification"];
    let is_asked = *stream == only_if("Outlets", &stream["Fn::If"][1]);
    complaints.unless(is_asked, "EventsTable", "has a stream unasked");
    let api = &template["Resources"]["Api"]["Properties"]["DefinitionBody"];
    for (path, condition) in [
        ("/api/{proxy+}", "Outlets"),
        ("/api/webhooks", "MailPandasPath"),
    ] {
        let methods = &api["paths"][path];
        let is_asked = *methods == only_if(condition, &methods["Fn::If"][1]);
        complaints.unless(is_asked, path, "is there unasked");
    }
    complaints.0
}

fn records_that_are_lost(template: &Value) -> Vec<String> {
    let mut complaints = Complaints::default();
    let mut mapping = template["Resources"]["FanoutSource"]["Properties"].clone();
    let filters = mapping
        .as_object_mut()
        .and_then(|all| all.remove("FilterCriteria"));
    let wanted = json!({
        "FunctionName": {"Ref": "FanoutFunction"},
        "EventSourceArn": {"Fn::GetAtt": ["EventsTable", "StreamArn"]},
        "StartingPosition": "TRIM_HORIZON",
        "BatchSize": 100,
        "MaximumBatchingWindowInSeconds": 0,
        "ParallelizationFactor": 1,
        "FunctionResponseTypes": ["ReportBatchItemFailures"],
        "BisectBatchOnFunctionError": true,
        "MaximumRetryAttempts": -1,
        "MaximumRecordAgeInSeconds": -1,
        "DestinationConfig": {
            "OnFailure": {"Destination": {"Fn::GetAtt": ["FanoutFailuresQueue", "Arn"]}}
        },
    });
    complaints.unless(mapping == wanted, "FanoutSource", "is another mapping");
    let table = &template["Resources"]["EventsTable"]["Properties"];
    let images = &table["StreamSpecification"]["Fn::If"][1]["StreamViewType"];
    complaints.unless(
        images == "NEW_AND_OLD_IMAGES",
        "EventsTable",
        "shows too little",
    );
    // Only the key `dynamodb` may be filtered by. What is left out is what the code drops, too.
    let patterns = filters.unwrap_or_default()["Filters"].take();
    let pattern = patterns[0]["Pattern"].as_str().unwrap_or_default();
    let pattern: Value = serde_json::from_str(pattern).unwrap_or_default();
    let notes = ["undated", "token"];
    let wanted = json!({"dynamodb": {
        "NewImage": {"pk": {"S": [{"exists": true}]}},
        "Keys": {"sk": {"S": [{"anything-but": notes}]}},
    }});
    complaints.unless(pattern == wanted, "FanoutSource", "leaves something out");
    complaints.0
}

fn functions_that_run_into_each_other(template: &Value) -> Vec<String> {
    let mut complaints = Complaints::default();
    let sweep = &template["Resources"]["SweepFunction"]["Properties"];
    let minute = &sweep["Events"]["Minute"];
    let is_timed = minute["Type"] == "Schedule"
        && minute["Properties"] == json!({"Schedule": "rate(1 minute)"})
        && sweep["EventInvokeConfig"] == json!({"MaximumRetryAttempts": 0});
    complaints.unless(is_timed, "SweepFunction", "comes at other times");
    for (id, function) in functions(template) {
        let seconds = number(&function["Properties"]["Timeout"]);
        // An attempt may take 15 s, and sends of its own come after it. The API waits for 10 s, and
        // the gateway for 30.
        let fits = match package(function) {
            "sweep" => (50..60).contains(&seconds),
            "api" => (15..30).contains(&seconds),
            "deliver" | "fanout" => seconds == 30,
            _ => true,
        };
        complaints.unless(fits, id, "ends at another time");
        let reserved = &function["Properties"]["ReservedConcurrentExecutions"];
        let is_free = !matches!(package(function), "sweep" | "fanout")
            || *reserved == json!({"Ref": "AWS::NoValue"});
        complaints.unless(is_free, id, "has a receiver's room");
    }
    complaints.0
}

/// Nothing of today's stack knows of the way out, but what says that it is off.
#[test]
fn without_outlets_the_stack_is_what_it_was() {
    let words = [
        "utlet",
        "utbox",
        "anout",
        "weep",
        "Deliver\"",
        "DeliverF",
        "StreamSpec",
        "IAM\"",
        "/api/",
        "apiKey",
    ];
    let stack = resolved(&as_written(), &[every_provider()], "http://sqs").expect("a stack");
    let parts = stack["Resources"].as_object().expect("resources");
    for (id, part) in parts {
        assert!(is_of_before(id), "{id}");
        let text = part.to_string();
        for word in words {
            assert!(!text.contains(word), "{id}: {word}: {text}");
        }
    }
    let body = &stack["Resources"]["Api"]["Properties"]["DefinitionBody"];
    let own = json!({
        "openapi": "3.0.1", "info": {"title": "local", "version": "1.0"}, "paths": {},
    });
    assert_eq!(*body, own, "what SAM itself begins with");
    let outputs = stack["Outputs"].as_object().expect("outputs");
    assert!(outputs.keys().all(|name| !OUTPUTS.contains(&name.as_str())));
    assert!(resources(&stack, "AWS::Lambda::Permission").is_empty());
}
