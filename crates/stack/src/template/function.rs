//! The functions: what each one is told, and what invokes it.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use serde_json::{Map, Value};

use super::error::TemplateError;
use super::intrinsics::{text_of, whole};
use super::route::{Route, route};
use super::schedule::{Schedule, schedule};
use super::source::{Mapping, Source, StreamSource, mapped, source};

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
    /// The tables' streams that invoke it.
    pub streams: Vec<StreamSource>,
    /// The schedules that invoke it.
    pub schedules: Vec<Schedule>,
}

/// Reads a function, and the event source mappings among the resources that invoke it.
pub(super) fn function(
    id: &str,
    properties: &Value,
    globals: &Value,
    resources: &Map<String, Value>,
) -> Result<Function, TemplateError> {
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
    let mut function = Function {
        package: package.to_owned(),
        environment: environment([globals, properties]),
        timeout: Duration::from_secs(number("Timeout")?),
        memory: number("MemorySize")?,
        routes: Vec::new(),
        sources: Vec::new(),
        streams: Vec::new(),
        schedules: Vec::new(),
    };
    let events = properties.get("Events").and_then(Value::as_object);
    for (name, event) in events.into_iter().flatten() {
        function
            .invoked_by(name, event)
            .ok_or_else(|| unexpected(name))?;
    }
    for mapping in mapped(id, resources)? {
        match mapping {
            Mapping::Queue(source) => function.sources.push(source),
            Mapping::Stream(source) => function.streams.push(source),
        }
    }
    Ok(function)
}

/// Returns the variables of each scope. A later one overrides an earlier one.
fn environment(scopes: [&Value; 2]) -> BTreeMap<String, String> {
    let variables = scopes.map(|scope| scope.pointer("/Environment/Variables"));
    let variables = variables.into_iter().flatten().filter_map(Value::as_object);
    let texts = variables
        .flatten()
        .map(|(name, value)| (name.clone(), text_of(value)));
    texts.collect()
}

impl Function {
    /// Adds an event that invokes the function. Returns `None` if nothing like it exists here.
    fn invoked_by(&mut self, name: &str, event: &Value) -> Option<()> {
        let settings = event.get("Properties").unwrap_or(&Value::Null);
        match event.get("Type")?.as_str()? {
            "HttpApi" => self.routes.push(route(settings)?),
            "SQS" => self.sources.push(source(settings, "Queue")?),
            "Schedule" | "ScheduleV2" => self.schedules.push(schedule(name, settings)?),
            _ => return None,
        }
        Some(())
    }
}
