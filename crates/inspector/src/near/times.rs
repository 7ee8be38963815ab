//! What goes wrong with the signed time.

use shared::parts::{Place, Role};
use shared::rejection::Rejection;
use shared::time::from_rfc3339;

use super::case::Case;
use super::headers::with_value;
use super::miss::NearMiss;
use super::slip::{Slip, Undone};

/// How much more than the provider's own a window may be that is offered, in seconds: a week. None
/// delivers that late.
const MOST_MORE: u64 = 7 * 24 * 60 * 60;
/// The digits of a time in milliseconds that is now: up to 2286.
const MILLISECONDS: usize = 13;

/// Returns the slips in how the time is written.
pub(super) fn slips<'a>(case: &'a Case<'a>) -> impl Iterator<Item = Slip> + 'a {
    let times = case.sent(Role::Timestamp);
    let times = times.flat_map(move |(part, value)| {
        let spellings = [
            milliseconds(value).map(|seconds| {
                let text = "It would match with the signed time in seconds, as it is signed: it is sent in milliseconds.";
                ("time_milliseconds", text, seconds)
            }),
            value.split_once('.').map(|(whole, _)| {
                let text = "It would match with the signed time in whole seconds: it is sent with a fraction.";
                ("time_fraction", text, whole.to_owned())
            }),
            from_rfc3339(value).map(|time| {
                let text = "It would match with the signed time in Unix seconds: it is sent as a date.";
                ("time_date", text, time.as_second().to_string())
            }),
        ];
        spellings.into_iter().flatten().filter_map(move |(code, text, new)| {
            let undone = with_value(case, part, value, &new)?;
            Some(Slip::new(code, text, undone))
        })
    });
    times.chain(as_text(case))
}

/// In a body the time is a text. A number is what a JSON library may make of it.
fn as_text(case: &Case<'_>) -> Option<Slip> {
    let (part, value) = case.sent(Role::Timestamp).next()?;
    if part.place != Place::Body {
        return None;
    }
    let body = std::str::from_utf8(case.refused.body).ok()?;
    let number = [
        format!("\"timestamp\":{value}"),
        format!("\"timestamp\": {value}"),
    ];
    let found = number
        .iter()
        .find(|number| body.contains(number.as_str()))?;
    let text = body.replacen(found, &format!("\"timestamp\":\"{value}\""), 1);
    let says = "It would match with the signed time as a JSON string: it is sent as a number.";
    let undone = Undone::Body(text.into_bytes());
    Some(Slip::new("time_number", says, undone))
}

/// Says that a time is in milliseconds, where no request can be made of it that matches: they are
/// signed, too.
pub(super) fn in_milliseconds(case: &Case<'_>, rejection: Rejection) -> Option<NearMiss> {
    let is_one = |(_, value): (_, &str)| milliseconds(value).is_some();
    let is_so =
        rejection == Rejection::TimestampUnreadable && case.sent(Role::Timestamp).any(is_one);
    is_so.then(|| NearMiss {
        slip: "time_milliseconds",
        text: "The signed time is in milliseconds. It must be in seconds, where it is sent and in what is signed.".to_owned(),
        command: None,
    })
}

/// Says how far a request is outside the window. It is vouched for: nothing else is wrong with it.
pub(super) fn outside(case: &Case<'_>) -> Option<NearMiss> {
    let request = case.refused.incoming();
    let age = case.provider().age(&request)?;
    let signed_at = case.sent(Role::Timestamp).next()?.1.parse::<i64>().ok()?;
    let behind = case
        .refused
        .received_at
        .as_second()
        .checked_sub(signed_at)?;
    if behind < 0 {
        return Some(NearMiss {
            slip: "clock",
            text: format!("It is signed {age}: is this machine's clock right, and the sender's?"),
            command: None,
        });
    }
    // Whole minutes, and none too few.
    let window = behind.unsigned_abs().div_ceil(60).saturating_mul(60);
    let own = case.provider().scheme().window?.behind;
    if window > own.saturating_add(MOST_MORE) {
        return Some(NearMiss {
            slip: "window",
            text: format!(
                "{age}: a replay, or the sender signs a wrong time. No window should be that long."
            ),
            command: None,
        });
    }
    Some(NearMiss {
        slip: "window",
        text: format!("{age}: it would match with SignatureWindow={window}. A replay would, too."),
        command: Some(format!("postern up --parameter SignatureWindow={window}")),
    })
}

fn milliseconds(value: &str) -> Option<String> {
    let is_so = value.len() == MILLISECONDS && value.bytes().all(|b| b.is_ascii_digit());
    is_so.then(|| value.chars().take(MILLISECONDS - 3).collect())
}
