//! Every spelling that has got past somebody's rules, and what must go through.

use proptest::prelude::*;

use super::*;

fn deployed() -> Place {
    let own = "a1b2c3.execute-api.eu-west-1.amazonaws.com";
    Place::Deployed {
        own_hosts: vec![own.to_owned(), "Hooks.Postern.Example".to_owned()],
    }
}

fn code(url: &str, place: &Place) -> Option<&'static str> {
    Target::parse(url, place).err().map(TargetError::code)
}

#[test]
fn a_url_of_a_public_name_is_called_as_it_is_encoded() {
    for (given, url, host, port, path) in [
        (
            "https://crm.example.com/hooks?token=a%20b",
            "https://crm.example.com/hooks?token=a%20b",
            "crm.example.com",
            443,
            "/hooks?token=a%20b",
        ),
        (
            "HTTPS://CRM.Example.com:443",
            "https://crm.example.com/",
            "crm.example.com",
            443,
            "/",
        ),
        (
            "https://crm.example.com:8443/ü",
            "https://crm.example.com:8443/%C3%BC",
            "crm.example.com",
            8443,
            "/%C3%BC",
        ),
        (
            "https://bücher.example/",
            "https://xn--bcher-kva.example/",
            "xn--bcher-kva.example",
            443,
            "/",
        ),
        (
            "https://a.example/x/../y",
            "https://a.example/y",
            "a.example",
            443,
            "/y",
        ),
        (
            "https://127.0.0.1.nip.example/",
            "https://127.0.0.1.nip.example/",
            "127.0.0.1.nip.example",
            443,
            "/",
        ),
    ] {
        let target = Target::parse(given, &deployed()).unwrap();
        assert_eq!(target.url(), url);
        assert_eq!((target.host(), target.port()), (host, port));
        assert_eq!(target.path_and_query(), path);
        assert!(target.is_tls() && target.address().is_none());
        assert_eq!(format!("{target:?}"), "Target(redacted)");
    }
    let authority = |url| Target::parse(url, &deployed()).unwrap().authority();
    assert_eq!(authority("https://a.example:443/"), "a.example");
    assert_eq!(authority("https://a.example:8443/"), "a.example:8443");
}

#[test]
fn an_address_is_refused_in_every_spelling() {
    for host in [
        "127.0.0.1",
        "127.1",
        "127.0.1",
        "2130706433",
        "0x7f.1",
        "0x7f000001",
        "0177.0.0.1",
        "0",
        "%31%32%37.0.0.1",
        "127。0。0。1",
        "１２７.0.0.1",
        "①②⑦.0.0.1",
        "127.0.0.1.",
        "169.254.169.254",
        "8.8.8.8",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "[2606:4700:4700::1111]",
        "[fd00:ec2::254]",
    ] {
        let url = format!("https://{host}/");
        assert_eq!(code(&url, &deployed()), Some("url_address"), "{host}");
    }
}

#[test]
fn what_is_no_public_name_is_refused() {
    let (long, longer) = ("a".repeat(64), format!("{}example", "abcdef.".repeat(36)));
    for host in [
        "localhost",
        "intranet",
        "printer.local",
        "db.internal",
        "x.localhost",
        "DB.INTERNAL",
        "crm.example.com.",
        "crm..example.com",
        ".example.com",
        "-a.example.com",
        "a-.example.com",
        "a_b.example.com",
        &format!("{long}.example"),
        &longer,
    ] {
        let code = code(&format!("https://{host}/"), &deployed());
        let is_refused = code == Some("url_host") || code == Some("url_unreadable");
        assert!(is_refused, "{host}: {code:?}");
    }
}

#[test]
fn what_a_lenient_parser_would_read_is_refused_with_its_code() {
    let most = format!("https://a.example/{}", "x".repeat(2_048 - 18));
    assert_eq!(code(&most, &deployed()), None);
    for (url, wanted) in [
        ("", "url_unreadable"),
        ("crm.example.com/hooks", "url_unreadable"),
        ("//crm.example.com", "url_unreadable"),
        ("https:crm.example.com", "url_unreadable"),
        ("https:/crm.example.com", "url_unreadable"),
        ("https:///crm.example.com", "url_unreadable"),
        ("https:\\\\crm.example.com", "url_unreadable"),
        ("https://crm.example.com\\@127.0.0.1/", "url_unreadable"),
        ("https://crm.exa\tmple.com/", "url_unreadable"),
        ("https://crm.example.com/a b", "url_unreadable"),
        (" https://crm.example.com/", "url_unreadable"),
        ("https://crm.example.com/\r\nx: y", "url_unreadable"),
        ("https://[::1/", "url_unreadable"),
        ("https://crm.example.com:99999/", "url_unreadable"),
        ("http://crm.example.com/", "url_scheme"),
        ("ftp://crm.example.com/", "url_scheme"),
        ("file:///etc/passwd", "url_unreadable"),
        ("https://kim@crm.example.com/", "url_user"),
        ("https://kim:pw@crm.example.com/", "url_user"),
        ("https://@crm.example.com/", "url_user"),
        ("https://crm.example.com/#a", "url_fragment"),
        ("https://crm.example.com/#", "url_fragment"),
        ("https://crm.example.com:80/", "url_port"),
        ("https://crm.example.com:22/", "url_port"),
        ("https://crm.example.com:0/", "url_port"),
        ("https://hooks.postern.example/", "url_own"),
        ("https://HOOKS.postern.example:8443/x", "url_own"),
        (
            "https://a1b2c3.execute-api.eu-west-1.amazonaws.com/api",
            "url_own",
        ),
        (&format!("{most}x"), "url_long"),
        // three bytes for each of these, once it is encoded
        (
            &format!("https://a.example/{}", "\"".repeat(700)),
            "url_long",
        ),
    ] {
        assert_eq!(code(url, &deployed()), Some(wanted), "{url}");
    }
}

#[test]
fn a_stack_on_ones_own_machine_may_call_that_machine_and_no_other_address() {
    let here = |url: &str| code(url, &Place::Here);
    for url in [
        "http://127.0.0.1:4000/hooks",
        "http://[::1]:4000/",
        "http://localhost:4000",
        "https://crm.example.com/hooks",
        "http://crm.example.com:8080/hooks",
    ] {
        assert_eq!(here(url), None, "{url}");
    }
    let target = Target::parse("http://[::1]:4000/", &Place::Here).unwrap();
    assert_eq!(target.authority(), "[::1]:4000");
    assert!(
        target
            .address()
            .is_some_and(|address| address.is_loopback())
    );
    for (url, wanted) in [
        ("http://10.0.0.1/", "url_address"),
        ("http://169.254.169.254/", "url_address"),
        ("http://8.8.8.8/", "url_address"),
        ("http://intranet/", "url_host"),
        ("http://db.internal/", "url_host"),
        ("http://kim@localhost/", "url_user"),
        ("ftp://localhost/", "url_scheme"),
    ] {
        assert_eq!(here(url), Some(wanted), "{url}");
    }
}

proptest! {
    #[test]
    fn whatever_is_read_is_read_again_and_keeps_every_rule(url in "https?://[a-zA-Z0-9.:@%\\[\\]ａ。-]{1,30}[/?#]?.{0,20}") {
        let Ok(target) = Target::parse(&url, &deployed()) else {
            return Ok(());
        };
        let again = Target::parse(target.url(), &deployed()).unwrap();
        prop_assert!(again == target);
        prop_assert!(target.is_tls() && target.url().starts_with("https://"));
        prop_assert!([443, 8443].contains(&target.port()));
        prop_assert!(target.host().contains('.') && target.host().parse::<IpAddr>().is_err());
        prop_assert!(target.path_and_query().starts_with('/'));
        prop_assert!(target.url().is_ascii() && target.url().len() <= 2_048);
    }

    #[test]
    fn no_address_of_ipv4_is_a_host_in_any_radix(bits in any::<u32>(), shape in 0..4u8) {
        let host = match shape {
            0 => format!("{bits}"),
            1 => format!("{bits:#x}"),
            2 => format!("0{bits:o}"),
            _ => format!("{}.{}", bits >> 24, bits & 0x00ff_ffff),
        };
        prop_assert_eq!(code(&format!("https://{host}/"), &deployed()), Some("url_address"));
    }
}

#[test]
fn a_stack_is_here_only_if_its_queue_is_on_loopback() {
    let of = |url: &str| Place::of_stack(url, ["API.Example.com".to_owned()]);
    for here in [
        "http://127.0.0.1:9324/000000000000/outbox",
        "http://localhost:9324/q",
        "http://[::1]:9324/q",
    ] {
        assert_eq!(of(here), Place::Here, "{here}");
    }
    let own_hosts = vec!["api.example.com".to_owned()];
    for deployed in [
        "https://sqs.eu-west-1.amazonaws.com/123456789012/outbox",
        "https://localhost.example.com/q",
        "http://127.0.0.1.example.com/q",
        "https://user@10.0.0.1/127.0.0.1",
        "127.0.0.1:9324/q",
        "",
    ] {
        let deployed_place = Place::Deployed {
            own_hosts: own_hosts.clone(),
        };
        assert_eq!(of(deployed), deployed_place, "{deployed}");
    }
}
