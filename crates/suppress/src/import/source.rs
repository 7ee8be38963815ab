//! Reads an export in a thread of its own, and hands over its rows in batches. No more than a few
//! of them are in memory, however large the file is.

use std::fs::File;
use std::io::{self, BufRead, Read as _};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use tokio::sync::{mpsc, oneshot};

use super::error::ImportError;
use super::limit::Counted;
use super::list::List;
use super::sink::{Message, Options, Sink};
use super::text::{Bytes, utf8};
use super::{csv_rows, json_rows};

/// How much of a file is looked at to find out what it is, in bytes.
const FIRST_LINE: u64 = 64 * 1024;
/// How many batches wait at most.
const WAITING: usize = 4;

/// Where an export is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Input {
    /// A file.
    File(PathBuf),
    /// The standard input.
    Stdin,
}

impl Input {
    /// Returns the size in bytes, if it is known.
    #[must_use]
    pub fn bytes(&self) -> Option<u64> {
        match self {
            Self::File(path) => Some(path.metadata().ok()?.len()),
            Self::Stdin => None,
        }
    }

    fn open(&self) -> Result<Bytes, ImportError> {
        match self {
            Self::Stdin => Ok(Box::new(io::stdin())),
            Self::File(path) => {
                let failed = |source| ImportError::Open {
                    path: path.clone(),
                    source,
                };
                let file = File::open(path).map_err(failed)?;
                // A folder can be opened, and not be read.
                let is_folder = file.metadata().map_err(failed)?.is_dir();
                if is_folder {
                    return Err(failed(io::ErrorKind::IsADirectory.into()));
                }
                Ok(Box::new(file))
            }
        }
    }
}

/// What says that there is a page behind the last one that was read, if anything does.
pub(super) type NextPage = Option<&'static str>;

/// An export that is being read.
pub(super) struct Reading {
    /// What the reader says.
    pub(super) messages: mpsc::Receiver<Message>,
    /// How many bytes of the file have been read.
    pub(super) bytes: Arc<AtomicU64>,
    /// How the reading ends.
    pub(super) end: oneshot::Receiver<Result<NextPage, ImportError>>,
}

/// Starts to read an export.
pub(super) fn start(input: Input, options: Options) -> Reading {
    let (sender, messages) = mpsc::channel(WAITING);
    let bytes = Arc::new(AtomicU64::new(0));
    let counted = bytes.clone();
    let (ended, end) = oneshot::channel();
    // This is no task of the runtime, which would wait for the end of a standard input that has
    // none.
    std::thread::spawn(move || {
        let read = read(&input, &options, counted, &mut |message| {
            sender.blocking_send(message).is_ok()
        });
        drop(sender);
        let _ = ended.send(read); // nobody waits for it any more
    });
    Reading {
        messages,
        bytes,
        end,
    }
}

/// Reads an export to its end, or until nobody wants more.
pub(super) fn read(
    input: &Input,
    options: &Options,
    bytes: Arc<AtomicU64>,
    emit: &mut dyn FnMut(Message) -> bool,
) -> Result<NextPage, ImportError> {
    let reader = input.open()?;
    let mut text = utf8(Box::new(Counted { reader, bytes }))?;
    let named = match input {
        Input::File(path) => List::of_file(path),
        Input::Stdin => None,
    };
    let mut sink = Sink::new(options, named, emit);
    let (mut line, mut skipped) = (Vec::new(), 0);
    loop {
        let mut first = (&mut text).take(FIRST_LINE);
        let read = first.read_until(b'\n', &mut line);
        if read.map_err(ImportError::Read)? == 0 {
            return Err(ImportError::Empty);
        }
        match line.trim_ascii().first() {
            None => {
                skipped += 1;
                line.clear();
            }
            Some(first) => {
                let is_json = matches!(first, b'{' | b'[');
                let read = if is_json {
                    json_rows::read(line, text, skipped, &mut sink)
                } else {
                    csv_rows::read(line, text, skipped, &mut sink)
                };
                // What came before an error counts.
                sink.flush();
                return read.map(|()| sink.next_page);
            }
        }
    }
}
