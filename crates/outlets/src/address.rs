//! Which addresses may be connected to: public ones (IANA's special-purpose address registries,
//! RFC 6890, read 2026-11-24).
//!
//! The name of an endpoint is a stranger's, and so are the addresses that it resolves to. Nothing
//! inside a network may be reached by them.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::target::Place;

/// The networks of IPv4 that are not public: the first address, and how many bits name the network.
const NOT_PUBLIC_V4: [(Ipv4Addr, u32); 14] = [
    (Ipv4Addr::UNSPECIFIED, 8),           // "this network"
    (Ipv4Addr::new(10, 0, 0, 0), 8),      // private
    (Ipv4Addr::new(100, 64, 0, 0), 10),   // shared, behind a carrier's NAT
    (Ipv4Addr::new(127, 0, 0, 0), 8),     // loopback
    (Ipv4Addr::new(169, 254, 0, 0), 16),  // link-local; the services of a cloud's host
    (Ipv4Addr::new(172, 16, 0, 0), 12),   // private
    (Ipv4Addr::new(192, 0, 0, 0), 24),    // protocol assignments
    (Ipv4Addr::new(192, 0, 2, 0), 24),    // documentation
    (Ipv4Addr::new(192, 88, 99, 0), 24),  // relays of 6to4
    (Ipv4Addr::new(192, 168, 0, 0), 16),  // private
    (Ipv4Addr::new(198, 18, 0, 0), 15),   // benchmarks
    (Ipv4Addr::new(198, 51, 100, 0), 24), // documentation
    (Ipv4Addr::new(203, 0, 113, 0), 24),  // documentation
    (Ipv4Addr::new(224, 0, 0, 0), 3),     // multicast, reserved, broadcast
];

/// The only network of IPv6 that has public addresses.
const GLOBAL_V6: (Ipv6Addr, u32) = (Ipv6Addr::new(0x2000, 0, 0, 0, 0, 0, 0, 0), 3);

/// The networks in it that are not public.
const NOT_PUBLIC_V6: [(Ipv6Addr, u32); 4] = [
    (Ipv6Addr::new(0x2001, 0, 0, 0, 0, 0, 0, 0), 23), // protocol assignments; Teredo
    (Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 0), 32), // documentation
    (Ipv6Addr::new(0x2002, 0, 0, 0, 0, 0, 0, 0), 16), // 6to4: an address of IPv4 is in it
    (Ipv6Addr::new(0x3fff, 0, 0, 0, 0, 0, 0, 0), 20), // documentation
];

/// Checks whether an address is public. An address of IPv4 in one of IPv6 is judged as what it is.
#[must_use]
pub fn is_public(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(address) => !NOT_PUBLIC_V4.into_iter().any(|net| is_in_v4(address, net)),
        IpAddr::V6(address) => {
            let is_apart = NOT_PUBLIC_V6.into_iter().any(|net| is_in_v6(address, net));
            is_in_v6(address, GLOBAL_V6) && !is_apart
        }
    }
}

/// Checks whether an address may be connected to from this place: a public one, and here, on
/// somebody's own machine, that machine, too.
#[must_use]
pub fn may_connect(address: IpAddr, place: &Place) -> bool {
    let is_here = matches!(place, Place::Here);
    is_public(address) || is_here && address.to_canonical().is_loopback()
}

fn is_in_v4(address: Ipv4Addr, (first, bits): (Ipv4Addr, u32)) -> bool {
    let apart = address.to_bits() ^ first.to_bits();
    apart.leading_zeros() >= bits
}

fn is_in_v6(address: Ipv6Addr, (first, bits): (Ipv6Addr, u32)) -> bool {
    let apart = address.to_bits() ^ first.to_bits();
    apart.leading_zeros() >= bits
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn public(text: &str) -> bool {
        is_public(text.parse().unwrap())
    }

    /// The first and the last address of each network that is not public, and its neighbours.
    #[test]
    fn a_network_ends_where_it_ends() {
        #[rustfmt::skip]
        let networks = [
            ("0.0.0.0", "0.255.255.255", "", "1.0.0.0"),
            ("10.0.0.0", "10.255.255.255", "9.255.255.255", "11.0.0.0"),
            ("100.64.0.0", "100.127.255.255", "100.63.255.255", "100.128.0.0"),
            ("127.0.0.0", "127.255.255.255", "126.255.255.255", "128.0.0.0"),
            ("169.254.0.0", "169.254.255.255", "169.253.255.255", "169.255.0.0"),
            ("172.16.0.0", "172.31.255.255", "172.15.255.255", "172.32.0.0"),
            ("192.0.0.0", "192.0.0.255", "191.255.255.255", "192.0.1.0"),
            ("192.0.2.0", "192.0.2.255", "192.0.1.255", "192.0.3.0"),
            ("192.88.99.0", "192.88.99.255", "192.88.98.255", "192.88.100.0"),
            ("192.168.0.0", "192.168.255.255", "192.167.255.255", "192.169.0.0"),
            ("198.18.0.0", "198.19.255.255", "198.17.255.255", "198.20.0.0"),
            ("198.51.100.0", "198.51.100.255", "198.51.99.255", "198.51.101.0"),
            ("203.0.113.0", "203.0.113.255", "203.0.112.255", "203.0.114.0"),
            ("224.0.0.0", "255.255.255.255", "223.255.255.255", ""),
            ("::", "1fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "", "2000::"),
            ("2001::", "2001:1ff:ffff:ffff:ffff:ffff:ffff:ffff", "2000:ffff::1", "2001:200::"),
            ("2001:db8::", "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff", "2001:db7::1", "2001:db9::"),
            ("2002::", "2002:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "2001:ffff::1", "2003::"),
            ("3fff::", "3fff:fff:ffff:ffff:ffff:ffff:ffff:ffff", "3ffe:ffff::1", "3fff:1000::"),
            ("4000::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "3fff:ffff::1", ""),
        ];
        for (first, last, before, behind) in networks {
            assert!(!public(first) && !public(last), "{first} {last}");
            for neighbour in [before, behind].into_iter().filter(|text| !text.is_empty()) {
                assert!(public(neighbour), "{neighbour}");
            }
        }
    }

    #[test]
    fn an_address_in_another_spelling_is_judged_as_what_it_is() {
        for hidden in [
            "::ffff:127.0.0.1",
            "::ffff:169.254.169.254",
            "::127.0.0.1",
            "64:ff9b::7f00:1",
            "64:ff9b:1::1",
            "fe80::1",
            "fc00::1",
            "fd00:ec2::254",
            "::1",
            "::",
            "ff02::1",
        ] {
            assert!(!public(hidden), "{hidden}");
        }
        assert!(public("::ffff:8.8.8.8"));
        assert!(public("2606:4700:4700::1111"));
    }

    #[test]
    fn this_machine_may_be_connected_to_from_itself_alone() {
        let deployed = Place::Deployed { own_hosts: vec![] };
        for (address, here, there) in [
            ("127.0.0.1", true, false),
            ("::1", true, false),
            ("::ffff:127.0.0.1", true, false),
            ("8.8.8.8", true, true),
            ("10.0.0.1", false, false),
            ("169.254.169.254", false, false),
        ] {
            let address: IpAddr = address.parse().unwrap();
            assert_eq!(may_connect(address, &Place::Here), here, "{address}");
            assert_eq!(may_connect(address, &deployed), there, "{address}");
        }
    }

    proptest! {
        #[test]
        fn no_public_address_is_of_a_kind_that_the_standard_library_knows_as_another(
            bits in any::<u32>(),
        ) {
            let address = Ipv4Addr::from_bits(bits);
            let is_special = address.is_private()
                || address.is_loopback()
                || address.is_link_local()
                || address.is_broadcast()
                || address.is_documentation()
                || address.is_multicast()
                || address.is_unspecified();
            prop_assert!(!(is_special && is_public(address.into())));
            let mapped = IpAddr::V6(address.to_ipv6_mapped());
            prop_assert_eq!(is_public(mapped), is_public(address.into()));
        }

        #[test]
        fn no_public_address_of_ipv6_is_outside_the_global_network(bits in any::<u128>()) {
            let address = Ipv6Addr::from_bits(bits);
            let is_special = address.is_loopback()
                || address.is_multicast()
                || address.is_unspecified()
                || address.is_unique_local()
                || address.is_unicast_link_local();
            prop_assert!(!(is_special && is_public(address.into())));
            let is_global = bits >> 125 == 1;
            prop_assert!(is_global || address.to_ipv4_mapped().is_some() || !is_public(address.into()));
        }
    }
}
