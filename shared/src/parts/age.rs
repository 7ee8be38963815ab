//! Says how old a request is, by its signed time.

use jiff::Timestamp;

use super::part::{Part, Role};
use super::span::span_beside;
use crate::incoming::{Incoming, Window};

/// The most digits of a time in seconds.
const MOST_DIGITS: usize = 12;

/// Returns how old a request is, and how old it may be: `7 minutes old, window 5 minutes`. Returns
/// `None` if no signed time can be read. `window` is the provider's.
#[must_use]
pub fn age(parts: &[Part], request: &Incoming<'_>, window: Option<Window>) -> Option<String> {
    let part = parts.iter().find(|part| part.role == Role::Timestamp)?;
    let signed_at = seconds(part.value.as_deref()?)?;
    let window = window?;
    let came_at = request.received_at.as_second();
    let apart = came_at.abs_diff(signed_at.as_second());
    let behind = request.behind(window);
    Some(if signed_at.as_second() > came_at {
        let [apart, allowed] = beside(apart, behind.map(|_| window.ahead));
        format!("{apart} ahead of our clock, {allowed}")
    } else {
        let [apart, allowed] = beside(apart, behind);
        format!("{apart} old, {allowed}")
    })
}

/// Returns a length of time in seconds, and the window, in words that can be compared.
fn beside(apart: u64, window: Option<u64>) -> [String; 2] {
    let said = match window {
        Some(seconds) => format!("window {}", span_beside(seconds, apart)),
        None => "no window".to_owned(),
    };
    [span_beside(apart, window.unwrap_or(apart)), said]
}

/// Returns what a signed time is, in words.
pub(super) fn came(value: &str, request: &Incoming<'_>, window: Option<Window>) -> Vec<String> {
    let Some(signed_at) = seconds(value) else {
        return vec![unreadable(value)];
    };
    let came_at = request.received_at.as_second();
    let apart = came_at.abs_diff(signed_at.as_second());
    let allowed = window.map(|window| request.behind(window));
    let [apart, allowed_words] = beside(apart, allowed.flatten());
    let apart = match signed_at.as_second().cmp(&came_at) {
        std::cmp::Ordering::Less => format!("{apart} before it came"),
        std::cmp::Ordering::Equal => "the second it came".to_owned(),
        std::cmp::Ordering::Greater => format!("{apart} after it came"),
    };
    let mut words = vec![format!("{signed_at:.0}, {apart}")];
    words.extend(allowed.map(|_| allowed_words));
    words
}

fn seconds(text: &str) -> Option<Timestamp> {
    let is_digits = text.len() <= MOST_DIGITS && text.bytes().all(|b| b.is_ascii_digit());
    let seconds = is_digits.then(|| text.parse().ok()).flatten()?;
    Timestamp::from_second(seconds).ok()
}

fn unreadable(text: &str) -> String {
    let is_digits = text.bytes().all(|b| b.is_ascii_digit());
    match text.len() {
        13 if is_digits => "13 digits: milliseconds? Seconds are signed".to_owned(),
        _ if is_digits => format!("{} digits: no time in seconds", text.len()),
        _ => "no number of seconds".to_owned(),
    }
}
