//! What an endpoint looks like from outside.

use outlets::breaker::Disabled;
use outlets::endpoint::SealedSecret;
use outlets::filter::Filter;

use super::*;

const NOW: Timestamp = Timestamp::constant(1_767_323_045, 678_000_000);

fn endpoint() -> Endpoint {
    let secret = |since: i64, until: Option<i64>| SealedSecret {
        sealed: "s1.v1.sealed".to_owned(),
        since: Timestamp::from_second(since).unwrap(),
        until: until.map(|until| Timestamp::from_second(until).unwrap()),
    };
    Endpoint {
        id: 3,
        url: "https://crm.example.com/hooks".to_owned(),
        filter: Filter::parse("bounced:hard,suppression").unwrap(),
        providers: Vec::new(),
        sources: Vec::new(),
        headers: BTreeMap::from([("x-token".to_owned(), "s1.v1.header".to_owned())]),
        secrets: vec![
            secret(1_767_323_000, None),
            secret(1_767_000_000, Some(1_767_400_000)),
            secret(1_766_000_000, Some(1_767_000_000)),
        ],
        active: true,
        created_at: NOW,
        created_by: "kim".to_owned(),
        revision: 1,
    }
}

fn nothing() -> (Counted, usize) {
    (Counted::default(), 10)
}

#[test]
fn an_endpoint_is_shown_without_anything_that_is_sealed() {
    let shown = shown(&endpoint(), &State::default(), nothing(), NOW);
    let wanted = r#"{"id":3,"url":"https://crm.example.com/hooks","events":"bounced:hard,suppression","active":true,"created_at":"2026-01-02T03:04:05Z","providers":[],"sources":[],"headers":["x-token"],"secrets":[{"since":"2026-01-02T03:03:20Z"},{"since":"2025-12-29T09:20:00Z","until":"2026-01-03T00:26:40Z"}],"created_by":"kim","state":"ok","undelivered":0}"#;
    assert_eq!(serde_json::to_string(&shown).unwrap(), wanted);
    let printed = format!("{shown:?}");
    assert!(!printed.contains("crm.example.com"), "{printed}");
}

#[test]
fn one_word_says_how_it_does() {
    let word = |endpoint: &Endpoint, state: &State| {
        let shown = shown(endpoint, state, nothing(), NOW);
        (shown.standing.state, shown.active)
    };
    let well = State::default();
    let failing = State {
        failures: 1,
        failing_since: Some(NOW),
        last_code: Some("503".to_owned()),
        ..State::default()
    };
    let open = State {
        opened_at: Some(NOW),
        probe_at: Some(NOW),
        ..failing.clone()
    };
    let disabled = open.disabled(Disabled::Gone);
    let active = endpoint();
    let inactive = Endpoint {
        active: false,
        ..endpoint()
    };
    assert_eq!(word(&active, &well), ("ok".to_owned(), true));
    assert_eq!(word(&active, &failing), ("failing".to_owned(), true));
    assert_eq!(word(&active, &open), ("open".to_owned(), true));
    assert_eq!(word(&active, &disabled), ("disabled".to_owned(), false));
    assert_eq!(word(&inactive, &open), ("inactive".to_owned(), false));
    let standing = shown(&active, &open, nothing(), NOW).standing;
    assert_eq!(standing.next_at.as_deref(), Some("2026-01-02T03:04:05Z"));
    assert_eq!(standing.last_code.as_deref(), Some("503"));
}

#[test]
fn what_waits_is_counted_up_to_a_bound() {
    let counted = |waiting, undelivered| {
        let counted = Counted {
            waiting,
            undelivered,
        };
        let standing = shown(&endpoint(), &State::default(), (counted, 10), NOW).standing;
        (standing.undelivered, standing.undelivered_more)
    };
    assert_eq!(counted(0, 0), (0, false));
    assert_eq!(counted(4, 5), (9, false));
    assert_eq!(counted(10, 0), (10, true));
    assert_eq!(counted(3, 40), (43, true));
}
