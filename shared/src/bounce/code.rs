//! Finds the SMTP reply code and the enhanced status code in a server's answer.
//!
//! An answer is full of things that look like codes: IPv4 addresses, versions (`Exim 4.94.2`),
//! sizes, ports, dates, section numbers. So a number counts because of where it stands, not because
//! of what it looks like.

use std::fmt;

/// An enhanced mail system status code, RFC 3463 section 2: `class.subject.detail`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EnhancedCode {
    class: u8,
    subject: u16,
    detail: u16,
}

impl EnhancedCode {
    /// Makes a code. Returns `None` unless the class is 2, 4 or 5 and the other two have at most
    /// three digits.
    #[must_use]
    pub const fn new(class: u8, subject: u16, detail: u16) -> Option<Self> {
        if matches!(class, 2 | 4 | 5) && subject <= 999 && detail <= 999 {
            Some(Self {
                class,
                subject,
                detail,
            })
        } else {
            None
        }
    }

    /// Reads a field that holds a code and nothing else. RFC 3463 allows no spaces, comments or
    /// leading zeros.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (code, end) = parse_at(text.as_bytes(), 0)?;
        (end == text.len()).then_some(code)
    }

    /// Returns the class: 2 success, 4 temporary, 5 permanent.
    #[must_use]
    pub const fn class(self) -> u8 {
        self.class
    }

    /// Returns the subject: 1 address, 2 mailbox, 3 system, 4 network, 5 protocol, 6 content, 7
    /// policy; 0 none of them.
    #[must_use]
    pub const fn subject(self) -> u16 {
        self.subject
    }

    /// Returns the detail within the subject.
    #[must_use]
    pub const fn detail(self) -> u16 {
        self.detail
    }
}

impl EnhancedCode {
    /// Checks for "other or undefined", of everything, of the mail system, or of the protocol.
    pub(super) const fn says_nothing(self) -> bool {
        matches!((self.subject, self.detail), (0 | 3 | 5, 0))
    }
}

impl fmt::Display for EnhancedCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.class, self.subject, self.detail)
    }
}

/// How many bytes of a text are read.
const HEAD: usize = 2048;

/// The last subject in the IANA registry. `4.94.2` is Exim. With a larger subject, a code counts
/// only right after its reply code.
const LAST_SUBJECT: u16 = 7;

/// Words before a code: `said: 550`, `smtp;550`, `status=5.1.1`. The `nsu` is for Barracuda's
/// `cuda_nsu 5.4.1`.
const INTRODUCE: &str = "smtp lmtp said says response reply responded replied answered returned code status \
    error diagnostic dsn enhanced nsu";

/// Words before a version, a paragraph, a reference or a date.
const DISQUALIFY: &str = "v ver version release build rev revision exim postfix sendmail qmail haraka powermta \
    openssl esmtp section sec rule rfc id ref ticket case on since until";

/// Words after a number that is not a reply code: `552 bytes`, `450 seconds`.
const UNITS: &str = "byte bytes kb kib mb mib second seconds minutes";

/// The codes of one line.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Codes {
    pub(super) smtp: Option<u16>,
    pub(super) enhanced: Option<EnhancedCode>,
}

/// Returns the part of a text that is read. If the limit would cut a word in two, it is left out:
/// half an IP address looks like a code.
pub(super) fn head(text: &str) -> &str {
    let (head, rest) = text.split_at(text.floor_char_boundary(HEAD));
    match rest.bytes().next() {
        Some(next) if !next.is_ascii_whitespace() => {
            head.trim_end_matches(|c: char| c == '.' || c.is_alphanumeric())
        }
        _ => head,
    }
}

/// Reads the codes of the first line that has any. Every line of a multi-line reply repeats them
/// (RFC 5321, 4.2.1), and what follows may be another server's words.
///
/// `given` is the reply code that the provider put into a field of its own.
pub(super) fn read(text: &str, given: Option<u16>) -> Codes {
    text.split(['\r', '\n'])
        .map(|line| read_line(line.as_bytes(), given))
        .find(|codes| codes.smtp.is_some() || codes.enhanced.is_some())
        .unwrap_or_default()
}

fn read_line(line: &[u8], given: Option<u16>) -> Codes {
    let start = line
        .iter()
        .position(|b| !b" \t\"'<([{*>".contains(b))
        .unwrap_or(line.len());
    let reply = find_reply(line, start);
    let smtp = reply.map(|(code, _)| code);
    let agrees = |code: EnhancedCode| match given.or(smtp) {
        // A code of another class is a version or a misprint.
        Some(smtp) => smtp / 100 == u16::from(code.class),
        None => code.class != 2, // a refusal has no success code: a version again
    };

    let candidates = |from: usize, to: usize| {
        (from..to).filter_map(move |at| candidate_at(line, at).map(|(code, end)| (at, code, end)))
    };
    let behind_reply = reply.and_then(|(_, end_of_reply)| {
        candidates(end_of_reply, line.len()).find(|&(at, code, end)| {
            agrees(code)
                && (adjoins(line, end_of_reply, at) || (plausible(code) && is_loose(line, at, end)))
        })
    });
    // There is no reply code, or the enhanced code is before it: `5.1.1 (bad mailbox) smtp;550 no`.
    let marked = || {
        let end_of_reply = reply.map_or(line.len(), |(_, end)| end);
        candidates(0, end_of_reply).find(|&(at, code, end)| {
            agrees(code)
                && plausible(code)
                && (at == start || is_marked(line, at))
                && is_loose(line, at, end)
        })
    };
    Codes {
        smtp,
        enhanced: behind_reply.or_else(marked).map(|(_, code, _)| code),
    }
}

/// Finds the first reply code and where it ends.
fn find_reply(line: &[u8], start: usize) -> Option<(u16, usize)> {
    (start..line.len()).find_map(|at| {
        let (code, end) = reply_at(line, at)?;
        // In `550-5.1.1`, two codes of one class side by side confirm each other, wherever they
        // stand.
        let vouched = (end + 1..end + 5).any(|at| {
            adjoins(line, end, at)
                && candidate_at(line, at)
                    .is_some_and(|(enhanced, _)| u16::from(enhanced.class) == code / 100)
        });
        let introduced = at == start || is_introduced(line, at);
        (vouched || (introduced && !one_of(word_after(line, end), UNITS))).then_some((code, end))
    })
}

/// Reads a reply code. RFC 5321, 4.2 has `Reply-code = %x32-35 %x30-35 %x30-39`, which excludes the
/// ports 465 and 587. A 3xx is not read.
fn reply_at(line: &[u8], at: usize) -> Option<(u16, usize)> {
    let &[
        a @ (b'2' | b'4' | b'5'),
        b @ b'0'..=b'5',
        c @ b'0'..=b'9',
        ref rest @ ..,
    ] = line.get(at..)?
    else {
        return None;
    };
    let stands_alone = match *rest {
        // 203.0.113.9, 550.mail.test, 450/min
        [b'.' | b'/', next, ..] => !next.is_ascii_alphanumeric(),
        [b',' | b':', next, ..] => !next.is_ascii_digit(), // 421,000, 450:25
        [next, ..] => !next.is_ascii_alphanumeric() && !b"_%@=".contains(&next),
        [] => true,
    };
    let joined =
        before(line, at, 1).is_some_and(|b| b.is_ascii_alphanumeric() || b"_.,/-+".contains(&b));
    let digit = |b: u8| u16::from(b - b'0');
    (stands_alone && !joined).then(|| (digit(a) * 100 + digit(b) * 10 + digit(c), at + 3))
}

/// Reads an enhanced code that is not part of an IP address, host name or longer word.
fn candidate_at(line: &[u8], at: usize) -> Option<(EnhancedCode, usize)> {
    let joined = match (before(line, at, 2), before(line, at, 1)) {
        (Some(b), Some(b'.')) => b.is_ascii_alphanumeric(),
        (_, Some(b)) => b.is_ascii_alphanumeric() || b == b'_',
        (_, None) => false,
    };
    let (code, end) = if joined { None } else { parse_at(line, at) }?;
    let stands_alone = match line.get(end..)? {
        [b'.', next, ..] => !next.is_ascii_alphanumeric(),
        [next, ..] => !next.is_ascii_alphanumeric() && *next != b'_',
        [] => true,
    };
    stands_alone.then_some((code, end))
}

fn parse_at(line: &[u8], at: usize) -> Option<(EnhancedCode, usize)> {
    let (class, at) = number_at(line, at)?;
    let (subject, at) = number_at(line, expect_dot(line, at)?)?;
    let (detail, at) = number_at(line, expect_dot(line, at)?)?;
    Some((
        EnhancedCode::new(u8::try_from(class).ok()?, subject, detail)?,
        at,
    ))
}

/// Reads `1*3digit` without leading zeros.
fn number_at(line: &[u8], at: usize) -> Option<(u16, usize)> {
    let digits = line
        .get(at..)?
        .iter()
        .take(4)
        .take_while(|b| b.is_ascii_digit())
        .count();
    let digits = line.get(at..at + digits)?;
    if digits.is_empty() || digits.len() > 3 || (digits.len() > 1 && digits.starts_with(b"0")) {
        return None;
    }
    Some((
        digits
            .iter()
            .fold(0, |sum, b| sum * 10 + u16::from(b - b'0')),
        at + digits.len(),
    ))
}

fn expect_dot(line: &[u8], at: usize) -> Option<usize> {
    (line.get(at) == Some(&b'.')).then_some(at + 1)
}

/// Checks that there is only punctuation between the reply code and the enhanced code.
fn adjoins(line: &[u8], end_of_reply: usize, at: usize) -> bool {
    // Eight bytes are enough for `550 - [#5.1.1]`. The limit keeps the scan linear.
    at - end_of_reply <= 8
        && line
            .get(end_of_reply..at)
            .is_some_and(|gap| gap.iter().all(|b| b" \t-:;,#([<\"'".contains(b)))
}

fn plausible(code: EnhancedCode) -> bool {
    code.subject <= LAST_SUBJECT
}

/// Checks that a code stands free in the text and is not a version, a path, a paragraph or a date.
fn is_loose(line: &[u8], at: usize, end: usize) -> bool {
    let glued_before = match before(line, at, 1) {
        Some(b'-') => at
            .checked_sub(4)
            .and_then(|at| reply_at(line, at))
            .is_none(), // not in `no 550-5.1.1 no`
        Some(b) => b"/+~@$\\".contains(&b),
        None => false,
    };
    let glued_after = match line.get(end..).unwrap_or_default() {
        [b'-' | b'+', next, ..] => next.is_ascii_alphanumeric(),
        [next, ..] => b"/~@%".contains(next),
        [] => false,
    };
    !glued_before && !glued_after && !one_of(word_before(line, at), DISQUALIFY)
}

fn is_marked(line: &[u8], at: usize) -> bool {
    before(line, at, 1).is_some_and(|b| b"#([<".contains(&b))
        || one_of(word_before(line, at), INTRODUCE)
}

/// Checks for a word before the code that announces it, or for a colon that closes
/// `host mx.example [192.0.2.4]:`.
fn is_introduced(line: &[u8], at: usize) -> bool {
    let Some(gap) = gap_before(line, at) else {
        return false;
    };
    let closes = gap
        .iter()
        .rposition(|b| *b == b':')
        .and_then(|colon| colon.checked_sub(1))
        .and_then(|i| gap.get(i));
    closes.is_some_and(|b| b")]>".contains(b)) || one_of(word_before(line, at), INTRODUCE)
}

fn before(line: &[u8], at: usize, distance: usize) -> Option<u8> {
    line.get(at.checked_sub(distance)?).copied()
}

/// Returns the punctuation before `at`, eight bytes of it at most.
fn gap_before(line: &[u8], at: usize) -> Option<&[u8]> {
    let text = line.get(..at)?;
    let length = text
        .iter()
        .rev()
        .take(8)
        .take_while(|b| !b.is_ascii_alphanumeric())
        .count();
    text.get(at - length..)
}

fn word_before(line: &[u8], at: usize) -> &[u8] {
    let end = at - gap_before(line, at).map_or(0, <[u8]>::len);
    let text = line.get(..end).unwrap_or_default();
    let length = text
        .iter()
        .rev()
        .take(16)
        .take_while(|b| b.is_ascii_alphanumeric())
        .count();
    text.get(end - length..).unwrap_or_default()
}

fn word_after(line: &[u8], at: usize) -> &[u8] {
    let text = line.get(at..).unwrap_or_default();
    let gap = text
        .iter()
        .take(8)
        .take_while(|b| b.is_ascii_whitespace())
        .count();
    let text = text.get(gap..).unwrap_or_default();
    let length = text
        .iter()
        .take(16)
        .take_while(|b| b.is_ascii_alphanumeric())
        .count();
    text.get(..length).unwrap_or_default()
}

fn one_of(word: &[u8], list: &str) -> bool {
    list.split(' ')
        .any(|entry| entry.as_bytes().eq_ignore_ascii_case(word))
}
