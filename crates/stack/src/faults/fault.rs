//! What can go wrong.

use std::time::Duration;

/// A service that the functions call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Service {
    /// SQS.
    Queue,
    /// `DynamoDB`.
    Table,
    /// `EventBridge`.
    Bus,
}

/// What a service does to a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Trouble {
    /// Refuses the request with the service's own throttling error.
    Throttle,
    /// Answers 500 with the service's own internal error.
    Error,
    /// Resets the connection and does not do the work.
    Reset,
    /// Never answers and does not do the work.
    Hang,
    /// Waits before it does the work.
    Slow,
    /// Does the work, and then resets the connection instead of answering.
    Drop,
}

/// What an endpoint does to a notification.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Ailment {
    /// Answers 500.
    Error,
    /// Never answers.
    Hang,
    /// Resets the connection instead of answering, as if nothing had come.
    Reset,
    /// Keeps the notification, and then resets the connection instead of answering.
    Drop,
    /// Waits before it answers.
    Slow,
    /// Points to another address.
    Redirect,
    /// Resets every connection for so many hours.
    Down,
}

/// Something that goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fault {
    /// A service's answer to one request of a function.
    Answer(Service, Trouble),
    /// The table leaves part of a `BatchWriteItem` undone and says so.
    TablePartial,
    /// The bus refuses part of the entries of a call, each with a code.
    BusPartial,
    /// The queue delivers a message a second time, to another invocation. The first invocation may
    /// still be under way.
    QueueDuplicate,
    /// The queue delivers a message later than messages that came after it.
    QueueReorder,
    /// The stream hands a batch of records over a second time.
    StreamDuplicate,
    /// The stream holds a batch of records back.
    StreamHold,
    /// What an endpoint does that gets notifications. Only the storm has such endpoints.
    Endpoint(Ailment),
    /// A function's process is killed while it has a request.
    FunctionKill,
    /// Everything is killed at once: services, poller and gateway. Only the storm can do that,
    /// because it can start them again.
    StackKill,
}

/// A fault that is in force.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Injection {
    /// Which fault it is.
    pub fault: Fault,
    /// How likely it is for each request, message, batch or invocation: above 0, at most 1.
    pub probability: f64,
    /// How long the fault lasts, or how late it may make a message. Zero for a fault that has no
    /// time. Of [`Ailment::Down`] these are hours of the stack, which may be shorter.
    pub within: Duration,
}
