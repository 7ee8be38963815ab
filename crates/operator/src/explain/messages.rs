//! Why the consumer put a message aside, or lets it wait.

use super::table::{Row, Table};

/// Why a message is in the dead-letter queue.
#[rustfmt::skip]
pub(super) const DEAD_LETTERS: Table = Table {
    document: "docs/operations.md",
    heading: "## Dead letters",
    columns: ["code", "means", "do"],
    rows: &[
        Row { what: "`body_not_json` `body_not_object` `element_not_object` `element_not_json`", cause: "vouched for, and not what the provider promises; what could be repaired is stored", cure: "look at it (below); fix the provider's `payload.rs`, or delete it" },
        Row { what: "`too_many_events`", cause: "one webhook would make more than 10,000 events, or more than 16 bytes of them for each byte of its own and 1 MiB; those that fit, in its order, are stored, and the dead letter has the rest", cure: "no provider sends that: look at it; each redrive stores as much again" },
        Row { what: "`normalize_panicked`", cause: "our defect", cure: "add the body as a case in `events/<provider>/`, fix, deploy, redrive" },
        Row { what: "`item_refused`", cause: "DynamoDB refused an item as wrong, and took others: our defect", cure: "likewise" },
        Row { what: "`consumer_stopped`", cause: "six times the consumer was out of memory or time with this message (the last four were counted)", cure: "our defect, likewise; or raise `MemorySize`, then redrive" },
        Row { what: "none", cause: "SQS itself moved it, after 1,000 receives: for more than two days the consumer did not even start, or could not hide it", cure: "[mend that](#the-consumer-fails-consumererrorsalarm), redrive. Its 14 days count from when the webhook came" },
        Row { what: "`waited_too_long`", cause: "for 12 days the table did not accept it: [why](#messages-that-wait)", cure: "fix that, redrive" },
        Row { what: "`event_contradicts`", cause: "what is not signed (Brevo, Mailgun, Mailjet, Postmark, SES, SparkPost) says something else of an event that is stored: another kind, class, code, reason or link. What is stored stays, and nobody is suppressed for this one", cure: "[which one is it?](#two-that-contradict-each-other)" },
        Row { what: "`token_without_event`", cause: "a signed token around a body that names no event: nothing is made of it, and the token is still free", cure: "look at it, delete it" },
        Row { what: "`token_reused`", cause: "two bodies came under one signed token (Mailgun, whose signature does not cover the body); this is the one that came second, and nothing of it is stored", cure: "[which one is it?](#two-that-contradict-each-other)" },
        Row { what: "`provider_unknown` `message_version_unknown`", cause: "a consumer older than its receivers", cure: "deploy, redrive" },
        Row { what: "`message_not_a_delivery` `message_body_undecodable` `message_body_too_large`", cause: "no receiver wrote this: one of the roles that may send to the queue did", cure: "find out who; see [SECURITY.md](../SECURITY.md)" },
    ],
};

/// Why a message waits in the queue.
#[rustfmt::skip]
pub(super) const WAITING: Table = Table {
    document: "docs/operations.md",
    heading: "## Messages that wait",
    columns: ["code", "means", "do"],
    rows: &[
        Row { what: "`table_write_failed`", cause: "DynamoDB refused or did not answer: no permission, no table, throttled, `KmsKeyArn`", cure: "fix that" },
        Row { what: "`suppression_write_failed`", cause: "the same for a suppression", cure: "the same" },
        Row { what: "`put_aside_failed`", cause: "the dead-letter queue did not take what is bad of the message; the good is stored", cure: "is the queue there, may the consumer's role send to it?" },
        Row { what: "`table_write_failed`, and always the same few messages while others are stored", cause: "one webhook has more events than the consumer writes in 26 s", cure: "raise the consumer's `Timeout` in the template, and with it the queue's `VisibilityTimeout`" },
    ],
};

/// The same in the few words that fit on a line of a terminal, for whoever has just sent it.
#[rustfmt::skip]
pub(super) const IN_A_LINE: &[Row] = &[
    Row { what: "`body_not_json`", cause: "vouched for, but the body is no JSON", cure: "" },
    Row { what: "`body_not_object`", cause: "vouched for, but the body is neither an object nor a list", cure: "" },
    Row { what: "`element_not_object` `element_not_json`", cause: "vouched for, but an element of it is no JSON object; the others are stored", cure: "" },
    Row { what: "`too_many_events`", cause: "one webhook would make more than 10,000 events; the first of them are stored", cure: "" },
    Row { what: "`normalize_panicked`", cause: "reading it failed: our defect", cure: "" },
    Row { what: "`item_refused`", cause: "the table refused the event as wrong: our defect", cure: "" },
    Row { what: "`consumer_stopped`", cause: "the consumer stopped at it, again and again", cure: "" },
    Row { what: "`waited_too_long`", cause: "for 12 days the table did not accept it", cure: "" },
    Row { what: "`event_contradicts`", cause: "it says something else of an event that is stored", cure: "" },
    Row { what: "`token_without_event`", cause: "a signed token around a body that names no event", cure: "" },
    Row { what: "`token_reused`", cause: "its signed token came before, around another body", cure: "" },
    Row { what: "`provider_unknown` `message_version_unknown`", cause: "the consumer is older than the receiver", cure: "" },
    Row { what: "`message_not_a_delivery` `message_body_undecodable` `message_body_too_large`", cause: "no receiver wrote this message", cure: "" },
    Row { what: "`table_write_failed` `suppression_write_failed`", cause: "the table does not accept it now; it comes again by itself", cure: "" },
    Row { what: "`put_aside_failed`", cause: "the dead-letter queue does not accept it now; it comes again by itself", cure: "" },
];

/// Why a function does not start, or stopped.
#[rustfmt::skip]
pub(super) const FUNCTIONS: &[Row] = &[
    Row { what: "`queue_url_unset` `signature_window_unreadable` `settings_unreadable`", cause: "a setting of the function is missing or unreadable", cure: "is `SignatureWindow` a number of seconds? Deploy the stack again" },
    Row { what: "`tls_unusable`", cause: "`deliver` cannot set up TLS: our defect", cure: "report it" },
    Row { what: "`runtime_failed`", cause: "Lambda's own interface did not answer the function", cure: "it starts again by itself; if it lasts, report it" },
    Row { what: "`panicked`", cause: "the function stopped: our defect", cure: "report the place that the line names" },
];
