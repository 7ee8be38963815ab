//! Answers with the services' own throttling and internal errors (Amazon SQS API reference,
//! `SendMessage`; Amazon `DynamoDB` developer guide, "Error handling"; read 2026-11-21).

use axum::body::Body;
use axum::http::{HeaderName, HeaderValue, StatusCode, header::CONTENT_TYPE};
use axum::response::Response;
use serde_json::json;

use super::fault::Service;

const JSON_1_0: HeaderValue = HeaderValue::from_static("application/x-amz-json-1.0");
/// The header in which SQS repeats the error by its name in the older protocol. SDKs go by this
/// name.
const QUERY_ERROR: HeaderName = HeaderName::from_static("x-amzn-query-error");

/// Returns the service's throttling error.
pub(super) fn throttled(service: Service) -> Response {
    match service {
        Service::Queue => refusal(
            StatusCode::BAD_REQUEST,
            "com.amazonaws.sqs#RequestThrottled",
            "The request was denied due to request throttling.",
            Some("RequestThrottled;Sender"),
        ),
        Service::Table => refusal(
            StatusCode::BAD_REQUEST,
            "com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException",
            "The level of configured provisioned throughput for the table was exceeded. Consider increasing your provisioning level with the UpdateTable API.",
            None,
        ),
        Service::Bus => refusal(
            StatusCode::BAD_REQUEST,
            "ThrottlingException",
            "The request was denied due to request throttling.",
            None,
        ),
    }
}

/// Returns the service's internal error.
pub(super) fn failed(service: Service) -> Response {
    match service {
        Service::Queue => refusal(
            StatusCode::INTERNAL_SERVER_ERROR,
            "com.amazon.coral.service#InternalFailure",
            "The request processing has failed because of an unknown error, exception or failure.",
            Some("InternalFailure;Receiver"),
        ),
        Service::Table => refusal(
            StatusCode::INTERNAL_SERVER_ERROR,
            "com.amazonaws.dynamodb.v20120810#InternalServerError",
            "Internal server error",
            None,
        ),
        Service::Bus => refusal(
            StatusCode::INTERNAL_SERVER_ERROR,
            "InternalException",
            "An internal exception has occurred.",
            None,
        ),
    }
}

fn refusal(
    status: StatusCode,
    kind: &str,
    message: &str,
    query_error: Option<&'static str>,
) -> Response {
    let body = json!({"__type": kind, "message": message}).to_string();
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, JSON_1_0);
    if let Some(error) = query_error {
        let error = HeaderValue::from_static(error);
        response.headers_mut().insert(QUERY_ERROR, error);
    }
    response
}
