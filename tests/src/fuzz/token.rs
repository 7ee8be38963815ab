//! The target `verify` of a provider that signs a token in the body, and not the body.

use serde_json::Value;
use shared::auth::sign_hmac_sha256_hex;
use shared::delivery::Delivery;
use shared::incoming::Incoming;
use shared::sender::Sender;

use crate::{another_key, key, received_at, secrets};

/// The input is a body. `$T`, `$K` and `$S` in it stand for a time, a token and their signature;
/// `$H` for half of that.
pub(super) fn verify(provider: &dyn Sender, input: &[u8]) {
    let (time, token) = (received_at().as_second().to_string(), "Kk".repeat(25));
    let sign = |time: &str, token: &str| {
        sign_hmac_sha256_hex(key(provider), &[time.as_bytes()], token.as_bytes())
    };
    let signature = sign(&time, &token);
    let mut body = input.to_vec();
    for (name, value) in [
        ("$T", &*time),
        ("$K", &*token),
        ("$S", &*signature),
        ("$H", &signature[..32]),
    ] {
        body = filled(&body, name.as_bytes(), value.as_bytes());
    }
    let request = Incoming::new(&[], &body, received_at(), None);
    assert!(
        provider
            .verify(&request, &secrets(provider, another_key(provider)))
            .is_err()
    );
    if let Ok(authentic) = provider.verify(&request, &secrets(provider, key(provider))) {
        let delivery = Delivery::seal(authentic, provider.name(), received_at());
        assert_eq!(delivery.body(), body);
        // Another reader of JSON finds the same; what it cannot read (half a surrogate pair, deep
        // nesting) is passed over.
        if let Ok(json) = serde_json::from_slice::<Value>(&body) {
            let field = |name: &str| json["signature"][name].as_str().unwrap_or_default();
            assert_eq!(delivery.token(), Some(field("token")));
            let signature = sign(field("timestamp"), field("token"));
            let is_it = |name| field(name).eq_ignore_ascii_case(&signature);
            assert!(is_it("signature") || is_it("parent-signature"));
        }
    }
    // What the provider would send is let in, wherever there is a place for a signature.
    let signed = provider.signed(key(provider), &body, received_at());
    if signed.body != body {
        let request = Incoming::new(&[], &signed.body, received_at(), None);
        assert!(
            provider
                .verify(&request, &secrets(provider, key(provider)))
                .is_ok()
        );
    }
}

fn filled(body: &[u8], name: &[u8], value: &[u8]) -> Vec<u8> {
    let mut filled = Vec::with_capacity(body.len());
    let mut rest = body;
    while let Some(at) = rest.windows(name.len()).position(|piece| piece == name) {
        filled.extend_from_slice(&rest[..at]);
        filled.extend_from_slice(value);
        rest = &rest[at + name.len()..];
    }
    filled.extend_from_slice(rest);
    filled
}
