//! The smaller requests: a rotation, a retry.

use serde::Deserialize;
use shared::auth::OutboundSecret;

use super::field::{Fault, Field};
use super::hidden::Hidden;
use super::object::Object;
use super::refusal::Refusal;

/// How many hours an old secret signs beside the new one, unless the request says otherwise.
pub const KEEP_HOURS: u32 = 24;
/// The most hours of that.
pub const MOST_KEEP_HOURS: u32 = 168;
/// The longest `webhook-id`.
const ID_BYTES: usize = 64;

/// What to do with what was held while an endpoint was inactive.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Held {
    /// Forget it.
    Drop,
}

/// The rotation of a secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rotation {
    /// How many hours the old secret signs beside the new one.
    pub keep_hours: u32,
    /// The new secret. If none is given, one is made.
    pub secret: Option<Hidden>,
}

impl Rotation {
    /// Reads the body of a request. It may be empty.
    ///
    /// # Errors
    /// Returns the [`Refusal`] of the first field that cannot be accepted.
    pub fn read(body: &[u8]) -> Result<Self, Refusal> {
        let body = if body.is_empty() { b"{}" } else { body };
        let object = Object::read(body, &[Field::KeepHours, Field::Secret])?;
        let keep_hours: Option<i64> = object.optional(Field::KeepHours)?;
        let keep_hours = u32::try_from(keep_hours.unwrap_or_else(|| KEEP_HOURS.into())).ok();
        let keep_hours = keep_hours.filter(|hours| *hours <= MOST_KEEP_HOURS);
        let secret: Option<String> = object.optional(Field::Secret)?;
        let secret = secret.as_deref().map(OutboundSecret::new).transpose()?;
        Ok(Self {
            keep_hours: keep_hours.ok_or(Refusal::Field(Field::KeepHours, Fault::Unfit))?,
            secret: secret.map(|secret| secret.expose().into()),
        })
    }
}

/// What to send again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Retry {
    /// The notification with this `webhook-id`.
    One(String),
    /// Whatever waits.
    All,
}

impl Retry {
    /// Reads the body of a request: `{"id":…}` or `{"all":true}`.
    ///
    /// # Errors
    /// Returns the [`Refusal`] of the first field that cannot be accepted.
    pub fn read(body: &[u8]) -> Result<Self, Refusal> {
        let object = Object::read(body, &[Field::Id, Field::All])?;
        let all: Option<bool> = object.field(Field::All)?;
        let id: Option<String> = object.field(Field::Id)?;
        match (id, all) {
            (None, Some(true)) => Ok(Self::All),
            (Some(id), None) if is_webhook_id(&id) => Ok(Self::One(id)),
            (Some(_), None) => Err(Refusal::Field(Field::Id, Fault::Unfit)),
            (_, Some(_)) => Err(Refusal::Field(Field::All, Fault::Unfit)),
            (None, None) => Err(Refusal::Field(Field::Id, Fault::Missing)),
        }
    }
}

/// Reads the body of a request that asks for nothing but what its path says. It may be empty.
///
/// # Errors
/// Returns a [`Refusal`] if it has a field, or is no JSON object.
pub fn read_nothing(body: &[u8]) -> Result<(), Refusal> {
    let body = if body.is_empty() { b"{}" } else { body };
    Object::read(body, &[]).map(|_| ())
}

fn is_webhook_id(id: &str) -> bool {
    let is_fit = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    (1..=ID_BYTES).contains(&id.len()) && id.bytes().all(is_fit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rotation_keeps_the_old_secret_for_a_day_unless_it_says_otherwise() {
        let keep = |body: &str| {
            Rotation::read(body.as_bytes())
                .map(|rotation| rotation.keep_hours)
                .map_err(|refusal| refusal.code())
        };
        assert_eq!(keep(""), Ok(24));
        assert_eq!(keep("{}"), Ok(24));
        assert_eq!(keep(r#"{"keep_hours":null}"#), Ok(24));
        assert_eq!(keep(r#"{"keep_hours":0}"#), Ok(0));
        assert_eq!(keep(r#"{"keep_hours":168}"#), Ok(168));
        for bad in ["169", "-1", "4294967296"] {
            let body = format!(r#"{{"keep_hours":{bad}}}"#);
            assert_eq!(keep(&body), Err("keep_hours_unfit"), "{bad}");
        }
        for bad in ["1.5", "\"1\"", "true", "1e2", "9223372036854775808"] {
            let body = format!(r#"{{"keep_hours":{bad}}}"#);
            assert_eq!(keep(&body), Err("keep_hours_unreadable"), "{bad}");
        }
        assert_eq!(keep(r#"{"secret":"short"}"#), Err("secret_length"));
        assert_eq!(keep(r#"{"secret":7}"#), Err("secret_unreadable"));
        assert_eq!(keep(r#"{"url":"x"}"#), Err("field_unknown"));
    }

    #[test]
    fn a_rotation_prints_no_secret() {
        let body = br#"{"secret":"a-chosen-secret-of-somebody"}"#;
        let rotation = Rotation::read(body).unwrap();
        assert!(!format!("{rotation:?}").contains("chosen"));
    }

    #[test]
    fn a_retry_is_of_one_or_of_all() {
        let read = |body: &str| Retry::read(body.as_bytes()).map_err(|refusal| refusal.code());
        assert_eq!(read(r#"{"all":true}"#), Ok(Retry::All));
        assert_eq!(
            read(r#"{"id":"evt_1f"}"#),
            Ok(Retry::One("evt_1f".to_owned()))
        );
        assert_eq!(read("{}"), Err("id_missing"));
        assert_eq!(read(""), Err("body_not_json"));
        assert_eq!(read(r#"{"all":false}"#), Err("all_unfit"));
        assert_eq!(read(r#"{"all":null}"#), Err("all_unreadable"));
        assert_eq!(read(r#"{"all":true,"id":"evt_1"}"#), Err("all_unfit"));
        for id in ["", "evt 1", "evt_1#", &"e".repeat(65)] {
            let body = serde_json::json!({ "id": id }).to_string();
            assert_eq!(read(&body), Err("id_unfit"), "{id:?}");
        }
    }

    #[test]
    fn a_request_without_fields_has_none() {
        let read = |body: &[u8]| read_nothing(body).map_err(|refusal| refusal.code());
        assert_eq!(read(b""), Ok(()));
        assert_eq!(read(b" {} "), Ok(()));
        assert_eq!(read(b"[]"), Err("body_not_json"));
        assert_eq!(read(br#"{"id":"evt_1"}"#), Err("field_unknown"));
    }
}
