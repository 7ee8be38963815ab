//! AWS Signature Version 4 for a POST of JSON (AWS IAM user guide, "Create a signed AWS API
//! request"), and the call that it signs.

use std::fmt::Write as _;

use bytes::Bytes;
use hmac::{Hmac, KeyInit as _, Mac as _};
use http_body_util::Full;
use hyper::header::{AUTHORIZATION, CONTENT_TYPE, HOST};
use hyper::{Request, Uri};
use jiff::Timestamp;
use jiff::tz::Offset;
use sha2::{Digest as _, Sha256};

use crate::environment::{needed, now};
use crate::http::Connection;
use crate::outcome::Outcome;

const ALGORITHM: &str = "AWS4-HMAC-SHA256";
const JSON: &str = "application/x-amz-json-1.0";
const SIGNED: &str = "content-type;host;x-amz-date;x-amz-target";

/// A service of AWS, connected.
pub(crate) struct Service {
    connection: Connection,
    host: String,
    target: &'static str,
    signer: Signer,
}

impl Service {
    /// Connects to the service whose endpoint this variable names.
    pub(crate) async fn connect(
        variable: &str,
        service: &'static str,
        target: &'static str,
    ) -> Outcome<Self> {
        let endpoint: Uri = needed(variable)?.parse()?;
        let connection = Connection::tls(&endpoint).await?;
        let host = endpoint.authority().ok_or("an endpoint without a host")?;
        Ok(Self {
            connection,
            host: host.to_string(),
            target,
            signer: Signer::new(service)?,
        })
    }

    /// Calls the operation with its JSON.
    pub(crate) async fn call(&mut self, json: Vec<u8>) -> Outcome<Bytes> {
        let at = Instant::of(now());
        let mut canonical = String::with_capacity(256);
        write!(
            canonical,
            "POST\n/\n\ncontent-type:{JSON}\nhost:{}\nx-amz-date:{}\nx-amz-target:{}\n\n{SIGNED}\n",
            self.host, at.time, self.target
        )?;
        canonical.push_str(&hex::encode(Sha256::digest(&json)));
        let authorization = self.signer.authorization(&at, &canonical)?;
        let request = Request::post("/")
            .header(HOST, &self.host)
            .header(CONTENT_TYPE, JSON)
            .header("x-amz-date", at.time)
            .header("x-amz-target", self.target)
            .header(AUTHORIZATION, authorization)
            .body(Full::new(Bytes::from(json)))?;
        Ok(self.connection.send(request).await?.body)
    }
}

/// A time as the signature writes it: `20260102T030405Z`, and its day.
struct Instant {
    time: String,
    day: String,
}

impl Instant {
    fn of(at: Timestamp) -> Self {
        let at = Offset::UTC.to_datetime(at);
        let day = format!("{:04}{:02}{:02}", at.year(), at.month(), at.day());
        let time = format!(
            "{day}T{:02}{:02}{:02}Z",
            at.hour(),
            at.minute(),
            at.second()
        );
        Self { time, day }
    }
}

/// Whose signatures these are. The key of a day is computed once.
struct Signer {
    key_id: String,
    secret: String,
    region: String,
    service: &'static str,
    day: String,
    key: [u8; 32],
}

impl Signer {
    fn new(service: &'static str) -> Outcome<Self> {
        Ok(Self {
            key_id: needed("AWS_ACCESS_KEY_ID")?,
            secret: needed("AWS_SECRET_ACCESS_KEY")?,
            region: needed("AWS_REGION")?,
            service,
            day: String::new(),
            key: [0; 32],
        })
    }

    fn authorization(&mut self, at: &Instant, canonical: &str) -> Outcome<String> {
        if self.day != at.day {
            self.day.clone_from(&at.day);
            self.key = signing_key(&self.secret, &at.day, &self.region, self.service)?;
        }
        let scope = format!("{}/{}/{}/aws4_request", at.day, self.region, self.service);
        let hash = hex::encode(Sha256::digest(canonical));
        let text = format!("{ALGORITHM}\n{}\n{scope}\n{hash}", at.time);
        let signature = hex::encode(mac(&self.key, text.as_bytes())?);
        Ok(format!(
            "{ALGORITHM} Credential={}/{scope}, SignedHeaders={SIGNED}, Signature={signature}",
            self.key_id
        ))
    }
}

fn signing_key(secret: &str, day: &str, region: &str, service: &str) -> Outcome<[u8; 32]> {
    let mut key = mac(format!("AWS4{secret}").as_bytes(), day.as_bytes())?;
    for part in [region, service, "aws4_request"] {
        key = mac(&key, part.as_bytes())?;
    }
    Ok(key)
}

fn mac(key: &[u8], text: &[u8]) -> Outcome<[u8; 32]> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key)?;
    mac.update(text);
    Ok(mac.finalize().into_bytes().into())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of AWS's page "Derive a signing key for Signature Version 4".
    #[test]
    fn the_key_and_the_signature_are_those_of_the_documents() {
        let secret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
        let key = signing_key(secret, "20150830", "us-east-1", "iam").unwrap();
        assert_eq!(
            hex::encode(key),
            "c4afb1cc5771d871763a393e44b703571b55cc28424d1a5e86da6ed3c154a4b9"
        );
        let text = "AWS4-HMAC-SHA256\n20150830T123600Z\n20150830/us-east-1/iam/aws4_request\n\
            f536975d06c0309214f805bb90ccff089219ecd68b2577efef23edd43b7e1a59";
        let signature = mac(&key, text.as_bytes()).unwrap();
        assert_eq!(
            hex::encode(signature),
            "5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7"
        );
    }

    #[test]
    fn a_time_is_written_without_punctuation() {
        let at = Instant::of(Timestamp::constant(1_767_323_045, 678_901_234));
        assert_eq!(
            (at.time.as_str(), at.day.as_str()),
            ("20260102T030405Z", "20260102")
        );
    }
}
