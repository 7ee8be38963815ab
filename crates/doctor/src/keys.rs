//! Reads the providers' keys, and judges their form as a receiver does.

use aws_sdk_secretsmanager::Client;
use aws_sdk_secretsmanager::operation::get_secret_value::GetSecretValueError;
use registry::sender;
use shared::secrets::Secrets;

use super::check::{Check, Unread, unread};

const ID: &str = "keys";

/// A provider that is on, and the name of its secret.
pub(super) type Named = (String, String);

/// What is wrong with a secret, or odd about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Key {
    Good,
    /// It can be used, and somebody should look at it.
    Odd(String),
    NeverSet,
    /// It was deleted, and can be restored.
    Deleted,
    Unusable(String),
    /// It is there, and may not be read.
    NotRead,
    Unread(Unread),
}

/// Reads the current version of a secret. No text of the result has a piece of it.
pub(super) async fn read(client: &Client, provider: &str, name: &str) -> Key {
    const ACTION: &str = "secretsmanager:GetSecretValue";
    let answer = client.get_secret_value().secret_id(name).send().await;
    let error = match answer {
        Ok(answer) => return judged(provider, answer.secret_string().unwrap_or_default()),
        Err(error) => error,
    };
    let service = error.as_service_error();
    if service.is_some_and(GetSecretValueError::is_resource_not_found_exception) {
        return Key::NeverSet;
    }
    if service.is_some_and(GetSecretValueError::is_invalid_request_exception) {
        return Key::Deleted;
    }
    Key::Unread(unread(ACTION, &error))
}

/// Judges a secret by the rules of the provider's receiver.
fn judged(provider: &str, secret: &str) -> Key {
    let sender = sender(provider);
    let check = |key: &str| sender.map_or(Ok(()), |sender| sender.check_key(key));
    let read = Secrets::parse(secret).and_then(|secrets| secrets.checked_by(check));
    match read {
        Err(error) => Key::Unusable(format!("{error} ({})", error.code())),
        Ok(secrets) => {
            let doubt = |key: &str| sender.and_then(|sender| sender.doubt_key(key));
            let warnings = secrets.warnings(doubt);
            let mut warnings = warnings.into_iter();
            let warning = warnings.next();
            warning.map_or(Key::Good, |w| Key::Odd(format!("{w} ({})", w.code())))
        }
    }
}

/// Returns the lines about the keys of all providers. `is_local` says whether the stack made them
/// itself.
pub(super) fn told(keys: &[(Named, Key)]) -> Vec<Check> {
    let mut checks: Vec<Check> = keys
        .iter()
        .filter_map(|((provider, name), key)| line(provider, name, key))
        .collect();
    if !checks.is_empty() {
        return checks;
    }
    let all = keys.len();
    if keys.iter().any(|(_, key)| *key == Key::NotRead) {
        let text = format!("{all} of {all} set; their form is not read");
        checks.push(Check::advice(ID, text, "postern doctor --policy"));
    } else {
        let text = format!("{all} of {all} set, of good form");
        checks.push(Check::ok(ID, text));
    }
    checks
}

fn line(provider: &str, name: &str, key: &Key) -> Option<Check> {
    let set = format!("postern secret set {provider} {{target}}");
    let check = match key {
        Key::Good | Key::NotRead => return None,
        Key::Odd(why) => Check::warning(ID, format!("{provider}: {why}"), set),
        Key::NeverSet => {
            let text = format!("{provider}: never set, every webhook is refused");
            Check::failed(ID, text, set)
        }
        Key::Deleted => {
            let text = format!("{provider}: deleted, every receiver that starts has none");
            let fix = format!("aws secretsmanager restore-secret --secret-id {name}");
            Check::failed(ID, text, fix)
        }
        Key::Unusable(why) => Check::failed(ID, format!("{provider}: {why}"), set),
        Key::Unread(why) => Check::unread(ID, why),
    };
    Some(check)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(keys: &[(&str, Key)]) -> Vec<(String, Option<String>)> {
        let keys: Vec<(Named, Key)> = keys
            .iter()
            .map(|(provider, key)| {
                let named = ((*provider).to_owned(), format!("mail/{provider}"));
                (named, key.clone())
            })
            .collect();
        let checks = told(&keys).into_iter();
        checks.map(|check| (check.text, check.fix)).collect()
    }

    #[test]
    fn a_key_is_judged_as_its_receiver_does() {
        let good = "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE";
        let unusable = judged("sendgrid", good);
        let Key::Unusable(why) = unusable else {
            panic!("{unusable:?}");
        };
        assert!(why.ends_with("(secrets_key_not_public)"), "{why}");
        assert_eq!(judged("insider", "0123456789abcdef"), Key::Good);
        let odd = "a key in the secret has fewer than 16 characters and could be guessed: have the provider make a longer one (secrets_key_weak)";
        assert_eq!(judged("insider", "0123456789"), Key::Odd(odd.to_owned()));
    }

    #[test]
    fn each_key_that_is_not_good_has_a_line_with_its_cure() {
        let set = Some("postern secret set insider {target}".to_owned());
        assert_eq!(
            lines(&[("insider", Key::Good), ("resend", Key::Good)]),
            [("2 of 2 set, of good form".to_owned(), None)]
        );
        assert_eq!(
            lines(&[("insider", Key::NeverSet), ("resend", Key::Good)]),
            [(
                "insider: never set, every webhook is refused".to_owned(),
                set
            )]
        );
        let restore = "aws secretsmanager restore-secret --secret-id mail/resend".to_owned();
        assert_eq!(
            lines(&[("resend", Key::Deleted)]),
            [(
                "resend: deleted, every receiver that starts has none".to_owned(),
                Some(restore)
            )]
        );
        let denied = Unread::NotAllowed("secretsmanager:GetSecretValue".to_owned());
        assert_eq!(
            lines(&[("resend", Key::Unread(denied))]),
            [(
                "skipped: not allowed: secretsmanager:GetSecretValue".to_owned(),
                Some("postern doctor --policy".to_owned())
            )]
        );
    }
}
