//! Lambda's Runtime API: take an event, give the answer.

use bytes::Bytes;
use http_body_util::Full;
use hyper::Request;
use hyper::header::HOST;

use crate::environment::needed;
use crate::http::Connection;
use crate::outcome::Outcome;

/// The Runtime API, connected.
pub(crate) struct Lambda {
    connection: Connection,
    host: String,
}

impl Lambda {
    /// Connects.
    pub(crate) async fn connect() -> Outcome<Self> {
        let host = needed("AWS_LAMBDA_RUNTIME_API")?;
        let connection = Connection::plain(&host).await?;
        Ok(Self { connection, host })
    }

    /// Returns the next event and its request id.
    pub(crate) async fn next(&mut self) -> Outcome<(Bytes, String)> {
        let next = Request::get("/2018-06-01/runtime/invocation/next").header(HOST, &self.host);
        let event = self.connection.send(next.body(Full::default())?).await?;
        let id = event.headers.get("lambda-runtime-aws-request-id");
        let id = id.ok_or("an invocation without an id")?.to_str()?;
        Ok((event.body, id.to_owned()))
    }

    /// Gives the answer to an event.
    pub(crate) async fn answer(&mut self, id: &str, answer: Vec<u8>) -> Outcome<()> {
        let path = format!("/2018-06-01/runtime/invocation/{id}/response");
        let done = Request::post(path).header(HOST, &self.host);
        let done = done.body(Full::new(Bytes::from(answer)))?;
        self.connection.send(done).await?;
        Ok(())
    }
}
