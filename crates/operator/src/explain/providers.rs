//! What fails with one provider, and why: the table "When it fails" of its page.

use super::table::{Row, Table};

const COLUMNS: [&str; 3] = ["`code` in the log", "cause", "cure"];
const HEADING: &str = "## When it fails";

#[rustfmt::skip]
const CUSTOMERIO: Table = Table {
    document: "docs/providers/customerio.md",
    heading: HEADING,
    columns: COLUMNS,
    rows: &[
        Row { what: "`signature_mismatch`", cause: "another workspace's key, or something in between rewrites the body", cure: "put the key again: `postern secret set customerio`" },
        Row { what: "the same, from a journey's webhook *action*", cause: "it is signed with a key that Customer.io does not give out (their staff, 2023)", cure: "use a reporting webhook" },
        Row { what: "`timestamp_missing` `signature_missing`", cause: "a request without the two headers", cure: "not Customer.io" },
        Row { what: "`signature_unreadable`", cause: "not 64 hexadecimal digits", cure: "a sender that is not Customer.io" },
        Row { what: "`timestamp_stale`", cause: "signed more than 8 days ago", cure: "a replay; or a very late retry: see below" },
        Row { what: "`timestamp_ahead`", cause: "signed more than 5 minutes ahead of API Gateway's clock", cure: "not Customer.io" },
        Row { what: "`too_large` (413)", cause: "above 1 MiB even when compressed: [see below](#the-largest-body)", cure: "Body Content off" },
        Row { what: "`queue_unavailable` (503)", cause: "SQS did not accept it in time", cure: "nothing; it comes again. If it lasts, look at SQS" },
        Row { what: "`key_unavailable` (503)", cause: "there is no secret `postern/customerio`, or it cannot be used: the line `secret_refresh_failed` has [its code](../secrets.md#what-a-secret-may-be)", cure: "put the key: `postern secret set customerio`" },
        Row { what: "consumer: `body_not_json` `body_not_object` `element_not_object` `element_not_json` `too_many_events`", cause: "signed, and no JSON object", cure: "look at the dead-letter queue: [operations](../operations.md#dead-letter-queue-not-empty)" },
    ],
};

#[rustfmt::skip]
const INBOXROAD: Table = Table {
    document: "docs/providers/inboxroad.md",
    heading: HEADING,
    columns: COLUMNS,
    rows: &[
        Row { what: "`signature_missing`", cause: "the older format, or not Inboxroad", cure: "a webhook under *Settings → Webhooks*" },
        Row { what: "`signature_duplicated`", cause: "a custom header `X-Signature` beside the real one", cure: "remove it" },
        Row { what: "`signature_unreadable`", cause: "not 44 characters of padded base64: a custom header `X-Signature`, or hexadecimal", cure: "remove the header" },
        Row { what: "`signature_mismatch`", cause: "another webhook's key", cure: "copy the key again: `postern secret set inboxroad`" },
        Row { what: "`too_large` (413)", cause: "above 1 MiB even when compressed: [see below](#the-largest-body)", cure: "report it" },
        Row { what: "`queue_unavailable` (503)", cause: "SQS did not accept it in time", cure: "nothing, if Inboxroad retries: see below" },
        Row { what: "`key_unavailable` (503)", cause: "there is no secret `postern/inboxroad`, or it cannot be used: the line `secret_refresh_failed` has [its code](../secrets.md#what-a-secret-may-be)", cure: "put the key: `postern secret set inboxroad`" },
        Row { what: "consumer: `body_not_json` `body_not_object` `element_not_object` `element_not_json` `too_many_events`", cause: "signed, and (an element of it) no JSON object", cure: "look at the dead-letter queue: [operations](../operations.md#dead-letter-queue-not-empty)" },
    ],
};

#[rustfmt::skip]
const INSIDER: Table = Table {
    document: "docs/providers/insider.md",
    heading: HEADING,
    columns: COLUMNS,
    rows: &[
        Row { what: "`signature_missing`", cause: "no secret key is set in Insider, or it is Data Stream", cure: "set it, step 5" },
        Row { what: "`signature_unreadable`", cause: "`X-INS-AUTH` is neither 40 hexadecimal digits nor 28 characters of base64 (`sha1=` in front is read)", cure: "perhaps the secret itself, as in Insider's curl sample, or V2. Report it, without the value" },
        Row { what: "`signature_mismatch`", cause: "another key; or Insider signs something else than the whole body", cure: "put the key again: `postern secret set insider`. If single events pass and arrays do not, report it" },
        Row { what: "`too_large` (413)", cause: "above 1 MiB even when compressed: [see below](#the-largest-body)", cure: "report it: no largest batch is documented" },
        Row { what: "`queue_unavailable` (503)", cause: "SQS did not accept it in time", cure: "nothing, if Insider retries: see below" },
        Row { what: "`key_unavailable` (503)", cause: "there is no secret `postern/insider`, or it cannot be used: the line `secret_refresh_failed` has [its code](../secrets.md#what-a-secret-may-be)", cure: "put the key: `postern secret set insider`" },
        Row { what: "consumer: `body_not_json` `body_not_object` `element_not_object` `element_not_json` `too_many_events`", cause: "signed, and (an element of it) no JSON object", cure: "look at the dead-letter queue: [operations](../operations.md#dead-letter-queue-not-empty). Good elements beside it are stored" },
    ],
};

#[rustfmt::skip]
const MAILGUN: Table = Table {
    document: "docs/providers/mailgun.md",
    heading: HEADING,
    columns: COLUMNS,
    rows: &[
        Row { what: "`signature_mismatch`", cause: "the API key in place of the signing key (the log then warns of `secrets_key_like_api`); another account's", cure: "put the key again: `postern secret set mailgun`" },
        Row { what: "`url_key_mismatch`", cause: "signed, but `?key=` in the URL at Mailgun is missing or another one", cure: "change the URL there" },
        Row { what: "`form_encoded`", cause: "a webhook of before 2018, or an inbound route: both post forms", cure: "set a webhook of today's kind; no route belongs to this URL" },
        Row { what: "`signature_missing` `timestamp_missing`", cause: "no `signature` in the body", cure: "not Mailgun; or a test by hand" },
        Row { what: "`signature_unreadable`", cause: "the body is no whole JSON object, or the signature not 64 hexadecimal digits", cure: "something in between rewrites the body" },
        Row { what: "`timestamp_unreadable`", cause: "not ten digits in a text", cure: "not Mailgun" },
        Row { what: "`timestamp_stale`", cause: "signed more than 24 hours ago", cure: "a replay; or the test button" },
        Row { what: "`timestamp_ahead`", cause: "signed more than 5 minutes ahead of API Gateway's clock", cure: "not Mailgun" },
        Row { what: "`too_large` (413)", cause: "above 1 MiB even when compressed: [see below](#the-largest-body)", cure: "report it" },
        Row { what: "`queue_unavailable` (503)", cause: "SQS did not accept it in time", cure: "nothing; it comes again. If it lasts, look at SQS" },
        Row { what: "`key_unavailable` (503)", cause: "there is no secret `postern/mailgun`, or it cannot be used: the line `secret_refresh_failed` has [its code](../secrets.md#what-a-secret-may-be)", cure: "put the key: `postern secret set mailgun`" },
        Row { what: "consumer: `token_reused`", cause: "a signature that came before, around another body", cure: "[operations](../operations.md#a-token-that-was-used-twice)" },
        Row { what: "consumer: `body_not_json`", cause: "signed, and too much of it is no text to be repaired", cure: "look at the dead-letter queue: [operations](../operations.md#dead-letter-queue-not-empty)" },
    ],
};

#[rustfmt::skip]
const MAILPANDA: Table = Table {
    document: "docs/providers/mailpanda.md",
    heading: HEADING,
    columns: COLUMNS,
    rows: &[
        Row { what: "`signature_missing`", cause: "registered without a secret", cure: "register it again with one" },
        Row { what: "`signature_unreadable`", cause: "not 64 hexadecimal digits (`sha256=` in front is read)", cure: "another product with the same header name, such as `t=…,v1=…`" },
        Row { what: "`signature_mismatch`", cause: "another key, `whsec_` left out", cure: "put the key again: `postern secret set mailpanda`" },
        Row { what: "`too_large` (413)", cause: "above 1 MiB even when compressed: [see below](#the-largest-body)", cure: "report it" },
        Row { what: "`queue_unavailable` (503)", cause: "SQS did not accept it in time", cure: "nothing, if MailPanda retries: see below" },
        Row { what: "`key_unavailable` (503)", cause: "there is no secret `postern/mailpanda`, or it cannot be used: the line `secret_refresh_failed` has [its code](../secrets.md#what-a-secret-may-be)", cure: "put the key: `postern secret set mailpanda`" },
        Row { what: "consumer: `body_not_json` `body_not_object` `element_not_object` `element_not_json` `too_many_events`", cause: "signed, and (an element of it) no JSON object", cure: "look at the dead-letter queue: [operations](../operations.md#dead-letter-queue-not-empty)" },
    ],
};

#[rustfmt::skip]
const RESEND: Table = Table {
    document: "docs/providers/resend.md",
    heading: HEADING,
    columns: COLUMNS,
    rows: &[
        Row { what: "`signature_mismatch`", cause: "another webhook's secret, or something in between rewrites the body", cure: "put the key again: `postern secret set resend`" },
        Row { what: "`signature_missing` `id_missing` `timestamp_missing`", cause: "a request without the three headers, or with some named `svix-…` and some `webhook-…`", cure: "not Resend" },
        Row { what: "`signature_unreadable`", cause: "no entry `v1,` with 44 characters of base64, or more than 16 entries", cure: "a sender that is not Resend" },
        Row { what: "`signature_duplicated` `id_duplicated`", cause: "the headers twice", cure: "something in between adds them" },
        Row { what: "`timestamp_stale` `timestamp_ahead`", cause: "signed more than 5 minutes ago, or ahead", cure: "a replay by someone else: Resend signs every attempt afresh. `SignatureWindow` widens it, for every provider" },
        Row { what: "`too_large` (413)", cause: "above 1 MiB even when compressed: [see below](#the-largest-body)", cure: "report it" },
        Row { what: "`queue_unavailable` (503)", cause: "SQS did not accept it in time", cure: "nothing; it comes again. If it lasts, look at SQS" },
        Row { what: "`key_unavailable` (503)", cause: "there is no secret `postern/resend`, or it cannot be used: the line `secret_refresh_failed` has one of the next codes", cure: "put the key: `postern secret set resend`" },
        Row { what: "`secrets_key_not_base64`", cause: "the secret is not base64: a letter lost", cure: "put the key again: `postern secret set resend`" },
        Row { what: "`secrets_key_of_api`", cause: "an API key, `re_…`", cure: "put the webhook's signing secret, `whsec_…`" },
        Row { what: "any other `secrets_…`", cause: "the secret cannot be used", cure: "[by code](../secrets.md#what-a-secret-may-be)" },
        Row { what: "consumer: `body_not_json` `body_not_object` `element_not_object` `element_not_json` `too_many_events`", cause: "signed, and no JSON object", cure: "look at the dead-letter queue: [operations](../operations.md#dead-letter-queue-not-empty)" },
    ],
};

#[rustfmt::skip]
const SENDGRID: Table = Table {
    document: "docs/providers/sendgrid.md",
    heading: HEADING,
    columns: COLUMNS,
    rows: &[
        Row { what: "`signature_missing`", cause: "signing is off", cure: "switch it on, and put the key: `postern secret set sendgrid`" },
        Row { what: "`signature_mismatch`", cause: "another webhook's key; signing was switched off and on, which makes a new key; or something in between changes the body, such as the line break at its end", cure: "put the key again: `postern secret set sendgrid`" },
        Row { what: "`signature_unreadable`", cause: "not base64 of a DER signature", cure: "a sender that is not SendGrid" },
        Row { what: "`timestamp_missing` `timestamp_unreadable`", cause: "a signature without its time", cure: "not SendGrid" },
        Row { what: "`timestamp_stale`", cause: "signed more than 25 hours ago", cure: "a replay" },
        Row { what: "`timestamp_ahead`", cause: "signed more than 5 minutes ahead of API Gateway's clock", cure: "not SendGrid" },
        Row { what: "`too_large` (413)", cause: "above 1 MiB even when compressed: [see below](#the-largest-body)", cure: "report it" },
        Row { what: "`queue_unavailable` (503)", cause: "SQS did not accept it in time", cure: "nothing; it comes again. If it lasts, look at SQS" },
        Row { what: "`key_unavailable` (503)", cause: "there is no secret `postern/sendgrid`, or it cannot be used: the line `secret_refresh_failed` has one of the next codes", cure: "put the key: `postern secret set sendgrid`" },
        Row { what: "`secrets_key_not_public`", cause: "no P-256 public key", cure: "put the verification key" },
        Row { what: "`secrets_key_of_api`", cause: "an API key, `SG.…`", cure: "put the verification key" },
        Row { what: "`secrets_key_pem`", cause: "a key with BEGIN and END lines", cure: "put what is between them, as one line" },
        Row { what: "`secrets_key_private`", cause: "a private key of your own", cure: "put its public half" },
        Row { what: "any other `secrets_…`", cause: "the secret cannot be used", cure: "[by code](../secrets.md#what-a-secret-may-be)" },
        Row { what: "consumer: `body_not_json` `body_not_object` `element_not_object` `element_not_json` `too_many_events`", cause: "signed, and (an element of it) no JSON object", cure: "look at the dead-letter queue: [operations](../operations.md#dead-letter-queue-not-empty)" },
    ],
};

/// The tables, by the providers' names.
pub(super) const PROVIDERS: &[(&str, Table)] = &[
    ("customerio", CUSTOMERIO),
    ("inboxroad", INBOXROAD),
    ("insider", INSIDER),
    ("mailgun", MAILGUN),
    ("mailpanda", MAILPANDA),
    ("resend", RESEND),
    ("sendgrid", SENDGRID),
];
