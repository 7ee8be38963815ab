//! What goes wrong on the way out: with an endpoint, with a request of the API, in a function.

use super::table::{Row, Table};

/// Why an endpoint was not told.
#[rustfmt::skip]
pub(super) const FAILURES: Table = Table {
    document: "docs/outlets.md",
    heading: "## Codes of a failure",
    columns: ["code", "means", "do"],
    rows: &[
        Row { what: "`http_status`", cause: "it answered neither 2xx nor 3xx nor 410; `list` and `undelivered` show its status instead", cure: "look at the endpoint's own log" },
        Row { what: "`redirected`", cause: "it answered 3xx, and no redirect is followed", cure: "remove it, and add the URL that it leads to" },
        Row { what: "`gone`", cause: "it answered 410: it is turned off, and what it misses is held", cure: "`postern webhooks resume …`, or remove it" },
        Row { what: "`failing`", cause: "it accepted nothing for five days: it is turned off, and what it misses is held", cure: "`postern webhooks resume …`, or remove it" },
        Row { what: "`dns_failed`", cause: "its host's name was not resolved", cure: "is the name right, and public?" },
        Row { what: "`address_not_public`", cause: "its host has an address that is not public", cure: "nothing that is private can be told: put something public before it" },
        Row { what: "`connect_failed` `connect_timeout`", cause: "no connection was made, or not within 3 seconds", cure: "is it up, and open to the internet?" },
        Row { what: "`tls_handshake`", cause: "there is no common way to speak TLS 1.2 or 1.3", cure: "give it current ciphers" },
        Row { what: "`certificate_invalid`", cause: "its certificate is not for this name, not valid now, or by nobody that WebPKI knows", cure: "renew it, with the whole chain" },
        Row { what: "`timeout`", cause: "it did not answer within 15 seconds", cure: "answer first, work later" },
        Row { what: "`reset` `http_unreadable`", cause: "the connection ended before the answer, or what came is no HTTP or too much of it", cure: "look at the proxy before it" },
        Row { what: "`request_refused`", cause: "the request cannot be written: its target or a header of its own is not HTTP's", cure: "add it anew" },
        Row { what: "`bus_throttled`", cause: "EventBridge refuses so many events a second", cure: "it comes again by itself; if it lasts, ask for a higher quota of `PutEvents`" },
        Row { what: "`bus_denied`", cause: "the stack may not put events onto the bus", cure: "does the bus's own policy allow it, and is it the bus that `EventBusArn` names?" },
        Row { what: "`bus_refused`", cause: "EventBridge does not accept what an event is", cure: "tell us: it should not be" },
        Row { what: "`bus_unavailable` `bus_timeout`", cause: "EventBridge fails, or did not answer within 3 seconds", cure: "it comes again by itself" },
        Row { what: "`breaker_open` `inactive` `disabled`", cause: "it was not tried: it fails, was paused, or was turned off. What it misses is held for 14 days", cure: "`postern webhooks list` says which; `postern webhooks resume …`" },
        Row { what: "`gone_item` `unwanted` `removed` `expired`", cause: "there was nothing to tell any more: the event is erased or past its retention, the endpoint does not want it or is removed, or 14 days are over", cure: "nothing" },
    ],
};

/// Why the API refuses a request.
#[rustfmt::skip]
pub(super) const REFUSALS: Table = Table {
    document: "docs/outlets.md",
    heading: "## Codes of the API",
    columns: ["code", "means", "do"],
    rows: &[
        Row { what: "`unproven`", cause: "401: no proof of who asks, or a wrong one", cure: "sign it by SigV4, or with `ApiAuth=key` send a bearer key" },
        Row { what: "`read_only`", cause: "403: a key `read:NAME` may not change anything", cure: "use a key `admin:NAME`" },
        Row { what: "`not_found`", cause: "404: no such path, endpoint or notification", cure: "`postern webhooks list`" },
        Row { what: "`body_empty` `field_unknown`", cause: "400: the body asks for nothing, or has a field that this request does not have", cure: "see [the API](#the-api)" },
        Row { what: "`body_too_large`", cause: "413: the body is larger than 64 KiB", cure: "send less: nothing that the API takes is as large" },
        Row { what: "`url_long` `url_unreadable` `url_scheme` `url_user` `url_fragment` `url_port` `url_address` `url_host` `url_own`", cause: "400: the URL may not be an endpoint", cure: "see [what may be an endpoint](#what-may-be-an-endpoint)" },
        Row { what: "`events_empty` `events_long` `events_unknown` `events_narrowed`", cause: "400: `events` cannot be read", cure: "see [which events](#which-events)" },
        Row { what: "`secret_length` `secret_characters`", cause: "400: a secret has 16 to 256 visible ASCII characters", cure: "give such a one, or none: then one is made" },
        Row { what: "`too_many`", cause: "409: there are 100 endpoints", cure: "remove one first" },
        Row { what: "`still_rotating` `secret_in_use`", cause: "409: the secret before still signs, or the endpoint has this secret already", cure: "wait, or drop the old one with `keep_hours` 0" },
        Row { what: "`complained`", cause: "409: the owner of the address has complained, and a lift does not say `even_complaint`", cure: "is that what you want? Then say it" },
        Row { what: "`changed_meanwhile` `unavailable` `unfinished`", cause: "409, 503: somebody else changes it now, a service does not answer, or not all could be dropped in the time of one request", cure: "ask again" },
        Row { what: "`sealing_unavailable`", cause: "503: the key that seals secrets cannot be read", cure: "look at the function's log" },
        Row { what: "`auth_unset`", cause: "503: `API_AUTH` is neither `iam` nor `key`, so nobody is let in", cure: "deploy the stack again" },
    ],
};

/// What else a function of the way out logs.
#[rustfmt::skip]
pub(super) const TROUBLES: Table = Table {
    document: "docs/outlets.md",
    heading: "## Codes of a function",
    columns: ["code", "means", "do"],
    rows: &[
        Row { what: "`variable_unset` `variable_unreadable`", cause: "a setting of the function is missing or unreadable", cure: "deploy the stack again" },
        Row { what: "`outlets_unreadable` `outlets_unwritable` `outlets_contended` `outlets_late`", cause: "the table of the endpoints did not answer, or not in time: no permission, throttled, `KmsKeyArn`", cure: "it comes again by itself; if it lasts, fix that" },
        Row { what: "`table_unreadable`", cause: "the table of the events did not answer a question of the API: no permission, throttled, `KmsKeyArn`", cure: "likewise" },
        Row { what: "`endpoints_unread` `item_unread`", cause: "the endpoints, or the event itself, could not be read: no permission, throttled, `KmsKeyArn`", cure: "likewise" },
        Row { what: "`next_unwritten` `state_unwritten`", cause: "what comes after an attempt could not be written to the table of the endpoints, or sent to the outbox", cure: "likewise; the endpoint may be told twice, under the same id" },
        Row { what: "`send_failed` `outbox_unavailable`", cause: "the outbox did not accept a message", cure: "is the queue there, and may the function's role send to it?" },
        Row { what: "`bus_unknown`", cause: "nothing is known of what became of an event that was put onto the bus", cure: "it comes again by itself, under the same id" },
        Row { what: "`no_time`", cause: "the invocation had less than two seconds left, and an endpoint is not judged by that", cure: "it comes again by itself; if it lasts, raise `DeliverConcurrency`" },
        Row { what: "`record_unreadable` `message_unreadable`", cause: "a record of the table's stream, or a message of the outbox, cannot be read, so it was put aside", cure: "[what is there](operations.md#a-notification-was-put-aside-outboxdeadlettersalarm)" },
        Row { what: "`sealing_key_unavailable`", cause: "the secret `<stack>/outlets/sealing` could not be read", cure: "is it there, and may the function's role read it?" },
        Row { what: "`sealing_key_unusable` `sealing_key_unknown`", cause: "the secret `<stack>/outlets/sealing` is too short, or none of its versions has sealed this", cure: "put the version back that was there; the alternative is a new secret for each endpoint: `postern webhooks rotate …`" },
        Row { what: "`sealed_unreadable` `sealed_by_another_version` `sealed_changed` `sealed_unusable`", cause: "an endpoint's secret or header cannot be unsealed, so it is told nothing", cure: "`postern webhooks rotate …` for a secret; for a header remove the endpoint, and add it anew" },
        Row { what: "`api_keys_not_an_object` `api_keys_empty` `api_keys_label` `api_keys_length` `api_keys_characters` `api_keys_repeated`", cause: "a version of the secret `<stack>/outlets/keys` cannot be used", cure: "put one JSON object: `read:NAME` or `admin:NAME` -> a key of 32 to 256 letters, digits and `-._~+/=`" },
    ],
};

/// Why a field of a request is refused: it is missing, there twice, no JSON of its form, or not what
/// it may be. The answer says what it must be.
pub(super) const FIELDS: Table = Table {
    document: "docs/api.md",
    heading: "## Codes of a field",
    columns: ["code", "means", "do"],
    rows: ROWS_OF_FIELDS,
};

#[rustfmt::skip]
const ROWS_OF_FIELDS: &[Row] = &[
    Row { what: "`url_missing` `url_repeated` `url_unfit`", cause: "400: `url` is missing, or not what it must be", cure: "`url` is the https URL of the endpoint" },
    Row { what: "`events_missing` `events_repeated` `events_unreadable` `events_unfit`", cause: "400: `events` is missing, or not what it must be", cure: "`events` is a text of words with commas between them" },
    Row { what: "`secret_missing` `secret_repeated` `secret_unreadable` `secret_unfit`", cause: "400: `secret` is not what it must be", cure: "`secret` is a text of 16 to 256 visible ASCII characters" },
    Row { what: "`providers_missing` `providers_repeated` `providers_unreadable` `providers_unfit`", cause: "400: `providers` is not what it must be", cure: "`providers` is a list of names of providers" },
    Row { what: "`sources_missing` `sources_repeated` `sources_unreadable` `sources_unfit`", cause: "400: `sources` is not what it must be", cure: "`sources` is a list of labels of keys" },
    Row { what: "`headers_missing` `headers_repeated` `headers_unreadable` `headers_unfit`", cause: "400: `headers` is not what it must be", cure: "`headers` is an object of at most five names to values, none of them the sender's own" },
    Row { what: "`active_missing` `active_repeated` `active_unreadable` `active_unfit`", cause: "400: `active` is not what it must be", cure: "`active` is true or false" },
    Row { what: "`held_missing` `held_repeated` `held_unreadable` `held_unfit`", cause: "400: `held` is not what it must be", cure: "`held` is `drop`, beside `active` true" },
    Row { what: "`keep_hours_missing` `keep_hours_repeated` `keep_hours_unreadable` `keep_hours_unfit`", cause: "400: `keep_hours` is not what it must be", cure: "`keep_hours` is a whole number from 0 to 168" },
    Row { what: "`id_missing` `id_repeated` `id_unreadable` `id_unfit`", cause: "400: `id` is not what it must be", cure: "`id` is that of a notification: `postern webhooks undelivered` shows them" },
    Row { what: "`after_missing` `after_repeated` `after_unreadable` `after_unfit`", cause: "400: `after` is not what it must be", cure: "`after` is the `next` of the answer before, to the letter" },
    Row { what: "`addresses_missing` `addresses_repeated` `addresses_unreadable` `addresses_unfit`", cause: "400: `addresses` is missing, or not what it must be", cure: "`addresses` is a list of at most 100 texts" },
    Row { what: "`ignore_missing` `ignore_repeated` `ignore_unreadable` `ignore_unfit`", cause: "400: `ignore` is not what it must be", cure: "`ignore` is a list of: bounced, complained, unsubscribed, manual" },
    Row { what: "`scope_missing` `scope_repeated` `scope_unfit`", cause: "400: `scope` is not what it must be", cure: "`scope` is a text as in `group:1234`" },
    Row { what: "`why_missing` `why_repeated` `why_unreadable` `why_unfit`", cause: "400: `why` is missing, or not what it must be", cure: "`why` is one line of at most 500 characters, which says why, without characters that break or turn a line" },
    Row { what: "`reason_missing` `reason_repeated` `reason_unreadable` `reason_unfit`", cause: "400: `reason` is not what it must be", cure: "`reason` is bounced, complained, unsubscribed or manual" },
    Row { what: "`even_complaint_missing` `even_complaint_repeated` `even_complaint_unreadable` `even_complaint_unfit`", cause: "400: `even_complaint` is not what it must be", cure: "`even_complaint` is true or false" },
    Row { what: "`channel_missing` `channel_repeated` `channel_unreadable` `channel_unfit`", cause: "400: `channel` is not what it must be", cure: "one of email, sms, push, in_app, whatsapp, slack, webhook; the operator's words have email alone" },
    Row { what: "`all_missing` `all_repeated` `all_unreadable` `all_unfit`", cause: "400: `all` is not what it must be", cure: "`all` is true, and stands alone" },
];
