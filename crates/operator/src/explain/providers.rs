//! What fails with one provider, and why: the table "When it fails" of its page, which `build.rs`
//! reads.

use super::table::{Row, Table};

/// Makes the entry of a provider of the rows of its page.
macro_rules! page {
    ($provider:literal, $rows:expr) => {
        (
            $provider,
            Table {
                document: concat!("docs/providers/", $provider, ".md"),
                heading: "## When it fails",
                columns: ["`code` in the log", "cause", "cure"],
                rows: $rows,
            },
        )
    };
}

include!(concat!(env!("OUT_DIR"), "/pages.rs"));
