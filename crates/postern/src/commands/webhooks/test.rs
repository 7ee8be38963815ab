//! `webhooks test`: sends an endpoint a test, by the way of all notifications.

use operator::Exit;
use operator::print::printable;
use outlets::manage::Tested;

use super::api::ApiArgs;
use super::id::endpoint;
use crate::environment::Environment;
use crate::error::CommandError;
use crate::output::Output;

const EXAMPLES: &str = "Examples:
  postern webhooks test 3
  postern webhooks test 3 --stack postern";

/// Send an endpoint a test, and say what it answers
///
/// The test goes through the same queue and the same rules as every notification. Exit code 1 if
/// the endpoint fails, 3 if nothing is known after 18 seconds.
#[derive(clap::Args)]
#[command(before_help = EXAMPLES)]
pub(crate) struct Args {
    /// The endpoint's id
    #[arg(value_name = "ID", value_parser = endpoint)]
    id: u64,
    #[command(flatten)]
    api: ApiArgs,
}

/// Prints what became of the test.
pub(super) async fn run(
    args: Args,
    out: &Output,
    environment: &Environment,
) -> Result<Exit, CommandError> {
    let api = args.api.changing(out, environment).await?;
    let tested = api.test(args.id).await?;
    if out.is_json() {
        out.json(&tested)?;
    } else {
        out.line(&printable(&said(&tested)));
    }
    Ok(match tested.delivered {
        Some(true) => Exit::Done,
        Some(false) => Exit::No,
        None => Exit::Unreachable,
    })
}

fn said(tested: &Tested) -> String {
    let Tested {
        id,
        delivered,
        code,
        status,
        latency_ms,
    } = tested;
    let in_ms = latency_ms.map_or_else(String::new, |ms| format!(" in {ms} ms"));
    let code = code.as_deref().unwrap_or("failed");
    match (delivered, status) {
        (None, _) => format!("{id} is on its way: nothing is known yet"),
        (Some(true), status) => {
            format!(
                "{}{in_ms}, {id}, both signatures sent",
                status.unwrap_or(200)
            )
        }
        (Some(false), Some(status)) => format!("{status}{in_ms}, {id}: {code}"),
        (Some(false), None) => format!("no answer{in_ms}, {id}: {code}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_became_of_a_test_is_one_line() {
        let tested = |delivered, status, code: &str| Tested {
            id: "tst_1".to_owned(),
            delivered,
            code: Some(code.to_owned()),
            status,
            latency_ms: Some(143),
        };
        for (tested, wanted) in [
            (
                tested(Some(true), Some(200), "delivered"),
                "200 in 143 ms, tst_1, both signatures sent",
            ),
            (
                tested(Some(false), Some(503), "http_503"),
                "503 in 143 ms, tst_1: http_503",
            ),
            (
                tested(Some(false), None, "tls_handshake"),
                "no answer in 143 ms, tst_1: tls_handshake",
            ),
        ] {
            assert_eq!(said(&tested), wanted);
        }
    }
}
