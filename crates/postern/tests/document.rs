//! Runs every sample of docs/cli.md, in its order, on a stack of its own.
//!
//! `TRYCMD=overwrite cargo test -p postern --test document` writes what was printed into it.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test may panic: that is how it fails"
)]

#[path = "tool/running.rs"]
#[expect(dead_code, reason = "this test only needs a stack")]
mod running;

use std::path::Path;

use running::{Up, VARIABLES};

#[test]
fn every_sample_of_the_document_prints_what_it_says() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    std::env::set_current_dir(&root).expect("the repository");
    let stack = Up::start(&[]);
    let cases = trycmd::TestCases::new();
    cases.register_bin("postern", Path::new(env!("CARGO_BIN_EXE_postern")));
    for name in VARIABLES {
        cases.env(name, "");
    }
    cases.env("POSTERN_PORT", stack.ports[0].to_string());
    cases.case(root.join("docs/cli.md"));
    cases.run();
}
