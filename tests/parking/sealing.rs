//! The sealing secret, and its rotation.

use jiff::SignedDuration;
use outlets::endpoint::{Endpoint, SealedSecret, secret_context};
use runtime::sealing::{Sealing, SealingError};
use shared::auth::{sealed_by, unseal};

use crate::house::{House, SEALING, held, in_seconds, now};

async fn rotate(house: &House, word: &str) {
    let put = house.secrets.put_secret_value().secret_id(SEALING);
    let put = put.secret_string(word.repeat(20)).send().await;
    put.expect("a version");
}

#[tokio::test]
async fn after_a_rotation_the_sweep_seals_anew_and_a_second_one_hurts_nobody() {
    let house = House::new().await;
    let id = house.endpoint().await.id;
    for word in ["two", "three"] {
        rotate(&house, word).await;
        let sweep = house.again().await;
        sweep::sweep::sweep(&sweep, "r", crate::house::deadline())
            .await
            .unwrap();
        let endpoint = house.outlets().endpoint(id).await.unwrap().unwrap();
        let keys = house.keys().await;
        let current = keys.current().unwrap();
        assert!(endpoint.is_sealed_by(current.version()));
        let sealed = &endpoint.secrets[0].sealed;
        let plain = unseal(keys.all(), &secret_context(id), sealed).unwrap();
        assert_eq!(plain, "whsec_1");
    }
    let revision = house
        .outlets()
        .endpoint(id)
        .await
        .unwrap()
        .unwrap()
        .revision;
    let sweep = house.again().await;
    sweep::sweep::sweep(&sweep, "r", crate::house::deadline())
        .await
        .unwrap();
    let same = house
        .outlets()
        .endpoint(id)
        .await
        .unwrap()
        .unwrap()
        .revision;
    assert_eq!(
        (revision, same),
        (2, 2),
        "it is sealed once for each version"
    );
}

#[tokio::test]
async fn a_secret_that_signs_no_more_is_forgotten() {
    let house = House::new().await;
    let endpoint = house.endpoint().await;
    let old = |until| SealedSecret {
        until: Some(in_seconds(until)),
        ..endpoint.secrets[0].clone()
    };
    let rotated = Endpoint {
        secrets: vec![endpoint.secrets[0].clone(), old(-1)],
        ..endpoint.clone()
    };
    assert!(house.outlets().replace(&endpoint, &rotated).await.unwrap());
    house.sweeps().await;
    let kept = house
        .outlets()
        .endpoint(endpoint.id)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(kept.secrets.len(), 1);
}

#[tokio::test]
async fn without_the_secret_the_sweep_sends_all_the_same() {
    let house = House::without_secret().await;
    let endpoint = crate::house::endpoint(1, "s1.v1.x");
    assert!(house.outlets().add(&endpoint).await.unwrap());
    house.park(&held(1, 2)).await;
    house.sweeps().await;
    assert_eq!(house.sent().len(), 2);
    let read = house.outlets().endpoint(1).await.unwrap().unwrap();
    assert_eq!(sealed_by(&read.secrets[0].sealed), Some("v1"));
}

#[tokio::test]
async fn a_secret_that_comes_late_or_changes_is_read_again() {
    let house = House::without_secret().await;
    let start = now();
    let at = |seconds| start + SignedDuration::from_secs(seconds);
    let sealing = Sealing::open(house.secrets.clone(), SEALING.to_owned(), start).await;
    let missing = sealing.keys(at(0)).await.unwrap_err();
    assert_eq!(missing.code(), "sealing_key_unavailable");
    assert_eq!(missing.secrets_error(), Some("ResourceNotFoundException"));
    let create = house.secrets.create_secret().name(SEALING);
    create.secret_string("short").send().await.unwrap();
    assert_eq!(
        sealing.keys(at(4)).await.unwrap_err(),
        missing,
        "not asked again"
    );
    assert_eq!(
        sealing.keys(at(5)).await.unwrap_err(),
        SealingError::Unusable
    );
    rotate(&house, "one").await;
    let first = sealing.keys(at(10)).await.unwrap();
    assert_eq!(first.all().len(), 1, "the short one is no key");
    rotate(&house, "two").await;
    assert!(sealing.others(&first, at(69)).await.is_none());
    let second = sealing.others(&first, at(70)).await.unwrap();
    assert_eq!(second.all().len(), 2);
    rotate(&house, "three").await;
    let versions =
        |keys: &runtime::sealing::SealingKeys| keys.current().unwrap().version().to_owned();
    let kept = sealing.keys(at(300)).await.unwrap();
    assert_eq!(versions(&kept), versions(&second));
    let third = sealing.keys(at(370)).await.unwrap();
    assert_ne!(versions(&third), versions(&second));
}
