//! The routes of the HTTP API.

use serde_json::Value;

/// The method that stands for every method.
pub(crate) const ANY: &str = "ANY";
/// How a path ends that stands for every path that begins like it.
const GREEDY: &str = "{proxy+}";

/// A route of the HTTP API.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Route {
    /// The HTTP method in upper case. `ANY` stands for every method.
    pub method: String,
    /// The path. Its last part may be `{proxy+}`, which stands for whatever follows. It has no
    /// other variables, because Postern has none.
    pub path: String,
    /// Whether the gateway lets only signed requests pass (`AWS_IAM`).
    pub is_signed: bool,
}

impl Route {
    /// Returns what a greedy path begins with, up to its variable. Returns `None` if the path
    /// stands for itself alone.
    #[must_use]
    pub fn stem(&self) -> Option<&str> {
        self.path.strip_suffix(GREEDY)
    }
}

/// Reads an event of the type `HttpApi`.
pub(super) fn route(settings: &Value) -> Option<Route> {
    let authorizer = settings.pointer("/Auth/Authorizer");
    let is_signed = match authorizer.map(Value::as_str) {
        None | Some(Some("NONE")) => false,
        Some(Some("AWS_IAM")) => true,
        Some(_) => return None,
    };
    let path = settings.get("Path")?.as_str()?;
    let literal = path.strip_suffix(GREEDY).unwrap_or(path);
    (!literal.contains('{')).then_some(())?;
    Some(Route {
        method: settings.get("Method")?.as_str()?.to_ascii_uppercase(),
        path: path.to_owned(),
        is_signed,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_greedy_route_has_a_stem_and_its_authorizer() {
        let settings = json!({
            "Method": "any", "Path": "/api/{proxy+}", "Auth": {"Authorizer": "AWS_IAM"},
        });
        let route = route(&settings).unwrap();
        assert_eq!((route.method.as_str(), route.is_signed), (ANY, true));
        assert_eq!(route.stem(), Some("/api/"));
    }

    #[test]
    fn what_the_gateway_does_not_know_is_refused() {
        let open = json!({"Method": "GET", "Path": "/a", "Auth": {"Authorizer": "NONE"}});
        let read = route(&open).unwrap();
        assert_eq!((read.is_signed, read.stem()), (false, None));
        for settings in [
            json!({"Method": "GET", "Path": "/a/{id}"}),
            json!({"Method": "GET", "Path": "/a", "Auth": {"Authorizer": "Own"}}),
            json!({"Method": "GET", "Path": "/a", "Auth": {"Authorizer": {"Fn::If": []}}}),
            json!({"Path": "/a"}),
        ] {
            assert_eq!(route(&settings), None, "{settings}");
        }
    }
}
