//! Posts what nobody has signed to each provider's URL. A receiver that is there, and has its key,
//! refuses it with 401.

use std::time::Duration;

use bytes::Bytes;
use futures_util::future::join_all;
use http::{Request, Response, header};
use http_body_util::Full;
use jiff::Timestamp;
use jiff::fmt::rfc2822;

use super::check::Check;
use operator::http::Http;
use operator::print::now;

const ID: &str = "routes";
/// How long an API may take to answer: a little longer than API Gateway waits for a function.
const PATIENCE: Duration = Duration::from_secs(35);

/// A provider and the URL of its webhooks.
pub(super) type Route = (String, String);

/// What the answers say.
pub(super) struct Answers {
    pub(super) checks: Vec<Check>,
    /// Whether every receiver has answered: then the name of the API leads to them. `None` if none
    /// was asked.
    #[cfg_attr(
        not(feature = "account"),
        expect(dead_code, reason = "only checks of a deployed stack ask")
    )]
    pub(super) are_ours: Option<bool>,
    /// The server's time in one of the answers, and ours when it came.
    #[cfg_attr(
        not(feature = "account"),
        expect(dead_code, reason = "only checks of a deployed stack ask")
    )]
    pub(super) clocks: Option<(Timestamp, Timestamp)>,
}

/// Posts to every route. `stack` says whether it is a deployed one, and its name.
pub(super) async fn asked(routes: &[Route], stack: Option<&str>) -> Answers {
    let http = &Http::new(PATIENCE);
    let posts = routes.iter().map(|(provider, url)| async move {
        let request = Request::post(url)
            .header(header::CONTENT_TYPE, "application/json")
            .body(Full::<Bytes>::default());
        let answer = match request {
            Ok(request) => answered(http, request).await,
            Err(error) => Err(error.to_string()),
        };
        (provider.as_str(), answer, now())
    });
    let answers = join_all(posts).await;
    let clocks = answers
        .iter()
        .find_map(|(_, answer, at)| clocks(answer, *at));
    let mut checks: Vec<Check> = Vec::new();
    for (provider, answer, _) in &answers {
        checks.extend(judged(provider, answer.as_ref(), stack));
    }
    let are_ours = checks.is_empty();
    if are_ours {
        let all = answers.len();
        let text = format!("{all} of {all} answer an unsigned POST 401");
        checks.push(Check::ok(ID, text));
    }
    Answers {
        checks,
        are_ours: Some(are_ours),
        clocks,
    }
}

#[cfg(feature = "account")]
impl Answers {
    /// Returns the answers where asking did not end.
    pub(super) fn none(cause: &str) -> Self {
        Self {
            checks: vec![Check::unanswered(ID, cause)],
            are_ours: None,
            clocks: None,
        }
    }
}

/// Posts nothing, and only asks the API what time it is.
#[cfg(feature = "account")]
pub(super) async fn looked(api: &str) -> Answers {
    let request = Request::get(format!("{api}/")).body(Full::<Bytes>::default());
    let answer = match request {
        Ok(request) => answered(&Http::new(PATIENCE), request).await,
        Err(error) => Err(error.to_string()),
    };
    Answers {
        checks: vec![Check::left_out(ID, "left out: --no-post")],
        are_ours: None,
        clocks: clocks(&answer, now()),
    }
}

async fn answered(http: &Http, request: Request<Full<Bytes>>) -> Result<Response<Bytes>, String> {
    let (status, headers, body) = http.exchange(request).await?;
    let mut answer = Response::new(body);
    *answer.status_mut() = status;
    *answer.headers_mut() = headers;
    Ok(answer)
}

/// Returns the server's time and ours.
fn clocks(
    answer: &Result<Response<Bytes>, String>,
    ours: Timestamp,
) -> Option<(Timestamp, Timestamp)> {
    let date = answer.as_ref().ok()?.headers().get(header::DATE)?;
    let date = rfc2822::parse(date.to_str().ok()?).ok()?;
    Some((date.timestamp(), ours))
}

/// Returns what is wrong with an answer.
fn judged(
    provider: &str,
    answer: Result<&Response<Bytes>, &String>,
    stack: Option<&str>,
) -> Option<Check> {
    let again = || match stack {
        Some(_) => "sam build && sam deploy".to_owned(),
        None => "stop it, and start it again: postern up".to_owned(),
    };
    let log = || match stack {
        Some(stack) => format!("aws logs tail /{stack}/{provider} --since 10m"),
        None => "what `postern up` prints says why".to_owned(),
    };
    let answer = match answer {
        Ok(answer) => answer,
        Err(cause) => {
            let text = format!("{provider}: no answer ({cause})");
            return Some(Check::failed(ID, text, "does its name resolve, is it up?"));
        }
    };
    // A gateway's own answer has a body, a receiver's has none.
    let is_receivers = answer.body().is_empty();
    let (what, fix) = match answer.status().as_u16() {
        401 => return None,
        200 => ("200: it takes what nobody has signed", again()),
        403 => (
            "403: refused before a receiver has seen it",
            "is a firewall in front, or the API's own address, which is off with a domain?"
                .to_owned(),
        ),
        404 => (
            "404: there is no such route",
            format!("is {provider} in Providers? then: {}", again()),
        ),
        // Brevo is told 429 where the others are told 503.
        429 if is_receivers => (
            "429: it has no key that it can use",
            format!("postern secret set {provider} {{target}}"),
        ),
        429 => (
            "429: throttled before a receiver has seen it",
            "RouteThrottleRate, if this lasts".to_owned(),
        ),
        503 if is_receivers => (
            "503: it has no key that it can use",
            format!("postern secret set {provider} {{target}}"),
        ),
        503 => ("503: it ran out of time", log()),
        500 | 502 => ("500: it does not start, or stopped", log()),
        status => {
            let text = format!("{provider}: an unsigned POST is answered {status}");
            return Some(Check::failed(ID, text, again()));
        }
    };
    let text = format!("{provider}: an unsigned POST is answered {what}");
    Some(Check::failed(ID, text, fix))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::State;

    fn line(status: u16, body: &'static str, stack: Option<&str>) -> Option<(String, String)> {
        let mut answer = Response::new(Bytes::from_static(body.as_bytes()));
        *answer.status_mut() = status.try_into().expect("a status");
        let check = judged("mailgun", Ok(&answer), stack)?;
        assert_eq!((check.id, check.state), (ID, State::Failed));
        Some((check.text, check.fix.expect("a fix")))
    }

    #[test]
    fn each_status_but_401_has_its_own_text() {
        let own = r#"{"message":"…"}"#;
        assert_eq!(line(401, "", None), None);
        for (status, body, text, fix) in [
            (
                200,
                "",
                "200: it takes what nobody has signed",
                "sam build && sam deploy",
            ),
            (
                403,
                own,
                "403: refused before a receiver has seen it",
                "is a firewall in front, or the API's own address, which is off with a domain?",
            ),
            (
                404,
                own,
                "404: there is no such route",
                "is mailgun in Providers? then: sam build && sam deploy",
            ),
            (
                429,
                own,
                "429: throttled before a receiver has seen it",
                "RouteThrottleRate, if this lasts",
            ),
            (
                429,
                "",
                "429: it has no key that it can use",
                "postern secret set mailgun {target}",
            ),
            (
                503,
                "",
                "503: it has no key that it can use",
                "postern secret set mailgun {target}",
            ),
            (
                503,
                own,
                "503: it ran out of time",
                "aws logs tail /mail/mailgun --since 10m",
            ),
            (
                500,
                own,
                "500: it does not start, or stopped",
                "aws logs tail /mail/mailgun --since 10m",
            ),
            (302, "", "302", "sam build && sam deploy"),
        ] {
            let wanted = format!("mailgun: an unsigned POST is answered {text}");
            let line = line(status, body, Some("mail"));
            assert_eq!(line, Some((wanted, fix.to_owned())), "{status}");
        }
    }
}
