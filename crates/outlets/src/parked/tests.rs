use super::*;

const NOW: Timestamp = Timestamp::constant(1_767_323_045, 678_000_000);

fn parked() -> Parked {
    let fact = Fact::event("email#kim@mail.test", "2026-01-02T03:04:00.000Z#a");
    let message = Message::first(3, fact, NOW);
    let due = NOW + SignedDuration::from_mins(30);
    let parked = Parked::new(&message, "evt_0f".to_owned(), due, 3, NOW).unwrap();
    parked.because("status")
}

#[test]
fn a_parked_notification_is_read_as_it_was_written() {
    let plain = parked();
    let mut full = parked();
    full.fact.reason = Some("bounced".to_owned());
    full.leased_until = Some(NOW);
    full.leases = 2;
    full.due = NEVER;
    for parked in [plain, full] {
        assert!(
            Parked::of(&parked.item()) == Some(parked.clone()),
            "{parked:?}"
        );
    }
    let (pk, sk) = parked().key();
    assert_eq!(sk, "2026-01-02T03:34:05.678Z#evt_0f");
    assert_eq!(pk, format!("parked#3#{}", shard_of("evt_0f")));
}

#[test]
fn what_is_no_parked_notification_is_none() {
    for name in [
        "pk", "sk", "event_pk", "event_sk", "attempt", "first_at", "since",
    ] {
        let mut item = parked().item();
        item.remove(name);
        assert!(Parked::of(&item).is_none(), "{name}");
        item.insert(name.to_owned(), AttributeValue::S("x".to_owned()));
        if !name.starts_with("event") {
            assert!(Parked::of(&item).is_none(), "{name}");
        }
    }
}

#[test]
fn its_message_names_the_next_attempt_and_where_it_comes_from() {
    let parked = parked();
    let message = parked.message(true);
    assert!(message.probe);
    assert_eq!((message.attempt, message.first_at), (4, parked.first_at));
    let (key, since) = place_of(&message).unwrap();
    assert_eq!(key, parked.key());
    assert_eq!(since, rfc3339_ms(parked.since));
    assert!(Message::decode(&message.encode()) == Some(message));
}

#[test]
fn an_undelivered_one_sorts_last_and_may_be_tried_again() {
    let mut lost = parked();
    lost.due = NEVER;
    assert!(lost.is_undelivered());
    assert!(lost.key().1 > parked().key().1);
    let again = lost.again(NOW);
    assert!(!again.is_undelivered());
    assert_eq!((again.due, again.attempt), (NOW, 3));
}

#[test]
fn a_lease_ends_and_everything_is_forgotten_after_fourteen_days() {
    let mut parked = parked();
    assert!(!parked.is_leased(NOW));
    parked.leased_until = Some(NOW + SignedDuration::from_mins(5));
    assert!(parked.is_leased(NOW));
    assert!(!parked.is_leased(NOW + SignedDuration::from_mins(5)));
    let days = parked.expires_at().duration_since(parked.first_at);
    assert_eq!(days, SignedDuration::from_hours(14 * 24));
}

#[test]
fn neither_an_address_nor_a_key_is_shown() {
    let shown = format!("{:?}", parked());
    assert!(!shown.contains("kim"), "{shown}");
}
