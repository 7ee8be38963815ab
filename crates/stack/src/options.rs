//! How to start a stack.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use crate::build::Launcher;
use crate::faults::Injection;
use crate::lambda::Output;
use crate::live::Live;
use crate::page::Page;
use crate::poller::Observer;

/// The table service's port unless another one is asked for.
pub const DYNAMODB_PORT: u16 = 8000;

/// How to start a stack.
#[derive(Clone)]
pub struct Options {
    /// The HTTP API's port. 0 stands for any free port.
    pub port: u16,
    /// The queue's port. 0 stands for any free port.
    pub sqs_port: u16,
    /// The table's port. 0 stands for any free port.
    pub dynamodb_port: u16,
    /// The secret that each receiver checks signatures with, by its function's name. It is put into
    /// the secrets service at the start. Unless the parameters choose others, these are the stack's
    /// providers.
    pub secrets: BTreeMap<String, String>,
    /// The template's parameters.
    pub parameters: Vec<(String, String)>,
    /// The folder that keeps the table and the queues between runs.
    pub data: Option<PathBuf>,
    /// The time after which a failed message is tried again.
    pub retry_after: Duration,
    /// Finds the functions' programs.
    pub launcher: Launcher,
    /// Called with the function and each line that it prints.
    pub output: Output,
    /// Called for every message that the consumer has handled.
    pub observer: Observer,
    /// Where what happens is told.
    pub live: Live,
    /// The page about the webhooks, if there is to be one.
    pub page: Option<Arc<dyn Page>>,
    /// Where another event bus is that takes what is put, in the place of the stack's own.
    pub bus_at: Option<SocketAddr>,
    /// The faults that are in force from the start.
    pub faults: Vec<Injection>,
    /// The seed that the faults' choices follow from.
    pub seed: u64,
    /// How long an hour lasts for all that waits to be told to others: an hour, unless it says so.
    pub hour: Option<Duration>,
}
