//! The document of the API, as it stands in the repository.

use serde_json::Value;
use stack::build::root;
use tests::schema::fits;

/// The document, read.
pub(crate) struct Document(pub(crate) Value);

/// One operation of it.
pub(crate) struct Operation<'a> {
    /// Its name.
    pub(crate) id: &'a str,
    /// Its method, in upper case.
    pub(crate) method: String,
    /// Its path, with the names of its parameters in braces.
    pub(crate) path: &'a str,
    /// All that the document says of it.
    pub(crate) said: &'a Value,
}

impl Document {
    pub(crate) fn read() -> Self {
        let path = root().join("docs/openapi.json");
        let text = std::fs::read_to_string(path).expect("docs/openapi.json");
        Self(serde_json::from_str(&text).expect("JSON"))
    }

    /// Every operation, in the order of the paths.
    pub(crate) fn operations(&self) -> Vec<Operation<'_>> {
        let paths = self.0["paths"].as_object().expect("paths").iter();
        let operations = paths.flat_map(|(path, methods)| {
            let methods = methods.as_object().expect("methods").iter();
            methods.map(move |(method, said)| Operation {
                id: said["operationId"].as_str().expect("a name"),
                method: method.to_ascii_uppercase(),
                path,
                said,
            })
        });
        operations.collect()
    }

    pub(crate) fn operation(&self, id: &str) -> Operation<'_> {
        let mut operations = self.operations().into_iter();
        let operation = operations.find(|operation| operation.id == id);
        operation.unwrap_or_else(|| panic!("no operation {id}"))
    }

    /// What a reference names.
    pub(crate) fn named(&self, reference: &str) -> Result<Value, String> {
        let place = reference.strip_prefix('#');
        let found = place.and_then(|place| self.0.pointer(place));
        found.cloned().ok_or_else(|| format!("no {reference}"))
    }

    /// The same, if it is a reference.
    fn followed(&self, value: &Value) -> Value {
        let named = value["$ref"].as_str().map(|name| self.named(name));
        named.map_or_else(|| value.clone(), |named| named.expect("what is named"))
    }

    /// The statuses that an operation may answer.
    pub(crate) fn statuses(operation: &Operation<'_>) -> Vec<u16> {
        let all = operation.said["responses"].as_object().expect("responses");
        let statuses = all.keys().map(|status| status.parse().expect("a status"));
        statuses.collect()
    }

    /// Checks an answer against what the operation says of its status.
    pub(crate) fn check(
        &self,
        operation: &Operation<'_>,
        status: u16,
        body: &Value,
    ) -> Result<(), String> {
        let response = operation.said["responses"].get(status.to_string());
        let response = response.ok_or_else(|| format!("{} has no {status}", operation.id))?;
        let response = self.followed(response);
        let schema = &response["content"]["application/json"]["schema"];
        let named = |name: &str| self.named(name);
        fits(schema, body, &named).map_err(|why| format!("{} {status}: {why}", operation.id))
    }

    /// Checks the body of a request against what the operation says of it.
    pub(crate) fn check_request(
        &self,
        operation: &Operation<'_>,
        body: &Value,
    ) -> Result<(), String> {
        let schema = &operation.said["requestBody"]["content"]["application/json"]["schema"];
        if schema.is_null() {
            return Err(format!("{} has no body", operation.id));
        }
        let named = |name: &str| self.named(name);
        fits(schema, body, &named).map_err(|why| format!("{}: {why}", operation.id))
    }

    /// Checks that every parameter of the path, and each of this query, is said of the operation.
    pub(crate) fn check_query(
        &self,
        operation: &Operation<'_>,
        query: &[(&str, &str)],
    ) -> Result<(), String> {
        let parameters = self.parameters(operation);
        for (name, _) in query {
            let is_it = |said: &Value| said["name"] == **name && said["in"] == "query";
            if !parameters.iter().any(is_it) {
                return Err(format!("{} has no parameter {name}", operation.id));
            }
        }
        Ok(())
    }

    pub(crate) fn parameters(&self, operation: &Operation<'_>) -> Vec<Value> {
        let said = operation.said["parameters"].as_array();
        let said = said.into_iter().flatten();
        said.map(|one| self.followed(one)).collect()
    }
}
