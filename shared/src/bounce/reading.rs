//! Separates what a refusal says from what it only mentions.
//!
//! Addresses, links, codes and numbers are only mentioned: `relay` in `relay.mail.test`, `spam` in
//! `<spam@mail.test>` and `user` in `https://mail.test/user` mean nothing. Without them and the
//! punctuation, the lines of one answer read as one sentence.

/// The words of a refusal, in lower case.
pub(super) struct Reading {
    /// The words, with one space between two.
    pub(super) plain: String,
    /// Host names and links, with one space between two.
    pub(super) hosts: String,
}

impl Reading {
    pub(super) fn of(text: &str) -> Self {
        // Sendmail writes `lee@mail.test...User unknown`.
        let text = text.to_lowercase().replace("...", " ");
        let mut reading = Self {
            plain: String::with_capacity(text.len()),
            hosts: String::new(),
        };
        let mut before = "";
        for piece in text.split_whitespace() {
            if piece == ":" && before.len() == 3 && is_number(before) {
                add(&mut reading.plain, piece); // `550 : User unknown`: an answer that names nobody
            }
            reading.read(piece);
            before = piece;
        }
        reading
    }

    fn read(&mut self, piece: &str) {
        let (piece, link) = cut_link(piece);
        if !link.is_empty() {
            add(&mut self.hosts, link);
        }
        // In a log's `relay=mx.mail.test`, the name of the field says nothing.
        let piece = piece.rsplit_once('=').map_or(piece, |(_, value)| value);
        for part in piece.split(|c: char| ":;,()<>[]{}\"*|!?_“”。，：；（）".contains(c))
        {
            let word = trim(without_code(trim(part)));
            if word.is_empty() || word.contains('@') || is_number(word) {
                continue;
            }
            if is_path(word) {
                add(&mut self.hosts, word);
                continue;
            }
            if word.contains('.') {
                add(&mut self.hosts, word);
            }
            for word in word.split('/').map(trim).filter(|word| !word.is_empty()) {
                add(&mut self.plain, word);
            }
        }
    }
}

fn add(text: &mut String, word: &str) {
    if !text.is_empty() {
        text.push(' ');
    }
    text.push_str(word);
}

/// Splits a text into what stands before a link, and the link.
fn cut_link(piece: &str) -> (&str, &str) {
    let scheme = ["https://", "http://", "www."];
    let starts = scheme.iter().filter_map(|scheme| piece.find(scheme));
    piece.split_at(starts.min().unwrap_or(piece.len()))
}

fn trim(word: &str) -> &str {
    word.trim_matches(|c: char| ".'`‘’#-/&+~^$%\\".contains(c))
}

/// Removes a code from the start of a word. `550-user` is the second line of an answer, joined to
/// the first.
fn without_code(word: &str) -> &str {
    match word.split_once('-') {
        Some((code, rest)) if code.len() == 3 && is_number(code) => rest,
        _ => word,
    }
}

/// Checks for codes, addresses of hosts, sizes, times, and the identifiers that are made of them.
fn is_number(word: &str) -> bool {
    word.bytes()
        .all(|b| b.is_ascii_digit() || b".-#/".contains(&b))
}

/// Checks for a path: `/var/mail/lee`, `mail.test/spam`. But `user/mailbox` is two words.
fn is_path(word: &str) -> bool {
    word.matches('/').count() > 1
        || word
            .split_once('/')
            .is_some_and(|(host, _)| host.contains('.'))
}
