//! A whole local stack, with the functions as they are deployed.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use stack::build::{Selection, in_folder, with_cargo};
use stack::lambda::Output;
use stack::live::Live;
use stack::poller::Observer;
use stack::{Options, Stack};

use crate::outcome::Outcome;
use crate::workload::no_others;

/// How a stack differs from one as it is shipped.
pub(crate) struct Local<'a> {
    /// A folder of binaries to take instead of building them.
    pub(crate) built: Option<&'a Path>,
    /// The template's parameters.
    pub(crate) parameters: Vec<(&'static str, String)>,
    /// What goes wrong, and how often.
    pub(crate) faults: Vec<String>,
    pub(crate) output: Output,
}

impl Local<'_> {
    /// Starts it on free ports, and tells the `observer` what becomes of each message.
    pub(crate) async fn start(self, observer: Observer) -> Outcome<Stack> {
        let launcher = match self.built {
            Some(folder) => in_folder(folder.to_owned()),
            None => with_cargo(Selection::Deployed, true),
        };
        let faults: Result<Vec<_>, _> = self.faults.iter().map(|fault| fault.parse()).collect();
        let parameters = self.parameters.into_iter();
        let options = Options {
            port: 0,
            sqs_port: 0,
            dynamodb_port: 0,
            secrets: operator::secrets::for_receivers(&no_others())?,
            parameters: parameters
                .map(|(name, value)| (name.to_owned(), value))
                .collect(),
            data: None,
            retry_after: Duration::from_secs(1),
            launcher,
            output: self.output,
            observer,
            live: Live::default(),
            bus_at: None,
            faults: faults?,
            seed: 1,
            hour: None,
            page: None,
        };
        Ok(Stack::start(options).await?)
    }
}

/// For messages of which nobody asks what became of them.
pub(crate) fn unobserved() -> Observer {
    Arc::new(|_| {})
}
