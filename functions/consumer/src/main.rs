//! The consumer Lambda.

use mimalloc::MiMalloc;

/// A large batch allocates hundreds of times an event. This allocator takes a third of the time of
/// the C library's (docs/performance.md).
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::process::ExitCode {
    consumer::run().await
}
