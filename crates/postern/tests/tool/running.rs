//! Runs the tool, and stacks of its own.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};

use serde_json::Value;

/// What a command printed, and how it ended.
#[derive(Debug)]
pub(crate) struct Done {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Done {
    /// The lines of JSON on stdout.
    pub(crate) fn json(&self) -> Vec<Value> {
        let lines = self.stdout.lines();
        let read = |line| serde_json::from_str(line).unwrap_or_else(|_| panic!("{self:?}"));
        lines.map(read).collect()
    }

    /// The error that `--json` writes on stderr.
    pub(crate) fn error(&self) -> Value {
        let line = self.stderr.lines().last().unwrap_or_default();
        let error: Value = serde_json::from_str(line).unwrap_or_else(|_| panic!("{self:?}"));
        error["error"].clone()
    }
}

/// What the tool looks at in its environment.
pub(crate) const VARIABLES: [&str; 9] = [
    "CARGO",
    "CARGO_PKG_NAME",
    "CLICOLOR_FORCE",
    "NO_COLOR",
    "POSTERN_API_KEY",
    "POSTERN_FORCE_TTY",
    "POSTERN_PORT",
    "POSTERN_STACK",
    "POSTERN_WEBHOOK_SECRET",
];

/// The tool, with nothing of our environment that it looks at.
pub(crate) fn tool() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_postern"));
    for name in VARIABLES {
        command.env_remove(name);
    }
    command
}

/// Runs a line of the tool, its words apart by blanks.
pub(crate) fn run(line: &str) -> Done {
    let words: Vec<&str> = line.split_whitespace().collect();
    run_words(&words, "")
}

/// Runs the tool with these words, and this text on its standard input.
pub(crate) fn run_words(words: &[&str], input: &str) -> Done {
    finished(tool().args(words), input)
}

/// Runs a command with this text on its standard input until it ends.
pub(crate) fn finished(command: &mut Command, input: &str) -> Done {
    let command = command.stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = command.stderr(Stdio::piped()).spawn().expect("a process");
    let mut stdin = child.stdin.take().expect("its input");
    // One that reads nothing may have ended already.
    let _ = stdin.write_all(input.as_bytes());
    drop(stdin);
    let done = child.wait_with_output().expect("its end");
    Done {
        code: done.status.code(),
        stdout: String::from_utf8(done.stdout).expect("text"),
        stderr: String::from_utf8(done.stderr).expect("text"),
    }
}

/// A stack of its own, up until it is dropped.
pub(crate) struct Up {
    child: Child,
    pub(crate) ports: [u16; 3],
}

impl Drop for Up {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Up {
    /// Starts `up` with these options, on free ports, and waits until it is ready.
    pub(crate) fn start(options: &[&str]) -> Self {
        Self::try_start(options).unwrap_or_else(|said| panic!("{said}"))
    }

    /// The same; or what it said when it ended instead.
    pub(crate) fn try_start(options: &[&str]) -> Result<Self, String> {
        let mut command = tool();
        command.args(["up", "--parameter", "RetentionDays=0"]);
        command.args(ANY_PORTS);
        let command = command.args(options).stdin(Stdio::null());
        let command = command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("a process");
        let mut lines = BufReader::new(child.stdout.take().expect("its output"));
        let mut line = String::new();
        while lines.read_line(&mut line).expect("a line") > 0 {
            if line.starts_with("ready ") || line.contains("\"ready\":true") {
                // What it prints from now on must not fill the pipe.
                std::thread::spawn(move || std::io::copy(&mut lines, &mut std::io::sink()));
                let mut noise = child.stderr.take().expect("its errors");
                std::thread::spawn(move || std::io::copy(&mut noise, &mut std::io::sink()));
                let ports = ports(&line);
                return Ok(Self { child, ports });
            }
            line.clear();
        }
        let mut said = String::new();
        let mut errors = child.stderr.take().expect("its errors");
        errors.read_to_string(&mut said).expect("text");
        let code = child.wait().expect("its end").code();
        Err(format!("{code:?} {said}"))
    }

    /// Runs a line of the tool on this stack.
    pub(crate) fn run(&self, line: &str) -> Done {
        run(&format!("{line} --port {}", self.ports[0]))
    }

    /// The base URL of its HTTP API.
    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.ports[0])
    }

    /// Its process.
    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }
}

/// The options that choose free ports.
pub(crate) const ANY_PORTS: [&str; 6] = ["--port", "0", "--sqs-port", "0", "--dynamodb-port", "0"];

/// The ports of the stack whose line says that it is ready: the one in the line, and those of the
/// queue and the table, which its status says.
fn ports(ready: &str) -> [u16; 3] {
    let (_, rest) = ready.split_once("http://127.0.0.1:").expect("a URL");
    let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
    let api: u16 = digits.parse().expect("a port");
    let mut stream = TcpStream::connect(("127.0.0.1", api)).expect("the stack");
    let request = format!(
        "GET /_postern/status HTTP/1.1\r\nhost: 127.0.0.1:{api}\r\nconnection: close\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).expect("asked");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("an answer");
    let (_, body) = answer.split_once("\r\n\r\n").expect("a body");
    let status: Value = serde_json::from_str(body).unwrap_or_else(|_| panic!("{answer}"));
    let port = |name: &str| {
        let url = status[name].as_str().expect("a URL");
        let (_, port) = url.rsplit_once(':').expect("a port");
        port.parse().expect("a number")
    };
    [api, port("sqs"), port("dynamodb")]
}

/// Three ports that were free a moment ago.
pub(crate) fn free_ports() -> [u16; 3] {
    let listeners = [(); 3].map(|()| TcpListener::bind("127.0.0.1:0").expect("a port"));
    listeners.map(|listener| listener.local_addr().expect("an address").port())
}
