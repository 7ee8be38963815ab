//! The page that `up` serves, and when it serves none.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::Stdio;

use crate::running::{ANY_PORTS, Up, run, tool};

/// Asks the stack for a path, and returns the whole answer.
fn ask(port: u16, path: &str) -> String {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).expect("the stack");
    let request =
        format!("GET {path} HTTP/1.1\r\nhost: 127.0.0.1:{port}\r\nconnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).expect("asked");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("an answer");
    answer
}

#[test]
fn up_serves_a_page_at_its_own_address_unless_it_is_told_not_to() {
    let up = Up::start(&[]);
    let page = ask(up.ports[0], "/");
    assert!(page.starts_with("HTTP/1.1 200 OK\r\n"), "{page}");
    assert!(page.contains("\r\ncontent-type: text/html; charset=utf-8\r\n"));
    let list = ask(up.ports[0], "/_postern/webhooks");
    assert!(list.contains(r#""webhooks":[]"#), "{list}");
    let up = Up::start(&["--no-page"]);
    for path in ["/", "/_postern/webhooks", "/_postern/app.js"] {
        let none = ask(up.ports[0], path);
        assert!(
            none.starts_with("HTTP/1.1 404 Not Found\r\n"),
            "{path}: {none}"
        );
    }
    let sent = up.run("send resend/bounced");
    assert_eq!(sent.code, Some(0), "everything else works: {sent:?}");
    let wrong = run("up --open --no-page");
    assert_eq!(wrong.code, Some(2), "{wrong:?}");
}

#[test]
fn a_bad_line_ends_at_a_terminal_with_where_the_page_shows_it() {
    let mut command = tool();
    command.args(["up", "--color", "never"]).args(ANY_PORTS);
    let command = command.env("POSTERN_FORCE_TTY", "100").stdin(Stdio::null());
    let command = command.stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child = command.spawn().expect("a process");
    let mut lines = BufReader::new(child.stdout.take().expect("its output")).lines();
    let ready = lines.next().expect("a line").expect("text");
    let (_, rest) = ready.split_once("http://127.0.0.1:").expect("a URL");
    let (port, _) = rest.split_once('/').expect("a port");
    run(&format!("send resend/bounced --port {port}"));
    run(&format!("send resend/bounced --break key --port {port}"));
    ask(port.parse().expect("a number"), "/webhooks/resnd");
    let shown: Vec<String> = lines.take(3).map(|line| line.expect("text")).collect();
    child.kill().expect("killed");
    child.wait().expect("its end");
    let at = |name: &str| format!("   http://127.0.0.1:{port}/#{name}");
    assert!(!shown[0].contains("#w"), "{shown:?}");
    assert!(shown[1].ends_with(&at("w2")), "{shown:?}");
    assert!(shown[2].ends_with(&at("w3")), "{shown:?}");
}
