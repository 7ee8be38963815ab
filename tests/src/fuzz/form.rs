//! The target `verify` of a provider that signs a URL and the decoded fields of a form.

use shared::sender::Sender;

use super::request::{Request, travels};
use crate::form::{mac, only_field};
use crate::{key, received_at};

/// `$S` in a header stands for the signature that the provider would send with this form, `$H` for
/// half of it, and `$V` for the signature of the value as it is written, undecoded.
pub(super) fn verify(provider: &dyn Sender, input: &[u8]) {
    let (field, _) = only_field(&provider.sign_within(key(provider), b"", received_at()))
        .expect("the field that the provider sends");
    let signature = |body: &[u8]| {
        let signed = provider.sign(key(provider), body, received_at());
        signed[signed.len() - 1].clone()
    };
    let request = Request::read(input, |body, value| {
        let (_, right) = signature(body);
        let written = body.splitn(2, |byte| *byte == b'=').nth(1);
        let undecoded = mac(key(provider), &field, written.unwrap_or_default());
        let value = value.replace("$S", &right).replace("$V", &undecoded);
        value.replace("$H", &right[..right.len() / 2])
    });
    let (name, right) = signature(request.body);
    let trimmed = |value: &&str| value.trim_matches([' ', '\t']) == right;
    let sent = request.sent_for(name);
    let is_right = matches!(&sent[..], [value] if trimmed(value));
    let value = only_field(request.body).filter(|(name, _)| *name == field);
    match request.judged(provider) {
        Ok(authentic) => {
            let (_, value) = value.expect("accepted without exactly the one field");
            assert!(is_right, "accepted with {sent:?}");
            // Another library's MAC over the decoded value, which is what travels.
            assert_eq!(right, mac(key(provider), &field, &value));
            assert_eq!(travels(provider, authentic), value);
        }
        Err(rejection) => assert!(
            !is_right || value.is_none(),
            "{rejection:?} for what the provider sends"
        ),
    }
}
