//! The filter patterns of CloudWatch Logs, as far as the template uses them:
//! `{ $.a = "b" && $.c < 5 && $.d >= 0 }`.

use serde_json::Value;

/// A pattern for lines that are JSON objects.
#[derive(Debug, PartialEq)]
pub struct Pattern(Vec<Term>);

/// What one field must be.
#[derive(Debug, PartialEq)]
struct Term {
    field: String,
    wanted: Wanted,
}

#[derive(Debug, PartialEq)]
enum Wanted {
    /// `= "text"`
    Text(String),
    /// `= "*"`
    AnyText,
    /// `< number`
    Below(f64),
    /// `>= number`
    AtLeast(f64),
}

impl Pattern {
    /// Reads a pattern. Returns `None` for whatever the template has no need of.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let terms = text.strip_prefix("{ ")?.strip_suffix(" }")?.split(" && ");
        terms.map(Term::parse).collect::<Option<_>>().map(Self)
    }

    /// Whether the line matches. A field that is missing matches nothing.
    #[must_use]
    pub fn matches(&self, line: &Value) -> bool {
        self.0.iter().all(|term| {
            line.get(&term.field)
                .is_some_and(|value| term.wanted.is(value))
        })
    }

    /// The fields that it names. A metric's value and dimensions may be of these only.
    #[must_use]
    pub fn fields(&self) -> Vec<&str> {
        self.0.iter().map(|term| term.field.as_str()).collect()
    }
}

impl Term {
    fn parse(text: &str) -> Option<Self> {
        let mut words = text.splitn(3, ' ');
        let field = words.next()?.strip_prefix("$.")?;
        let is_name = field
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b == b'_' || b.is_ascii_digit());
        let wanted = match (words.next()?, words.next()?) {
            ("=", r#""*""#) => Wanted::AnyText,
            ("=", text) => {
                let text = text.strip_prefix('"')?.strip_suffix('"')?;
                let is_plain = !text.contains(['*', '"', '%']);
                is_plain.then(|| Wanted::Text(text.to_owned()))?
            }
            ("<", number) => Wanted::Below(number.parse().ok()?),
            (">=", number) => Wanted::AtLeast(number.parse().ok()?),
            _ => return None,
        };
        let field = field.to_owned();
        is_name.then_some(Self { field, wanted })
    }
}

impl Wanted {
    fn is(&self, value: &Value) -> bool {
        match self {
            Self::Text(text) => value.as_str() == Some(text),
            Self::AnyText => value.is_string(),
            Self::Below(number) => value.as_f64().is_some_and(|value| value < *number),
            Self::AtLeast(number) => value.as_f64().is_some_and(|value| value >= *number),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::Pattern;

    fn matches(pattern: &str, line: &serde_json::Value) -> bool {
        Pattern::parse(pattern).expect("a pattern").matches(line)
    }

    #[test]
    fn every_term_must_match_a_field_that_is_there() {
        let line = json!({"outcome": "rejected", "status": 401, "lag": -3, "none": null});
        for (pattern, wanted) in [
            (r#"{ $.outcome = "rejected" }"#, true),
            (r#"{ $.outcome = "reject" }"#, false),
            (r#"{ $.outcome = "rejected" && $.status < 500 }"#, true),
            (r#"{ $.outcome = "rejected" && $.status < 401 }"#, false),
            (r#"{ $.outcome = "rejected" && $.code >= 0 }"#, false),
            ("{ $.lag >= -3 }", true),
            ("{ $.lag >= 0 }", false),
            ("{ $.none >= 0 }", false),
            (r#"{ $.outcome = "*" }"#, true),
            (r#"{ $.status = "*" }"#, false),
            (r#"{ $.status = "401" }"#, false),
        ] {
            assert_eq!(matches(pattern, &line), wanted, "{pattern}");
        }
    }

    #[test]
    fn what_is_not_in_use_is_not_read() {
        for pattern in [
            "",
            "rejected",
            r#"{$.outcome = "rejected"}"#,
            r#"{ outcome = "rejected" }"#,
            "{ $.outcome = rejected }",
            r#"{ $.outcome = "re*" }"#,
            r#"{ $.outcome != "rejected" }"#,
            r#"{ $.a = "b" || $.c = "d" }"#,
            "{ $.status < many }",
            "{ $.status = * }",
        ] {
            assert_eq!(Pattern::parse(pattern), None, "{pattern}");
        }
    }
}
