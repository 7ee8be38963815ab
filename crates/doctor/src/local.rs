//! What only a stack on this machine has: its process, its data, its guard against a tunnel.

use std::os::unix::fs::MetadataExt as _;
use std::path::Path;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, StatusCode, header};
use http_body_util::Full;

use super::check::Check;
use super::counts::{self, many};
use super::{keys, named};
use operator::http::Http;
use operator::target::{LocalStack, Target};

/// How long the stack may take to answer for itself.
const PATIENCE: Duration = Duration::from_secs(5);
/// Less free space than this is too little for a table, its journal and a build.
const FREE_BYTES: u64 = 1_000_000_000;

/// Returns that the stack answers. It has, or there would be no target.
pub(super) fn up(stack: &LocalStack) -> Check {
    let LocalStack {
        url, pid, since, ..
    } = stack;
    Check::ok("up", format!("{url}/ (pid {pid}, since {since})"))
}

/// Compares the stack's version with this program's.
pub(super) fn binary(stack: &LocalStack, version: &str) -> Check {
    if stack.version == version {
        return Check::ok("binary", format!("this program and the stack: {version}"));
    }
    let text = format!("this program is {version}, the stack {}", stack.version);
    Check::failed("binary", text, "stop it, and start it again: postern up")
}

/// Reads the keys that the receivers are given.
pub(super) async fn keys(target: &Target, only: Option<&str>) -> Vec<Check> {
    let client = &target.secrets().secrets_manager();
    let mut found = Vec::new();
    for (provider, name) in named::secrets(target, only) {
        let key = keys::read(client, &provider, &name).await;
        found.push(((provider, name), key));
    }
    keys::told(&found)
}

/// Counts dead letters.
pub(super) async fn dead(target: &Target) -> Check {
    let client = target.queues().sqs();
    match counts::of(&client, target.dead_letter_queue_url()).await {
        Err(unread) => Check::unread("dead", &unread),
        Ok(count) if count.all() == 0 => Check::ok("dead", "no dead letters"),
        Ok(count) => {
            let text = many(count.all(), "dead letter", "dead letters");
            Check::failed("dead", text, "postern redrive {target}")
        }
    }
}

/// Counts webhooks that wait.
pub(super) async fn queue(target: &Target) -> Check {
    let client = target.queues().sqs();
    match counts::of(&client, target.queue_url()).await {
        Err(unread) => Check::unread("queue", &unread),
        Ok(count) if count.all() == 0 => Check::ok("queue", "empty"),
        Ok(count) => {
            let text = many(count.all(), "webhook waits", "webhooks wait");
            let fix =
                "the consumer is at work, or the table takes nothing: what `up` prints says it";
            Check::warning("queue", text, fix)
        }
    }
}

/// Checks that the folder of the data is the user's own.
pub(super) fn data(stack: &LocalStack) -> Check {
    let Some(folder) = &stack.data else {
        let text = "in memory, gone with the stack";
        return Check::advice("data", text, "postern up --data .data keeps it");
    };
    let shown = folder.display();
    let found = match std::fs::metadata(folder) {
        Ok(found) => found,
        Err(error) => {
            let text = format!("{shown}: {error}");
            return Check::failed("data", text, "postern up --data with a folder that stays");
        }
    };
    let us = rustix::process::getuid().as_raw();
    if !found.is_dir() || found.uid() != us {
        let text = format!("{shown} belongs to somebody else (user {})", found.uid());
        return Check::failed("data", text, "postern up --data with a folder of your own");
    }
    if found.mode() & 0o077 != 0 {
        let text = format!("{shown} can be read by others on this machine");
        return Check::warning("data", text, format!("chmod 700 {shown}"));
    }
    Check::ok("data", format!("{shown}, yours alone"))
}

/// Checks that there is room on the disk of the data, or of the working folder.
pub(super) fn disk(data: Option<&Path>) -> Check {
    let folder = data.unwrap_or(Path::new("."));
    let free = match rustix::fs::statvfs(folder) {
        Ok(disk) => disk.f_bavail.saturating_mul(disk.f_frsize),
        Err(error) => {
            let text = format!("{}: {error}", folder.display());
            return Check::unanswered("disk", &text);
        }
    };
    room(free)
}

fn room(free: u64) -> Check {
    let tenths = free / 100_000_000;
    let text = format!("{}.{} GB free", tenths / 10, tenths % 10);
    if free > FREE_BYTES {
        return Check::ok("disk", text);
    }
    Check::failed(
        "disk",
        text,
        "free at least 1 GB, or keep the data on another disk: --data",
    )
}

/// Asks as a tunnel would: what comes through one may not see the stack's own pages.
pub(super) async fn tunnel(stack: &LocalStack) -> Check {
    let http = Http::new(PATIENCE);
    let url = format!("{}/_postern/status", stack.url);
    let ways = [
        ("x-forwarded-for", "192.0.2.1"),
        (header::HOST.as_str(), "tunnel.example"),
    ];
    for (name, value) in ways {
        let request = Request::get(&url).header(name, value);
        let request = request.body(Full::<Bytes>::default());
        let answer = match request {
            Ok(request) => http.send(request).await,
            Err(error) => Err(error.to_string()),
        };
        match answer {
            Ok((StatusCode::NOT_FOUND, _)) => {}
            Ok((status, _)) => {
                let text = format!("a request with another `{name}` sees /_postern/ ({status})");
                let fix = "close the tunnel, then start this version: postern up";
                return Check::failed("tunnel", text, fix);
            }
            Err(cause) => return Check::unanswered("tunnel", &cause),
        }
    }
    Check::ok("tunnel", "through a tunnel only webhooks are seen")
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;
    use std::path::PathBuf;

    use super::*;
    use crate::check::State;

    fn stack(data: Option<PathBuf>) -> LocalStack {
        LocalStack {
            url: "http://127.0.0.1:3000".to_owned(),
            version: "0.1.0".to_owned(),
            pid: 812,
            since: "2026-01-02T03:04:05Z".to_owned(),
            data,
        }
    }

    fn parts(check: Check) -> (State, String, Option<String>) {
        (check.state, check.text, check.fix)
    }

    #[test]
    fn it_is_up_and_of_one_version_or_it_says_which() {
        let up = up(&stack(None));
        let text = "http://127.0.0.1:3000/ (pid 812, since 2026-01-02T03:04:05Z)";
        assert_eq!(parts(up), (State::Ok, text.to_owned(), None));
        let same = binary(&stack(None), "0.1.0");
        let text = "this program and the stack: 0.1.0";
        assert_eq!(parts(same), (State::Ok, text.to_owned(), None));
        let other = binary(&stack(None), "0.2.0");
        let text = "this program is 0.2.0, the stack 0.1.0";
        let fix = "stop it, and start it again: postern up";
        assert_eq!(
            parts(other),
            (State::Failed, text.to_owned(), Some(fix.to_owned()))
        );
    }

    #[test]
    fn a_folder_is_the_users_own() {
        let folder = std::env::temp_dir().join(format!("postern-doctor-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let mode = |mode| {
            let permissions = std::fs::Permissions::from_mode(mode);
            std::fs::set_permissions(&folder, permissions).unwrap();
        };
        let shown = folder.display().to_string();
        mode(0o700);
        let own = (State::Ok, format!("{shown}, yours alone"), None);
        assert_eq!(parts(data(&stack(Some(folder.clone())))), own);
        mode(0o755);
        let open = (
            State::Warning,
            format!("{shown} can be read by others on this machine"),
            Some(format!("chmod 700 {shown}")),
        );
        assert_eq!(parts(data(&stack(Some(folder.clone())))), open);
        std::fs::remove_dir(&folder).unwrap();
        let gone = (
            State::Failed,
            format!("{shown}: No such file or directory (os error 2)"),
            Some("postern up --data with a folder that stays".to_owned()),
        );
        assert_eq!(parts(data(&stack(Some(folder)))), gone);
    }

    #[test]
    fn a_full_disk_is_said_with_what_is_free() {
        let full = (
            State::Failed,
            "0.4 GB free".to_owned(),
            Some("free at least 1 GB, or keep the data on another disk: --data".to_owned()),
        );
        assert_eq!(parts(room(412_000_000)), full);
        let roomy = (State::Ok, "61.2 GB free".to_owned(), None);
        assert_eq!(parts(room(61_234_567_890)), roomy);
    }
}
