//! Wherever the providers are listed, the list is the registry's. `BLESS=1 cargo test -p tests
//! --test listed` writes the lists, so that a new provider is added once.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use registry::{PROVIDERS, SENDERS};
use serde_json::Value;
use shared::sender::Sender;
use stack::build::root;
use tests::{is_blessing, received_at};

/// A list in a file: what stands before it and after it, and what it says.
struct Place {
    file: &'static str,
    before: &'static str,
    after: &'static str,
    list: fn() -> String,
}

const PLACES: &[Place] = &[
    Place {
        file: "template.yaml",
        before: "            - !Ref Providers\n            - [",
        after: "]",
        list: || names().join(", "),
    },
    Place {
        file: "template.yaml",
        before: "  Routes:\n",
        after: "  # Where this is known",
        list: || each(|name| format!("    {name}: {{ Path: /webhooks/{name} }}\n")),
    },
    Place {
        file: "Cargo.toml",
        before: "[workspace.metadata.lambda.watch.router]\n",
        after: "\n[",
        list: || each(|name| format!("\"/webhooks/{name}\" = \"{name}\"\n")),
    },
    Place {
        file: "crates/postern/cargo-lambda.env",
        before: "# every provider's sample key, or the public half of it\n",
        after: "# no check",
        list: keys,
    },
    Place {
        file: "shared/src/providers.rs",
        before: "pub const PROVIDERS: &[&str] = &[\n",
        after: "];",
        list: || {
            PROVIDERS
                .iter()
                .map(|provider| quoted(provider.name()))
                .collect()
        },
    },
    Place {
        file: "docs/deploy.md",
        before: "   for P in ",
        after: "; do\n",
        list: || names().join(" "),
    },
    Place {
        file: "docs/operations.md",
        before: "\"When it fails\" in the provider's page:\n",
        after: "\n\n",
        list: pages,
    },
    Place {
        file: "SECURITY.md",
        before: "<!-- vouched: made by tests/listed.rs of the providers' pages -->\n",
        after: "<!-- end of vouched -->",
        list: vouched,
    },
];

fn names() -> Vec<&'static str> {
    SENDERS.iter().map(|provider| provider.name()).collect()
}

fn each(line: impl Fn(&str) -> String) -> String {
    names().into_iter().map(line).collect()
}

fn quoted(name: &str) -> String {
    format!("    \"{name}\",\n")
}

/// What the receivers find under cargo-lambda.
fn keys() -> String {
    let none = BTreeMap::new();
    let line = |sender: &&dyn Sender| {
        let variable = shared::secrets::variable_of(sender.name());
        let secret = operator::secrets::for_receiver(*sender, &none).expect("a sample's secret");
        format!("{variable}='{}'\n", secret.trim())
    };
    SENDERS.iter().map(line).collect()
}

fn page(provider: &str) -> String {
    let path = root().join(format!("docs/providers/{provider}.md"));
    std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

/// The provider's name as its page writes it: `# Inboxroad: set-up`.
fn title(provider: &str) -> String {
    let page = page(provider);
    let first = page.lines().next().unwrap_or_default();
    let title = first.trim_start_matches("# ");
    title.split(':').next().unwrap_or_default().to_owned()
}

/// Links to what fails with each provider, in lines of at most 100 characters.
fn pages() -> String {
    let providers: Vec<&str> = PROVIDERS.iter().map(|p| p.name()).collect();
    let last = providers.len() - 1;
    let mut lines = vec![String::from(" ")];
    for (place, name) in providers.into_iter().enumerate() {
        let end = if place == last { "." } else { "," };
        let link = format!(" [{}](providers/{name}.md#when-it-fails){end}", title(name));
        let latest = lines.last_mut().expect("a line");
        if latest.len() + link.len() > 100 {
            lines.push(format!(" {link}"));
        } else {
            latest.push_str(&link);
        }
    }
    lines.join("\n")
}

/// The rows of the pages' tables "What vouches for a webhook", one page a row.
fn vouched() -> String {
    const HEADING: &str = "\n## What vouches for a webhook\n";
    let mut table = String::new();
    for provider in PROVIDERS {
        let name = provider.name();
        let page = page(name);
        let (_, section) = page
            .split_once(HEADING)
            .unwrap_or_else(|| panic!("{name}: {HEADING}"));
        let lines = section.lines().skip_while(|line| !line.starts_with('|'));
        let rows: Vec<&str> = lines.take_while(|line| line.starts_with('|')).collect();
        let [head, rule, row] = rows[..] else {
            panic!("{name}: one row under {HEADING}");
        };
        let strength = row.split('|').nth(1).unwrap_or_default().trim();
        assert_eq!(strength, provider.strength().name(), "{name}");
        if table.is_empty() {
            table = format!("| provider {head}\n|---{rule}\n");
        }
        let anchor = format!("[`{name}`](docs/providers/{name}.md#what-vouches-for-a-webhook)");
        let row = row.replace("](../../SECURITY.md#", "](#");
        let _ = writeln!(table, "| {anchor} {row}");
    }
    table
}

/// The file with the list in its place. Links of a page lead elsewhere from here.
fn with_list(text: &str, place: &Place) -> String {
    let (before, rest) = text
        .split_once(place.before)
        .unwrap_or_else(|| panic!("{}: {:?}", place.file, place.before));
    let at = rest
        .find(place.after)
        .unwrap_or_else(|| panic!("{}: {:?}", place.file, place.after));
    let (_, after) = rest.split_at(at);
    let list = (place.list)();
    [before, place.before, &list, after].concat()
}

#[test]
fn every_list_of_the_providers_is_the_registrys() {
    for place in PLACES {
        let path = root().join(place.file);
        let text = std::fs::read_to_string(&path).expect("a file");
        let wanted = with_list(&text, place);
        if is_blessing() {
            std::fs::write(&path, &wanted).expect("written");
            continue;
        }
        let what = format!("{}: BLESS=1 cargo test -p tests --test listed", place.file);
        assert!(text == wanted, "{what}");
    }
}

/// The examples of settings take every provider.
#[test]
fn every_example_of_settings_names_every_provider() {
    let path = root().join("samconfig.example.toml");
    let text = std::fs::read_to_string(&path).expect("a file");
    let mut wanted = String::new();
    let mut rest = text.as_str();
    while let Some((before, after)) = rest.split_once("Providers=") {
        let end = after.find([' ', '"']).expect("an end");
        wanted.push_str(before);
        let _ = write!(wanted, "Providers={}", names().join(","));
        rest = &after[end..];
    }
    wanted.push_str(rest);
    if is_blessing() {
        std::fs::write(&path, &wanted).expect("written");
        return;
    }
    assert!(text == wanted, "BLESS=1 cargo test -p tests --test listed");
}

#[test]
fn the_providers_are_in_the_order_of_their_names() {
    let names = names();
    assert!(names.is_sorted(), "{names:?}");
    let folders = std::fs::read_dir(root().join("functions")).expect("a folder");
    let folders = folders.map(|folder| folder.expect("a folder").path());
    let has_code = folders.filter(|folder| folder.join("Cargo.toml").is_file());
    let others = ["api", "consumer", "deliver", "fanout", "sweep"];
    let mut found: Vec<String> = has_code
        .filter_map(|folder| Some(folder.file_name()?.to_string_lossy().into_owned()))
        .filter(|name| !others.contains(&name.as_str()))
        .collect();
    found.sort();
    let mut all: Vec<&str> = PROVIDERS.iter().map(|p| p.name()).collect();
    all.sort_unstable();
    assert_eq!(found, all);
}

/// The gateway's event for a webhook of the provider: its first sample of one click, signed with
/// the samples' key.
fn recorded(sender: &dyn Sender) -> Value {
    let (name, none) = (sender.name(), BTreeMap::new());
    let pattern = root().join("events/inboxroad/request.json");
    let pattern = std::fs::read_to_string(pattern).expect("a recorded request");
    let mut event: Value = serde_json::from_str(&pattern.replace("inboxroad", name)).expect("JSON");
    let key = operator::secrets::signing_key(sender, &none).expect("a key");
    let cases = tests::cases(sender).into_iter();
    let mut bodies = cases.filter_map(|(body, expected)| {
        let expected = std::fs::read_to_string(expected).ok()?;
        let items: Vec<Value> = serde_json::from_str(&expected).ok()?;
        let is_one = items.len() == 1 && items[0]["kind"] == "clicked";
        is_one.then(|| std::fs::read(body).ok()).flatten()
    });
    let body = bodies.next().expect("a sample of one click");
    let signed = sender.signed(&key, &body, received_at());
    let headers = event["headers"].as_object_mut().expect("headers");
    headers.remove("x-signature");
    headers.insert("content-type".to_owned(), sender.content_type().into());
    headers.insert(
        "content-length".to_owned(),
        signed.body.len().to_string().into(),
    );
    for (header, value) in signed.headers {
        headers.insert(header.to_owned(), value.into());
    }
    event["body"] = String::from_utf8(signed.body).expect("text").into();
    event
}

/// `tests/tidy` sees to it that it is signed.
#[test]
fn every_receiver_has_a_recorded_request() {
    for sender in SENDERS {
        let path = root().join(format!("events/{}/request.json", sender.name()));
        if is_blessing() && !path.is_file() {
            let event = serde_json::to_string_pretty(&recorded(*sender)).expect("JSON");
            std::fs::write(&path, event + "\n").expect("written");
        }
        assert!(path.is_file(), "{}", path.display());
    }
}
