//! Reads `template.yaml` as `CloudFormation` would. The local stack runs the same routes,
//! functions, queues and tables that are deployed.
//!
//! Loops are expanded first. A resource whose condition does not hold is left out. Intrinsic
//! functions are resolved to parameters and to the local addresses of the template's resources. A
//! resource's physical name is its logical id.

mod address;
mod error;
mod intrinsics;
mod loops;
mod parameters;

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use serde_json::{Map, Value, json};

pub use self::address::{ACCOUNT, REGION};
pub use self::error::TemplateError;
pub use self::intrinsics::document;
use self::intrinsics::{Resolver, text_of};
pub use self::loops::expanded;
pub use self::parameters::providers;

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
    /// The outputs whose value is known here.
    pub outputs: BTreeMap<String, String>,
}

/// A function.
#[derive(Debug)]
pub struct Function {
    /// The Cargo package. It is the last part of `CodeUri`.
    pub package: String,
    /// The environment, with intrinsic functions resolved.
    pub environment: BTreeMap<String, String>,
    /// The time after which Lambda kills an invocation.
    pub timeout: Duration,
    /// The memory in megabytes. The function is told, but it is not enforced here.
    pub memory: u64,
    /// The routes that invoke it.
    pub routes: Vec<Route>,
    /// The queues that invoke it.
    pub sources: Vec<Source>,
}

/// A route of the HTTP API.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Route {
    /// The HTTP method in upper case.
    pub method: String,
    /// The path. It has no variables, because Postern has none.
    pub path: String,
}

/// An event source mapping from a queue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// The queue's name.
    pub queue: String,
    /// The most messages in one batch.
    pub batch_size: usize,
    /// The longest time that a batch waits to be filled.
    pub window: Duration,
    /// The most batches that are processed at once.
    pub concurrency: usize,
    /// Whether the function may report single messages of a batch as failed.
    pub reports_failures: bool,
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
        let functions = of_type(resources, "AWS::Serverless::Function")
            .map(|(id, properties)| {
                let mut function = function(id, properties, &globals)?;
                function.sources.extend(mapped(id, resources)?);
                Ok(function)
            })
            .collect::<Result<_, TemplateError>>()?;
        Ok(Self {
            functions,
            queues: properties_of(resources, "AWS::SQS::Queue"),
            tables: properties_of(resources, "AWS::DynamoDB::Table"),
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

fn of_type<'a>(
    resources: &'a Map<String, Value>,
    kind: &'a str,
) -> impl Iterator<Item = (&'a String, &'a Value)> {
    resources
        .iter()
        .filter(move |(_, resource)| resource.get("Type").and_then(Value::as_str) == Some(kind))
        .map(|(id, resource)| (id, resource.get("Properties").unwrap_or(&Value::Null)))
}

fn properties_of(resources: &Map<String, Value>, kind: &str) -> BTreeMap<String, Value> {
    of_type(resources, kind)
        .map(|(id, properties)| (id.clone(), properties.clone()))
        .collect()
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

fn function(id: &str, properties: &Value, globals: &Value) -> Result<Function, TemplateError> {
    let unexpected = |what: &str| TemplateError::Unexpected(format!("{id}.{what}"));
    let setting = |name: &str| properties.get(name).or_else(|| globals.get(name));
    let number = |name: &str| {
        setting(name)
            .and_then(whole)
            .ok_or_else(|| unexpected(name))
    };
    let package = properties
        .get("CodeUri")
        .and_then(Value::as_str)
        .and_then(|uri| Path::new(uri).file_name()?.to_str())
        .ok_or_else(|| unexpected("CodeUri"))?;
    let mut environment = BTreeMap::new();
    for scope in [globals, properties] {
        let variables = scope.pointer("/Environment/Variables");
        for (name, value) in variables.and_then(Value::as_object).into_iter().flatten() {
            environment.insert(name.clone(), text_of(value));
        }
    }
    let mut function = Function {
        package: package.to_owned(),
        environment,
        timeout: Duration::from_secs(number("Timeout")?),
        memory: number("MemorySize")?,
        routes: Vec::new(),
        sources: Vec::new(),
    };
    let events = properties.get("Events").and_then(Value::as_object);
    for (name, event) in events.into_iter().flatten() {
        let settings = event.get("Properties").unwrap_or(&Value::Null);
        match event.get("Type").and_then(Value::as_str) {
            Some("HttpApi") => function
                .routes
                .push(route(settings).ok_or_else(|| unexpected(name))?),
            Some("SQS") => {
                let source = source(settings, "Queue").ok_or_else(|| unexpected(name))?;
                function.sources.push(source);
            }
            _ => return Err(unexpected(name)),
        }
    }
    Ok(function)
}

fn route(settings: &Value) -> Option<Route> {
    Some(Route {
        method: settings.get("Method")?.as_str()?.to_ascii_uppercase(),
        path: settings.get("Path")?.as_str()?.to_owned(),
    })
}

/// Returns the event source mappings of a function that are resources of their own.
fn mapped(id: &str, resources: &Map<String, Value>) -> Result<Vec<Source>, TemplateError> {
    let mappings = of_type(resources, "AWS::Lambda::EventSourceMapping");
    let of_function = mappings
        .filter(|(_, settings)| settings.get("FunctionName").and_then(Value::as_str) == Some(id));
    let sources = of_function.map(|(name, settings)| {
        let unexpected = || TemplateError::Unexpected(name.clone());
        source(settings, "EventSourceArn").ok_or_else(unexpected)
    });
    sources.collect()
}

/// Reads an event source mapping, which names its queue's ARN under this key.
fn source(settings: &Value, queue: &str) -> Option<Source> {
    let arn = settings.get(queue)?.as_str()?;
    let number =
        |pointer: &str, default: u64| settings.pointer(pointer).and_then(whole).unwrap_or(default);
    let responses = settings
        .get("FunctionResponseTypes")
        .and_then(Value::as_array);
    let reports = json!("ReportBatchItemFailures");
    Some(Source {
        queue: arn.rsplit(':').next()?.to_owned(),
        batch_size: usize::try_from(number("/BatchSize", 10)).ok()?,
        window: Duration::from_secs(number("/MaximumBatchingWindowInSeconds", 0)),
        concurrency: usize::try_from(number("/ScalingConfig/MaximumConcurrency", 2)).ok()?,
        reports_failures: responses.is_some_and(|types| types.contains(&reports)),
    })
}

/// Reads a whole number. `CloudFormation` accepts numbers as text and text as numbers.
fn whole(value: &Value) -> Option<u64> {
    value.as_u64().or_else(|| value.as_str()?.parse().ok())
}

#[cfg(test)]
mod tests {
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
