//! Something on the way changes the body.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use shared::sender::Sender;

use super::sent::{BODY, Sent, key, provider};
use super::{signers, slip};

/// What was signed, what came of it, and the slip that is named.
fn check(sender: &'static dyn Sender, signed: &[u8], came: &[u8], wanted: &str) {
    let mut sent = Sent::with_body(sender, &key(sender), signed);
    sent.body = came.to_vec();
    let came = String::from_utf8_lossy(came);
    assert_eq!(slip(&sent), Some(wanted), "{} {came}", sender.name());
}

#[test]
fn line_ends_marks_and_encodings_are_put_back() {
    let base64 = STANDARD.encode(BODY);
    let string = serde_json::to_string(BODY).expect("JSON");
    let latin1 = "\"Zo\u{eb}/x\"";
    let mojibake: String = latin1.bytes().map(char::from).collect();
    let single: Vec<u8> = latin1.chars().map(|c| c as u8).collect();
    let cases: [(&str, &[u8], &[u8]); 13] = [
        ("body_line_end", b"a b\n", b"a b"),
        ("body_line_end", b"a b\r\n", b"a b"),
        ("body_line_end", b"a b", b"a b\n"),
        ("body_line_end", b"a b", b"a b\r\n"),
        ("body_line_end", b"a b", b"  a b\n\n"),
        ("body_line_breaks", b"a\r\nb\r\nc", b"a\nb\nc"),
        ("body_line_breaks", b"a\nb\nc", b"a\r\nb\r\nc"),
        ("body_mark", b"a b", b"\xef\xbb\xbfa b"),
        ("body_mark", b"\xef\xbb\xbfa b", b"a b"),
        ("body_encoded", BODY.as_bytes(), base64.as_bytes()),
        ("body_encoded", base64.as_bytes(), BODY.as_bytes()),
        ("body_encoded", BODY.as_bytes(), string.as_bytes()),
        ("body_charset", latin1.as_bytes(), mojibake.as_bytes()),
    ];
    for sender in signers() {
        for (wanted, signed, came) in cases {
            check(sender, signed, came, wanted);
        }
        check(sender, latin1.as_bytes(), &single, "body_charset");
    }
}

/// As JavaScript, Python, PHP and others write the same values.
#[test]
fn json_that_was_written_anew_is_written_as_it_was() {
    let written = [
        r#"[{"a":"Zoë/✓","b":[1.0,{}]},{"c":"x\ny"}]"#,
        r#"[{"a": "Zo\u00eb/\u2713", "b": [1.0, {}]}, {"c": "x\ny"}]"#,
        r#"[{"a":"Zo\u00eb\/\u2713","b":[1.0,{}]},{"c":"x\ny"}]"#,
        r#"[{"a":"Zoë\/✓","b":[1.0,{}]},{"c":"x\ny"}]"#,
        "[{\"a\":\"Zoë/✓\",\"b\":[1.0,{}]},\r\n{\"c\":\"x\\ny\"}]\r\n",
        "[\n  {\n    \"a\": \"Zoë/✓\",\n    \"b\": [\n      1.0,\n      {}\n    ]\n  },\n  {\n    \"c\": \"x\\ny\"\n  }\n]\n",
        "[\n    {\n        \"a\": \"Zo\\u00eb\\/\\u2713\",\n        \"b\": [\n            1.0,\n            {}\n        ]\n    },\n    {\n        \"c\": \"x\\ny\"\n    }\n]",
        "[\n\t{\n\t\t\"a\": \"Zoë/✓\",\n\t\t\"b\": [\n\t\t\t1.0,\n\t\t\t{}\n\t\t]\n\t},\n\t{\n\t\t\"c\": \"x\\ny\"\n\t}\n]",
    ];
    for sender in signers() {
        for signed in written {
            for came in written.into_iter().filter(|came| *came != signed) {
                check(sender, signed.as_bytes(), came.as_bytes(), "body_rewritten");
            }
        }
    }
}

/// As signers of canonical JSON do.
#[test]
fn json_that_is_signed_sorted_is_known() {
    const SENT: &str = r#"[{"b":1.0,"a":{"z":"Zoë","y":[2]}},{"d":1,"c":2}]"#;
    for signed in [
        r#"[{"a":{"y":[2],"z":"Zoë"},"b":1.0},{"c":2,"d":1}]"#,
        r#"[{"a": {"y": [2], "z": "Zo\u00eb"}, "b": 1.0}, {"c": 2, "d": 1}]"#,
        r#"[{"a":{"y":[2],"z":"Zo\u00eb"},"b":1.0},{"c":2,"d":1}]"#,
    ] {
        for sender in signers() {
            check(sender, signed.as_bytes(), SENT.as_bytes(), "body_sorted");
            let other = SENT.replace("2]", "3]");
            let mut sent = Sent::with_body(sender, &key(sender), signed.as_bytes());
            sent.body = other.into_bytes();
            assert_eq!(slip(&sent), None, "{}", sender.name());
        }
    }
}

/// The text says what to do.
#[test]
fn a_change_on_the_way_is_said_to_be_one() {
    let sender = provider("sendgrid");
    let mut sent = Sent::with_body(sender, &key(sender), b"[{}]\r\n");
    sent.body = b"[{}]".to_vec();
    let said = sent.said().expect("a slip");
    assert_eq!(
        said.text,
        "It would match with a line break (CR LF) at the end of the body: something on the way takes it away."
    );
    assert_eq!(said.command, None);
}

/// A form that Mandrill signs may be taken apart before it gets here.
#[test]
fn a_form_is_put_together_again() {
    const EVENTS: &str = r#"[{"url":"https://a.example.test/?x=1+2&y=%20"}]"#;
    let sender = provider("mandrill");
    let signed = Sent::with_body(sender, &key(sender), EVENTS.as_bytes());
    let plain = format!("mandrill_events={EVENTS}");
    let longer = [&signed.body[..], b"&token=abc"].concat();
    for came in [EVENTS.as_bytes(), plain.as_bytes(), &longer] {
        let mut sent = signed.clone();
        sent.body = came.to_vec();
        let came = String::from_utf8_lossy(came);
        assert_eq!(slip(&sent), Some("body_form"), "{came}");
    }
}

/// What is changed in its meaning is not explained away.
#[test]
fn another_meaning_is_no_near_miss() {
    for sender in signers() {
        for came in [
            BODY.replace("Zoë", "Zoe"),
            BODY.replace("1.0", "1"),
            BODY.replace("\"c\"", "\"d\""),
            format!("{BODY},"),
        ] {
            let mut sent = Sent::by(sender);
            sent.body = came.clone().into_bytes();
            assert_eq!(slip(&sent), None, "{} {came}", sender.name());
        }
    }
}
