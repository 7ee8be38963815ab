//! The guard rails of `template.yaml`. Each rule says what breaks it, and each is shown a template
//! that does: a rule that cannot fail guards nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use registry::SENDERS;
use serde_json::{Value, json};
use stack::build::root;
use stack::template::{Template, providers, resolved};
use tests::template::{as_expanded, as_written, every_provider};

/// A rule, and changes to the template that it must notice.
struct Rule {
    name: &'static str,
    /// Returns what of the template breaks the rule, in words.
    broken_by: fn(&Value) -> Vec<String>,
    changes: &'static [Change],
}

/// A place in the template, as a JSON pointer, and the JSON to put there; nothing to remove it.
type Change = (&'static str, Option<&'static str>);

/// The rules for what each provider gets: of the template with its loops expanded.
const RULES: &[Rule] = &[
    Rule {
        name: "every queue is a dead-letter queue or has one that keeps messages longer than it, after five attempts",
        broken_by: queues_without_a_way_out,
        changes: &[
            ("/Resources/DeliveriesQueue/Properties/RedrivePolicy", None),
            (
                "/Resources/DeliveriesQueue/Properties/RedrivePolicy/deadLetterTargetArn",
                Some(r#""arn:aws:sqs:eu-west-1:000000000000:elsewhere""#),
            ),
            (
                "/Resources/DeliveriesQueue/Properties/RedrivePolicy/maxReceiveCount",
                Some("4"),
            ),
            (
                "/Resources/DeadLetterQueue/Properties/MessageRetentionPeriod",
                Some("604800"),
            ),
            (
                "/Resources/StrayQueue",
                Some(r#"{"Type": "AWS::SQS::Queue"}"#),
            ),
        ],
    },
    Rule {
        name: "every queue takes messages of 1 MiB and is encrypted",
        broken_by: queues_with_the_defaults,
        changes: &[
            (
                "/Resources/DeadLetterQueue/Properties/MaximumMessageSize",
                None,
            ),
            (
                "/Resources/DeliveriesQueue/Properties/MaximumMessageSize",
                Some("262144"),
            ),
            (
                "/Resources/DeliveriesQueue/Properties/SqsManagedSseEnabled",
                Some("false"),
            ),
        ],
    },
    Rule {
        name: "a message stays invisible for six timeouts of its consumer and the longest window",
        broken_by: messages_seen_twice,
        changes: &[
            (
                "/Resources/DeliveriesQueue/Properties/VisibilityTimeout",
                Some("199"),
            ),
            ("/Resources/ConsumerFunction/Properties/Timeout", Some("31")),
            ("/Parameters/BatchWindow/MaxValue", Some("21")),
        ],
    },
    Rule {
        name: "a consumer fails single messages, and is not started more often than it may run",
        broken_by: consumers_that_lose_their_batch,
        changes: &[
            (
                "/Resources/ConsumerFunction/Properties/Events/Deliveries/Properties/FunctionResponseTypes",
                None,
            ),
            (
                "/Resources/ConsumerFunction/Properties/Events/Deliveries/Properties/ScalingConfig",
                None,
            ),
            (
                "/Resources/ConsumerFunction/Properties/ReservedConcurrentExecutions",
                Some("5"),
            ),
        ],
    },
    Rule {
        name: "every queue, function, provider, the API and the secrets have their alarms",
        broken_by: what_has_no_alarm,
        changes: &[
            ("/Resources/DeadLetterQueueAlarm", None),
            ("/Resources/DeliveriesQueueAlarm", None),
            ("/Resources/ApiErrorsAlarm", None),
            ("/Resources/insiderErrorsAlarm", None),
            ("/Resources/ConsumerThrottlesAlarm", None),
            ("/Resources/mailpandaRejectedAlarm", None),
            ("/Resources/inboxroadSilenceAlarm", None),
            ("/Resources/SecretRefreshAlarm", None),
            // by provider it would need one alarm each
            (
                "/Resources/SecretRefreshAlarm/Properties/Dimensions",
                Some(r#"[{"Name": "provider", "Value": "insider"}]"#),
            ),
            (
                "/Resources/inboxroadSilenceAlarm/Properties/Dimensions/0/Value",
                Some(r#""insider""#),
            ),
        ],
    },
    Rule {
        name: "every alarm tells someone, and is on the dashboard unless it is one provider's",
        broken_by: alarms_that_nobody_hears,
        changes: &[
            (
                "/Resources/insiderRejectedAlarm/Properties/AlarmActions",
                None,
            ),
            (
                "/Resources/Dashboard/Properties/DashboardBody/Fn::Sub/1/Alarms/Fn::Join/1/0",
                None,
            ),
        ],
    },
    Rule {
        name: "no policy has an asterisk, or more than one resource, or comes from elsewhere",
        broken_by: policies_that_allow_too_much,
        changes: &[
            (
                "/Resources/insiderRole/Properties/Policies/0/PolicyDocument/Statement/0/Resource",
                Some(r#""*""#),
            ),
            (
                "/Resources/ConsumerRole/Properties/Policies/0/PolicyDocument/Statement/0/Action",
                Some(r#""dynamodb:*""#),
            ),
            (
                "/Resources/insiderRole/Properties/Policies/0/PolicyDocument/Statement/1/Resource",
                Some(r#"[{"Ref": "insiderSecret"}, {"Ref": "mailpandaSecret"}]"#),
            ),
            (
                "/Resources/insiderRole/Properties/ManagedPolicyArns",
                Some(r#"["arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"]"#),
            ),
            (
                "/Resources/insiderFunction/Properties/Policies",
                Some(r#"["AmazonSQSFullAccess"]"#),
            ),
        ],
    },
    Rule {
        name: "every function has a role of its own, which may do what it does and nothing else",
        broken_by: roles_that_do_not_fit,
        changes: &[
            ("/Resources/insiderFunction/Properties/Role", None),
            (
                "/Resources/insiderFunction/Properties/Role/Fn::GetAtt/0",
                Some(r#""mailpandaRole""#),
            ),
            (
                "/Resources/ConsumerRole/Properties/Policies/0/PolicyDocument/Statement/0/Action/0",
                Some(r#""dynamodb:DeleteItem""#),
            ),
            (
                "/Resources/customerioRole/Properties/Policies/0/PolicyDocument/Statement/0",
                None,
            ),
            (
                "/Resources/customerioRole/Properties/Policies/0/PolicyDocument/Statement/0/Resource/Fn::GetAtt/0",
                Some(r#""DeadLetterQueue""#),
            ),
        ],
    },
    Rule {
        name: "every secret is generated, and read by one function, which is told of it",
        broken_by: secrets_that_are_shared,
        changes: &[
            (
                "/Resources/insiderRole/Properties/Policies/0/PolicyDocument/Statement/1/Resource/Ref",
                Some(r#""mailpandaSecret""#),
            ),
            (
                "/Resources/insiderFunction/Properties/Environment/Variables/WEBHOOK_SECRET_ARN/Ref",
                Some(r#""mailpandaSecret""#),
            ),
            (
                "/Resources/insiderSecret/Properties/GenerateSecretString",
                None,
            ),
            (
                "/Resources/insiderSecret/Properties/GenerateSecretString/GenerateStringKey",
                Some(r#""key""#),
            ),
            (
                "/Resources/insiderSecret/Properties/GenerateSecretString/SecretStringTemplate",
                None,
            ),
            (
                "/Resources/insiderSecret/Properties/SecretString",
                Some(r#""hunter2""#),
            ),
        ],
    },
    Rule {
        name: "every route is throttled and logged, without a header, a body or a query",
        broken_by: routes_that_are_open,
        changes: &[
            (
                "/Resources/Api/Properties/DefaultRouteSettings/ThrottlingRateLimit",
                None,
            ),
            (
                "/Resources/Api/Properties/DefaultRouteSettings/ThrottlingBurstLimit",
                None,
            ),
            ("/Resources/Api/Properties/AccessLogSettings", None),
            (
                "/Resources/Api/Properties/AccessLogSettings/Format",
                Some(r#""$context.requestId $request.header.x-signature""#),
            ),
            (
                "/Resources/Api/Properties/AccessLogSettings/Format",
                Some(r#""$context.requestId $context.queryString""#),
            ),
            (
                "/Resources/Api/Properties/AccessLogSettings/Format",
                Some(r#""$context.requestId $context.path""#),
            ),
            (
                "/Resources/insiderFunction/Properties/Events/Webhook/Properties/ApiId",
                None,
            ),
        ],
    },
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
                "/Resources/ConsumerFunction/Properties/Environment/Variables/RETENTION",
                Some("1"),
            ),
            (
                "/Resources/insiderFunction/Properties/Environment/Variables/WEBHOOK_SECRETS",
                Some(r#""{{resolve:secretsmanager:x}}""#),
            ),
            (
                "/Globals/Function/Environment",
                Some(r#"{"Variables": {"RUST_LOG": "debug"}}"#),
            ),
        ],
    },
    Rule {
        name: "the table is kept, recoverable, encrypted, forgets in time, and costs nothing when idle",
        broken_by: tables_that_can_be_lost,
        changes: &[
            ("/Resources/EventsTable/DeletionPolicy", None),
            (
                "/Resources/EventsTable/UpdateReplacePolicy",
                Some(r#""Delete""#),
            ),
            (
                "/Resources/EventsTable/Properties/DeletionProtectionEnabled",
                None,
            ),
            (
                "/Resources/EventsTable/Properties/PointInTimeRecoverySpecification",
                None,
            ),
            (
                "/Resources/EventsTable/Properties/SSESpecification/SSEEnabled",
                Some("false"),
            ),
            (
                "/Resources/EventsTable/Properties/TimeToLiveSpecification/AttributeName",
                Some(r#""ttl""#),
            ),
            (
                "/Resources/EventsTable/Properties/BillingMode",
                Some(r#""PROVISIONED""#),
            ),
        ],
    },
    Rule {
        name: "every function logs to a group of its own, and every group forgets",
        broken_by: logs_that_are_kept_for_ever,
        changes: &[
            ("/Resources/insiderFunction/Properties/LoggingConfig", None),
            (
                "/Resources/insiderFunction/Properties/LoggingConfig/LogGroup/Ref",
                Some(r#""mailpandaLogs""#),
            ),
            ("/Resources/ApiLogs/Properties/RetentionInDays", None),
        ],
    },
    Rule {
        name: "every parameter but the providers has a default that works, and each a limit and a description",
        broken_by: parameters_that_explain_nothing,
        changes: &[
            ("/Parameters/Providers/Default", Some(r#""insider""#)),
            ("/Parameters/Providers/Description", None),
            ("/Rules/EveryProviderIsKnown", None),
            ("/Parameters/BatchSize/Default", None),
            ("/Parameters/BatchSize/MinValue", None),
            ("/Parameters/AlarmEmail/AllowedPattern", None),
            ("/Parameters/Architecture/Description", None),
        ],
    },
    Rule {
        name: "every metric of ours that is looked at is one that the code counts, in this stack",
        broken_by: metrics_that_nobody_counts,
        changes: &[
            (
                "/Resources/insiderRejectedAlarm/Properties/MetricName",
                Some(r#""refused""#),
            ),
            (
                "/Resources/Dashboard/Properties/DashboardBody/Fn::Sub/0",
                Some(
                    r#""SEARCH('{\\\"${AWS::StackName}\\\",provider} MetricName=\\\"refused\\\"', 'Sum', 300)""#,
                ),
            ),
            (
                "/Resources/insiderRejectedAlarm/Properties/Namespace",
                Some(r#""Postern""#),
            ),
            (
                "/Resources/Dashboard/Properties/DashboardBody/Fn::Sub/0",
                Some(r#""SEARCH('{Postern,provider} MetricName=\\\"rejected\\\"', 'Sum', 300)""#),
            ),
            (
                "/Globals/Function/Environment/Variables/METRICS_NAMESPACE",
                Some(r#""Postern""#),
            ),
        ],
    },
    Rule {
        name: "what an operator needs is an output",
        broken_by: outputs_that_are_missing,
        changes: &[
            ("/Outputs/insiderUrl", None),
            ("/Outputs/Table", None),
            ("/Outputs/QueueUrl", None),
            ("/Outputs/DeadLetterQueueUrl", None),
            ("/Outputs/DashboardUrl", None),
        ],
    },
];

/// The rules for the loops: of the template as it is written.
const RULES_OF_LOOPS: &[Rule] = &[
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
            // a key further in
            (
                "/Resources/Fn::ForEach::Receivers/2/${Provider}Function/Properties/Events/${Provider}",
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
        name: "every provider can be left out, with all that it costs",
        broken_by: providers_that_cannot_be_left_out,
        changes: &[
            ("/Parameters/Providers/Type", Some(r#""String""#)),
            (
                "/Resources/Fn::ForEach::Receivers/1",
                Some(r#"["insider", "resend"]"#),
            ),
            (
                "/Resources/Fn::ForEach::Receivers/2/${Provider}Secret",
                None,
            ),
            ("/Outputs/Fn::ForEach::Urls/1", Some(r#"["insider"]"#)),
            ("/Outputs/Table/Value/Ref", Some(r#""insiderSecret""#)),
        ],
    },
    Rule {
        name: "the names that are accepted are the providers', and each has its route",
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

/// The two forms of the template, each with its rules.
fn rules() -> [(Value, &'static [Rule]); 2] {
    [(as_expanded(), RULES), (as_written(), RULES_OF_LOOPS)]
}

#[test]
fn the_template_keeps_every_rule() {
    for (template, rules) in rules() {
        for rule in rules {
            let broken_by = (rule.broken_by)(&template);
            assert!(broken_by.is_empty(), "{}: {broken_by:#?}", rule.name);
        }
    }
}

#[test]
fn every_rule_can_be_broken() {
    for (whole, rules) in rules() {
        for rule in rules {
            for (place, value) in rule.changes {
                let mut template = whole.clone();
                change(&mut template, place, *value);
                let broken_by = (rule.broken_by)(&template);
                assert!(
                    !broken_by.is_empty(),
                    "{}: {place} as {value:?} goes unnoticed",
                    rule.name
                );
            }
        }
    }
}

/// Puts a value at a place, or removes what is there.
fn change(template: &mut Value, place: &str, value: Option<&str>) {
    let (parent, key) = place.rsplit_once('/').expect("a pointer");
    let parent = template
        .pointer_mut(parent)
        .unwrap_or_else(|| panic!("{place} is nowhere"));
    match (parent, value) {
        (Value::Object(map), Some(value)) => {
            let value: Value = serde_json::from_str(value).expect("JSON");
            let before = map.insert(key.to_owned(), value.clone());
            assert_ne!(before, Some(value), "{place} changes nothing");
        }
        (Value::Array(list), Some(value)) => {
            list[key.parse::<usize>().expect("an index")] =
                serde_json::from_str(value).expect("JSON");
        }
        (Value::Object(map), None) => {
            assert!(map.remove(key).is_some(), "{place} is nowhere");
        }
        (Value::Array(list), None) => {
            list.remove(key.parse().expect("an index"));
        }
        _ => panic!("{place} is nowhere"),
    }
}

/// The resources of a type: id, resource.
fn resources<'a>(template: &'a Value, kind: &str) -> Vec<(&'a str, &'a Value)> {
    let all = template["Resources"].as_object().expect("resources");
    let all = all.iter().filter(|(_, r)| r["Type"] == kind);
    all.map(|(id, resource)| (id.as_str(), resource)).collect()
}

fn functions(template: &Value) -> Vec<(&str, &Value)> {
    resources(template, "AWS::Serverless::Function")
}

/// The functions that a route invokes, by provider; the folder is the provider's name.
fn receivers(template: &Value) -> BTreeMap<&str, (&str, &Value)> {
    let functions = functions(template).into_iter();
    let receivers = functions.filter(|(_, f)| {
        let events = f["Properties"]["Events"].as_object();
        events.is_some_and(|events| events.values().any(|event| event["Type"] == "HttpApi"))
    });
    receivers.map(|(id, f)| (package(f), (id, f))).collect()
}

/// The last part of a function's folder.
fn package(function: &Value) -> &str {
    let uri = function["Properties"]["CodeUri"].as_str();
    uri.and_then(|uri| uri.rsplit('/').next())
        .unwrap_or_default()
}

/// The resource, or the parameter, that a value refers to.
fn referred(value: &Value) -> Option<&str> {
    value["Ref"].as_str().or(value["Fn::GetAtt"][0].as_str())
}

fn number(value: &Value) -> u64 {
    value.as_u64().unwrap_or_default()
}

fn strings(value: &Value) -> BTreeSet<&str> {
    match value {
        Value::String(text) => BTreeSet::from([text.as_str()]),
        Value::Array(list) => list.iter().flat_map(strings).collect(),
        Value::Object(map) => map.values().flat_map(strings).collect(),
        _ => BTreeSet::new(),
    }
}

/// The statements of a role's own policies.
fn statements(role: &Value) -> Vec<&Value> {
    let policies = role["Properties"]["Policies"].as_array();
    let documents = policies.into_iter().flatten();
    documents
        .filter_map(|policy| policy["PolicyDocument"]["Statement"].as_array())
        .flatten()
        .collect()
}

/// Collects complaints.
#[derive(Default)]
struct Complaints(Vec<String>);

impl Complaints {
    fn unless(&mut self, holds: bool, subject: &str, complaint: &str) {
        if !holds {
            self.0.push(format!("{subject}: {complaint}"));
        }
    }
}

fn queues_without_a_way_out(template: &Value) -> Vec<String> {
    let mut complaints = Complaints::default();
    let queues: BTreeMap<&str, &Value> = resources(template, "AWS::SQS::Queue")
        .into_iter()
        .map(|(id, queue)| (id, &queue["Properties"]))
        .collect();
    let targets: BTreeSet<&str> = queues
        .values()
        .filter_map(|queue| referred(&queue["RedrivePolicy"]["deadLetterTargetArn"]))
        .collect();
    for (id, queue) in &queues {
        if targets.contains(id) {
            continue;
        }
        let redrive = &queue["RedrivePolicy"];
        let target = referred(&redrive["deadLetterTargetArn"]).and_then(|id| queues.get(id));
        complaints.unless(target.is_some(), id, "has no dead-letter queue");
        let attempts = number(&redrive["maxReceiveCount"]);
        complaints.unless(attempts >= 5, id, "gives up too early");
        let kept = |queue: &Value| number(&queue["MessageRetentionPeriod"]);
        let outlives = target.is_some_and(|target| kept(target) > kept(queue));
        complaints.unless(
            outlives,
            id,
            "keeps messages as long as its dead-letter queue",
        );
    }
    complaints.0
}

fn queues_with_the_defaults(template: &Value) -> Vec<String> {
    let mut complaints = Complaints::default();
    for (id, queue) in resources(template, "AWS::SQS::Queue") {
        let queue = &queue["Properties"];
        let takes = number(&queue["MaximumMessageSize"]);
        complaints.unless(takes == 1024 * 1024, id, "does not take 1 MiB");
        complaints.unless(
            queue["SqsManagedSseEnabled"] == true,
            id,
            "is not encrypted",
        );
    }
    complaints.0
}

/// The functions that a queue invokes: queue, function, the mapping's settings.
fn consumers(template: &Value) -> Vec<(&str, &Value, &Value)> {
    let mut consumers = Vec::new();
    for (_, function) in functions(template) {
        let events = function["Properties"]["Events"].as_object();
        for event in events.into_iter().flat_map(serde_json::Map::values) {
            let settings = &event["Properties"];
            if let (true, Some(queue)) = (event["Type"] == "SQS", referred(&settings["Queue"])) {
                consumers.push((queue, &function["Properties"], settings));
            }
        }
    }
    assert!(!consumers.is_empty(), "no queue is read");
    consumers
}

fn messages_seen_twice(template: &Value) -> Vec<String> {
    let mut complaints = Complaints::default();
    for (queue, function, mapping) in consumers(template) {
        let invisible = number(&template["Resources"][queue]["Properties"]["VisibilityTimeout"]);
        let window = referred(&mapping["MaximumBatchingWindowInSeconds"]).unwrap_or_default();
        let window = number(&template["Parameters"][window]["MaxValue"]);
        let busy = 6 * number(&function["Timeout"]) + window;
        let holds = window > 0 && invisible >= busy;
        complaints.unless(
            holds,
            queue,
            &format!("{invisible} s are less than {busy} s"),
        );
    }
    complaints.0
}

fn consumers_that_lose_their_batch(template: &Value) -> Vec<String> {
    let mut complaints = Complaints::default();
    for (queue, function, mapping) in consumers(template) {
        let answers = &mapping["FunctionResponseTypes"];
        let holds = *answers == json!(["ReportBatchItemFailures"]);
        complaints.unless(holds, queue, "one bad message fails its batch");
        let most = &mapping["ScalingConfig"]["MaximumConcurrency"];
        let reserved = &function["ReservedConcurrentExecutions"]["Fn::If"][1];
        let holds = !most.is_null() && most == reserved;
        complaints.unless(holds, queue, "starts more consumers than are reserved");
    }
    complaints.0
}

fn what_has_no_alarm(template: &Value) -> Vec<String> {
    let mut watched = BTreeSet::new();
    for (_, alarm) in resources(template, "AWS::CloudWatch::Alarm") {
        let alarm = &alarm["Properties"];
        let dimension = &alarm["Dimensions"][0]["Value"];
        let of = referred(dimension)
            .or(dimension.as_str())
            .unwrap_or_default();
        watched.insert((of, alarm["MetricName"].as_str().unwrap_or_default()));
    }
    let mut wanted = BTreeSet::new();
    for (_, queue) in resources(template, "AWS::SQS::Queue") {
        if let Some(dead) = referred(&queue["Properties"]["RedrivePolicy"]["deadLetterTargetArn"]) {
            wanted.insert((dead, "ApproximateNumberOfMessagesVisible"));
        }
    }
    for (queue, ..) in consumers(template) {
        wanted.insert((queue, "ApproximateAgeOfOldestMessage"));
    }
    for (api, _) in resources(template, "AWS::Serverless::HttpApi") {
        wanted.insert((api, "5xx"));
    }
    for (function, _) in functions(template) {
        wanted.extend([(function, "Errors"), (function, "Throttles")]);
    }
    for provider in receivers(template).into_keys() {
        wanted.extend([(provider, "rejected"), (provider, "accepted")]);
    }
    if !resources(template, "AWS::SecretsManager::Secret").is_empty() {
        wanted.insert(("", "secret_refresh_failed")); // of all of them, without a dimension
    }
    let missing = wanted.difference(&watched);
    missing
        .map(|(of, metric)| format!("{of}: {metric}"))
        .collect()
}

/// Checks whether a resource is one provider's: its id starts with the provider's name.
fn is_one_providers(id: &str) -> bool {
    SENDERS
        .iter()
        .any(|provider| id.starts_with(provider.name()))
}

fn alarms_that_nobody_hears(template: &Value) -> Vec<String> {
    let mut complaints = Complaints::default();
    let dashboards = resources(template, "AWS::CloudWatch::Dashboard");
    let shown: BTreeSet<&str> = dashboards.iter().flat_map(|(_, d)| strings(d)).collect();
    for (id, alarm) in resources(template, "AWS::CloudWatch::Alarm") {
        let told = alarm["Properties"]["AlarmActions"].as_array();
        complaints.unless(told.is_some_and(|told| told.len() == 2), id, "tells nobody");
        let is_seen = shown.contains(id) || is_one_providers(id);
        complaints.unless(is_seen, id, "is not on the dashboard");
    }
    complaints.0
}

fn policies_that_allow_too_much(template: &Value) -> Vec<String> {
    let mut complaints = Complaints::default();
    for (id, role) in resources(template, "AWS::IAM::Role") {
        let policies = &role["Properties"]["Policies"];
        let has_asterisk = strings(policies).iter().any(|text| text.contains('*'));
        complaints.unless(!has_asterisk, id, "has an asterisk");
        let managed = &role["Properties"]["ManagedPolicyArns"];
        complaints.unless(managed.is_null(), id, "has policies of someone else's");
        for statement in statements(role) {
            let is_one = referred(&statement["Resource"]).is_some();
            complaints.unless(
                is_one,
                id,
                "allows an action on more than one resource of ours",
            );
        }
    }
    for (id, function) in functions(template) {
        let policies = &function["Properties"]["Policies"];
        complaints.unless(policies.is_null(), id, "has policies besides its role's");
    }
    complaints.0
}

/// What each function does, and so what its role may do: action on type of resource.
fn needed(is_receiver: bool) -> BTreeSet<(&'static str, &'static str)> {
    let own = if is_receiver {
        vec![
            ("sqs:SendMessage", "DeliveriesQueue"),
            (
                "secretsmanager:GetSecretValue",
                "AWS::SecretsManager::Secret",
            ),
        ]
    } else {
        vec![
            ("dynamodb:BatchWriteItem", "EventsTable"),
            ("dynamodb:PutItem", "EventsTable"),
            ("dynamodb:UpdateItem", "EventsTable"),
            ("sqs:ReceiveMessage", "DeliveriesQueue"),
            ("sqs:DeleteMessage", "DeliveriesQueue"),
            ("sqs:GetQueueAttributes", "DeliveriesQueue"),
        ]
    };
    let logs = ["logs:CreateLogStream", "logs:PutLogEvents"];
    let logs = logs.map(|action| (action, "AWS::Logs::LogGroup"));
    own.into_iter().chain(logs).collect()
}

fn roles_that_do_not_fit(template: &Value) -> Vec<String> {
    let mut complaints = Complaints::default();
    let receivers = receivers(template);
    let mut taken = BTreeSet::new();
    for (id, function) in functions(template) {
        let Some(role) = referred(&function["Properties"]["Role"]) else {
            complaints.unless(false, id, "has no role of its own");
            continue;
        };
        complaints.unless(taken.insert(role), id, "shares its role");
        let mut allowed = BTreeSet::new();
        for statement in statements(&template["Resources"][role]) {
            let resource = referred(&statement["Resource"]).unwrap_or_default();
            // a queue and the table by name, since there is more than one queue; the others by type
            let kind = template["Resources"][resource]["Type"].as_str();
            let kind = kind.filter(|kind| !kind.contains("SQS") && !kind.contains("DynamoDB"));
            let on = kind.unwrap_or(resource);
            allowed.extend(strings(&statement["Action"]).into_iter().map(|a| (a, on)));
        }
        let needed = needed(receivers.contains_key(package(function)));
        for (action, on) in allowed.symmetric_difference(&needed) {
            complaints.unless(false, id, &format!("{action} on {on}"));
        }
    }
    complaints.0
}

fn secrets_that_are_shared(template: &Value) -> Vec<String> {
    let mut complaints = Complaints::default();
    let functions = functions(template);
    for (id, secret) in resources(template, "AWS::SecretsManager::Secret") {
        let secret = &secret["Properties"];
        // An object, whose label says that nobody has set it: it is no key of the provider's form.
        let generated = &secret["GenerateSecretString"];
        let is_random =
            generated["SecretStringTemplate"] == "{}" && generated["GenerateStringKey"] == "unset";
        complaints.unless(is_random, id, "is not generated");
        complaints.unless(secret["SecretString"].is_null(), id, "is in the template");
        let readers: Vec<&str> = resources(template, "AWS::IAM::Role")
            .into_iter()
            .flat_map(|(role, r)| statements(r).into_iter().map(move |s| (role, s)))
            .filter(|(_, statement)| referred(&statement["Resource"]) == Some(id))
            .map(|(role, _)| role)
            .collect();
        let told: Vec<&str> = functions
            .iter()
            .filter(|(_, f)| {
                let variables = &f["Properties"]["Environment"]["Variables"];
                referred(&variables["WEBHOOK_SECRET_ARN"]) == Some(id)
            })
            .filter_map(|(_, f)| referred(&f["Properties"]["Role"]))
            .collect();
        let holds = readers.len() == 1 && readers == told;
        complaints.unless(holds, id, &format!("read by {readers:?}, told to {told:?}"));
    }
    complaints.0
}

fn routes_that_are_open(template: &Value) -> Vec<String> {
    let mut complaints = Complaints::default();
    let mut closed = BTreeSet::new();
    for (id, api) in resources(template, "AWS::Serverless::HttpApi") {
        let api = &api["Properties"];
        let limits = &api["DefaultRouteSettings"];
        let is_throttled =
            limits["ThrottlingRateLimit"].is_object() && limits["ThrottlingBurstLimit"].is_object();
        complaints.unless(is_throttled, id, "is not throttled");
        let format = api["AccessLogSettings"]["Format"]
            .as_str()
            .unwrap_or_default();
        let is_discreet = !format.is_empty()
            && [
                "$request",
                "$context.authorizer",
                "header",
                "body",
                "path",
                "uery",
            ]
            .iter()
            .all(|word| !format.contains(word));
        complaints.unless(is_discreet, id, "logs nothing, or too much");
        closed.insert(id);
    }
    for (provider, (_, function)) in receivers(template) {
        let events = function["Properties"]["Events"]
            .as_object()
            .expect("events");
        for event in events.values() {
            let api = referred(&event["Properties"]["ApiId"]).unwrap_or_default();
            complaints.unless(closed.contains(api), provider, "is at another API");
        }
    }
    complaints.0
}

fn functions_out_of_step(template: &Value) -> Vec<String> {
    let mut complaints = Complaints::default();
    let folders: BTreeSet<String> = fs::read_dir(root().join("functions"))
        .expect("a folder")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.is_dir())
        .filter_map(|path| Some(path.file_name()?.to_str()?.to_owned()))
        .collect();
    let functions = functions(template);
    let deployed: BTreeSet<String> = functions
        .iter()
        .map(|(_, f)| package(f).to_owned())
        .collect();
    for package in folders.symmetric_difference(&deployed) {
        complaints.unless(
            false,
            package,
            "is only in one of functions/ and the template",
        );
    }
    for (id, function) in functions {
        let is_cargo = function["Metadata"]["BuildMethod"] == "rust-cargolambda";
        complaints.unless(is_cargo, id, "is not built by cargo-lambda");
    }
    let names: BTreeSet<&str> = SENDERS.iter().map(|provider| provider.name()).collect();
    let receivers = receivers(template);
    for name in names.symmetric_difference(&receivers.keys().copied().collect()) {
        complaints.unless(false, name, "is no provider, or has no route");
    }
    for (provider, (_, function)) in receivers {
        let route = &function["Properties"]["Events"]["Webhook"]["Properties"];
        let holds = route["Path"] == format!("/webhooks/{provider}") && route["Method"] == "POST";
        complaints.unless(holds, provider, "is at another route");
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

/// `tests/tidy/main.rs` sees to it that the environment is read in these two files only.
/// `WEBHOOK_SECRETS` is named elsewhere: keys in the environment are for a developer's machine, and
/// no template may set them.
fn environments_out_of_step(template: &Value) -> Vec<String> {
    let mut complaints = Complaints::default();
    let receivers = receivers(template);
    for (id, function) in functions(template) {
        let source = if receivers.contains_key(package(function)) {
            "crates/runtime/src/settings.rs"
        } else {
            "functions/consumer/src/main.rs"
        };
        let variables = |scope: &Value| {
            let variables = scope["Environment"]["Variables"].as_object();
            let names = variables.into_iter().flat_map(serde_json::Map::keys);
            names.cloned().collect::<BTreeSet<String>>()
        };
        let mut set = variables(&function["Properties"]);
        set.extend(variables(&template["Globals"]["Function"]));
        for name in set.symmetric_difference(&variables_in(source)) {
            complaints.unless(false, id, &format!("{name} is only set, or only read"));
        }
    }
    complaints.0
}

fn tables_that_can_be_lost(template: &Value) -> Vec<String> {
    let mut complaints = Complaints::default();
    for (id, table) in resources(template, "AWS::DynamoDB::Table") {
        for policy in ["DeletionPolicy", "UpdateReplacePolicy"] {
            complaints.unless(table[policy] == "Retain", id, policy);
        }
        for (place, wanted) in [
            ("/DeletionProtectionEnabled", json!(true)),
            (
                "/PointInTimeRecoverySpecification/PointInTimeRecoveryEnabled",
                json!(true),
            ),
            ("/SSESpecification/SSEEnabled", json!(true)),
            ("/TimeToLiveSpecification/Enabled", json!(true)),
            (
                "/TimeToLiveSpecification/AttributeName",
                json!("expires_at"),
            ),
            ("/BillingMode", json!("PAY_PER_REQUEST")),
        ] {
            let holds = table["Properties"].pointer(place) == Some(&wanted);
            complaints.unless(holds, id, place);
        }
    }
    complaints.0
}

fn logs_that_are_kept_for_ever(template: &Value) -> Vec<String> {
    let mut complaints = Complaints::default();
    let groups = resources(template, "AWS::Logs::LogGroup");
    for (id, group) in &groups {
        let kept = referred(&group["Properties"]["RetentionInDays"]);
        complaints.unless(kept == Some("LogRetentionDays"), id, "is kept for ever");
    }
    let mut taken = BTreeSet::new();
    for (id, function) in functions(template) {
        let group = referred(&function["Properties"]["LoggingConfig"]["LogGroup"]);
        let group = group.filter(|group| groups.iter().any(|(id, _)| id == group));
        complaints.unless(
            group.is_some_and(|g| taken.insert(g)),
            id,
            "has no log group",
        );
    }
    complaints.0
}

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

/// One provider is chosen: what is there is what it costs.
fn providers_that_cannot_be_left_out(template: &Value) -> Vec<String> {
    let mut complaints = Complaints::default();
    for chosen in SENDERS.iter().map(|provider| provider.name()) {
        let stack = match resolved(template, &[providers([chosen])], "") {
            Ok(stack) => stack,
            Err(error) => return vec![error.to_string()],
        };
        let resources = stack["Resources"].as_object().expect("resources");
        let outputs = stack["Outputs"].as_object().expect("outputs");
        for (id, part) in resources.iter().chain(outputs) {
            let is_anothers = is_one_providers(id) && !id.starts_with(chosen);
            complaints.unless(!is_anothers, id, "is there without its provider");
            for needed in all_referred(part) {
                let is_there = resources.contains_key(needed) || needed.starts_with("AWS::");
                complaints.unless(is_there, id, &format!("needs {needed}"));
            }
        }
        let kept = resources.keys().chain(outputs.keys());
        let kept = kept.filter(|id| id.starts_with(chosen)).count();
        complaints.unless(kept == 9, chosen, "is not all there when it is chosen");
    }
    complaints.0
}

/// An account fills in an item in the keys of a loop's body, but in no key further in, and in
/// `Fn::Sub`, but in no plain string. A `Ref` to the identifier has no placeholder.
fn items_that_are_not_filled_in(template: &Value) -> Vec<String> {
    let mut complaints = Complaints::default();
    for section in ["Mappings", "Rules", "Conditions", "Resources", "Outputs"] {
        for (key, value) in template[section].as_object().into_iter().flatten() {
            if key.starts_with("Fn::ForEach::") {
                let body = value[2].as_object().expect("a loop's body");
                for part in body.values() {
                    look_for_placeholders(part, key, true, &mut complaints);
                }
            } else {
                look_for_placeholders(value, key, false, &mut complaints);
            }
        }
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

fn names_out_of_step(template: &Value) -> Vec<String> {
    let mut complaints = Complaints::default();
    let names: BTreeSet<&str> = SENDERS.iter().map(|provider| provider.name()).collect();
    let is_checked = &template["Rules"]["EveryProviderIsKnown"]["Assertions"][0]["Assert"];
    let [of, known] = [0, 1].map(|part| &is_checked["Fn::EachMemberIn"][part]);
    let holds = referred(of) == Some("Providers") && strings(known) == names;
    complaints.unless(holds, "Rules", "other names are accepted");
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

fn parameters_that_explain_nothing(template: &Value) -> Vec<String> {
    let mut complaints = Complaints::default();
    for (name, parameter) in template["Parameters"].as_object().expect("parameters") {
        let has = |key: &str| !parameter[key].is_null();
        let is_chosen = name == "Providers";
        complaints.unless(has("Default") != is_chosen, name, "its default");
        let limits = ["AllowedValues", "AllowedPattern", "MinValue"];
        let rule = &template["Rules"]["EveryProviderIsKnown"];
        let has_limit = limits.iter().any(|key| has(key)) || (is_chosen && !rule.is_null());
        complaints.unless(has_limit, name, "has no limit");
        complaints.unless(has("Description"), name, "is not explained");
    }
    complaints.0
}

const OTHER_NAMESPACE: &str = "is not the stack's own namespace";

fn metrics_that_nobody_counts(template: &Value) -> Vec<String> {
    let sources = [
        "crates/runtime/src/outcome.rs",
        "crates/runtime/src/keyring/trouble.rs",
        "shared/src/event.rs",
        "functions/consumer/src/outcome.rs",
    ];
    let counted = sources.map(|source| fs::read_to_string(root().join(source)).expect("a source"));
    let mut complaints = Complaints::default();
    let mut looked_at = BTreeSet::new();
    for (id, alarm) in resources(template, "AWS::CloudWatch::Alarm") {
        let alarm = &alarm["Properties"];
        let namespace = &alarm["Namespace"];
        let is_awss = namespace
            .as_str()
            .is_some_and(|name| name.starts_with("AWS/"));
        let is_ours = referred(namespace) == Some("AWS::StackName");
        complaints.unless(is_awss || is_ours, id, OTHER_NAMESPACE);
        looked_at.extend(alarm["MetricName"].as_str().filter(|_| is_ours));
    }
    for (id, dashboard) in resources(template, "AWS::CloudWatch::Dashboard") {
        let body = dashboard["Properties"]["DashboardBody"]["Fn::Sub"][0].as_str();
        for search in body.unwrap_or_default().split("SEARCH('{").skip(1) {
            let is_ours = search.starts_with("\\\"${AWS::StackName}\\\",");
            complaints.unless(is_ours || search.starts_with("AWS/"), id, OTHER_NAMESPACE);
            let name = search.split_once("MetricName=\\\"").map(|(_, rest)| rest);
            let name = name.and_then(|rest| rest.split('\\').next());
            looked_at.extend(name.filter(|_| is_ours));
        }
    }
    assert!(!looked_at.is_empty(), "no metric of ours is looked at");
    let is_counted = |name: &&str| {
        let literal = format!("\"{name}\"");
        counted.iter().any(|source| source.contains(&literal))
    };
    for name in looked_at.into_iter().filter(|name| !is_counted(name)) {
        complaints.unless(false, name, "is not counted");
    }
    let namespace =
        &template["Globals"]["Function"]["Environment"]["Variables"]["METRICS_NAMESPACE"];
    let is_the_stacks = referred(namespace) == Some("AWS::StackName");
    complaints.unless(is_the_stacks, "METRICS_NAMESPACE", OTHER_NAMESPACE);
    complaints.0
}

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

#[test]
fn the_dashboard_can_be_read_whoever_is_on() {
    for chosen in [every_provider(), providers(["insider"])] {
        let stack = resolved(&as_written(), &[chosen], "http://sqs").expect("a stack");
        let body = stack["Resources"]["Dashboard"]["Properties"]["DashboardBody"]
            .as_str()
            .expect("a text");
        let body: Value =
            serde_json::from_str(body).unwrap_or_else(|error| panic!("{error}: {body}"));
        let widgets = body["widgets"].as_array().expect("widgets");
        let mut taken = BTreeSet::new();
        for widget in widgets {
            let side = |name: &str| widget[name].as_u64().expect("a number");
            assert!(side("x") + side("width") <= 24, "{widget}");
            for x in side("x")..side("x") + side("width") {
                for y in side("y")..side("y") + side("height") {
                    assert!(taken.insert((x, y)), "covers another: {widget}");
                }
            }
        }
        let alarms = widgets[0]["properties"]["alarms"]
            .as_array()
            .expect("alarms");
        let shared = resources(&stack, "AWS::CloudWatch::Alarm").into_iter();
        let shared = shared.filter(|(id, _)| !is_one_providers(id)).count();
        assert_eq!(alarms.len(), shared, "every shared alarm, and no other");
    }
}

/// The settings of `samconfig.toml` by section: environment, command.
fn samconfig() -> BTreeMap<(String, String), BTreeMap<String, String>> {
    let text = fs::read_to_string(root().join("samconfig.toml")).expect("settings");
    let mut sections = BTreeMap::new();
    let mut section = None;
    for line in text.lines() {
        if let Some(name) = line.strip_prefix('[') {
            let name = name.trim_end_matches(".parameters]");
            let (environment, command) = name.split_once('.').expect("an environment");
            section = Some((environment.to_owned(), command.to_owned()));
        } else if let (Some(section), Some((key, value))) = (&section, line.split_once(" = ")) {
            let settings: &mut BTreeMap<_, _> = sections.entry(section.clone()).or_default();
            settings.insert(key.to_owned(), value.trim_matches('"').to_owned());
        }
    }
    sections
}

/// What only one of them read would be built and not deployed, or the other way round.
#[test]
fn sam_builds_and_deploys_the_same_providers_in_every_environment() {
    let sections = samconfig();
    let environments: BTreeSet<&String> = sections.keys().map(|(name, _)| name).collect();
    assert_eq!(environments.len(), 4, "{environments:?}");
    let known: BTreeSet<&str> = SENDERS.iter().map(|provider| provider.name()).collect();
    for environment in environments {
        let global = &sections[&(environment.clone(), "global".to_owned())];
        assert_eq!(global["language_extensions"], "true", "{environment}");
        let parameters = global["parameter_overrides"].split(' ');
        let named: Vec<&str> = parameters
            .filter_map(|parameter| parameter.strip_prefix("Providers="))
            .collect();
        let [named] = named[..] else {
            panic!("{environment}: {named:?}");
        };
        let named: BTreeSet<&str> = named.split(',').collect();
        assert!(named.is_subset(&known), "{environment}: {named:?}");
        // The gate deploys them all. An operator leaves those that are used.
        assert!(named == known || environment != "local", "{named:?}");
    }
    for ((environment, command), settings) in &sections {
        let is_global = command == "global";
        for key in ["language_extensions", "parameter_overrides"] {
            let holds = is_global || !settings.contains_key(key);
            assert!(holds, "{environment}.{command}: {key}");
        }
    }
}

#[test]
fn the_local_stack_runs_the_providers_that_are_on() {
    let packages = |parameters: &[(String, String)]| {
        let template = Template::read(&root().join("template.yaml"), parameters, "http://sqs");
        let functions = template.expect("a template").functions.into_iter();
        functions.map(|f| f.package).collect::<BTreeSet<String>>()
    };
    let names = SENDERS.iter().map(|provider| provider.name());
    let wanted: BTreeSet<String> = names.chain(["consumer"]).map(str::to_owned).collect();
    assert_eq!(packages(&[every_provider()]), wanted);
    // As on the command line, over what the stack chooses itself.
    let two = ("Providers".to_owned(), "insider,resend".to_owned());
    let wanted = ["consumer", "insider", "resend"].map(str::to_owned);
    assert_eq!(packages(&[every_provider(), two]), BTreeSet::from(wanted));
}
