//! The API: its throttles, its log, its address; and the partitions that the template is right in.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::parts::{functions, number, only_if, referred, resources, strings};
use crate::rule::{Complaints, Rule};

pub const RULES: &[Rule] = &[
    Rule {
        name: "every route is throttled, below the API's own throttle, so that one flood is not 429 for all",
        broken_by: routes_that_flood_each_other,
        changes: &[
            (
                "/Resources/Api/Properties/DefaultRouteSettings/ThrottlingRateLimit",
                None,
            ),
            (
                "/Resources/Api/Properties/DefaultRouteSettings/ThrottlingBurstLimit",
                None,
            ),
            ("/Resources/Api/Properties/RouteSettings", None),
            (
                "/Resources/Api/Properties/RouteSettings/POST ~1webhooks~1insider",
                None,
            ),
            (
                "/Resources/Api/Properties/RouteSettings/POST ~1webhooks~1outsider",
                Some("{}"),
            ),
            (
                "/Resources/Api/Properties/RouteSettings/POST ~1webhooks~1insider/ThrottlingRateLimit/Ref",
                Some(r#""ThrottleRate""#),
            ),
            (
                "/Resources/Api/Properties/RouteSettings/ANY ~1api~1{proxy+}",
                None,
            ),
            (
                "/Resources/Api/Properties/RouteSettings/POST ~1api~1webhooks/Fn::If/1/ThrottlingRateLimit/Ref",
                Some(r#""ThrottleRate""#),
            ),
            ("/Parameters/RouteThrottleRate/Default", Some("500")),
            ("/Parameters/RouteThrottleBurst/Default", Some("1001")),
            (
                "/Resources/insiderFunction/Properties/Events/Webhook/Properties/ApiId",
                None,
            ),
        ],
    },
    Rule {
        name: "requests are logged if that is asked for, where the API may log, without a header, a body or a query",
        broken_by: requests_that_are_logged,
        changes: &[
            ("/Resources/Api/Properties/AccessLogSettings", None),
            (
                "/Resources/Api/Properties/AccessLogSettings/Fn::If/1/Format",
                Some(r#""$context.requestId $request.header.x-signature""#),
            ),
            (
                "/Resources/Api/Properties/AccessLogSettings/Fn::If/1/Format",
                Some(r#""$context.requestId $context.queryString""#),
            ),
            (
                "/Resources/Api/Properties/AccessLogSettings/Fn::If/1/Format",
                Some(r#""$context.requestId $context.path""#),
            ),
            (
                "/Resources/Api/Properties/AccessLogSettings/Fn::If/0",
                Some(r#""Domain""#),
            ),
            ("/Resources/ApiLogs/Condition", None),
            (
                "/Resources/ApiLogs/Properties/LogGroupName/Fn::Sub",
                Some(r#""/${AWS::StackName}/api""#),
            ),
            ("/Parameters/AccessLog/Default", Some(r#""yes""#)),
        ],
    },
    Rule {
        name: "with a domain of its own the API has no other address",
        broken_by: addresses_that_stay_open,
        changes: &[
            ("/Resources/Api/Properties/DisableExecuteApiEndpoint", None),
            (
                "/Resources/Api/Properties/DisableExecuteApiEndpoint/Fn::If/0",
                Some(r#""Zone""#),
            ),
        ],
    },
    Rule {
        name: "no ARN and no address is of one partition, and a partition that is not known is refused",
        broken_by: partitions_that_are_assumed,
        changes: &[
            ("/Mappings/Partitions/aws-cn", None),
            (
                "/Mappings/Partitions/aws-iso",
                Some(r#"{"Console": "console.example"}"#),
            ),
            (
                "/Outputs/DashboardUrl/Value",
                Some(r#""https://console.aws.amazon.com/cloudwatch""#),
            ),
            (
                "/Resources/insiderRole/Properties/ManagedPolicyArns",
                Some(r#"["arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"]"#),
            ),
        ],
    },
];

fn routes_that_flood_each_other(template: &Value) -> Vec<String> {
    let mut complaints = Complaints::default();
    let default = |value: &Value| {
        let parameter = referred(value).unwrap_or_default();
        number(&template["Parameters"][parameter]["Default"])
    };
    let mut throttled = BTreeSet::new();
    for (id, api) in resources(template, "AWS::Serverless::HttpApi") {
        let api = &api["Properties"];
        let of_all = &api["DefaultRouteSettings"];
        let routes = api["RouteSettings"].as_object().into_iter().flatten();
        let routes: Vec<(&String, &Value)> = routes.collect();
        for limit in ["ThrottlingRateLimit", "ThrottlingBurstLimit"] {
            let most = default(&of_all[limit]);
            complaints.unless(most > 0, id, limit);
            for (route, settings) in &routes {
                let settings = settings.pointer("/Fn::If/1").unwrap_or(settings);
                let own = default(&settings[limit]);
                complaints.unless(own > 0 && own < most, route, limit);
            }
        }
        throttled.extend(routes.into_iter().map(|(route, _)| (id, route.clone())));
    }
    for (id, function) in functions(template) {
        let events = function["Properties"]["Events"].as_object();
        let events = events.into_iter().flat_map(serde_json::Map::values);
        for event in events.filter(|event| event["Type"] == "HttpApi") {
            let event = &event["Properties"];
            let api = referred(&event["ApiId"]).unwrap_or_default();
            let text = |key: &str| event[key].as_str().unwrap_or_default();
            let route = format!("{} {}", text("Method"), text("Path"));
            let is_throttled = throttled.remove(&(api, route));
            complaints.unless(is_throttled, id, "is not throttled");
        }
    }
    let is_throttled = throttled.remove(&("Api", "POST /api/webhooks".to_owned()));
    complaints.unless(is_throttled, "MailPanda's path", "is not throttled");
    for (_, route) in throttled {
        complaints.unless(false, &route, "is throttled, and no route");
    }
    complaints.0
}

fn requests_that_are_logged(template: &Value) -> Vec<String> {
    const TOO_MUCH: [&str; 6] = [
        "$request",
        "$context.authorizer",
        "header",
        "body",
        "path",
        "uery",
    ];
    let mut complaints = Complaints::default();
    for (id, api) in resources(template, "AWS::Serverless::HttpApi") {
        let settings = &api["Properties"]["AccessLogSettings"];
        let logged = &settings["Fn::If"][1];
        let is_asked = *settings == only_if("AccessLogged", logged);
        complaints.unless(is_asked, id, "logs requests unasked, or not at all");
        let format = logged["Format"].as_str().unwrap_or_default();
        let is_discreet = !format.is_empty() && TOO_MUCH.iter().all(|word| !format.contains(word));
        complaints.unless(is_discreet, id, "logs nothing, or too much");
        let group = referred(&logged["DestinationArn"]).unwrap_or_default();
        let group = &template["Resources"][group];
        let is_asked = group["Condition"] == "AccessLogged";
        complaints.unless(is_asked, id, "has a log that nobody asked for");
        let name = &group["Properties"]["LogGroupName"]["Fn::Sub"];
        let is_there = name == "/aws/vendedlogs/${AWS::StackName}/api";
        complaints.unless(is_there, id, "logs where it needs a policy");
    }
    let is_off = template["Parameters"]["AccessLog"]["Default"] == "no";
    complaints.unless(is_off, "AccessLog", "is on");
    complaints.0
}

fn addresses_that_stay_open(template: &Value) -> Vec<String> {
    let mut complaints = Complaints::default();
    for (id, api) in resources(template, "AWS::Serverless::HttpApi") {
        let wanted = json!({"Fn::If": ["Domain", true, false]});
        let holds = api["Properties"]["DisableExecuteApiEndpoint"] == wanted;
        complaints.unless(holds, id, "can be reached past its domain");
    }
    complaints.0
}

fn partitions_that_are_assumed(template: &Value) -> Vec<String> {
    let mut complaints = Complaints::default();
    let consoles = json!({
        "aws": {"Console": "console.aws.amazon.com"},
        "aws-cn": {"Console": "console.amazonaws.cn"},
        "aws-us-gov": {"Console": "console.amazonaws-us-gov.com"},
    });
    let holds = template["Mappings"]["Partitions"] == consoles;
    complaints.unless(holds, "Partitions", "are others than those looked at");
    for section in ["Resources", "Outputs"] {
        for (id, part) in template[section].as_object().into_iter().flatten() {
            let is_of_one =
                |text: &&str| text.contains("arn:aws") || text.contains("console.aws.amazon.com");
            // The partition of the local stack is the only one that is filled in, by the mapping.
            let found = strings(part).into_iter().filter(is_of_one);
            let others = found
                .filter(|text| *text != "console.aws.amazon.com")
                .count();
            complaints.unless(others == 0, id, "is of one partition");
        }
    }
    complaints.0
}
