//! The answers, as the gateway takes them.

use lambda_http::aws_lambda_events::apigw::ApiGatewayV2httpResponse;
use lambda_http::http::{HeaderName, HeaderValue, header};
use outlets::manage::{Problem, Refusal};
use serde::Serialize;

/// An answer: its status, and its body.
#[derive(Debug)]
pub(crate) struct Answer {
    status: u16,
    body: Body,
    /// A header beside those of every answer.
    also: Option<(HeaderName, &'static str)>,
}

/// A body that is never printed.
struct Body(String);

impl std::fmt::Debug for Body {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Body")
    }
}

impl Answer {
    /// Returns the answer of something that went well.
    pub(crate) fn ok(body: &impl Serialize) -> Self {
        Self::new(200, body)
    }

    /// Returns the answer of something that is on its way.
    pub(crate) fn accepted(body: &impl Serialize) -> Self {
        Self::new(202, body)
    }

    /// Returns the answer of something that is refused.
    pub(crate) fn refused(refusal: &Refusal) -> Self {
        let problem = Problem::new(refusal.code(), refusal.to_string());
        Self::new(refusal.status(), &problem)
    }

    /// Returns this answer with one more header.
    pub(crate) fn with(mut self, name: HeaderName, value: &'static str) -> Self {
        self.also = Some((name, value));
        self
    }

    fn new(status: u16, body: &impl Serialize) -> Self {
        match serde_json::to_string(body) {
            Ok(body) => Self {
                status,
                body: Body(body),
                also: None,
            },
            // No type of ours fails to be written.
            Err(_) => Self {
                status: 500,
                body: Body("{}".to_owned()),
                also: None,
            },
        }
    }
}

impl From<Answer> for ApiGatewayV2httpResponse {
    fn from(answer: Answer) -> Self {
        let mut response = Self::default();
        response.status_code = i64::from(answer.status);
        let headers = [
            (header::CONTENT_TYPE, "application/json"),
            (header::CACHE_CONTROL, "no-store"),
        ];
        for (name, value) in headers.into_iter().chain(answer.also) {
            let value = HeaderValue::from_static(value);
            response.headers.insert(name, value);
        }
        response.body = Some(answer.body.0.into());
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_answer_is_json_and_is_kept_nowhere() {
        let refused = Answer::refused(&Refusal::Method).with(header::ALLOW, "GET");
        assert!(!format!("{refused:?}").contains("error"));
        let response = ApiGatewayV2httpResponse::from(refused);
        assert_eq!(response.status_code, 405);
        assert_eq!(response.headers["content-type"], "application/json");
        assert_eq!(response.headers["cache-control"], "no-store");
        assert_eq!(response.headers["allow"], "GET");
        let body = format!("{:?}", response.body);
        assert!(body.contains("method_not_allowed"), "{body}");
    }
}
