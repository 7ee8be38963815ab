//! Reads `template.yaml` as `CloudFormation` would. The local stack runs the same routes,
//! functions, queues and tables that are deployed.
//!
//! Loops are expanded first. A resource whose condition does not hold is left out. Intrinsic
//! functions are resolved to parameters and to the local addresses of the template's resources. A
//! resource's physical name is its logical id.

mod address;
mod definition;
mod error;
mod function;
mod intrinsics;
mod loops;
mod parameters;
mod pattern;
mod resources;
mod route;
mod schedule;
mod source;

use std::collections::BTreeMap;

use serde_json::Value;

pub use self::address::{ACCOUNT, REGION};
use self::definition::define;
pub use self::error::TemplateError;
pub use self::function::Function;
use self::function::function;
use self::intrinsics::Resolver;
pub use self::intrinsics::document;
pub use self::loops::expanded;
pub use self::parameters::providers;
pub use self::pattern::{Pattern, Test};
use self::resources::{of_type, properties_of};
pub(crate) use self::route::ANY;
pub use self::route::Route;
pub use self::schedule::Schedule;
pub use self::source::{Source, StreamSource};

/// The text of `template.yaml`. It is in the binary, so that an installed tool needs no checkout.
pub const TEMPLATE: &str = include_str!("../../../../template.yaml");

/// What the local stack runs.
#[derive(Debug)]
pub struct Template {
    /// Every `AWS::Serverless::Function`.
    pub functions: Vec<Function>,
    /// Every `AWS::SQS::Queue`, with its properties.
    pub queues: BTreeMap<String, Value>,
    /// Every `AWS::DynamoDB::Table`, with its properties.
    pub tables: BTreeMap<String, Value>,
    /// Every `AWS::SecretsManager::Secret`, with its properties.
    pub secrets: BTreeMap<String, Value>,
    /// The outputs whose value is known here.
    pub outputs: BTreeMap<String, String>,
}

impl Template {
    /// Reads a template from its text. The `parameters` override its defaults, and `sqs` is the
    /// base of the queues' URLs.
    ///
    /// # Errors
    /// Returns a [`TemplateError`] if the text is not a template, or lacks something that the stack
    /// needs.
    pub fn parse(
        text: &str,
        parameters: &[(String, String)],
        sqs: &str,
    ) -> Result<Self, TemplateError> {
        let document = resolved(&document(text)?, parameters, sqs)?;
        let resources = document
            .get("Resources")
            .and_then(Value::as_object)
            .ok_or_else(|| TemplateError::Unexpected("Resources".to_owned()))?;
        let globals = document
            .pointer("/Globals/Function")
            .cloned()
            .unwrap_or_default();
        let mut functions = of_type(resources, "AWS::Serverless::Function")
            .map(|(id, properties)| function(id, properties, &globals, resources))
            .collect::<Result<Vec<Function>, TemplateError>>()?;
        define(resources, &mut functions);
        Ok(Self {
            functions,
            queues: properties_of(resources, "AWS::SQS::Queue"),
            tables: properties_of(resources, "AWS::DynamoDB::Table"),
            secrets: properties_of(resources, "AWS::SecretsManager::Secret"),
            outputs: outputs(&document),
        })
    }
}

/// Returns the template with these parameters: only the resources that are part of the stack, with
/// loops expanded and intrinsic functions resolved.
///
/// # Errors
/// Returns a [`TemplateError`] if a parameter is unknown or has no value, if a loop cannot be
/// expanded, or if a condition cannot be decided.
pub fn resolved(
    document: &Value,
    parameters: &[(String, String)],
    sqs: &str,
) -> Result<Value, TemplateError> {
    let mut document = expanded(document, parameters)?;
    let resolver = Resolver::new(&document, parameters, sqs)?;
    for section in ["Resources", "Outputs"] {
        if let Some(Value::Object(parts)) = document.get_mut(section) {
            parts.retain(|_, part| resolver.has(part));
        }
    }
    Ok(resolver.resolve(&document))
}

/// Returns the outputs that are resolved to text. The others name something that is not on this
/// machine.
fn outputs(document: &Value) -> BTreeMap<String, String> {
    let outputs = document.get("Outputs").and_then(Value::as_object);
    let known = outputs.into_iter().flatten().filter_map(|(name, output)| {
        let value = output.get("Value")?.as_str()?;
        Some((name.clone(), value.to_owned()))
    });
    known.collect()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use serde_json::json;

    use super::*;

    const TEMPLATE: &str = r#"
Parameters:
  Size: { Type: Number, Default: 7 }
Globals:
  Function: { Timeout: 10, MemorySize: 128, Environment: { Variables: { A: global, B: global } } }
Resources:
  Q:
    Type: AWS::SQS::Queue
    Properties: { RedrivePolicy: { deadLetterTargetArn: !GetAtt D.Arn } }
  D: { Type: AWS::SQS::Queue }
  F:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: functions/acme
      Timeout: 30
      Environment: { Variables: { B: !Ref Q, C: !Sub "x ${Size}" } }
      Events:
        Hook: { Type: HttpApi, Properties: { Method: post, Path: /webhooks/acme } }
        Queue: { Type: SQS, Properties: { Queue: !GetAtt Q.Arn, BatchSize: !Ref Size } }
  M:
    Type: AWS::Lambda::EventSourceMapping
    Properties: { FunctionName: !Ref F, EventSourceArn: !GetAtt D.Arn, BatchSize: 3 }
"#;

    #[test]
    fn intrinsics_stand_for_local_addresses() {
        let template = Template::parse(TEMPLATE, &[], "http://sqs").unwrap();
        let function = &template.functions[0];
        assert_eq!(function.package, "acme");
        assert_eq!(function.timeout, Duration::from_secs(30));
        assert_eq!(function.memory, 128);
        assert_eq!(function.environment["A"], "global");
        assert_eq!(function.environment["B"], "http://sqs/000000000000/Q");
        assert_eq!(function.environment["C"], "x 7");
        assert_eq!(function.routes[0].method, "POST");
        let source = &function.sources[0];
        assert_eq!((source.queue.as_str(), source.batch_size), ("Q", 7));
        assert!(!source.reports_failures);
        let mapped = &function.sources[1];
        assert_eq!((mapped.queue.as_str(), mapped.batch_size), ("D", 3));
        assert_eq!(
            template.queues["Q"].pointer("/RedrivePolicy/deadLetterTargetArn"),
            Some(&json!("arn:aws:sqs:us-east-1:000000000000:D"))
        );
    }

    #[test]
    fn a_stream_a_schedule_and_a_secret_are_read() {
        let text = r#"
Resources:
  T: { Type: AWS::DynamoDB::Table }
  S: { Type: AWS::SecretsManager::Secret, Properties: { Name: !Sub "${AWS::StackName}/s" } }
  F:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: functions/f
      Timeout: 30
      MemorySize: 128
      Environment: { Variables: { NAME: !Ref S } }
      Events:
        Tick: { Type: Schedule, Properties: { Schedule: rate(1 minute) } }
  M:
    Type: AWS::Lambda::EventSourceMapping
    Properties:
      FunctionName: !Ref F
      EventSourceArn: !GetAtt T.StreamArn
      StartingPosition: TRIM_HORIZON
      BatchSize: 7
      BisectBatchOnFunctionError: true
      MaximumRetryAttempts: -1
      FilterCriteria: { Filters: [{ Pattern: '{"eventName": ["INSERT"]}' }] }
      FunctionResponseTypes: [ReportBatchItemFailures]
"#;
        let template = Template::parse(text, &[], "http://sqs").unwrap();
        let function = &template.functions[0];
        let stream = StreamSource {
            name: "M".to_owned(),
            arn: "arn:aws:dynamodb:us-east-1:000000000000:table/T/stream/local".to_owned(),
            table: "T".to_owned(),
            batch_size: 7,
            patterns: vec![Pattern::read(&json!({"eventName": ["INSERT"]})).unwrap()],
            bisects: true,
            reports_failures: true,
        };
        assert_eq!(function.streams, [stream]);
        assert_eq!(function.sources, []);
        assert_eq!(function.schedules[0].period, Duration::from_mins(1));
        assert_eq!(template.secrets["S"]["Name"], json!("local/s"));
        let secret = "arn:aws:secretsmanager:us-east-1:000000000000:secret:local/s";
        assert_eq!(function.environment["NAME"], secret);
        let late = text.replace("TRIM_HORIZON", "LATEST");
        assert!(Template::parse(&late, &[], "http://sqs").is_err());
    }

    #[test]
    fn a_parameter_overrides_its_default() {
        let overrides = [("Size".to_owned(), "3".to_owned())];
        let template = Template::parse(TEMPLATE, &overrides, "http://sqs").unwrap();
        assert_eq!(template.functions[0].sources[0].batch_size, 3);
        assert_eq!(template.functions[0].environment["C"], "x 3");
    }

    #[test]
    fn what_is_switched_off_is_not_there() {
        let text = TEMPLATE.replace(
            "  F:\n",
            "  G: { Type: AWS::Serverless::Function, Condition: Seven, Properties: { CodeUri: g } }\n  F:\n",
        ) + "Conditions: { Seven: !Equals [!Ref Size, 7] }\n";
        let packages = |overrides: &[(String, String)]| {
            let template = Template::parse(&text, overrides, "http://sqs").unwrap();
            let functions = template.functions.into_iter();
            functions.map(|f| f.package).collect::<Vec<_>>()
        };
        assert_eq!(packages(&[]), ["acme", "g"]);
        assert_eq!(packages(&[("Size".to_owned(), "8".to_owned())]), ["acme"]);
    }

    #[test]
    fn an_unknown_parameter_is_named() {
        let overrides = [("Sise".to_owned(), "3".to_owned())];
        let error = Template::parse(TEMPLATE, &overrides, "http://sqs").unwrap_err();
        let message = "the template has no parameter Sise; it has Size";
        assert_eq!(error.to_string(), message);
    }
}
