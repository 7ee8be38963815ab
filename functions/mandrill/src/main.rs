//! The Mandrill receiver.

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::process::ExitCode {
    runtime::receiver::run(&mandrill::Mandrill).await
}
