//! Tests the bars between an endpoint's name and what is not public.

use super::*;
use crate::egress::connect::CONNECT;

fn deployed() -> Place {
    Place::Deployed {
        own_hosts: Vec::new(),
    }
}

fn egress<R: Resolve>(place: Place, resolver: R) -> Egress<R> {
    Egress::with(place, resolver, RootCertStore::empty()).unwrap()
}

fn told(addresses: &[&str]) -> Told {
    let addresses = addresses.iter().map(|address| address.parse().unwrap());
    Told(addresses.collect())
}

#[tokio::test]
async fn a_name_with_any_address_that_is_not_public_is_not_connected_to() {
    let server = Server::answering(ok()).await;
    let here = server.address().to_string();
    for addresses in [
        &[here.as_str()][..],
        &["10.0.0.1:443"],
        &["169.254.169.254:443"],
        &["[::1]:443"],
        &["[::ffff:10.0.0.1]:443"],
        &["[fd00::1]:443"],
        // One that is public does not help.
        &["1.1.1.1:443", &here],
        &[
            "[2606:4700:4700::1111]:443",
            "1.1.1.1:443",
            "127.0.0.1:9001",
        ],
    ] {
        let egress = egress(deployed(), told(addresses));
        let answer = post_by(&egress, "https://hooks.mail.test/x", LONG).await;
        assert_eq!(answer, Err(Failure::AddressNotPublic), "{addresses:?}");
    }
    assert_eq!(server.request(), "");
}

#[tokio::test]
async fn a_machine_of_ones_own_may_call_itself_and_not_its_network() {
    let server = Server::answering(ok()).await;
    let url = format!("http://hooks.mail.test:{}/", server.port());
    let reached = egress(Place::Here, Told(vec![server.address()]));
    assert_eq!(status(post_by(&reached, &url, LONG).await), 200);
    let network = egress(Place::Here, told(&["192.168.1.1:80"]));
    let answer = post_by(&network, &url, LONG).await;
    assert_eq!(answer, Err(Failure::AddressNotPublic));
}

#[tokio::test]
async fn the_next_address_is_tried_if_one_takes_no_connection() {
    let (gone, server) = (Server::answering(ok()).await, Server::answering(ok()).await);
    let addresses = vec![gone.address(), server.address()];
    drop(gone);
    let egress = egress(Place::Here, Told(addresses));
    let url = format!("http://hooks.mail.test:{}/", server.port());
    assert_eq!(status(post_by(&egress, &url, LONG).await), 200);
}

#[tokio::test]
async fn a_name_without_addresses_is_not_resolved() {
    let egress = egress(deployed(), told(&[]));
    let answer = post_by(&egress, "https://hooks.mail.test/x", LONG).await;
    assert_eq!(answer, Err(Failure::DnsFailed));
}

/// A resolver that never answers.
struct Silent;

impl Resolve for Silent {
    async fn resolve(&self, _: &str, _: u16) -> std::io::Result<Vec<SocketAddr>> {
        std::future::pending().await
    }
}

#[tokio::test]
async fn a_resolver_that_does_not_answer_takes_three_seconds_at_most() {
    let egress = egress(deployed(), Silent);
    let began = tokio::time::Instant::now();
    let answer = post_by(&egress, "https://hooks.mail.test/x", LONG).await;
    assert_eq!(answer, Err(Failure::DnsFailed));
    assert!(began.elapsed() < CONNECT * 2);
}
