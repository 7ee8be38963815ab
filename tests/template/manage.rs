//! The API under `/api`: who may use it; and MailPanda's own path, which is its receiver's.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use stack::template::{TEMPLATE, Template, providers, resolved};
use tests::template::{as_written, every_provider, with_outlets};

use crate::parts::{names, only_if};
use crate::rule::{Complaints, Rule};

pub const RULES: &[Rule] = &[Rule {
    name: "the API is signed for unless keys are asked for, and requires the proof of its mode itself",
    broken_by: apis_that_are_open,
    changes: &[
        (
            "/Resources/Api/Properties/DefinitionBody/paths/~1api~1{proxy+}/Fn::If/1/x-amazon-apigateway-any-method/security",
            None,
        ),
        (
            "/Resources/Api/Properties/DefinitionBody/components/Fn::If/1/securitySchemes/AWS_IAM/x-amazon-apigateway-authtype",
            None,
        ),
        ("/Parameters/ApiAuth/Default", Some(r#""key""#)),
        (
            "/Resources/ApiFunction/Properties/Environment/Variables/API_AUTH",
            Some(r#""key""#),
        ),
        (
            "/Resources/ApiFunction/Properties/Events/Everything/Properties/Path",
            Some(r#""/api/webhooks/manage""#),
        ),
        // MailPanda's own receiver is nobody else's
        (
            "/Resources/MailPandasPathPermission/Properties/FunctionName/Fn::Sub",
            Some(r#""${AWS::StackName}-api""#),
        ),
    ],
}];

fn apis_that_are_open(template: &Value) -> Vec<String> {
    let mut complaints = Complaints::default();
    let mode = &template["Parameters"]["ApiAuth"];
    let is_signed = mode["Default"] == "iam" && mode["AllowedValues"] == json!(["iam", "key"]);
    complaints.unless(is_signed, "ApiAuth", "is another one");
    let by_key = json!({"Fn::Equals": [{"Ref": "ApiAuth"}, "key"]});
    let is_decided = template["Conditions"]["ByKey"] == by_key;
    complaints.unless(is_decided, "ByKey", "is decided by something else");
    let body = &template["Resources"]["Api"]["Properties"]["DefinitionBody"];
    let signed = json!([{ "AWS_IAM": [] }]);
    let security = json!({"Fn::If": ["ByKey", {"Ref": "AWS::NoValue"}, signed]});
    let every = json!({"x-amazon-apigateway-any-method": {"security": security}});
    let is_closed = body["paths"]["/api/{proxy+}"] == only_if("Outlets", &every);
    complaints.unless(is_closed, "/api", "is open");
    let scheme = json!({
        "type": "apiKey", "name": "Authorization", "in": "header",
        "x-amazon-apigateway-authtype": "awsSigv4",
    });
    let schemes = json!({"securitySchemes": {"AWS_IAM": scheme}});
    let is_closed = body["components"] == only_if("Outlets", &schemes);
    complaints.unless(is_closed, "/api", "has another proof");
    let function = &template["Resources"]["ApiFunction"]["Properties"];
    let told = &function["Environment"]["Variables"]["API_AUTH"];
    let is_told = *told == json!({"Ref": "ApiAuth"});
    complaints.unless(is_told, "ApiFunction", "is told another mode");
    let route = json!({"ApiId": {"Ref": "Api"}, "Method": "ANY", "Path": "/api/{proxy+}"});
    let is_there = function["Events"]["Everything"]["Properties"] == route;
    complaints.unless(is_there, "ApiFunction", "is at another route");
    look_at_mailpandas(template, &mut complaints);
    complaints.0
}

/// `POST /api/webhooks` goes to MailPanda's receiver, and may.
fn look_at_mailpandas(template: &Value, complaints: &mut Complaints) {
    let paths = &template["Resources"]["Api"]["Properties"]["DefinitionBody"]["paths"];
    let post = &paths["/api/webhooks"]["Fn::If"][1]["post"];
    let uri = &post["x-amazon-apigateway-integration"]["uri"]["Fn::Sub"];
    let name = "${AWS::StackName}-mailpanda";
    let invoked = format!(":function:{name}/invocations");
    let is_its = uri.as_str().is_some_and(|uri| uri.ends_with(&invoked));
    complaints.unless(is_its, "/api/webhooks", "is another function's");
    let permission = &template["Resources"]["MailPandasPathPermission"]["Properties"];
    let is_its = permission["FunctionName"]["Fn::Sub"] == name;
    complaints.unless(is_its, "/api/webhooks", "may invoke another function");
    let from = permission["SourceArn"]["Fn::Sub"].as_str();
    let is_its = from.is_some_and(|from| from.ends_with(":${Api}/*/POST/api/webhooks"));
    complaints.unless(is_its, "/api/webhooks", "is invoked from elsewhere");
    let receiver = &template["Resources"]["mailpandaFunction"]["Properties"];
    let is_called = receiver["FunctionName"] == json!({"Fn::Sub": name});
    complaints.unless(is_called, "mailpandaFunction", "has another name");
}

/// The path is there if both are asked for. No other provider's name has its name in it.
#[test]
fn mailpandas_own_path_is_there_with_mailpanda_and_outlets() {
    let alike = names()
        .into_iter()
        .filter(|name| name.contains("mailpanda"));
    assert_eq!(
        alike.collect::<BTreeSet<_>>(),
        BTreeSet::from(["mailpanda"])
    );
    let is_there = |parameters: &[(String, String)]| {
        let stack = resolved(&as_written(), parameters, "").expect("a stack");
        let body = &stack["Resources"]["Api"]["Properties"]["DefinitionBody"];
        let path = body["paths"]["/api/webhooks"].is_object();
        let permission = stack["Resources"]["MailPandasPathPermission"].is_object();
        assert_eq!(path, permission);
        path
    };
    assert!(is_there(&[every_provider(), with_outlets()]));
    assert!(is_there(&[providers(["mailpanda"]), with_outlets()]));
    assert!(!is_there(&[
        providers(["insider", "resend"]),
        with_outlets()
    ]));
    assert!(!is_there(&[every_provider()]));
}

/// The local stack has the same routes, as signed as they are.
#[test]
fn the_local_stack_is_as_closed_as_the_gateway() {
    for (auth, is_signed) in [("iam", true), ("key", false)] {
        let auth = ("ApiAuth".to_owned(), auth.to_owned());
        let parameters = [every_provider(), with_outlets(), auth];
        let template = Template::parse(TEMPLATE, &parameters, "").expect("a template");
        let routes = |package: &str| {
            let mut functions = template.functions.iter();
            let function = functions.find(|function| function.package == package);
            let routes = function.expect("a function").routes.iter();
            routes
                .map(|route| (route.path.clone(), route.is_signed))
                .collect::<BTreeSet<_>>()
        };
        let api = ("/api/{proxy+}".to_owned(), is_signed);
        assert_eq!(routes("api"), BTreeSet::from([api]));
        let paths = ["/api/webhooks", "/webhooks/mailpanda"];
        let paths = paths.map(|path| (path.to_owned(), false));
        assert_eq!(routes("mailpanda"), BTreeSet::from(paths));
    }
}
