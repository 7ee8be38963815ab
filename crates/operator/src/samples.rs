//! Finds the samples of this checkout, in `events/`.

use std::path::{Path, PathBuf};

use shared::provider::Provider;

use crate::error::Error;

/// Returns the folder of the samples. It has a folder for each provider.
pub(crate) fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../events")
}

/// Returns the sample bodies of a provider, sorted: every `events/<provider>/*.json` except the
/// expectations and the recorded request.
///
/// # Errors
/// Returns [`Error::Unreadable`] if the folder cannot be read.
pub fn samples(provider: &dyn Provider) -> Result<Vec<PathBuf>, Error> {
    let folder = folder().join(provider.name());
    let failed = |source| Error::Unreadable {
        path: folder.clone(),
        source,
    };
    let mut files = Vec::new();
    for entry in std::fs::read_dir(&folder).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        let name = path
            .file_name()
            .and_then(|name| name.to_str())
            .unwrap_or_default();
        let is_body = path
            .extension()
            .is_some_and(|extension| extension == "json");
        if is_body && name != "request.json" && !name.ends_with(".expected.json") {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}
