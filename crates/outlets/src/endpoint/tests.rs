use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use jiff::SignedDuration;

use super::*;

const NOW: Timestamp = Timestamp::constant(1_767_323_045, 678_000_000);

fn endpoint(events: &str) -> Endpoint {
    let secret = |sealed: &str, until: Option<i64>| SealedSecret {
        sealed: sealed.to_owned(),
        since: NOW,
        until: until.map(|seconds| NOW + SignedDuration::from_secs(seconds)),
    };
    Endpoint {
        id: 3,
        url: "https://crm.test/hook".to_owned(),
        filter: Filter::parse(events).unwrap(),
        providers: Vec::new(),
        sources: Vec::new(),
        headers: BTreeMap::from([("x-token".to_owned(), "s1.v1.header".to_owned())]),
        secrets: vec![secret("s1.v1.new", None), secret("s1.v1.old", Some(60))],
        active: true,
        created_at: NOW,
        created_by: "admin:ops".to_owned(),
        revision: 7,
    }
}

fn event(kind: &str) -> Item {
    let attributes = [
        ("pk", "email#kim@mail.test"),
        ("sk", "2026-01-02T03:04:05.678Z#a"),
        ("channel", "email"),
        ("kind", kind),
        ("provider", "resend"),
        ("source", "eu"),
    ];
    let attributes = attributes.into_iter();
    attributes
        .map(|(name, text)| (name.to_owned(), AttributeValue::S(text.to_owned())))
        .collect()
}

#[test]
fn an_endpoint_is_read_as_it_was_written() {
    let mut endpoint = endpoint("bounced, clicked");
    endpoint.providers = vec!["resend".to_owned()];
    let item = endpoint.item();
    assert!(Endpoint::of(&item) == Some(endpoint));
    assert_eq!(text(&item, "sk"), "0000000003");
}

#[test]
fn what_is_no_endpoint_is_none() {
    for name in [
        "sk",
        "url",
        "events",
        "secrets",
        "active",
        "created_at",
        "revision",
    ] {
        let mut item = endpoint("*").item();
        item.remove(name);
        assert!(Endpoint::of(&item).is_none(), "{name}");
    }
    let counter = [("pk", PARTITION), ("sk", COUNTER)];
    let counter = counter.map(|(name, text)| (name.to_owned(), AttributeValue::S(text.to_owned())));
    assert!(Endpoint::of(&HashMap::from(counter)).is_none());
    // Half of a list would tell more than was asked for.
    let mut item = endpoint("*").item();
    let odd = vec![AttributeValue::Bool(true)];
    item.insert("providers".to_owned(), AttributeValue::L(odd));
    assert!(Endpoint::of(&item).is_none());
}

#[test]
fn it_wants_what_its_filter_its_providers_and_its_sources_say() {
    let all = endpoint("*");
    assert_eq!(
        all.wants(&event("bounced")).as_deref(),
        Some("email.bounced")
    );
    assert!(all.wants_suppression());
    let bounces = endpoint("bounced");
    assert_eq!(bounces.wants(&event("clicked")), None);
    assert!(!bounces.wants_suppression());
    for (providers, sources, wanted) in [
        (vec!["resend"], vec![], true),
        (vec!["ses", "resend"], vec!["eu"], true),
        (vec!["ses"], vec![], false),
        (vec![], vec!["us"], false),
    ] {
        let own = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        let narrowed = Endpoint {
            providers: own(&providers),
            sources: own(&sources),
            ..all.clone()
        };
        assert_eq!(narrowed.wants(&event("bounced")).is_some(), wanted);
        assert!(!narrowed.wants_suppression(), "it is a person's word");
    }
}

#[test]
fn an_old_secret_signs_until_its_time_and_the_newest_always() {
    let endpoint = endpoint("*");
    let signing = |seconds| {
        let now = NOW + SignedDuration::from_secs(seconds);
        let secrets = endpoint.secrets_at(now);
        secrets
            .map(|secret| secret.sealed.clone())
            .collect::<Vec<_>>()
    };
    assert_eq!(signing(59), ["s1.v1.new", "s1.v1.old"]);
    assert_eq!(signing(60), ["s1.v1.new"]);
    let later = NOW + SignedDuration::from_secs(60);
    assert_eq!(endpoint.without_old_secrets(later).secrets.len(), 1);
    assert!(endpoint.without_old_secrets(NOW) == endpoint);
}

#[test]
fn everything_is_sealed_anew_each_for_its_place() {
    let endpoint = endpoint("*");
    assert!(endpoint.is_sealed_by("v1"));
    let anew = endpoint.sealed_anew(|place, sealed| {
        assert!(place.starts_with("outlet 3 "), "{place}");
        Ok::<_, ()>(sealed.replace("v1", "v2"))
    });
    let anew = anew.unwrap();
    assert!(anew.is_sealed_by("v2") && !anew.is_sealed_by("v1"));
    let places: Vec<String> = anew.sealed().map(|(place, _)| place).collect();
    assert_eq!(
        places,
        [
            "outlet 3 secret",
            "outlet 3 secret",
            "outlet 3 header x-token"
        ]
    );
    assert!(endpoint.sealed_anew(|_, _| Err::<String, _>(())).is_err());
}

#[test]
fn neither_a_url_nor_a_secret_is_shown() {
    let shown = format!("{:?} {:?}", endpoint("*"), endpoint("*").secrets);
    for hidden in ["crm", "s1.", "x-token"] {
        assert!(!shown.contains(hidden), "{shown}");
    }
}
