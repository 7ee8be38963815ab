//! What holds of every command: where it prints, how it ends, what it says when it cannot.

use crate::running::{Up, finished, free_ports, run, tool};

/// Commands that need a stack, each with what a user would type.
const ASKING: &[&str] = &[
    "events kim@mail.test",
    "message msg_1",
    "may-mail kim@mail.test",
    "problems",
    "suppress list",
    "suppress add kim@mail.test --why asked",
    "suppress lift kim@mail.test --why asked",
    "redrive",
    "renormalize",
    "erase kim@mail.test",
    "secret status",
    "secret check insider",
    "listen",
    "send insider/click",
];

#[test]
fn without_a_stack_every_command_ends_with_3_and_says_how_to_start_one() {
    let [port, ..] = free_ports();
    for line in ASKING {
        let done = run(&format!("{line} --port {port}"));
        assert_eq!(done.code, Some(3), "{line}: {done:?}");
        assert_eq!(done.stdout, "", "{line}");
        let what = format!("error: no local stack answers at http://127.0.0.1:{port}\n");
        assert!(done.stderr.starts_with(&what), "{line}: {done:?}");
        assert!(
            done.stderr
                .contains("hint: start one in another terminal: postern up"),
            "{line}: {done:?}"
        );

        let done = run(&format!("{line} --port {port} --json"));
        assert_eq!((done.code, done.stdout.as_str()), (Some(3), ""), "{line}");
        assert_eq!(done.error()["code"], "stack_unreachable", "{line}");
    }
    // Whether all is well is an answer.
    let done = run(&format!("doctor --port {port}"));
    assert_eq!(done.code, Some(1), "{done:?}");
}

#[test]
fn what_is_no_stack_is_told_from_one() {
    let stack = Up::start(&[]);
    let [_, queue, table] = stack.ports;
    for port in [queue, table] {
        for line in ASKING {
            let done = run(&format!("{line} --port {port} --json"));
            assert_eq!(
                (done.code, done.stdout.as_str()),
                (Some(3), ""),
                "{line}: {done:?}"
            );
            assert_eq!(done.error()["code"], "stack_unknown", "{line}");
        }
    }
}

#[test]
fn a_line_that_is_wrong_ends_with_2_and_tries_nothing() {
    for (line, said) in [
        ("dmo", "unrecognized subcommand 'dmo'"),
        (
            "events --recipent a@b.test",
            "unexpected argument '--recipent' found",
        ),
        ("storm --webhooks 0", "a storm of nothing finds nothing"),
        ("redrive --rate 0", "invalid value '0'"),
        (
            "renormalize --from 2026-02-01 --to 2026-01-01",
            "is not before",
        ),
        ("erase", "required arguments were not provided"),
        ("redrive --stack postern --port 3000", "cannot be used with"),
    ] {
        let done = run(line);
        assert_eq!(
            (done.code, done.stdout.as_str()),
            (Some(2), ""),
            "{line}: {done:?}"
        );
        assert!(done.stderr.starts_with("error: "), "{line}: {done:?}");
        assert!(done.stderr.contains(said), "{line}: {done:?}");
        let done = run(&format!("{line} --json"));
        assert_eq!(done.code, Some(2), "{line}");
        let error = done.error();
        let message = error["message"].as_str().expect("a message");
        assert!(!message.starts_with("error"), "{line}: {message}");
    }
}

#[test]
fn without_a_terminal_there_is_no_colour_unless_it_is_asked_for() {
    let stack = Up::start(&[]);
    let sent = stack.run("send resend/bounced");
    assert_eq!(sent.code, Some(0), "{sent:?}");
    let has_colour = |set: &[(&str, &str)], options: &[&str]| {
        let port = stack.ports[0].to_string();
        let words = ["problems", "bounced", "--port", &port];
        let mut command = tool();
        command.args(words).args(options).envs(set.iter().copied());
        let done = finished(&mut command, "");
        assert_eq!(done.code, Some(0), "{done:?}");
        done.stdout.contains('\u{1b}')
    };
    let terminal = ("POSTERN_FORCE_TTY", "100");
    assert!(!has_colour(&[], &[]));
    assert!(has_colour(&[terminal], &[]));
    assert!(has_colour(&[("CLICOLOR_FORCE", "1"), terminal], &[]));
    assert!(!has_colour(&[terminal, ("NO_COLOR", "1")], &[]));
    assert!(!has_colour(&[terminal, ("TERM", "dumb")], &[]));
    assert!(!has_colour(&[terminal], &["--color", "never"]));
    assert!(has_colour(
        &[terminal, ("NO_COLOR", "1")],
        &["--color", "always"]
    ));
    assert!(!has_colour(&[terminal], &["--json", "--color", "always"]));
}

#[test]
fn a_topic_and_a_command_have_help_and_what_is_neither_says_so() {
    for (line, wanted) in [
        ("help exit-codes", "  3  could not be found out"),
        ("help environment", "POSTERN_PORT"),
        ("help faults", "table:throttle"),
        ("help erase", "legal duty"),
        ("help suppress import", "Usage: postern suppress import"),
        ("--version", env!("CARGO_PKG_VERSION")),
    ] {
        let done = run(line);
        assert_eq!(done.code, Some(0), "{line}: {done:?}");
        assert!(done.stdout.contains(wanted), "{line}: {done:?}");
    }
    let done = run("help exit-code");
    assert_eq!(done.code, Some(2), "{done:?}");
    assert_eq!(
        done.stderr,
        "error: there is no help on `exit-code`\nhint: postern help\n"
    );
}

#[test]
fn each_shell_gets_its_completions() {
    for (shell, wanted) in [
        ("bash", "complete -F _postern"),
        ("zsh", "#compdef postern"),
        ("fish", "complete -c postern"),
        ("powershell", "Register-ArgumentCompleter"),
        ("elvish", "edit:completion:arg-completer[postern]"),
    ] {
        let done = run(&format!("completions {shell}"));
        assert_eq!(done.code, Some(0), "{shell}");
        assert!(done.stdout.contains(wanted), "{shell}: {}", done.stdout);
        assert!(
            !done.stdout.contains("postern__function"),
            "{shell}: a hidden command"
        );
    }
}

#[test]
fn a_variable_changes_no_stack_unless_the_line_says_which() {
    let stack = Up::start(&[]);
    let port = stack.ports[0].to_string();
    let changing = |options: &[&str]| {
        let mut command = tool();
        command.env("POSTERN_STACK", "prod");
        command.args(["suppress", "add", "kim@mail.test"]);
        finished(command.args(options), "")
    };
    let refused = changing(&["--json"]);
    assert_eq!((refused.code, refused.stdout.as_str()), (Some(2), ""));
    assert_eq!(refused.error()["code"], "stack_not_said");
    assert_eq!(changing(&["--port", &port]).code, Some(0));
}

#[cfg(target_os = "linux")]
#[test]
fn a_result_that_is_cut_is_an_error() {
    let full = std::fs::File::options().write(true).open("/dev/full");
    let mut command = tool();
    let command = command.args(["help", "faults"]);
    let command = command.stdout(full.expect("a disk without room"));
    let done = command.output().expect("an end");
    assert_eq!(done.status.code(), Some(3));
    let said = String::from_utf8(done.stderr).expect("text");
    let wanted = "error: the result cannot be printed: No space left on device (os error 28)\n";
    assert_eq!(said, wanted);
}
