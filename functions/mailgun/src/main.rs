//! The Mailgun receiver.

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::process::ExitCode {
    shared::receiver::run(&mailgun::Mailgun).await
}
