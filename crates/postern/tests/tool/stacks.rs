//! Stacks beside each other: the folder and the ports that two cannot share.

use crate::running::{Up, run};

#[test]
fn two_stacks_do_not_share_a_folder() {
    let folder = std::env::temp_dir().join(format!("postern-two-stacks-{}", std::process::id()));
    let data = folder.to_str().expect("a path");
    let first = Up::start(&["--data", data]);
    let refused = Up::try_start(&["--quiet", "--data", data])
        .err()
        .expect("a refusal");
    let (url, pid) = (first.url(), first.pid());
    let wanted = format!(
        "Some(3) error: {data} is in use by the stack at {url}/ (pid {pid})\nhint: stop it, or give this one a folder of its own: --data {data}2\n"
    );
    assert_eq!(refused, wanted);
    // What the first one stores is its own, and the next one finds it.
    let sent = first.run("send sendgrid/delivered --as-is");
    assert_eq!(sent.code, Some(0), "{sent:?}");
    let stored = first.run("events --scan --json").json().len();
    assert_eq!(stored, 1);
    drop(first);
    let next = Up::start(&["--data", data]);
    assert_eq!(next.run("events --scan --json").json().len(), 1);
    drop(next);
    std::fs::remove_dir_all(&folder).expect("a folder");
}

#[test]
fn a_port_that_is_taken_names_who_has_it() {
    let first = Up::start(&[]);
    let [port, ..] = first.ports;
    let refused = run(&format!("up --quiet --port {port}"));
    assert_eq!(refused.code, Some(3), "{refused:?}");
    let wanted = format!(
        "error: a stack is already up at {}/ (pid {}, since ",
        first.url(),
        first.pid()
    );
    assert!(refused.stderr.starts_with(&wanted), "{refused:?}");
    // Whoever pastes it has three free ports, and what else was typed.
    let hint = format!(
        "hint: postern up --quiet --port {port} --port {} --sqs-port 9424 --dynamodb-port 8100\n",
        port + 100
    );
    assert!(refused.stderr.ends_with(&hint), "{refused:?}");

    let other = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = other.local_addr().expect("an address").port();
    let refused = run(&format!("--json up --port {port}"));
    assert_eq!(refused.code, Some(3), "{refused:?}");
    let error = refused.error();
    assert_eq!(error["code"], "port_taken");
    let me = format!("(pid {})", std::process::id());
    let message = error["message"].as_str().expect("a message");
    assert!(
        message.starts_with(&format!("port {port} is in use by ")),
        "{message}"
    );
    assert!(message.ends_with(&me), "{message}");
}
