//! What goes wrong with a secret that the receiver cannot use at all.

use shared::secrets::Secrets;

use super::case::Case;
use super::slip::{Slip, Undone};

/// The longest secret that is repaired, in bytes.
const LONGEST: usize = 8_192;
/// The marks that people leave at the ends of a key.
const QUOTES: [char; 9] = ['"', '\'', '`', '“', '”', '‘', '’', '«', '»'];
/// What armours a key (RFC 7468).
const ARMOUR: &str = "-----";

/// A repair: its name, what to say, and the key that was meant.
type Repair = (&'static str, &'static str, fn(&str) -> Option<String>);

#[rustfmt::skip]
const REPAIRS: &[Repair] = &[
    ("key_line_break", "It would match with the line break behind your key taken away.", |text| Some(without_breaks(text).to_owned())),
    ("key_quoted", "It would match with the quotation marks taken away from your key.", |text| Some(without_breaks(text).trim_matches(QUOTES).to_owned())),
    ("key_white_space", "It would match with the white space inside your key taken away.", |text| Some(text.split_whitespace().collect())),
    ("key_pem", "It would match with what stands between the BEGIN and END lines, as one line.", unarmoured),
    ("key_prefix", "It would match without v1, before your key.", |text| text.trim().strip_prefix("v1,").map(str::to_owned)),
    ("key_cut", "It would match with = behind your key: it is cut, put it whole.", |text| Some(format!("{}=", without_breaks(text)))),
    ("key_cut", "It would match with == behind your key: it is cut, put it whole.", |text| Some(format!("{}==", without_breaks(text)))),
    ("key_name", "It would match without what stands before your key.", |text| text.split_whitespace().last().map(str::to_owned)),
    ("key_name", "It would match without what stands before the = in your key.", |text| text.trim().split_once('=').map(|(_, key)| key.trim_matches(QUOTES).to_owned())),
    ("key_name", "It would match without what stands before the : in your key.", |text| text.split_once(':').map(|(_, key)| key.trim().trim_matches(QUOTES).to_owned())),
];

/// Returns the slips that make a secret unusable. Each is undone only if the key could be used.
pub(super) fn slips<'a>(case: &'a Case<'a>) -> impl Iterator<Item = Slip> + 'a {
    let text = case.own.current.as_str();
    let is_one_key = text.len() <= LONGEST && !text.trim_start().starts_with('{');
    let repairs = REPAIRS.iter().filter(move |_| is_one_key);
    repairs.filter_map(move |(code, says, repair)| {
        let key = repair(text)?;
        let secrets = Secrets::parse(&key).ok()?;
        let secrets = secrets
            .checked_by(|key| case.provider().check_key(key))
            .ok()?;
        Some(Slip::new(code, *says, Undone::Secrets(secrets)).by(case.set()))
    })
}

/// Also the escape of a line break that was written once too often.
fn without_breaks(text: &str) -> &str {
    let mut rest = text.trim();
    while let Some(shorter) = rest
        .strip_suffix("\\n")
        .or_else(|| rest.strip_suffix("\\r"))
    {
        rest = shorter.trim_end();
    }
    rest
}

fn unarmoured(text: &str) -> Option<String> {
    let (_, behind) = text.split_once("-----BEGIN")?;
    let (_, inside) = behind.split_once(ARMOUR)?;
    let (inside, _) = inside.split_once("-----END")?;
    Some(inside.replace("\\n", "").split_whitespace().collect())
}
