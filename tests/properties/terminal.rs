//! What somebody sent does nothing to a terminal, and JSON says the same as before.

use operator::print::{json, printable};
use proptest::prelude::*;
use serde_json::{Value, json};

/// Characters that a terminal obeys, or that hide or turn around what stands beside them; by the
/// blocks of Unicode, not by the code under test.
const OBEYED: [(u32, u32); 9] = [
    (0x00, 0x1f),
    (0x7f, 0x9f),
    (0x061c, 0x061c),
    (0x200e, 0x200f),
    (0x2028, 0x202e),
    (0x2066, 0x2069),
    (0xfeff, 0xfeff),
    (0xfff9, 0xfffb),
    (0xe0000, 0xe007f),
];

fn obeyed() -> impl Strategy<Value = char> {
    let of = |(first, last): (u32, u32)| (first..=last).prop_map(char::from_u32);
    let blocks = OBEYED.map(|block| of(block).boxed());
    let any = proptest::strategy::Union::new(blocks);
    any.prop_map(|c| c.expect("a character"))
}

fn is_obeyed(c: char) -> bool {
    OBEYED
        .iter()
        .any(|&(first, last)| (first..=last).contains(&u32::from(c)))
}

fn text() -> impl Strategy<Value = String> {
    let character = prop_oneof![any::<char>(), obeyed()];
    proptest::collection::vec(character, 0..40).prop_map(String::from_iter)
}

proptest! {
    #[test]
    fn json_for_a_terminal_does_nothing_and_says_the_same(name in text(), value in text(), n in any::<i64>()) {
        let said = json!({"list": [value.clone(), n, null]});
        let mut said = said.as_object().expect("an object").clone();
        said.insert(name, value.into());
        let line = json(&said).expect("JSON");
        prop_assert_eq!(line.chars().find(|c| is_obeyed(*c)), None);
        let read: Value = serde_json::from_str(&line).expect("JSON");
        prop_assert_eq!(read, Value::from(said));
    }

    #[test]
    fn text_for_a_terminal_does_nothing_and_is_as_long(text in text()) {
        let shown = printable(&text);
        prop_assert_eq!(shown.chars().find(|c| is_obeyed(*c)), None);
        let kept = |(before, after): (char, char)| before == after || is_obeyed(before);
        prop_assert!(text.chars().zip(shown.chars()).all(kept));
        prop_assert_eq!(text.chars().count(), shown.chars().count());
    }
}

#[test]
fn every_character_that_a_terminal_obeys_is_written_as_its_code() {
    let mut told = 0;
    for (first, last) in OBEYED {
        for c in (first..=last)
            .filter_map(char::from_u32)
            .filter(|c| *c > '~')
        {
            let line = json(&json!([c.to_string()])).expect("JSON");
            let mut units = [0; 2];
            let codes = c.encode_utf16(&mut units).iter();
            let codes: Vec<String> = codes.map(|unit| format!("\\u{unit:04x}")).collect();
            let codes = codes.concat();
            assert_eq!(line, format!("[\"{codes}\"]"));
            told += 1;
        }
    }
    assert_eq!(told, 33 + 1 + 2 + 7 + 4 + 1 + 3 + 128);
    let text = "Zoë 密钥 🔑 é \u{200d} 👩\u{200d}🚀";
    assert_eq!(json(&json!([text])).expect("JSON"), format!("[\"{text}\"]"));
    assert_eq!(printable(text), text);
}
