//! Takes the ports that the stack serves on, and says who has one that is taken.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;

use tokio::net::TcpListener;

use crate::error::Error;

/// The number of the state "listening" in Linux's table of sockets.
const LISTENING: &str = "0A";

/// Takes a port on the loopback address. `option` is the command-line option that chooses another
/// one. Port 0 stands for any free port.
pub(crate) async fn bind(port: u16, option: &'static str) -> Result<TcpListener, Error> {
    let bound = TcpListener::bind(("127.0.0.1", port)).await;
    bound.map_err(|source| Error::Port {
        port,
        option,
        user: user_of(port),
        source,
    })
}

/// Takes any free port.
pub(crate) async fn bind_any() -> Result<TcpListener, Error> {
    let bound = TcpListener::bind("127.0.0.1:0").await;
    bound.map_err(Error::NoPort)
}

/// Takes any free port, at an address of this machine that nobody guesses. Where the system knows
/// only one such address, the port alone is to be guessed.
pub(crate) async fn bind_hidden() -> Result<TcpListener, Error> {
    let [a, b, c, ..] = uuid::Uuid::new_v4().into_bytes();
    let hidden = TcpListener::bind((Ipv4Addr::new(127, a, b, c.clamp(2, 254)), 0)).await;
    match hidden {
        Ok(listener) => Ok(listener),
        Err(_) => bind_any().await,
    }
}

/// Returns a listener's own address.
pub(crate) fn address(listener: &TcpListener) -> Result<SocketAddr, Error> {
    listener.local_addr().map_err(Error::NoPort)
}

/// Returns the program that listens on a port, such as `node (pid 4121)`. It is known on Linux, and
/// for the user's own programs.
fn user_of(port: u16) -> Option<String> {
    let socket = format!("socket:[{}]", inode(port)?);
    let processes = std::fs::read_dir("/proc").ok()?.flatten();
    processes.into_iter().find_map(|process| {
        let pid: u32 = process.file_name().to_str()?.parse().ok()?;
        let files = std::fs::read_dir(process.path().join("fd")).ok()?;
        let mut targets = files
            .flatten()
            .filter_map(|file| file.path().read_link().ok());
        targets
            .any(|target| target == Path::new(&socket))
            .then_some(())?;
        let name = std::fs::read_to_string(process.path().join("comm")).ok()?;
        Some(format!("{} (pid {pid})", name.trim()))
    })
}

/// Returns the inode of the socket that listens on a port.
fn inode(port: u16) -> Option<String> {
    let end = format!(":{port:04X}");
    let tables = ["/proc/net/tcp", "/proc/net/tcp6"].into_iter();
    let tables = tables.filter_map(|table| std::fs::read_to_string(table).ok());
    tables.into_iter().find_map(|table| {
        table.lines().find_map(|line| {
            let fields: Vec<&str> = line.split_whitespace().collect();
            let (local, state) = (fields.get(1)?, fields.get(3)?);
            let is_it = local.ends_with(&end) && *state == LISTENING;
            is_it.then_some((*fields.get(9)?).to_owned())
        })
    })
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_port_that_is_taken_names_the_program_that_has_it() {
        let first = bind(0, "--port").await.unwrap();
        let port = address(&first).unwrap().port();
        let refused = bind(port, "--port").await.unwrap_err();
        let Error::Port {
            user: Some(user), ..
        } = &refused
        else {
            panic!("{refused:?}");
        };
        assert!(
            user.ends_with(&format!("(pid {})", std::process::id())),
            "{user}"
        );
        let said = format!("port {port} is in use by {user}");
        assert_eq!(refused.to_string(), said);
        assert_eq!(refused.code(), "port_taken");
    }
}
