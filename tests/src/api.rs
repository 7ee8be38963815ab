//! The API that manages the endpoints, asked by somebody whom IAM lets in.

use operator::print::now;
use operator::send::Reply;
use serde_json::Value;
use stack::gateway::iam;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::stack::Running;

/// An answer of the API.
pub struct Answer {
    /// Its status.
    pub status: u16,
    /// Its body, to the letter.
    pub text: String,
    /// Its body.
    pub body: Value,
}

impl Answer {
    /// The body of a request that went well.
    ///
    /// # Panics
    /// It did not.
    #[expect(clippy::must_use_candidate, reason = "it is a check, too")]
    pub fn ok(self) -> Value {
        assert_eq!(self.status, 200, "{}", self.text);
        self.body
    }

    /// The status and the code of a request that was refused.
    ///
    /// # Panics
    /// The body is not that of a refusal.
    #[must_use]
    pub fn refused(&self) -> (u16, &str) {
        let fields = self.body.as_object().expect("an object");
        assert_eq!(fields.len(), 1, "{}", self.text);
        let error = fields["error"].as_object().expect("an error");
        assert_eq!(error.len(), 2, "{}", self.text);
        let message = error["message"].as_str().expect("a message");
        assert!(!message.is_empty());
        (self.status, error["code"].as_str().expect("a code"))
    }
}

/// Reads an answer, whose body is JSON.
impl From<Reply> for Answer {
    fn from(reply: Reply) -> Self {
        Self {
            status: reply.status.as_u16(),
            body: serde_json::from_str(&reply.body).expect("JSON"),
            text: reply.body,
        }
    }
}

impl Running {
    /// Sends a signed request.
    pub async fn api(&self, method: &str, path: &str, body: &[u8]) -> Reply {
        let url = format!("http://{}{path}", self.stack.api);
        let headers = iam::headers(method, &url, body, now()).expect("a URL");
        let headers: Vec<(&str, String)> = headers
            .iter()
            .map(|(name, value)| (name.as_str(), value.clone()))
            .collect();
        self.ask(method, path, &headers, body).await
    }

    /// Sends a request with these headers.
    pub async fn ask(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, String)],
        body: &[u8],
    ) -> Reply {
        let address = self.stack.api;
        let own = format!("host: {address}\r\ncontent-length: {}\r\n", body.len());
        let rest = "content-type: application/json\r\nconnection: close\r\n";
        let given = headers
            .iter()
            .map(|(name, value)| [name, ": ", value, "\r\n"].concat());
        let given: Vec<String> = given.collect();
        let head = format!(
            "{method} {path} HTTP/1.1\r\n{own}{rest}{}\r\n",
            given.concat()
        );
        let request = [head.as_bytes(), body].concat();
        let mut stream = TcpStream::connect(address).await.expect("connected");
        stream.write_all(&request).await.expect("sent");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.expect("an answer");
        reply(&answer)
    }

    /// Every item of the table of the endpoints, as one text.
    pub async fn outlets_dump(&self) -> String {
        let outlets = self.stack.outlets.as_ref().expect("outlets");
        let client = self.events.client();
        let scanning = client.scan().table_name(&outlets.table);
        let found = scanning.send().await.expect("items");
        format!("{:?}", found.items())
    }
}

fn reply(answer: &str) -> Reply {
    let (head, body) = answer.split_once("\r\n\r\n").expect("a head");
    let status = head.split(' ').nth(1).expect("a status");
    let id = head.lines().find_map(|line| {
        let (name, value) = line.split_once(": ")?;
        (name == "apigw-requestid").then(|| value.to_owned())
    });
    Reply {
        status: status.parse().expect("a status"),
        body: body.to_owned(),
        request_id: id,
    }
}
