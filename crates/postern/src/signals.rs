//! Waits for the signals by which a user, or a script, stops a running command.

use tokio::signal::unix::{SignalKind, signal};

/// Waits for Ctrl-C, or for the signal that a script would send.
pub(crate) async fn interrupted() {
    let Ok(mut terminate) = signal(SignalKind::terminate()) else {
        return;
    };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        _ = terminate.recv() => {}
    }
}
