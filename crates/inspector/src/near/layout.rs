//! Writes JSON anew: the same values, with other white space and other escapes.
//!
//! The text is not read into a model, so that numbers, keys and their order stay as they are.

use std::fmt::Write as _;

/// How many times as long a text may become, so that nesting costs no more than its text.
const GROWTH: usize = 6;
/// The deepest nesting that is indented.
const DEEPEST: usize = 64;

/// The white space between the values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Layout {
    /// None.
    Compact,
    /// A blank behind commas and colons, as Python writes.
    Spaced,
    /// One value a line, indented by blanks.
    Indented(usize),
    /// One value a line, indented by tabs.
    Tabs,
    /// None, but a line break between the elements of a body and behind them, as `SendGrid` writes.
    Lines,
}

/// How the characters of a string are written. `None` leaves them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Spelling {
    /// Whether a slash is escaped.
    pub(super) slashes: bool,
    /// Whether what is not ASCII is escaped.
    pub(super) ascii: bool,
}

/// Returns a text written anew. Returns `None` if it is no JSON that this can be done to.
pub(super) fn rewritten(text: &str, layout: Layout, spelling: Option<Spelling>) -> Option<String> {
    let most = text.len().saturating_mul(GROWTH) + 1_024;
    let mut out = String::with_capacity(text.len());
    let mut rest = text.trim_ascii();
    let mut depth = 0_usize;
    while let Some(first) = rest.chars().next() {
        let length = match first {
            '"' => string_length(rest)?,
            _ => first.len_utf8(),
        };
        let (token, behind) = rest.split_at_checked(length)?;
        let is_empty = behind.trim_ascii_start().starts_with(['}', ']']);
        match first {
            '"' => string(token, spelling, &mut out),
            '{' | '[' => {
                depth = depth.checked_add(1).filter(|depth| *depth <= DEEPEST)?;
                out.push(first);
                if !is_empty {
                    line(layout, depth, &mut out);
                }
            }
            '}' | ']' => {
                depth = depth.checked_sub(1)?;
                if !out.ends_with(['{', '[']) {
                    line(layout, depth, &mut out);
                }
                out.push(first);
            }
            ',' => {
                out.push(first);
                match layout {
                    Layout::Spaced => out.push(' '),
                    Layout::Lines if depth == 1 && text.trim_ascii_start().starts_with('[') => {
                        out.push_str("\r\n");
                    }
                    _ => line(layout, depth, &mut out),
                }
            }
            ':' if matches!(layout, Layout::Compact | Layout::Lines) => out.push(first),
            ':' => out.push_str(": "),
            _ => out.push(first),
        }
        rest = behind.trim_ascii_start();
        if out.len() > most {
            return None;
        }
    }
    if layout == Layout::Lines {
        out.push_str("\r\n");
    }
    (depth == 0).then_some(out)
}

fn line(layout: Layout, depth: usize, out: &mut String) {
    let (indent, count) = match layout {
        Layout::Compact | Layout::Spaced | Layout::Lines => return,
        Layout::Indented(blanks) => (" ", depth * blanks),
        Layout::Tabs => ("\t", depth),
    };
    out.push('\n');
    for _ in 0..count {
        out.push_str(indent);
    }
}

/// Returns the length of the string that a text begins with, with its quotation marks.
fn string_length(text: &str) -> Option<usize> {
    let mut is_escaped = false;
    for (at, byte) in text.bytes().enumerate().skip(1) {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' => is_escaped = true,
            b'"' => return Some(at + 1),
            _ => {}
        }
    }
    None
}

/// Writes a string by this spelling. One that cannot be read stays as it is.
fn string(token: &str, spelling: Option<Spelling>, out: &mut String) {
    let read = spelling.and_then(|spelling| {
        let text: String = serde_json::from_str(token).ok()?;
        Some((spelling, text))
    });
    let Some((spelling, text)) = read else {
        out.push_str(token);
        return;
    };
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '/' if spelling.slashes => out.push_str("\\/"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            c if c < ' ' || (spelling.ascii && !c.is_ascii()) => {
                for unit in c.encode_utf16(&mut [0; 2]) {
                    let _ = write!(out, "\\u{unit:04x}"); // a String takes it all
                }
            }
            c => out.push(c),
        }
    }
    out.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = r#" { "a" : [ 1.0 , "é/\/\u2713😀" ] ,"b":{ } , "c":[] , "d": null } "#;

    fn written(layout: Layout) -> String {
        rewritten(TEXT, layout, None).expect("JSON")
    }

    #[test]
    fn white_space_is_written_as_each_library_does() {
        for (layout, wanted) in [
            (
                Layout::Compact,
                r#"{"a":[1.0,"é/\/\u2713😀"],"b":{},"c":[],"d":null}"#,
            ),
            (
                Layout::Spaced,
                r#"{"a": [1.0, "é/\/\u2713😀"], "b": {}, "c": [], "d": null}"#,
            ),
            (
                Layout::Indented(2),
                "{\n  \"a\": [\n    1.0,\n    \"é/\\/\\u2713😀\"\n  ],\n  \"b\": {},\n  \"c\": [],\n  \"d\": null\n}",
            ),
            (
                Layout::Tabs,
                "{\n\t\"a\": [\n\t\t1.0,\n\t\t\"é/\\/\\u2713😀\"\n\t],\n\t\"b\": {},\n\t\"c\": [],\n\t\"d\": null\n}",
            ),
        ] {
            assert_eq!(written(layout), wanted, "{layout:?}");
        }
        let list = rewritten(r#"[{"a":[1,2]}, {"b":2}]"#, Layout::Lines, None);
        assert_eq!(list.as_deref(), Some("[{\"a\":[1,2]},\r\n{\"b\":2}]\r\n"));
    }

    #[test]
    fn strings_are_written_as_each_library_does() {
        let text = r#"["é/\/\u2713😀\n\u0001\"\\"]"#;
        for (slashes, ascii, wanted) in [
            (false, false, r#"["é//✓😀\n\u0001\"\\"]"#),
            (true, false, r#"["é\/\/✓😀\n\u0001\"\\"]"#),
            (false, true, r#"["\u00e9//\u2713\ud83d\ude00\n\u0001\"\\"]"#),
        ] {
            let spelling = Some(Spelling { slashes, ascii });
            let written = rewritten(text, Layout::Compact, spelling);
            assert_eq!(written.as_deref(), Some(wanted));
        }
        // Half of a pair is no text, and stays.
        let half = r#"["\ud83d"]"#;
        let spelling = Some(Spelling {
            slashes: true,
            ascii: true,
        });
        assert_eq!(
            rewritten(half, Layout::Compact, spelling).as_deref(),
            Some(half)
        );
    }

    #[test]
    fn what_is_no_json_or_too_deep_is_left() {
        let deep = "[".repeat(100_000);
        let nested = format!("{}{}", "[".repeat(65), "]".repeat(65));
        for text in ["\"", "]", "{", deep.as_str(), &nested] {
            assert_eq!(rewritten(text, Layout::Indented(4), None), None);
        }
        let wide = format!("[[[[[[[[[[[[[[[[{}0]]]]]]]]]]]]]]]]", "0,".repeat(50_000));
        assert_eq!(rewritten(&wide, Layout::Indented(8), None), None);
    }
}
