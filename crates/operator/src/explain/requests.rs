//! What a receiver's refusals mean, whoever the provider is.

use super::table::Row;

/// A row for each refusal. The words fit on one line of a terminal, beside the code.
#[rustfmt::skip]
pub(super) const REQUESTS: &[Row] = &[
    Row { what: "`signature_missing`", cause: "it has no signature, or a blank one", cure: "switch signing on at the provider; if it is on, a proxy in between drops the header" },
    Row { what: "`form_encoded`", cause: "it is a form, and the provider signs JSON", cure: "take the old webhook, or the route, away at the provider: it sends forms" },
    Row { what: "`signature_duplicated`", cause: "the signature came twice", cure: "find what adds it: a proxy in between; or someone is trying" },
    Row { what: "`signature_unreadable`", cause: "the signature is not in the provider's encoding", cure: "is it hex where base64 is sent, or cut? A proxy in between changes it, or someone is trying" },
    Row { what: "`signature_mismatch`", cause: "signed with another key, or changed on the way", cure: "`postern secret check PROVIDER` compares the key with the one at the provider. If they differ, put it again: `postern secret set PROVIDER`; if not, something on the way changes the body" },
    Row { what: "`not_a_form`", cause: "it is not the form that the provider signs", cure: "not the provider, or a proxy in between takes the form apart: pass it on as it came" },
    Row { what: "`credential_missing`", cause: "it shows no secret", cure: "put the secret at the provider: as Basic password of user `postern`, as bearer, in `X-Postern-Key` or `?key=`" },
    Row { what: "`credential_duplicated`", cause: "it shows a secret twice in one place", cure: "show it in one place, once: the header or the parameter is there twice" },
    Row { what: "`credential_unreadable`", cause: "its `Authorization` is neither Basic nor Bearer", cure: "put it at the provider as its page says: Basic with the user `postern`, or Bearer and the secret" },
    Row { what: "`credential_mismatch`", cause: "it shows another secret, or another user than `postern`", cure: "`postern secret check PROVIDER` compares the secret with the one at the provider. If they differ, put it again: `postern secret set PROVIDER`" },
    Row { what: "`id_missing`", cause: "it has no signed id", cure: "not the provider, or a proxy in between drops the header" },
    Row { what: "`id_duplicated`", cause: "the signed id came twice", cure: "a proxy in between adds it, or someone is trying" },
    Row { what: "`id_unreadable`", cause: "the signed id has a dot in it", cure: "not the provider: a sender of your own must choose ids without a dot" },
    Row { what: "`url_key_mismatch`", cause: "vouched for, but without its `?key=`, or with another", cure: "put the URL with its `?key=` at the provider again, to the letter" },
    Row { what: "`timestamp_missing`", cause: "it has no signed time", cure: "not the provider, or a proxy in between drops the header" },
    Row { what: "`timestamp_duplicated`", cause: "the signed time came twice", cure: "a proxy in between adds it, or someone is trying" },
    Row { what: "`timestamp_unreadable`", cause: "the signed time is no number of seconds", cure: "it must be Unix time in seconds: a sender of your own may send milliseconds or a date" },
    Row { what: "`timestamp_stale`", cause: "signed too long ago: a replay, or a very late retry", cure: "let it be if it is a replay. If the provider retries later than that, widen `SignatureWindow`" },
    Row { what: "`timestamp_ahead`", cause: "signed ahead of our clock", cure: "is the clock of this machine right, and the sender's? Else it is not the provider" },
    Row { what: "`body_undecodable`", cause: "the gateway's base64 is none", cure: "nothing: not a provider" },
    Row { what: "`method_not_allowed`", cause: "it is no POST", cure: "nothing: webhooks are posted" },
    Row { what: "`too_large`", cause: "too large for a queue message even when compressed", cure: "have the provider send less" },
    Row { what: "`queue_unavailable`", cause: "the queue did not accept it in time", cure: "nothing: the provider sends it again. If it lasts, look at SQS" },
    Row { what: "`key_unavailable`", cause: "the receiver has no key that it can use", cure: "put the key: `postern secret set PROVIDER`" },
];
