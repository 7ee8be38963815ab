//! Finds the mailboxes in a text: RFC 5322 addresses, read as leniently as senders write them.
//!
//! These are read: `Name <a@x>`, `<a@x>`, quoted names with commas, comments, groups, routes,
//! `mailto:`, brackets that do not close, and several addresses with commas, semicolons or only
//! white space between them.
//!
//! The text before an angle bracket is a name, whatever it looks like: `b@x <a@x>` is a@x alone.

use std::iter::Peekable;
use std::str::Chars;

use super::canonical::{is_invisible, is_joiner};
use super::mailbox::{MOST, Mailbox, head};

/// The mailboxes that a text has.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// The mailboxes, each once, in their order. There are at most [`MOST`].
    pub mailboxes: Vec<Mailbox>,
    /// Whether there may be more mailboxes than were looked at.
    pub is_cut: bool,
}

impl Found {
    fn add(&mut self, mailbox: Mailbox) {
        if self.mailboxes.contains(&mailbox) {
            return;
        }
        if self.mailboxes.len() == MOST {
            self.is_cut = true;
        } else {
            self.mailboxes.push(mailbox);
        }
    }
}

/// Finds the mailboxes in a text.
#[must_use]
pub fn mailboxes(text: &str) -> Found {
    let (text, is_cut) = head(text.trim());
    // Joiners stay for now, because they may belong to a domain.
    let is_seen = |c: &char| !is_invisible(*c) || is_joiner(*c);
    let text: String = text.chars().filter(is_seen).map(plain).collect();
    let text = without_scheme(&text);
    let mut found = Reader::new(text, Marks::Read).all();
    if found.mailboxes.is_empty() && !text.contains('<') {
        // In `Kim (kim@mail.test)` and `"kim@mail.test"`, the quotes and parentheses hold the
        // address itself.
        found = Reader::new(text, Marks::Ignored).all();
    }
    found.is_cut |= is_cut;
    found
}

/// Replaces every kind of white space by a space, and every kind of at sign by `@`.
fn plain(c: char) -> char {
    match c {
        '\u{ff20}' | '\u{fe6b}' => '@', // full width and small, of East Asian keyboards
        // Typographic quotes are not quotes in RFC 5322.
        '\u{201c}' | '\u{201d}' | '\u{201e}' | '\u{ab}' | '\u{bb}' | '\u{2039}' | '\u{203a}' => ' ',
        c if c.is_whitespace() || c.is_control() => ' ',
        c => c,
    }
}

/// Returns the address in `mailto:kim@mail.test?subject=x`, in angle brackets or not.
fn without_scheme(text: &str) -> &str {
    let address = text.trim_start_matches([' ', '<']);
    let scheme = address.get(..7).unwrap_or_default();
    if !scheme.eq_ignore_ascii_case("mailto:") {
        return text;
    }
    let address = address.get(7..).unwrap_or_default();
    address
        .split_once('?')
        .map_or(address, |(address, _)| address)
}

/// Whether quotes and parentheses mean what RFC 5322 says, or are ignored.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Marks {
    Read,
    Ignored,
}

/// A run of characters without white space, outside of quotes.
#[derive(Default)]
struct Word {
    text: String,
    /// The place of the one at sign outside of quotes.
    at: Option<usize>,
    /// Whether there are several at signs.
    is_odd: bool,
}

impl Word {
    fn push(&mut self, c: char) {
        if c == '@' {
            self.is_odd |= self.at.is_some();
            self.at = Some(self.text.len());
        }
        self.text.push(c);
    }

    fn ends_in_at(&self) -> bool {
        self.at.is_some_and(|at| at + 1 == self.text.len())
    }

    fn mailbox(&self) -> Option<Mailbox> {
        let at = self.at.filter(|_| !self.is_odd)?;
        let (local, rest) = self.text.split_at_checked(at)?;
        let mut domain = rest.get(1..)?;
        let mut local = local;
        if let Some(inner) = local.strip_prefix(['\'', '\u{2018}']) {
            // Outlook writes 'kim@mail.test'. An apostrophe inside belongs to the name.
            if let Some(bare) = domain.strip_suffix(['\'', '\u{2019}']) {
                (local, domain) = (inner, bare);
            }
        }
        Mailbox::of(local, domain)
    }
}

struct Reader<'a> {
    chars: Peekable<Chars<'a>>,
    marks: Marks,
    /// Whether angle brackets may open. There are none within angle brackets.
    is_outside: bool,
    word: Word,
    /// The mailboxes without brackets in the current entry. They are a name if brackets follow.
    bare: Vec<Mailbox>,
    found: Found,
}

impl<'a> Reader<'a> {
    fn new(text: &'a str, marks: Marks) -> Self {
        Self {
            chars: text.chars().peekable(),
            marks,
            is_outside: true,
            word: Word::default(),
            bare: Vec::new(),
            found: Found::default(),
        }
    }

    fn all(mut self) -> Found {
        while let Some(c) = self.chars.next() {
            if self.found.is_cut {
                break;
            }
            self.step(c);
        }
        self.end_of_entry();
        self.found
    }

    fn step(&mut self, c: char) {
        match c {
            // A colon ends the name of a group, or a scheme such as `SMTP:`. An address before a
            // colon is not a name.
            ',' | ';' | ':' => self.end_of_entry(),
            '<' if self.is_outside => self.brackets(),
            '[' if self.word.ends_in_at() => self.literal(),
            '"' if self.marks == Marks::Read => self.quoted(),
            '(' if self.marks == Marks::Read => self.comment(),
            ' ' => self.space(),
            '"' | '(' | ')' | '<' | '>' | '[' | ']' => self.end_of_word(),
            c => self.word.push(c),
        }
    }

    fn end_of_word(&mut self) {
        let word = std::mem::take(&mut self.word);
        if self.bare.len() <= MOST {
            self.bare.extend(word.mailbox());
        }
    }

    fn end_of_entry(&mut self) {
        self.end_of_word();
        for mailbox in std::mem::take(&mut self.bare) {
            self.found.add(mailbox);
        }
    }

    /// Reads white space. Around the at sign it belongs to the address (RFC 5322, 4.4).
    fn space(&mut self) {
        while self.chars.next_if_eq(&' ').is_some() {}
        let is_inside = self.word.ends_in_at() || self.chars.peek() == Some(&'@');
        if !is_inside {
            self.end_of_word();
        }
    }

    /// Reads `<kim@mail.test>`, `<@relay.test,@b.test:kim@mail.test>`, `<mailto:kim@mail.test>`.
    fn brackets(&mut self) {
        self.end_of_word();
        let rest = self.chars.clone();
        let mut inside: String = String::new();
        let mut is_quoted = false;
        for c in rest {
            match c {
                '"' => is_quoted = !is_quoted,
                '<' | '>' if !is_quoted => break,
                _ => {}
            }
            inside.push(c);
        }
        let mailbox = in_brackets(&inside);
        if let Some(mailbox) = mailbox {
            self.bare.clear();
            self.found.add(mailbox);
            for _ in inside.chars() {
                self.chars.next();
            }
        }
    }

    /// Reads an address literal: `kim@[192.0.2.1]`, `kim@[IPv6:2001:db8::1]`.
    fn literal(&mut self) {
        self.word.push('[');
        while let Some(c) = self.chars.next_if(|c| *c != ' ' && *c != '>') {
            self.word.push(c);
            if c == ']' {
                break;
            }
        }
    }

    /// Reads a quoted text. If an at sign or a dot follows, it is part of an address, or else of a
    /// name.
    fn quoted(&mut self) {
        let mut text = String::new();
        let mut rest = self.chars.clone();
        let is_closed = loop {
            match rest.next() {
                Some('"') => break true,
                Some('\\') => text.extend(rest.next()),
                Some(c) => text.push(c),
                None => break false,
            }
        };
        if !is_closed {
            // A text has at most one such quote, so the rest is read again only once.
            self.marks = Marks::Ignored;
            return self.end_of_word();
        }
        self.chars = rest;
        let mut after = self.chars.clone();
        let next = after.find(|c| *c != ' ');
        if matches!(next, Some('@' | '.')) || !self.word.text.is_empty() {
            self.word.text.push_str(&text);
        }
    }

    /// Reads a comment, which may hold other comments. If it is not closed, it is not a comment.
    fn comment(&mut self) {
        let mut rest = self.chars.clone();
        let mut depth = 1;
        while depth > 0 {
            match rest.next() {
                Some('(') => depth += 1,
                Some(')') => depth -= 1,
                Some('\\') => drop(rest.next()),
                Some(_) => {}
                None => {
                    self.marks = Marks::Ignored;
                    return self.end_of_word();
                }
            }
        }
        self.chars = rest;
    }
}

/// Returns the mailbox of the text in angle brackets.
fn in_brackets(inside: &str) -> Option<Mailbox> {
    let inside = without_scheme(inside).trim();
    let address = match inside.strip_prefix('@') {
        Some(route) => route.rsplit_once(':')?.1,
        None => inside,
    };
    let mut reader = Reader::new(address, Marks::Read);
    reader.is_outside = false;
    let mut found = reader.all().mailboxes;
    (found.len() == 1).then(|| found.pop()).flatten()
}
