//! The signals by which a user, or a script, stops a running command. They are caught once for the
//! whole life of the process, so that none is lost between two waits.

use std::sync::OnceLock;

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::watch;

/// What a shell adds to a signal's number for the exit code.
const BY_SIGNAL: i32 = 128;

static CAUGHT: OnceLock<watch::Receiver<Option<i32>>> = OnceLock::new();

/// Waits until the process is asked to stop: by Ctrl-C, or by the signal that a script would send.
/// If it has been asked before, this returns at once.
///
/// Whoever asks a second time need not wait: the process ends there and then.
pub(crate) async fn interrupted() {
    let mut caught = CAUGHT.get_or_init(catch).clone();
    let _ = caught.wait_for(Option::is_some).await; // the catcher lives as long as the process
}

/// Returns the exit code of a process that was asked to stop, if it was.
pub(crate) fn exit_code() -> Option<u8> {
    let number = (*CAUGHT.get()?.borrow())?;
    u8::try_from(BY_SIGNAL + number).ok()
}

fn catch() -> watch::Receiver<Option<i32>> {
    let (sender, caught) = watch::channel(None);
    let signals = (
        signal(SignalKind::interrupt()),
        signal(SignalKind::terminate()),
    );
    // If they cannot be caught, they end the process as they always did.
    if let (Ok(interrupt), Ok(terminate)) = signals {
        tokio::spawn(wait(interrupt, terminate, sender));
    }
    caught
}

async fn wait(mut interrupt: Signal, mut terminate: Signal, sender: watch::Sender<Option<i32>>) {
    loop {
        let number = tokio::select! {
            _ = interrupt.recv() => SignalKind::interrupt().as_raw_value(),
            _ = terminate.recv() => SignalKind::terminate().as_raw_value(),
        };
        if sender.send_replace(Some(number)).is_some() {
            std::process::exit(BY_SIGNAL + number);
        }
    }
}
