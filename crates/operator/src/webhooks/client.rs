//! Asks the API that manages the endpoints of a stack.

use std::time::Duration;

use bytes::Bytes;
use http::{Method, Request, StatusCode, header};
use http_body_util::Full;
use outlets::manage::{
    Created, Hidden, List, Problem, Removed, Retried, Rotated, Shown, Tested, Undelivered,
};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

use super::error::WebhookError;
use super::signed::Auth;
use crate::http::Http;
use crate::print::now;
use crate::target::Target;

/// How long the API may take: a little longer than API Gateway waits for a function.
const PATIENCE: Duration = Duration::from_secs(35);

/// The API of one stack.
pub struct Webhooks {
    http: Http,
    url: String,
    auth: Auth,
}

/// A new endpoint. What is empty is left to the API.
#[derive(Clone, Debug, Default)]
pub struct Addition {
    /// Where it is.
    pub url: Hidden,
    /// What it wants, such as `bounced:hard,complained`.
    pub events: String,
    /// The providers that it is narrowed to.
    pub providers: Vec<String>,
    /// The labels of keys that it is narrowed to.
    pub sources: Vec<String>,
    /// Headers of its own.
    pub headers: Vec<(String, Hidden)>,
    /// Its secret. Without one, the API makes it.
    pub secret: Option<Hidden>,
}

impl Addition {
    fn body(&self) -> Value {
        let mut body = json!({"url": self.url, "events": self.events});
        let mut put = |name: &str, value: Value| {
            if let Some(fields) = body.as_object_mut() {
                fields.insert(name.to_owned(), value);
            }
        };
        if !self.providers.is_empty() {
            put("providers", json!(self.providers));
        }
        if !self.sources.is_empty() {
            put("sources", json!(self.sources));
        }
        if !self.headers.is_empty() {
            let headers = self.headers.iter();
            let headers = headers.map(|(name, value)| (name.clone(), json!(value)));
            put("headers", headers.collect::<Map<_, _>>().into());
        }
        if let Some(secret) = &self.secret {
            put("secret", json!(secret));
        }
        body
    }
}

impl Webhooks {
    /// Returns the API of a stack. The `key` is sent only if the stack wants one.
    ///
    /// # Errors
    /// Returns [`WebhookError::Off`] if the stack has no outlets, and [`WebhookError::NoKey`] if it
    /// wants a key and there is none.
    pub fn of(target: &Target, key: Option<Hidden>) -> Result<Self, WebhookError> {
        let is_local = target.local_stack().is_some();
        let outlets = target.outlets().ok_or(WebhookError::Off { is_local })?;
        let auth = match (outlets.api_auth.as_str(), key) {
            ("key", Some(key)) => Auth::Key(key),
            ("key", None) => return Err(WebhookError::NoKey),
            _ => Auth::Iam(Box::new(target.tables().clone())),
        };
        Ok(Self {
            http: Http::new(PATIENCE),
            url: outlets.manage_url.trim_end_matches('/').to_owned(),
            auth,
        })
    }

    /// Returns every endpoint, in the order of their ids.
    ///
    /// # Errors
    /// Returns a [`WebhookError`] if the API refuses or does not answer, here and below.
    pub async fn list(&self) -> Result<Vec<Shown>, WebhookError> {
        Ok(self.all().await?.webhooks)
    }

    /// Returns every endpoint, and how the event bus does, if there is one.
    ///
    /// # Errors
    /// As for all.
    pub async fn all(&self) -> Result<List, WebhookError> {
        self.ask(Method::GET, "", None).await
    }

    /// Returns one endpoint.
    ///
    /// # Errors
    /// As for all.
    pub async fn one(&self, id: u64) -> Result<Shown, WebhookError> {
        self.ask(Method::GET, &format!("/{id}"), None).await
    }

    /// Adds an endpoint. The answer has its secret only if none was given.
    ///
    /// # Errors
    /// As for all.
    pub async fn add(&self, addition: &Addition) -> Result<Created, WebhookError> {
        self.ask(Method::POST, "", Some(addition.body())).await
    }

    /// Has an endpoint told nothing more. What it misses is held.
    ///
    /// # Errors
    /// As for all.
    pub async fn pause(&self, id: u64) -> Result<Shown, WebhookError> {
        let body = json!({"active": false});
        self.ask(Method::PATCH, &format!("/{id}"), Some(body)).await
    }

    /// Has an endpoint told again. What was held is sent, or dropped.
    ///
    /// # Errors
    /// As for all.
    pub async fn resume(&self, id: u64, drop_held: bool) -> Result<Shown, WebhookError> {
        let body = if drop_held {
            json!({"active": true, "held": "drop"})
        } else {
            json!({"active": true})
        };
        self.ask(Method::PATCH, &format!("/{id}"), Some(body)).await
    }

    /// Removes an endpoint, with all that waits for it.
    ///
    /// # Errors
    /// As for all.
    pub async fn remove(&self, id: u64) -> Result<Removed, WebhookError> {
        self.ask(Method::DELETE, &format!("/{id}"), None).await
    }

    /// Sends a test, and waits some seconds for what becomes of it.
    ///
    /// # Errors
    /// As for all.
    pub async fn test(&self, id: u64) -> Result<Tested, WebhookError> {
        self.ask(Method::POST, &format!("/{id}/test"), Some(json!({})))
            .await
    }

    /// Gives an endpoint another secret: this one, or one that is made. The old one signs beside it
    /// for so many hours.
    ///
    /// # Errors
    /// As for all.
    pub async fn rotate(
        &self,
        id: u64,
        keep_hours: u64,
        secret: Option<&Hidden>,
    ) -> Result<Rotated, WebhookError> {
        let body = match secret {
            Some(secret) => json!({"keep_hours": keep_hours, "secret": secret}),
            None => json!({"keep_hours": keep_hours}),
        };
        self.ask(Method::POST, &format!("/{id}/rotate"), Some(body))
            .await
    }

    /// Returns what waits for an endpoint, from the start or from where the last answer ended.
    ///
    /// # Errors
    /// As for all.
    pub async fn undelivered(
        &self,
        id: u64,
        after: Option<&Hidden>,
    ) -> Result<Undelivered, WebhookError> {
        // What the API says is base64 for URLs. Whatever else it is would be another request.
        let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_=".contains(c);
        let query = match after.map(Hidden::expose) {
            Some(after) if after.chars().all(is_plain) => format!("?after={after}"),
            Some(_) => return Err(WebhookError::Unreadable),
            None => String::new(),
        };
        self.ask(Method::GET, &format!("/{id}/undelivered{query}"), None)
            .await
    }

    /// Sends again what waits for an endpoint: the notification with this id, or all.
    ///
    /// # Errors
    /// As for all.
    pub async fn retry(&self, id: u64, one: Option<&str>) -> Result<Retried, WebhookError> {
        let body = match one {
            Some(one) => json!({"id": one}),
            None => json!({"all": true}),
        };
        self.ask(Method::POST, &format!("/{id}/retry"), Some(body))
            .await
    }

    async fn ask<T: DeserializeOwned>(
        &self,
        method: Method,
        path: &str,
        body: Option<Value>,
    ) -> Result<T, WebhookError> {
        let body = match body {
            Some(body) => serde_json::to_vec(&body).map_err(|_| WebhookError::Request)?,
            None => Vec::new(),
        };
        let request = Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.url))
            .header(header::CONTENT_TYPE, "application/json")
            .body(Full::new(Bytes::from(body.clone())));
        let mut request = request.map_err(|_| WebhookError::Request)?;
        self.auth.sign(&mut request, &body, now()).await?;
        let answer = self.http.send(request).await;
        let (status, body) = answer.map_err(|cause| WebhookError::NoAnswer { cause })?;
        read(status, &body)
    }
}

/// Reads an answer.
fn read<T: DeserializeOwned>(status: StatusCode, body: &[u8]) -> Result<T, WebhookError> {
    if status.is_success() {
        return serde_json::from_slice(body).map_err(|_| WebhookError::Unreadable);
    }
    // What the gateway itself refuses has another form.
    let said = serde_json::from_slice::<Problem>(body);
    let (code, message) = match said {
        Ok(Problem { error }) => (error.code, error.message),
        Err(_) => (String::new(), String::new()),
    };
    Err(WebhookError::Refused {
        status: status.as_u16(),
        code,
        message,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_was_said_is_sent() {
        let bare = Addition {
            url: "https://crm.example.com/hooks".into(),
            events: "bounced".to_owned(),
            ..Addition::default()
        };
        let wanted = json!({"url": "https://crm.example.com/hooks", "events": "bounced"});
        assert_eq!(bare.body(), wanted);
        let full = Addition {
            providers: vec!["resend".to_owned()],
            sources: vec!["eu".to_owned()],
            headers: vec![("x-token".to_owned(), "abc".into())],
            secret: Some("whsec_x".into()),
            ..bare
        };
        let body = full.body();
        assert_eq!(body["headers"], json!({"x-token": "abc"}));
        assert_eq!(body["secret"], "whsec_x");
        let debug = format!("{full:?}");
        assert!(!debug.contains("whsec_x") && !debug.contains("abc") && !debug.contains("crm"));
    }

    #[test]
    fn an_answer_is_read_and_a_refusal_says_its_code() {
        let removed: Removed =
            read(StatusCode::OK, br#"{"id":3,"removed":true}"#).expect("an answer");
        assert_eq!(removed.id, 3);
        let refused = |status, body: &[u8]| read::<Removed>(status, body).expect_err("a refusal");
        let said = refused(
            StatusCode::NOT_FOUND,
            br#"{"error":{"code":"webhook_unknown","message":"there is no such webhook"}}"#,
        );
        assert_eq!(said.to_string(), "there is no such webhook");
        let by_gateway = refused(StatusCode::FORBIDDEN, br#"{"message":"Forbidden"}"#);
        assert_eq!(by_gateway.code(), "webhooks_not_allowed");
        let unreadable = refused(StatusCode::OK, b"<html>");
        assert_eq!(unreadable.code(), "answer_unreadable");
    }
}
