//! The Mailtrap receiver.

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::process::ExitCode {
    runtime::receiver::run(&mailtrap::Mailtrap).await
}
