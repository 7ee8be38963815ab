//! A server of one connection, which does as it is told.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio::time::sleep;

/// What is posted.
pub(super) const BODY: &str = r#"{"type":"postern.test"}"#;

pub(super) struct Server {
    address: SocketAddr,
    request: Arc<Mutex<Vec<u8>>>,
    task: JoinHandle<usize>,
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

pub(super) fn ok() -> Vec<u8> {
    b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n".to_vec()
}

impl Server {
    /// Returns a server that reads a request, answers so, and closes the connection.
    pub(super) async fn answering(answer: Vec<u8>) -> Self {
        Self::doing(move |mut stream| async move {
            let _ = stream.write_all(&answer).await;
            let _ = stream.shutdown().await;
            answer.len()
        })
        .await
    }

    /// Returns a server that reads a request, writes this, and then the other again and again, or
    /// nothing more while the connection stays open.
    pub(super) async fn then(first: &'static [u8], again: Option<Vec<u8>>) -> Self {
        Self::doing(move |mut stream| async move {
            let _ = stream.write_all(first).await;
            let Some(again) = again else {
                sleep(Duration::from_mins(1)).await;
                return 0;
            };
            let mut sent = 0;
            while stream.write_all(&again).await.is_ok() {
                sent += again.len();
            }
            sent
        })
        .await
    }

    /// Returns a server that answers without reading.
    pub(super) async fn at_once(answer: Vec<u8>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let task = tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            let _ = stream.write_all(&answer).await;
            let _ = stream.shutdown().await;
            let _ = stream.read(&mut [0; 4096]).await;
            answer.len()
        });
        Self {
            address,
            request: Arc::default(),
            task,
        }
    }

    async fn doing<F>(answer: impl FnOnce(TcpStream) -> F + Send + 'static) -> Self
    where
        F: Future<Output = usize> + Send,
    {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let request = Arc::new(Mutex::new(Vec::new()));
        let kept = request.clone();
        let task = tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            read(&mut stream, &kept).await;
            answer(stream).await
        });
        Self {
            address,
            request,
            task,
        }
    }

    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }

    pub(super) fn port(&self) -> u16 {
        self.address.port()
    }

    pub(super) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// Returns what was read.
    pub(super) fn request(&self) -> String {
        String::from_utf8(self.request.lock().unwrap().clone()).unwrap()
    }

    /// Waits until the server is done, and returns how many bytes it could send.
    pub(super) async fn ended(mut self) -> usize {
        (&mut self.task).await.unwrap()
    }
}

async fn read(stream: &mut TcpStream, kept: &Mutex<Vec<u8>>) {
    let mut buffer = [0; 4096];
    while !kept.lock().unwrap().ends_with(BODY.as_bytes()) {
        let read = stream.read(&mut buffer).await.unwrap_or(0);
        if read == 0 {
            return;
        }
        kept.lock().unwrap().extend_from_slice(&buffer[..read]);
    }
}
