//! The folder that keeps the table, the queues and the generated secrets between runs. Only one
//! stack at a time uses it.

use std::fs::{DirBuilder, File, OpenOptions, Permissions, TryLockError, read_to_string};
use std::io::{self, ErrorKind, Write as _};
use std::net::SocketAddr;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use crate::error::Error;

/// The file in the folder that the stack which uses it has locked. It says which stack that is.
const LOCK: &str = "stack.lock";

/// What people are mailed is in the folder: it is its owner's alone.
const FOLDER_MODE: u32 = 0o700;
const FILE_MODE: u32 = 0o600;

/// What `SQLite` keeps beside a database. It makes them with the database's own mode.
const BESIDE: [&str; 3] = ["-journal", "-shm", "-wal"];

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
    let failed = |error: io::Error| unusable(folder, &error);
    create(folder).map_err(failed)?;
    let path = folder.join(LOCK);
    let mut file = own(&path, File::options().create(true)).map_err(failed)?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            return Err(Error::DataInUse {
                folder: folder.to_owned(),
                user: read_to_string(&path).unwrap_or_default().trim().to_owned(),
            });
        }
        Err(TryLockError::Error(error)) => return Err(failed(error)),
    }
    let user = format!("http://{api}/ (pid {})\n", std::process::id());
    let written = file
        .set_len(0)
        .and_then(|()| file.write_all(user.as_bytes()));
    written.map_err(failed)?;
    Ok(Lock { _file: file })
}

/// Returns the path of a database in the folder. It is there, and nobody else may read it.
///
/// # Errors
/// Returns [`Error::Data`] if the folder cannot be used.
pub(crate) fn database(folder: &Path, name: &str) -> Result<PathBuf, Error> {
    let failed = |error: io::Error| unusable(folder, &error);
    create(folder).map_err(failed)?;
    let path = folder.join(name);
    own(&path, File::options().create(true)).map_err(failed)?;
    for end in BESIDE {
        match own(&folder.join(format!("{name}{end}")), &mut File::options()) {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(failed(error)),
            _ => {}
        }
    }
    Ok(path)
}

/// Returns the text of a file in the folder. Returns `None` if there is no such file.
///
/// # Errors
/// Returns [`Error::Data`] if the folder or the file cannot be used.
pub(crate) fn read(folder: &Path, name: &str) -> Result<Option<String>, Error> {
    let path = folder.join(name);
    let failed = |error: io::Error| unusable(folder, &error);
    match own(&path, &mut File::options()) {
        Ok(_) => read_to_string(&path).map(Some).map_err(failed),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(failed(error)),
    }
}

/// Writes a file in the folder, or replaces it as a whole. Nobody else may read it.
///
/// # Errors
/// Returns [`Error::Data`] if the folder cannot be used.
pub(crate) fn replace(folder: &Path, name: &str, text: &str) -> Result<(), Error> {
    let failed = |error: io::Error| unusable(folder, &error);
    create(folder).map_err(failed)?;
    let new = folder.join(format!("{name}.new"));
    let mut file = own(&new, File::options().create(true)).map_err(failed)?;
    let written = file
        .set_len(0)
        .and_then(|()| file.write_all(text.as_bytes()))
        .and_then(|()| std::fs::rename(&new, folder.join(name)));
    written.map_err(failed)
}

/// Returns that the folder cannot hold the data, and why.
pub(crate) fn unusable(folder: &Path, cause: &dyn std::fmt::Display) -> Error {
    Error::Data {
        folder: folder.to_owned(),
        cause: cause.to_string(),
    }
}

/// Creates the folder. One that is there is left as it is.
fn create(folder: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true).mode(FOLDER_MODE).create(folder)
}

/// Opens a file and makes it its owner's alone. A symbolic link is refused: what it leads to would
/// be changed.
fn own(path: &Path, options: &mut OpenOptions) -> io::Result<File> {
    let options = options.append(true).mode(FILE_MODE);
    let file = options.custom_flags(libc::O_NOFOLLOW).open(path)?;
    file.set_permissions(Permissions::from_mode(FILE_MODE))?;
    Ok(file)
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

    /// Returns the permissions of a file or folder.
    fn mode(path: &Path) -> u32 {
        std::fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    #[test]
    fn what_is_kept_is_its_owners_alone() {
        let parent = std::env::temp_dir().join(format!("postern-modes-{}", std::process::id()));
        let folder = parent.join("data");
        let _lock = lock(&folder, ([127, 0, 0, 1], 3000).into()).unwrap();
        assert_eq!(mode(&folder), 0o700);
        let table = crate::dynamodb::open(Some(&folder)).unwrap();
        let queues = crate::queues::open(Some(&folder)).unwrap();
        let files: Vec<_> = std::fs::read_dir(&folder).unwrap().flatten().collect();
        assert!(files.len() >= 3, "{files:?}");
        for file in &files {
            assert_eq!(mode(&file.path()), 0o600, "{file:?}");
        }
        drop((table, queues));

        // One that is there keeps its mode, and its files do not.
        std::fs::set_permissions(&folder, Permissions::from_mode(0o755)).unwrap();
        let (path, wal) = (folder.join("old.sqlite"), folder.join("old.sqlite-wal"));
        for old in [&path, &wal] {
            std::fs::write(old, "").unwrap();
            std::fs::set_permissions(old, Permissions::from_mode(0o644)).unwrap();
        }
        assert_eq!(database(&folder, "old.sqlite").unwrap(), path);
        assert_eq!((mode(&path), mode(&wal)), (0o600, 0o600));
        assert_eq!(mode(&folder), 0o755);
        std::fs::remove_dir_all(&parent).unwrap();
    }

    #[test]
    fn a_file_is_replaced_as_a_whole() {
        let folder = std::env::temp_dir().join(format!("postern-files-{}", std::process::id()));
        assert_eq!(read(&folder, "secrets.json").unwrap(), None);
        for text in ["a longer text", "short"] {
            replace(&folder, "secrets.json", text).unwrap();
            let kept = read(&folder, "secrets.json").unwrap();
            assert_eq!(kept.as_deref(), Some(text));
        }
        assert_eq!(mode(&folder.join("secrets.json")), 0o600);
        assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 1);
        std::fs::remove_dir_all(&folder).unwrap();
    }

    #[test]
    fn a_symbolic_link_is_refused_and_what_it_leads_to_is_left_alone() {
        let folder = std::env::temp_dir().join(format!("postern-links-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let other = folder.join("other");
        std::fs::write(&other, "mine").unwrap();
        std::fs::set_permissions(&other, Permissions::from_mode(0o644)).unwrap();
        for name in [LOCK, "dynamodb.sqlite", "sqs.sqlite-wal"] {
            let link = folder.join(name);
            std::os::unix::fs::symlink(&other, &link).unwrap();
            let refused = match name {
                LOCK => lock(&folder, ([127, 0, 0, 1], 3000).into()).unwrap_err(),
                "dynamodb.sqlite" => crate::dynamodb::open(Some(&folder)).err().unwrap(),
                _ => crate::queues::open(Some(&folder)).err().unwrap(),
            };
            assert_eq!(refused.code(), "data_unusable", "{name}: {refused}");
            std::fs::remove_file(&link).unwrap();
        }
        assert_eq!(std::fs::read_to_string(&other).unwrap(), "mine");
        assert_eq!(mode(&other), 0o644);
        std::fs::remove_dir_all(&folder).unwrap();
    }
}
