//! What is wrong with a secret.

use super::table::{Row, Table};

/// The table of [Secrets](../../../../docs/secrets.md), and the codes of warnings behind it.
#[rustfmt::skip]
pub(super) const SECRETS: Table = Table {
    document: "docs/secrets.md",
    heading: "## What a secret may be",
    columns: ["code", "means", "do"],
    rows: &[
        Row { what: "`secrets_blank`", cause: "no key, or a blank one", cure: "put the key" },
        Row { what: "`secrets_not_an_object`", cause: "JSON, and no object of text to text, each label once", cure: "put the key itself, without brackets, or such an object" },
        Row { what: "`secrets_key_short`", cause: "fewer than 8 characters", cure: "put the whole key" },
        Row { what: "`secrets_key_white_space`", cause: "white space or a line break inside a key", cure: "put the key alone, as one line" },
        Row { what: "`secrets_key_quoted`", cause: "a quotation mark inside a key, or at one end of it", cure: "put it without quotation marks" },
        Row { what: "`secrets_key_unprintable`", cause: "NUL, another control character, or a character that another encoding left", cure: "put it as plain text in UTF-8" },
        Row { what: "`secrets_key_pem`", cause: "BEGIN and END lines", cure: "put what is between them, as one line" },
        Row { what: "`secrets_key_repeated`", cause: "the same key under two labels: the second could never be a `source`", cure: "keep one" },
        Row { what: "`secrets_key_not_base64`", cause: "Resend: not a signing secret", cure: "put `whsec_…`, as shown there" },
        Row { what: "`secrets_key_not_public` `secrets_key_private`", cause: "SendGrid: no P-256 public key, or a private one", cure: "put the verification key" },
        Row { what: "`secrets_key_of_api`", cause: "a key of the provider's API, which signs nothing", cure: "put the one that the message names" },
        Row { what: "`secrets_key_shared_short` `secrets_key_shared_unfit`", cause: "a secret that the provider only shows: fewer than 32 characters, or others than letters, digits, `-`, `.`, `_`, `~`", cure: "have one made: `secret set` with `--make`" },
        Row { what: "`secrets_key_of_everybody`", cause: "a key that the provider's documents have (MailerSend's test secret, Mandrill's `test-webhook`)", cure: "put the webhook's own" },
        Row { what: "`secrets_key_no_url`", cause: "Mandrill: no `KEY@URL`", cure: "put the webhook's key, an `@`, and its URL as Mandrill shows it" },
        Row { what: "`secrets_label_unfit`", cause: "a label with other characters, or more than 32", cure: "1 to 32 of `a-z`, `0-9`, `_`, `-`" },
        Row { what: "`secrets_label_names_no_key`", cause: "a label such as `note`, `username`, `password` or `api_key`, in any case or spelling: what stands there would be a signing key", cure: "take it out, into a secret of its own" },
        Row { what: "`secrets_label_reserved`", cause: "a label that starts with `?` and is not `?key`", cure: "rename it" },
        Row { what: "`secrets_url_key_alone`", cause: "`?key` without a signing key", cure: "add the signing key" },
        Row { what: "`secrets_url_key_unfit`", cause: "`?key` has other characters than letters, digits, `-`, `.`, `_`, `~`", cure: "make one by `openssl rand -hex 32`" },
        Row { what: "`secrets_url_key_signs`", cause: "`?key` is a signing key, too", cure: "make one of its own, likewise" },
    ],
};

/// What the log says of a secret beside those codes.
#[rustfmt::skip]
pub(super) const READINGS: &[Row] = &[
    Row { what: "`secret_unavailable`", cause: "Secrets Manager has no such secret, or did not give it", cure: "put the key: `postern secret set PROVIDER`; if it is there, look at the function's role" },
    Row { what: "`secrets_unset`", cause: "the receiver was not told where its secret is", cure: "deploy the stack again" },
    Row { what: "`secrets_key_weak`", cause: "the key has fewer than 16 characters, and could be guessed", cure: "have the provider make a longer one" },
    Row { what: "`secrets_key_like_api`", cause: "the key looks like one of the provider's API", cure: "if webhooks are refused, put the one that signs webhooks" },
];
