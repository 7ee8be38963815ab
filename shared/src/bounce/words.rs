//! What the words of a refusal mean, and how they are found.

use super::Category::{
    self, Attachment, AuthFailure, Content, Dns, Expired, Greylisted, InactiveMailbox,
    InvalidAddress, InvalidDomain, InvalidRecipient, InvalidSender, MailboxFull, NoAnswer, Policy,
    Protocol, RateLimited, Relaying, Reputation, Routing, System, TooLarge, TooManyRecipients,
    Virus,
};

/// What words mean; phrases are separated by `|`. The first row that matches wins, so the order is the rule: what
/// spares the address stands before what condemns it, but the clear "user unknown" before words that a footer may hold.
/// A phrase with a space or dot matches anywhere. A single word matches where a word begins, but not in a host name,
/// path or address: `relay` is not in `relay.example.test` or `<relay@example.test>`.
const WORDS: &[(Category, &str)] = &[
    (
        Greylisted,
        "greylist|graylist|grey-list|gray-list|grey listed|gray listed",
    ),
    (TooManyRecipients, "too many recipients"),
    (
        RateLimited,
        "too many messages|too many connections|too many concurrent|too many errors|\
         too many invalid|too many unknown|too many bad|too fast|too quickly|\
         too much mail|too frequent|rate limit|rate-limit|ratelimit|throttl|at a rate|\
         unusual rate|message rate|sending rate|exceeded the rate|sending quota|\
         sending limit|unexpected volume|per hour|per minute|per day",
    ),
    // Not the recipient: the callout of "Sender verify failed" quotes a "no such user" of its own.
    (
        InvalidSender,
        "sender address|sender rejected|sender domain|sender's domain|sender verify|\
         sender verification|sender does not|sender denied|sender account|invalid sender|\
         unknown sender|bad sender|sender unknown|envelope sender|of sender|of the sender|from address|from domain|\
         mail from:<|mail from: <|your account",
    ),
    // "unrouteable address": Exim's default for a local part that it does not know. "not listed in": Domino.
    // "adr.recip": Exchange.
    (
        InvalidRecipient,
        "user unknown|unknown user|unknown recipient|recipient unknown|unknown mailbox|\
         unknown address|address unknown|unknown local part|unknown local-part|\
         no such user|no such recipient|no such mailbox|no such account|no such address|\
         no such person|user not found|recipient not found|adr.recip|\
         mailbox not found|account not found|invalid recipient|invalid mailbox|\
         no mailbox here|not a valid mailbox|not a valid recipient|not a known user|\
         user doesn't have a|user does not exist|user doesn't exist|\
         mailbox does not exist|mailbox doesn't exist|recipient does not exist|\
         recipient doesn't exist|address does not exist|address doesn't exist|\
         account does not exist|account doesn't exist|bad destination mailbox|\
         not listed in domino directory|not listed in public name|unrouteable address",
    ),
    (
        InactiveMailbox,
        "account disabled|account is disabled|account has been disabled|\
         account that you tried to reach is dis|account inactive|account is inactive|\
         inactive account|account closed|account has been closed|account deactivated|\
         account expired|account terminated|mailbox disabled|mailbox is disabled|\
         mailbox has been disabled|mailbox inactive|mailbox is inactive|inactive mailbox|\
         mailbox closed|user disabled|user is disabled|user inactive|inactive user|\
         user suspended|user is suspended|recipient suspended|recipient inactive|\
         account is no longer|mailbox is no longer",
    ),
    (
        MailboxFull,
        "mailbox full|mailbox is full|inbox full|inbox is full|over quota|overquota|\
         over-quota|over the quota|quota exceeded|exceeded quota|exceeds quota|\
         exceeded its quota|quota is full|disk quota|mailbox quota|storage quota|\
         out of storage|exceeded storage|mailbox size limit|mailbox has exceeded|\
         mailbox exceed|not enough storage|not enough space|mailfolder is full",
    ),
    (
        TooLarge,
        "message size|message-size|too large|too big|size limit|exceeds size|maximum size",
    ),
    (Relaying, "relay|rcpthosts"), // qmail: "that domain isn't in my list of allowed rcpthosts"
    (
        AuthFailure,
        "spf|dkim|dmarc|unauthenticated|reverse dns|reverse-dns|rdns|fcrdns|ptr record",
    ),
    (Virus, "virus|malware|infected|trojan|antivirus|anti-virus"),
    (
        Attachment,
        "attachment|file type|executable|banned file|dangerous file",
    ),
    (
        Reputation,
        "spam|antispam|unsolicited|blocked|blacklist|black list|blocklist|block list|\
         denylist|listed|dnsbl|rbl|spamhaus.org|spamcop.net|\
         barracudacentral.org|sorbs.net|reputation|banned|complaint|\
         connections will not be accepted",
    ),
    (Content, "content|phish|suspicious link|profanity"),
    (
        Policy,
        "policy|policies|prohibit|not authorized|unauthorized|access denied",
    ),
    (
        Dns,
        "host not found, try again|name service error|dns failure|dns error|dns lookup|\
         dns timeout|servfail|temporary failure in name resolution",
    ),
    (
        InvalidDomain,
        "unknown domain|no such domain|domain not found|host or domain name not found|\
         host not found|unknown host|host unknown|nxdomain|domain does not exist|\
         domain doesn't exist|bad domain|null mx|domain does not accept mail|\
         unrouteable mail domain",
    ),
    (
        InvalidAddress,
        "bad address syntax|address syntax|invalid address|malformed address|\
         bad recipient address|bad destination address|invalid email",
    ),
    (
        Expired,
        "message expired|message-expired|delivery time expired|delivery expired|\
         time expired|retry timeout exceeded|retry time not reached|message too old|\
         expired, message|queue.expired",
    ),
    (
        NoAnswer,
        "timed out|timeout|connection refused|connection reset|connection dropped|\
         connection closed|lost connection|no answer|unreachable|no route to host|\
         could not connect|unable to connect|failed to connect|network error",
    ),
    (
        Routing,
        "mail loop|loops back|routing loop|hop count|too many hops",
    ),
    (
        System,
        "insufficient system|local error|disk full|out of memory|temporarily unavailable|\
         temporary failure|temporary error|try again later|try later",
    ),
    (
        Protocol,
        "syntax error|bad sequence|protocol error|unrecognized command|command not",
    ),
    // Last, because a PTR record or a reputation may "not exist", too. Gmail: "The email account that you tried to
    // reach does not exist."
    (
        InvalidRecipient,
        "does not exist|doesn't exist|no longer exists|no longer valid",
    ),
];

/// The words of a refusal, lower-cased once.
pub(super) struct Words {
    text: String,
}

impl Words {
    pub(super) fn new(text: &str) -> Self {
        Self {
            text: text.to_ascii_lowercase(),
        }
    }

    /// The first row of the table that matches.
    pub(super) fn first(&self) -> Option<Category> {
        self.first_row(|_| true)
    }

    /// The first row of the table that matches among these categories.
    pub(super) fn first_of(&self, among: &[Category]) -> Option<Category> {
        self.first_row(|category| among.contains(&category))
    }

    /// Whether the table gives this category, were there no other row.
    pub(super) fn mean(&self, category: Category) -> bool {
        self.first_of(&[category]).is_some()
    }

    fn first_row(&self, among: impl Fn(Category) -> bool) -> Option<Category> {
        let mut rows = WORDS.iter().filter(|(category, _)| among(*category));
        let row = rows.find(|(_, phrases)| phrases.split('|').any(|phrase| self.say(phrase)));
        row.map(|(category, _)| *category)
    }

    pub(super) fn say(&self, phrase: &str) -> bool {
        if phrase.contains([' ', '.']) {
            return self.text.contains(phrase);
        }
        let text = self.text.as_bytes();
        self.text.match_indices(phrase).any(|(at, _)| {
            let before = at.checked_sub(1).and_then(|i| text.get(i));
            let joined = before.is_some_and(|b| b.is_ascii_alphanumeric() || b"._@/+".contains(b));
            // What the word goes on to; 64 bytes, the longest host label, keep the scan linear.
            let mut rest = text.iter().skip(at + phrase.len()).take(64);
            let in_host = match rest.find(|b| !b.is_ascii_alphanumeric() && !b"-_".contains(b)) {
                Some(b'@') => true,
                Some(b'.') => rest.next().is_some_and(u8::is_ascii_alphanumeric),
                _ => false,
            };
            !joined && !in_host
        })
    }
}
