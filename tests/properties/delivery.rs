//! The queue message: whatever goes in comes out, and nothing that comes in does harm.

use std::io::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use serde_json::json;
use shared::admit::admit;
use shared::auth::{self, Authentic};
use shared::delivery::{BILLED_CHUNK, Delivery, DeliveryError, MAX_BODY, MAX_MESSAGE};
use shared::element::Element;
use shared::event::Event;
use shared::incoming::Incoming;
use shared::normalize::Budget;
use shared::parts::Scheme;
use shared::provider::Provider;
use shared::rejection::Rejection;
use shared::secrets::Secrets;
use shared::sender::Sender;
use shared::signing_key::SigningKey;
use tests::laws::survives_the_queue;
use tests::{gateway_event, key, received_at, request};

use crate::cases;

/// A provider that keeps a header.
struct Keeper;

impl Provider for Keeper {
    fn name(&self) -> &'static str {
        "keeper"
    }

    fn verify<'a>(
        &self,
        request: &Incoming<'a>,
        secrets: &Secrets,
    ) -> Result<Authentic<'a>, Rejection> {
        let signature = auth::from_hex(request.signature("x-signature")?)?;
        auth::hmac_sha256(request, secrets, &[], &signature)
    }

    fn events(&self, _: &Element<'_>, _: &Delivery, _: &Budget) -> Vec<Event> {
        Vec::new()
    }
}

impl Sender for Keeper {
    fn scheme(&self) -> Scheme {
        customerio::Customerio.scheme()
    }

    fn signing_key(&self) -> SigningKey {
        customerio::Customerio.signing_key()
    }

    fn sign(&self, key: &str, body: &[u8], _at: Timestamp) -> Vec<(&'static str, String)> {
        vec![("x-signature", auth::sign_hmac_sha256_hex(key, &[], body))]
    }
}

fn deliver(body: &[u8], label: &str, header: Option<&str>) -> Delivery {
    let mut headers = Keeper.sign(key(&Keeper), body, received_at());
    headers.push(("X-Kept", "nobody has signed it".to_owned()));
    let secrets = Secrets::parse(&json!({label: key(&Keeper)}).to_string()).expect("a secret");
    let request = request(gateway_event(&headers, body));
    let admitted = admit(&Keeper, &secrets, None, &request, received_at());
    let delivery = admitted.expect("a signed request").delivery;
    assert!(delivery.headers().is_empty(), "what is not signed travels");
    let Some(header) = header else {
        return delivery;
    };
    // As one whose signature covers a header.
    let mut message: serde_json::Value =
        serde_json::from_str(&delivery.encode().expect("a message")).expect("JSON");
    message["headers"] = json!({"x-kept": header});
    Delivery::decode(&message.to_string()).expect("a delivery")
}

fn plain(body: &[u8]) -> Delivery {
    deliver(body, "eu", None)
}

/// Bytes that no one can compress; the same for the same seed.
fn noise(seed: u64, length: usize) -> Vec<u8> {
    let mut state = seed | 1;
    let next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()[3]
    };
    std::iter::repeat_with(next).take(length).collect()
}

fn encoding(message: &str) -> String {
    let message: serde_json::Value = serde_json::from_str(message).expect("JSON");
    message["encoding"].as_str().expect("text").to_owned()
}

/// A message with this compressed body.
fn packed(zlib: &[u8]) -> String {
    json!({"v": 1, "provider": "keeper", "received_at": 1, "encoding": "zlib", "body": STANDARD.encode(zlib)})
        .to_string()
}

fn zlib(body: &[u8]) -> Vec<u8> {
    let mut zlib = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
    zlib.write_all(body).expect("a write");
    zlib.finish().expect("zlib")
}

fn decoded(message: &str) -> Result<Vec<u8>, DeliveryError> {
    Delivery::decode(message).map(|delivery| delivery.body().to_vec())
}

/// Text with the characters that SQS or JSON are particular about.
fn text() -> impl Strategy<Value = String> {
    let odd = select(vec![
        "\u{fffe}",
        "\u{ffff}",
        "\u{fffd}",
        "\u{1ffff}",
        "\u{0}",
        "\u{b}",
        "\u{7f}",
        "\u{85}",
        "\"",
        "\\",
        "\\ufffe",
        "😀",
        "\r\n",
    ]);
    let odd = prop::collection::vec(odd, 0..40).prop_map(|pieces| pieces.concat());
    prop_oneof![any::<String>(), odd]
}

proptest! {
    #![proptest_config(cases(256))]

    #[test]
    fn any_bytes_survive(body in any::<Vec<u8>>()) {
        let message = survives_the_queue(&plain(&body)).expect("a small message");
        let is_text = std::str::from_utf8(&body).is_ok();
        prop_assert_eq!(encoding(&message), if is_text { "text" } else { "zlib" });
    }

    #[test]
    fn any_text_survives_wherever_it_stands(body in text(), label in "[bcd0-9_-]{1,32}", header in text()) {
        let delivery = deliver(body.as_bytes(), &label, Some(&header));
        survives_the_queue(&delivery).expect("a small message");
        prop_assert_eq!(delivery.source(), Some(label.as_str()));
        prop_assert_eq!(delivery.header("x-kept"), Some(header.as_str()));
    }

    #[test]
    fn no_text_is_too_odd_to_decode(message in text(), body in text(), at in any::<Index>()) {
        prop_assert_eq!(decoded(&message), Err(DeliveryError::NotADelivery));
        let mut message: Vec<char> = plain(body.as_bytes()).encode().expect("a message").chars().collect();
        let at = at.index(message.len());
        let cut: String = message[..at].iter().collect();
        prop_assert_eq!(decoded(&cut), Err(DeliveryError::NotADelivery));
        message.remove(at);
        let _ = decoded(&String::from_iter(message));
    }

    #[test]
    fn no_stream_is_too_odd_to_unpack(stream in any::<Vec<u8>>(), body in any::<Vec<u8>>(), at in any::<Index>()) {
        // The first byte of zlib is the method, 8, and the window.
        prop_assume!(stream.first().is_none_or(|first| first & 15 != 8));
        prop_assert_eq!(decoded(&packed(&stream)), Err(DeliveryError::BodyUndecodable));
        let stream = zlib(&body);
        prop_assert_eq!(decoded(&packed(&stream)), Ok(body));
        let cut = &stream[..at.index(stream.len())];
        prop_assert_eq!(decoded(&packed(cut)), Err(DeliveryError::BodyUndecodable));
    }
}

proptest! {
    #![proptest_config(cases(8))]

    #[test]
    fn what_repeats_is_compressed_and_fits(piece in text(), length in BILLED_CHUNK..2 * MAX_MESSAGE) {
        prop_assume!(!piece.is_empty());
        let body = piece.repeat(length / piece.len() + 1);
        let message = survives_the_queue(&plain(body.as_bytes())).expect("a message");
        prop_assert_eq!(encoding(&message), "zlib");
        prop_assert!(message.len() < BILLED_CHUNK);
    }

    #[test]
    fn what_does_not_repeat_fits_or_is_too_large(seed in any::<u64>(), length in BILLED_CHUNK..MAX_MESSAGE) {
        let message = survives_the_queue(&plain(&noise(seed, length)));
        // Base64 makes four bytes of three; zlib and the fields beside the body take some, too.
        if length * 4 / 3 + 2_000 < MAX_MESSAGE {
            prop_assert!(message.is_some());
        }
        if length * 4 / 3 > MAX_MESSAGE {
            prop_assert!(message.is_none());
        }
    }
}

#[test]
fn a_text_is_compressed_above_one_billed_chunk() {
    let beside = plain(b"").encode().expect("a message").len();
    let full = BILLED_CHUNK - beside;
    let of = |length| survives_the_queue(&plain(&vec![b'a'; length])).expect("a message");
    assert_eq!(
        (encoding(&of(full)).as_str(), of(full).len()),
        ("text", BILLED_CHUNK)
    );
    assert_eq!(encoding(&of(full + 1)), "zlib");
}

#[test]
fn a_text_that_compression_would_lengthen_stays_text() {
    let hex = noise(7, 40_000)
        .into_iter()
        .flat_map(|byte| format!("{byte:02x}").into_bytes());
    let base64 = STANDARD.encode(noise(7, 60_000)).into_bytes();
    assert_eq!(
        encoding(&survives_the_queue(&plain(&hex.collect::<Vec<_>>())).expect("a message")),
        "zlib"
    );
    assert_eq!(
        encoding(&survives_the_queue(&plain(&base64)).expect("a message")),
        "text"
    );
}

#[test]
fn what_the_queue_takes_is_what_comes_out_up_to_the_largest_body() {
    let full = plain(&vec![b' '; MAX_BODY]);
    assert!(survives_the_queue(&full).is_some());
    let over = plain(&vec![b' '; MAX_BODY + 1]);
    assert_eq!(over.encode(), Err(Rejection::TooLarge));
}

#[test]
fn a_bomb_is_too_large() {
    let bomb = zlib(&vec![0; MAX_BODY + 1]);
    assert!(bomb.len() < MAX_BODY / 100);
    assert_eq!(decoded(&packed(&bomb)), Err(DeliveryError::BodyTooLarge));
}
