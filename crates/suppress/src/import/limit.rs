//! Counts what is read, and ends a row that has no end.

use std::io::{self, BufRead, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// The longest row, in bytes. A refusal's words are a few hundred.
const ROW_BYTES: u64 = 1024 * 1024;

/// Counts the bytes of a file, for whoever shows the progress.
pub(super) struct Counted<R> {
    pub(super) reader: R,
    pub(super) bytes: Arc<AtomicU64>,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.reader.read(buffer)?;
        self.bytes.fetch_add(read as u64, Ordering::Relaxed);
        Ok(read)
    }
}

/// What is known of the current row.
#[derive(Clone, Default)]
pub(super) struct Row(Arc<State>);

#[derive(Default)]
struct State {
    bytes: AtomicU64,
    lines: AtomicU64,
}

impl Row {
    /// Starts another row.
    pub(super) fn restart(&self) {
        self.0.bytes.store(0, Ordering::Relaxed);
    }

    /// Checks whether the row has become too long.
    pub(super) fn is_endless(&self) -> bool {
        self.0.bytes.load(Ordering::Relaxed) > ROW_BYTES
    }

    /// Returns how many lines have ended.
    pub(super) fn lines(&self) -> u64 {
        self.0.lines.load(Ordering::Relaxed)
    }
}

/// Counts the lines of a text, and fails if a row becomes too long.
pub(super) struct Limited<R> {
    pub(super) reader: R,
    pub(super) row: Row,
}

impl<R: BufRead> Read for Limited<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.row.is_endless() {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        let read = self.reader.read(buffer)?;
        let State { bytes, lines } = &*self.row.0;
        bytes.fetch_add(read as u64, Ordering::Relaxed);
        let ended = buffer.iter().take(read).filter(|byte| **byte == b'\n');
        lines.fetch_add(ended.count() as u64, Ordering::Relaxed);
        Ok(read)
    }
}
