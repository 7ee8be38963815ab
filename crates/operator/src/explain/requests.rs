//! What a receiver's refusals mean, whoever the provider is.

use super::table::Row;

/// A row for each refusal. The words fit on one line of a terminal, beside the code.
#[rustfmt::skip]
pub(super) const REQUESTS: &[Row] = &[
    Row { what: "`signature_missing`", cause: "it has no signature, or a blank one", cure: "is signing switched on at the provider?" },
    Row { what: "`form_encoded`", cause: "it is a form, and the provider signs JSON", cure: "take the old webhook, or the route, away at the provider" },
    Row { what: "`signature_duplicated`", cause: "the signature came twice", cure: "a proxy in between adds it, or someone is trying" },
    Row { what: "`signature_unreadable`", cause: "the signature is not in the provider's encoding", cure: "a proxy in between changes it, or someone is trying" },
    Row { what: "`signature_mismatch`", cause: "signed with another key, or changed on the way", cure: "is the key the provider's current one? Put it again: `postern secret set PROVIDER`" },
    Row { what: "`not_a_form`", cause: "it is not the form that the provider signs", cure: "not the provider, or a proxy in between changes it" },
    Row { what: "`credential_missing`", cause: "it shows no secret", cure: "put the secret at the provider: as Basic password of user `postern`, as bearer, in `X-Postern-Key` or `?key=`" },
    Row { what: "`credential_duplicated`", cause: "it shows a secret twice in one place", cure: "a proxy in between adds it, or someone is trying" },
    Row { what: "`credential_unreadable`", cause: "its `Authorization` is neither Basic nor Bearer", cure: "is it put at the provider as its page says?" },
    Row { what: "`credential_mismatch`", cause: "it shows another secret, or another user than `postern`", cure: "is the secret the one at the provider? Put it again: `postern secret set PROVIDER`" },
    Row { what: "`id_missing`", cause: "it has no signed id", cure: "not the provider, or a proxy in between drops the header" },
    Row { what: "`id_duplicated`", cause: "the signed id came twice", cure: "a proxy in between adds it, or someone is trying" },
    Row { what: "`id_unreadable`", cause: "the signed id has a dot in it", cure: "not the provider" },
    Row { what: "`url_key_mismatch`", cause: "vouched for, but without its `?key=`, or with another", cure: "put the URL with the key in again at the provider" },
    Row { what: "`timestamp_missing`", cause: "it has no signed time", cure: "not the provider, or a proxy in between drops the header" },
    Row { what: "`timestamp_duplicated`", cause: "the signed time came twice", cure: "a proxy in between adds it, or someone is trying" },
    Row { what: "`timestamp_unreadable`", cause: "the signed time is none", cure: "not the provider" },
    Row { what: "`timestamp_stale`", cause: "signed too long ago: a replay, or a very late retry", cure: "let it be, or widen `SignatureWindow`" },
    Row { what: "`timestamp_ahead`", cause: "signed ahead of our clock", cure: "not the provider; or on this machine: is the clock right?" },
    Row { what: "`body_undecodable`", cause: "the gateway's base64 is none", cure: "nothing: not a provider" },
    Row { what: "`method_not_allowed`", cause: "it is no POST", cure: "nothing: webhooks are posted" },
    Row { what: "`too_large`", cause: "too large for a queue message even when compressed", cure: "have the provider send less" },
    Row { what: "`queue_unavailable`", cause: "the queue did not accept it in time", cure: "nothing: the provider sends it again. If it lasts, look at SQS" },
    Row { what: "`key_unavailable`", cause: "the receiver has no key that it can use", cure: "put the key: `postern secret set PROVIDER`" },
];
