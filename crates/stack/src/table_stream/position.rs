//! How far a mapping has come. With a folder, it goes on from there after a restart.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use crate::data;
use crate::error::Error;

/// The place of the last record that is done with. Clones share it.
#[derive(Clone)]
pub(crate) struct Position {
    last: Arc<Mutex<Option<String>>>,
    folder: Option<PathBuf>,
    file: String,
}

impl Position {
    /// Returns the position of a mapping, as an earlier run has left it in the folder. Without one
    /// it is before the first record.
    ///
    /// # Errors
    /// Returns [`Error::Data`] if the folder cannot be used.
    pub(crate) fn open(folder: Option<&Path>, mapping: &str) -> Result<Self, Error> {
        let file = format!("{mapping}.position");
        let left = match folder {
            Some(folder) => data::read(folder, &file)?,
            None => None,
        };
        let left = left.map(|text| text.trim().to_owned());
        Ok(Self {
            last: Arc::new(Mutex::new(left)),
            folder: folder.map(Path::to_owned),
            file,
        })
    }

    /// Returns the place of the last record that is done with.
    pub(crate) fn last(&self) -> Option<String> {
        let last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        last.clone()
    }

    /// Notes that all records up to this one are done with.
    pub(crate) fn pass(&self, sequence: &str) {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        *last = Some(sequence.to_owned());
        if let Some(folder) = &self.folder {
            // If it cannot be written, the records come again after a restart, as they may anyway.
            let _ = data::replace(folder, &self.file, sequence);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_position_is_kept_in_the_folder() {
        let folder = std::env::temp_dir().join(format!("postern-position-{}", std::process::id()));
        let open = || Position::open(Some(&folder), "Source").unwrap();
        assert_eq!(open().last(), None);
        open().pass("100000000000000000007");
        assert_eq!(open().last().as_deref(), Some("100000000000000000007"));
        let memory = Position::open(None, "Source").unwrap();
        assert_eq!(memory.last(), None);
        std::fs::remove_dir_all(&folder).unwrap();
    }
}
