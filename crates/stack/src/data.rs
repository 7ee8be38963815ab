//! The folder that keeps the table and the queues between runs. Only one stack at a time uses it.

use std::fs::{File, TryLockError, create_dir_all, read_to_string};
use std::io::Write as _;
use std::net::SocketAddr;
use std::path::Path;

use crate::error::Error;

/// The file in the folder that the stack which uses it has locked. It says which stack that is.
const LOCK: &str = "stack.lock";

/// A folder that this process uses alone. The system ends the lock with the process, however that
/// ends.
#[derive(Debug)]
pub(crate) struct Lock {
    _file: File,
}

/// Takes the folder for the stack whose HTTP API is at `api`.
///
/// # Errors
/// Returns [`Error::DataInUse`] if another stack uses the folder, and [`Error::Data`] if the folder
/// cannot be used.
pub(crate) fn lock(folder: &Path, api: SocketAddr) -> Result<Lock, Error> {
    let failed = |error: &dyn std::fmt::Display| Error::Data {
        folder: folder.to_owned(),
        cause: error.to_string(),
    };
    create_dir_all(folder).map_err(|error| failed(&error))?;
    let path = folder.join(LOCK);
    let opened = File::options().create(true).append(true).open(&path);
    let mut file = opened.map_err(|error| failed(&error))?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            return Err(Error::DataInUse {
                folder: folder.to_owned(),
                user: read_to_string(&path).unwrap_or_default().trim().to_owned(),
            });
        }
        Err(TryLockError::Error(error)) => return Err(failed(&error)),
    }
    let user = format!("http://{api}/ (pid {})\n", std::process::id());
    let written = file
        .set_len(0)
        .and_then(|()| file.write_all(user.as_bytes()));
    written.map_err(|error| failed(&error))?;
    Ok(Lock { _file: file })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_has_one_stack_at_a_time() {
        let folder = std::env::temp_dir().join(format!("postern-lock-{}", std::process::id()));
        let first = lock(&folder, ([127, 0, 0, 1], 3000).into()).unwrap();
        let refused = lock(&folder, ([127, 0, 0, 1], 3100).into()).unwrap_err();
        let pid = std::process::id();
        let said = format!(
            "{} is in use by the stack at http://127.0.0.1:3000/ (pid {pid})",
            folder.display()
        );
        assert_eq!((refused.code(), refused.to_string()), ("data_in_use", said));
        drop(first);
        assert!(lock(&folder, ([127, 0, 0, 1], 3100).into()).is_ok());
        std::fs::remove_dir_all(&folder).unwrap();
    }
}
