//! Why the API does not answer a question about what is stored.

use super::table::{Row, Table};

/// What is wrong with a question.
#[rustfmt::skip]
pub(super) const QUESTIONS: Table = Table {
    document: "docs/api.md",
    heading: "## Codes of a question",
    columns: ["code", "means", "do"],
    rows: &[
        Row { what: "`address_unreadable`", cause: "400: what the path names is no address, more than one, or an address with words beside it; or nobody has such a name in this channel", cure: "one address, in any spelling; encode it once: `+` as `%2B` is safe everywhere" },
        Row { what: "`parameter_unknown`", cause: "400: the query has a parameter that this request does not have: `check`, `PUT` and a `DELETE` with a body have none", cure: "is it mistyped? An unknown one is not ignored, because the answer would be to another question" },
        Row { what: "`channel_unknown` `kind_unknown` `provider_unfit` `class_unknown` `reason_unknown`", cause: "400: there is no such channel, kind of event, provider, class of a bounce, or reason", cure: "[the words](events.md); a list has commas, and no blanks or empty words" },
        Row { what: "`body_not_json`", cause: "400: the body is not one JSON object", cure: "send one, as in the examples" },
        Row { what: "`method_not_allowed`", cause: "405: the path has no such method", cure: "the header `Allow` of the answer has those of the path; webhooks are posted" },
        Row { what: "`class_impossible`", cause: "400: only bounces have a class", cure: "ask for `bounced`, or leave `class` out" },
        Row { what: "`scope_unreadable`", cause: "400: `scope` is not one kind and one id, as in `group:1234`; two are none", cure: "`list`, `group`, `topic` or `stream`, a colon, and the provider's id: at most 256 bytes, no comma; ask about each scope by itself" },
        Row { what: "`time_unreadable`", cause: "400: `from` or `to` is no time, or `from` is not before `to`", cure: "RFC 3339, or a day in UTC; write a time with `Z`: a `+` in a URL is a blank" },
        Row { what: "`day_unreadable`", cause: "400: the path has no day", cure: "2026-01-02, `today` or `yesterday`, in UTC" },
        Row { what: "`problem_unknown`", cause: "400: the path has no kind of problem", cure: "one of `bounced`, `complained`, `failed`, `rejected`, `unsubscribed`" },
        Row { what: "`limit_unfit` `raw_unfit`", cause: "400: `limit` is not a number from 1 to 200, or `raw` is not `1`", cure: "give such a one, or leave it out" },
        Row { what: "`cursor_unreadable`", cause: "400: `cursor` is not the `next` of an answer", cure: "pass `next` on to the letter, with the same path and the same parameters" },
        Row { what: "`message_id_unreadable`", cause: "400: the path has no message id", cure: "the id that the provider's send API returned" },
    ],
};
