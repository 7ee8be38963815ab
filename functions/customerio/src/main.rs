//! The Customerio receiver.

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::process::ExitCode {
    shared::receiver::run(&customerio::Customerio).await
}
