//! Real answers of mail servers, labelled: `answers.txt`.

use shared::bounce::{Class, EnhancedCode, Evidence, Verdict, judge};

/// One labelled answer.
struct Answer {
    rule: &'static str,
    label: &'static str,
    server: &'static str,
    text: String,
}

fn answers() -> Vec<Answer> {
    let mut rule = "";
    let mut answers = Vec::new();
    let lines = include_str!("answers.txt").lines();
    for line in lines.filter(|line| !line.is_empty() && !line.starts_with("# ")) {
        if let Some(name) = line.strip_prefix("## ") {
            rule = name;
            continue;
        }
        let (label, rest) = line.split_once(" | ").expect("a label");
        let (server, text) = rest.split_once(" | ").expect("a server");
        answers.push(Answer {
            rule,
            label,
            server,
            text: text.replace("\\r\\n", "\r\n"),
        });
    }
    answers
}

fn label(verdict: Verdict) -> String {
    format!("{} {}", verdict.class.as_str(), verdict.category.as_str())
}

/// Every answer is judged right; `beside` is what was judged with each.
fn all_are_right(beside: &str, judged: impl Fn(&Answer) -> (Verdict, bool)) {
    let answers = answers();
    let wrong = answers.iter().filter_map(|answer| {
        let (verdict, is_right) = judged(answer);
        (!is_right).then(|| format!("{}: {}\n    {}", answer.server, answer.text, label(verdict)))
    });
    let wrong: Vec<String> = wrong.collect();
    let (count, wrong) = (wrong.len(), wrong.join("\n"));
    assert_eq!(count, 0, "{beside}: these are wrong:\n{wrong}");
}

#[test]
fn every_answer_comes_to_its_label() {
    all_are_right("nothing", |answer| {
        let verdict = judge(&Evidence {
            text: Some(&answer.text),
            ..Evidence::default()
        });
        (verdict, label(verdict) == answer.label)
    });
}

#[test]
fn every_rule_has_answers_of_both_kinds_and_their_servers() {
    let answers = answers();
    assert!(answers.len() >= 250, "{}", answers.len());
    for rule in answers.iter().map(|answer| answer.rule) {
        let of_rule = answers.iter().filter(|answer| answer.rule == rule);
        let (hard, not): (Vec<_>, Vec<_>) =
            of_rule.partition(|answer| answer.label.starts_with("hard "));
        assert!(hard.len() >= 3 && not.len() >= 3, "{rule}");
    }
    assert!(answers.iter().all(|answer| !answer.server.is_empty()));
}

/// The provider's "hard" stands where the server says nothing, and not where it says something
/// else.
#[test]
fn a_hard_of_the_provider_stands_only_where_nothing_clears_the_address() {
    all_are_right("a hard of the provider", |answer| {
        let verdict = judge(&Evidence {
            class: Some(Class::Hard),
            text: Some(&answer.text),
            ..Evidence::default()
        });
        let is_cleared = ["soft ", "block "]
            .iter()
            .any(|class| answer.label.starts_with(class));
        let is_right = if is_cleared {
            label(verdict) == answer.label
        } else {
            verdict.class == Class::Hard
        };
        (verdict, is_right)
    });
}

/// A field's `5.0.0` hides nothing: neither the code in the text nor its words.
#[test]
fn a_code_that_says_nothing_changes_no_verdict() {
    for nothing in ["5.0.0", "5.3.0", "5.5.0"] {
        all_are_right(nothing, |answer| {
            let alone = judge(&Evidence {
                text: Some(&answer.text),
                ..Evidence::default()
            });
            let verdict = judge(&Evidence {
                enhanced_code: EnhancedCode::parse(nothing),
                text: Some(&answer.text),
                ..Evidence::default()
            });
            let told = alone.enhanced_code.is_some() || alone.smtp_code.is_some();
            let is_right =
                verdict.class == alone.class && (verdict.category == alone.category || !told);
            (
                verdict,
                is_right || alone.enhanced_code.is_some_and(|code| code.class() == 4),
            )
        });
    }
}

/// No code condemns against words that clear the address.
#[test]
fn a_condemning_code_changes_no_answer_that_clears() {
    for code in ["5.1.0", "5.1.1", "5.1.2", "5.1.3", "5.2.1", "5.4.4"] {
        all_are_right(code, |answer| {
            let verdict = judge(&Evidence {
                enhanced_code: EnhancedCode::parse(code),
                text: Some(&answer.text),
                ..Evidence::default()
            });
            // What only a code or a doubt clears may be condemned by a better code.
            let is_cleared = CLEARING.contains(&answer.label);
            (verdict, !is_cleared || verdict.class != Class::Hard)
        });
    }
}

/// What words alone clear: a rate, a blocklist, SPF and the like, the sender, a full mailbox, a
/// resolver.
const CLEARING: [&str; 6] = [
    "soft rate_limited",
    "block reputation",
    "block auth_failure",
    "block invalid_sender",
    "soft mailbox_full",
    "soft dns",
];
