//! Says in a few words what an event says.

use crate::announced::Announced;

/// Returns when it happened: to the second for a person, and to the letter for a script.
#[must_use]
pub fn when(time: &str, is_for_a_person: bool) -> String {
    match time.split_once('.') {
        Some((seconds, _)) if is_for_a_person => seconds.replace('T', " "),
        _ => time.to_owned(),
    }
}

/// Returns whose event it is: the address, or the team's own id. Returns an empty text for nobody.
#[must_use]
pub fn who(event: &Announced) -> &str {
    let names = ["address", "customer_id", "recipient"];
    let mut names = names.into_iter().map(|name| event.text(name));
    names.find(|name| !name.is_empty()).unwrap_or_default()
}

/// Returns what happened: the kind, and what kind of that kind.
#[must_use]
pub fn happened(event: &Announced) -> String {
    let narrower = ["bounce_class", "suppression_reason"];
    let narrower = narrower.into_iter().map(|name| event.text(name));
    let words = [event.text("kind")].into_iter().chain(narrower);
    joined(words)
}

/// Returns what else there is to say of it.
#[must_use]
pub fn details(event: &Announced) -> String {
    let machine = event.text("machine");
    let machine = Some(machine).filter(|machine| !["", "none"].contains(machine));
    let reason = event.text("reason");
    // Most refusals begin with their code.
    let code = Some(event.text("enhanced_code")).filter(|code| !reason.contains(code));
    joined([
        event.text("bounce_category"),
        code.unwrap_or_default(),
        event.text("scope"),
        event.text("scope_id"),
        machine.map_or("", |_| "machine:"),
        machine.unwrap_or_default(),
        event.text("machine_why"),
        event.text("url"),
        reason,
    ])
}

fn joined<'a>(words: impl IntoIterator<Item = &'a str>) -> String {
    let words: Vec<&str> = words.into_iter().filter(|word| !word.is_empty()).collect();
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use super::when;

    #[test]
    fn a_time_has_no_fraction_for_a_person() {
        let time = "2026-01-02T03:04:05.678Z";
        assert_eq!(when(time, true), "2026-01-02 03:04:05");
        assert_eq!(when(time, false), time);
        assert_eq!(when("", true), "");
    }
}
