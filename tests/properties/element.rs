//! The lenient reader: every getter takes every value.

use proptest::prelude::*;
use serde_json::Value;
use shared::element::Element;

use crate::{cases, each, json};

fn element(json: &str) -> Element<'_> {
    Element::parse(json).expect("an object")
}

fn integer(json: &str) -> Option<i64> {
    element(&format!(r#"{{"n":{json}}}"#)).integer("n")
}

/// Asks for everything everywhere.
fn read(element: &Element<'_>, keys: &[String]) {
    for key in keys {
        let text = element.text(key);
        assert!(text.as_deref() != Some("") && element.id(key).as_deref() != Some(""));
        assert!(text.is_none() || (element.has(key) && element.id(key) == text));
        assert!(element.integer(key).is_none() || element.id(key).is_some());
        assert!(element.flag(key).is_none() || element.has(key));
        assert!(element.texts(key).iter().all(|text| !text.is_empty()));
        for nested in element.object(key).into_iter().chain(element.objects(key)) {
            read(&nested, keys);
        }
    }
}

/// Every key that `serde_json` can read, of an object and what is in it.
fn keys(value: &Value, into: &mut Vec<String>) {
    match value {
        Value::Array(values) => values.iter().for_each(|value| keys(value, into)),
        Value::Object(pairs) => {
            into.extend(pairs.keys().cloned());
            pairs.values().for_each(|value| keys(value, into));
        }
        _ => {}
    }
}

#[test]
fn every_getter_takes_every_value() {
    each(150, json::body, |_, body| {
        let body = body.trim();
        let parsed = Element::parse(body);
        prop_assert_eq!(parsed.is_some(), body.starts_with('{'));
        if let Some(element) = parsed {
            let mut names = vec![String::new(), "data".to_owned(), "absent".to_owned()];
            keys(&serde_json::from_str(body).unwrap_or_default(), &mut names);
            names.sort();
            names.dedup();
            read(&element, &names);
            let others = element.others(&["data"]);
            prop_assert!(
                others
                    .keys()
                    .all(|name| name != "data" && element.has(name))
            );
            let all = element.without("a name that is not there");
            for name in names.iter().filter(|name| element.has(name)) {
                prop_assert_ne!(&element.without(name), &all, "{}", name);
            }
            prop_assert_eq!(element.raw(), body);
        }
        Ok(())
    });
}

proptest! {
    #![proptest_config(cases(512))]

    #[test]
    fn an_integer_is_read_in_every_spelling(number in any::<i64>(), fraction in "[0-9]{0,20}") {
        for spelling in [
            format!("{number}"),
            format!("{number}.0"),
            format!("{number}.{fraction}0"),
            format!("\"{number}\""),
            format!("\"{number}.0\""),
            format!("\" {number}.{fraction}\\n\""),
        ] {
            prop_assert_eq!(integer(&spelling), Some(number), "{}", spelling);
        }
    }

    #[test]
    fn no_text_is_too_odd_for_an_integer(text in any::<String>()) {
        let number = integer(&json::quoted(&text));
        prop_assert_eq!(number.is_some(), text.trim().split('.').next().is_some_and(|whole| whole.parse::<i64>().is_ok())
            && text.trim().split_once('.').is_none_or(|(_, rest)| rest.bytes().all(|b| b.is_ascii_digit())));
    }
}

#[test]
fn numbers_beyond_64_bits_are_no_integers_but_ids() {
    for number in [
        "9223372036854775808",
        "-9223372036854775809",
        "1e400",
        "1E2",
        "-1e-400",
    ] {
        assert_eq!(integer(number), None, "{number}");
        let object = format!(r#"{{"n":{number}}}"#);
        assert_eq!(element(&object).id("n").as_deref(), Some(number));
    }
}

#[test]
fn a_repeated_key_counts_with_its_last_value() {
    let element = element(r#"{"n":1,"n":{"a":1},"\u006e":"last"}"#);
    assert_eq!(element.text("n").as_deref(), Some("last"));
}
