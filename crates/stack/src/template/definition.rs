//! What the API's definition says beside the functions' events: who may take a route, and routes
//! that no event has.

use serde_json::{Map, Value, json};

use super::address::STACK;
use super::function::Function;
use super::resources::of_type;
use super::route::{ANY, Route};

/// The method of an operation for every method.
const EVERY: &str = "x-amazon-apigateway-any-method";
/// Where an operation names the function that it invokes.
const INVOKED: &str = "/x-amazon-apigateway-integration/uri";

/// Adds the routes of the definitions to their functions, and marks those that are signed.
pub(super) fn define(resources: &Map<String, Value>, functions: &mut [Function]) {
    for (_, api) in of_type(resources, "AWS::Serverless::HttpApi") {
        let paths = api.pointer("/DefinitionBody/paths");
        let paths = paths.and_then(Value::as_object).into_iter().flatten();
        for (path, methods) in paths {
            for (method, operation) in methods.as_object().into_iter().flatten() {
                add(path, method, operation, functions);
            }
        }
    }
}

fn add(path: &str, method: &str, operation: &Value, functions: &mut [Function]) {
    let route = Route {
        method: method_of(method),
        path: path.to_owned(),
        is_signed: operation.get("security") == Some(&json!([{ "AWS_IAM": [] }])),
    };
    let invoked = operation.pointer(INVOKED).and_then(Value::as_str);
    for function in functions {
        let name = format!(":function:{STACK}-{}/invocations", function.package);
        if invoked.is_some_and(|uri| uri.ends_with(&name)) {
            function.routes.push(route.clone());
        } else if invoked.is_none() {
            let is_it = |own: &&mut Route| own.method == route.method && own.path == route.path;
            for own in function.routes.iter_mut().filter(is_it) {
                own.is_signed |= route.is_signed;
            }
        }
    }
}

fn method_of(method: &str) -> String {
    if method == EVERY {
        return ANY.to_owned();
    }
    method.to_ascii_uppercase()
}

#[cfg(test)]
mod tests {
    use super::super::Template;

    const TEMPLATE: &str = r#"
Parameters:
  Auth: { Type: String, Default: iam }
Conditions:
  ByIam: !Equals [!Ref Auth, iam]
Globals:
  Function: { Timeout: 10, MemorySize: 128 }
Resources:
  Api:
    Type: AWS::Serverless::HttpApi
    Properties:
      DefinitionBody:
        paths:
          /own/{proxy+}:
            x-amazon-apigateway-any-method: { security: !If [ByIam, [{ AWS_IAM: [] }], !Ref AWS::NoValue] }
          /second:
            post:
              x-amazon-apigateway-integration:
                uri: !Sub arn:${AWS::Partition}:lambda:${AWS::Region}:${AWS::AccountId}:function:${AWS::StackName}-acme/invocations
  F:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: functions/own
      Events: { All: { Type: HttpApi, Properties: { Method: ANY, Path: "/own/{proxy+}" } } }
  G:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: functions/acme
      Events: { Hook: { Type: HttpApi, Properties: { Method: POST, Path: /webhooks/acme } } }
"#;

    /// Each function's routes: method, path, whether only signed requests pass.
    fn routes(auth: &str) -> Vec<(String, String, bool)> {
        let parameters = [("Auth".to_owned(), auth.to_owned())];
        let template = Template::parse(TEMPLATE, &parameters, "").unwrap();
        let functions = template.functions.into_iter();
        let routes = functions.flat_map(|function| function.routes);
        let mut routes: Vec<_> = routes.map(|r| (r.method, r.path, r.is_signed)).collect();
        routes.sort();
        routes
    }

    #[test]
    fn a_definition_signs_a_route_and_adds_one() {
        for (auth, is_signed) in [("iam", true), ("key", false)] {
            let route = |method: &str, path: &str, is| (method.to_owned(), path.to_owned(), is);
            let wanted = [
                route("ANY", "/own/{proxy+}", is_signed),
                route("POST", "/second", false),
                route("POST", "/webhooks/acme", false),
            ];
            assert_eq!(routes(auth), wanted, "{auth}");
        }
    }
}
