//! Log lines: one a webhook, one a batch.

use std::io::Write as _;

use serde::Serialize;

use crate::outcome::Outcome;

/// Writes a line.
pub(crate) fn write(fields: &impl Serialize) -> Outcome<()> {
    let mut text = serde_json::to_vec(fields)?;
    text.push(b'\n');
    std::io::stdout().lock().write_all(&text)?;
    Ok(())
}
