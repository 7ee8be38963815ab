//! The queue and the table that the functions under test reach over TLS: the local stack's own.

use std::collections::BTreeMap;
use std::path::PathBuf;

use registry::SENDERS;
use sqs::Sqs;
use stack::template::{ACCOUNT, REGION, TEMPLATE, Template, providers};
use stack::{build, dynamodb, queues};
use tokio::net::TcpListener;

use crate::outcome::Outcome;
use crate::tls;

/// Where the benchmark keeps what it makes.
pub(crate) fn work_folder() -> PathBuf {
    build::root().join("target/bench")
}

/// A queue and a table at work.
pub(crate) struct Services {
    pub(crate) sqs: Sqs,
    pub(crate) template: Template,
    /// The table without TLS, for the benchmark's own questions.
    pub(crate) table_address: String,
    sqs_port: u16,
    table_port: u16,
}

impl Services {
    pub(crate) async fn start() -> Outcome<Self> {
        std::fs::create_dir_all(work_folder())?;
        let acceptor = tls::acceptor(&authority())?;
        let all = providers(SENDERS.iter().map(|provider| provider.name()));
        let template = Template::parse(TEMPLATE, &[all], "").map_err(|error| error.to_string())?;

        let sqs = Sqs::new(REGION);
        queues::create(&sqs, &template.queues)?;
        let sqs_port = tls::serve(acceptor.clone(), sqs::http::router(&sqs)).await?;

        let database = dynamodb::open(None)?;
        for (name, properties) in &template.tables {
            dynamodb::create_table(&database, name, properties)?;
        }
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let _ = dynamodb::serve(listener, database); // for as long as the benchmark runs
        let table_port = tls::front(acceptor, address).await?;
        Ok(Self {
            sqs,
            template,
            table_address: address.to_string(),
            sqs_port,
            table_port,
        })
    }

    /// What a function needs to find them.
    pub(crate) fn environment(&self) -> BTreeMap<String, String> {
        let authority = authority().to_string_lossy().into_owned();
        let sqs = format!("https://localhost:{}", self.sqs_port);
        let queue = format!("{sqs}/{ACCOUNT}/DeliveriesQueue");
        let dead_letters = format!("{sqs}/{ACCOUNT}/DeadLetterQueue");
        [
            ("SSL_CERT_FILE", authority.clone()),
            ("AWS_CA_BUNDLE", authority),
            ("AWS_ENDPOINT_URL_SQS", sqs),
            (
                "AWS_ENDPOINT_URL_DYNAMODB",
                format!("https://localhost:{}", self.table_port),
            ),
            // Lambda says it twice; Python reads this one
            ("AWS_DEFAULT_REGION", REGION.to_owned()),
            ("QUEUE_URL", queue),
            ("DEAD_LETTER_QUEUE_URL", dead_letters),
            ("TABLE_NAME", "EventsTable".to_owned()),
            ("RETENTION_DAYS", "400".to_owned()),
        ]
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
    }
}

fn authority() -> PathBuf {
    work_folder().join("authority.pem")
}
