//! How alike the name of an event's field and a provider's key are.

use super::leaves::Leaf;

/// The fields that no provider sends: they are ours.
const OURS: &[&str] = &[
    "id",
    "provider",
    "channel",
    "source",
    "kind",
    "schema",
    "machine",
    "machine_why",
    "occurred_at_source",
    "recipient_ambiguous",
    "raw_repaired",
    "expires_at",
];

/// What providers call a field, without `-` and `_`, the likeliest first.
#[rustfmt::skip]
const ALIASES: &[(&str, &[&str])] = &[
    ("recipient", &["recipient", "rcptto", "email", "emailaddress", "to", "rcpt", "rawrcptto", "address", "destination"]),
    ("messageid", &["messageid", "sgmessageid", "emailid", "id", "iid", "transmissionid", "deliveryid"]),
    ("rfcmessageid", &["smtpid", "messageid", "rfcmessageid", "customid"]),
    ("occurredat", &["timestamp", "ts", "time", "tsepoch", "tsevent", "createdat", "eventtime", "date", "bouncedat", "deliveredat", "receivedat", "changedat", "sendat"]),
    ("providerkind", &["event", "type", "recordtype", "eventtype", "kind", "metric", "action"]),
    ("bounceclass", &["severity", "bouncetype", "type", "bounceclass", "class", "hardbounce"]),
    ("reason", &["reason", "response", "diagnosticcode", "diag", "message", "description", "details", "rawreason", "failuremessage", "errorrelatedto"]),
    ("smtpcode", &["code", "smtpcode", "responsecode", "errorcode", "status", "bouncecode"]),
    ("enhancedcode", &["enhancedcode", "status", "dsnstatus", "code"]),
    ("url", &["url", "link", "targetlinkurl", "originallink", "href"]),
    ("campaign", &["campaign", "campaignid", "template", "templateid", "newsletterid", "stream", "messagestream", "sendingstream", "broadcastid"]),
    ("tags", &["tags", "tag", "category", "categories"]),
    ("address", &["recipient", "rcptto", "email", "emailaddress", "to", "rcpt", "rawrcptto", "address", "destination"]),
    ("customerid", &["customerid", "userid", "contactid", "uuid"]),
    ("scopeid", &["asmgroupid", "topicid", "topic", "listid", "mjlistid", "messagestream", "stream"]),
];

/// Checks whether a field is made here.
pub(super) fn is_ours(name: &str) -> bool {
    OURS.contains(&name)
}

/// Returns how far a key is from the name of a field: 0 for the likeliest, [`STRANGE`] for one that
/// has nothing to do with it.
pub(super) fn nearness(name: &str, leaf: &Leaf) -> usize {
    let (name, key) = (bare(name), bare(leaf.key()));
    let aliases = ALIASES.iter().find(|(known, _)| *known == name);
    let aliases = aliases.map_or(&[][..], |(_, aliases)| aliases);
    if let Some(place) = aliases.iter().position(|alias| *alias == key) {
        return place;
    }
    if name == key {
        return 0;
    }
    let is_part = key.len() > 2 && (key.contains(&name) || name.contains(&key));
    if is_part { RELATED } else { STRANGE }
}

/// The nearness of a key that has the name in it, or stands in it.
const RELATED: usize = 50;
/// The nearness of any other key.
pub(super) const STRANGE: usize = 100;

fn bare(name: &str) -> String {
    let letters = name.chars().filter(char::is_ascii_alphanumeric);
    letters.map(|c| c.to_ascii_lowercase()).collect()
}
