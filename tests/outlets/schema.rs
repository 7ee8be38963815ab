//! Checks JSON against the schemas in `docs/schemas`.

use serde_json::{Value, json};
use stack::build::root;
use tests::schema::fits;

/// Checks a value against a schema of the repository. Returns where it does not fit, and why.
pub(crate) fn check(name: &str, value: &Value) -> Result<(), String> {
    fits(&schema(name)?, value, &schema)
}

fn schema(name: &str) -> Result<Value, String> {
    let path = root().join("docs/schemas").join(name);
    let text = std::fs::read_to_string(&path).map_err(|error| format!("{name}: {error}"))?;
    serde_json::from_str(&text).map_err(|error| format!("{name}: {error}"))
}

#[test]
fn what_does_not_fit_is_found() {
    let good = json!({"type": "postern.test", "timestamp": "t", "data": {"message": "m"}});
    assert_eq!(check("notification.json", &good), Ok(()));
    for (field, value) in [
        ("type", json!(1)),
        ("data", json!({"message": 1})),
        ("data", json!({"reason": "bounced"})),
        ("raw", json!("{}")),
    ] {
        let mut bad = good.clone();
        bad[field] = value;
        assert!(check("notification.json", &bad).is_err(), "{bad}");
    }
}
