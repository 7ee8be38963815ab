//! Real-looking refusals, one per line, with what they must come to. The wording is ours, in the
//! style of the servers that are named; every row of `providers/NORMALIZED.md` rule 4 has at least
//! one line here.

use shared::bounce::{Category, Class, Evidence, Verdict, judge};

use Category::*;
use Class::*;

/// Text, class, category, SMTP code (0: none), enhanced code ("": none).
type Line = (&'static str, Class, Category, u16, &'static str);

#[rustfmt::skip]
const LINES: &[Line] = &[
    // 5.1.*: the address
    ("550 5.1.0 <lee@mail.test>: Address rejected", Hard, InvalidRecipient, 550, "5.1.0"),
    ("550 #5.1.0 Address rejected.", Hard, InvalidRecipient, 550, "5.1.0"), // IronPort
    ("553 5.1.0 <news@shop.test> sender rejected AUP#O-1480", Block, InvalidSender, 553, "5.1.0"),
    ("550 5.1.0 203.0.113.9 is on our blocklist", Block, Reputation, 550, "5.1.0"),
    ("550 5.1.1 <lee@mail.test>: Recipient address rejected: User unknown in virtual mailbox table", Hard, InvalidRecipient, 550, "5.1.1"),
    ("550-5.1.1 The email account that you tried to reach does not exist. Please try\r\n550-5.1.1 double-checking the address\r\n550 5.1.1 https://support.example/?p=NoSuchUser a1b2c3d4e5-20020a - gsmtp", Hard, InvalidRecipient, 550, "5.1.1"), // Gmail
    ("550-5.1.1 The email account that you tried to reach does not exist. 550-5.1.1 Please check 550 5.1.1 it - gsmtp", Hard, InvalidRecipient, 550, "5.1.1"), // joined to one line
    ("smtp;550 5.1.1 <lee@mail.test>... User unknown", Hard, InvalidRecipient, 550, "5.1.1"),
    ("smtp; 550-5.1.1 No such user", Hard, InvalidRecipient, 550, "5.1.1"),
    ("SMTP; 550 5.1.1 RESOLVER.ADR.RecipNotFound; not found", Hard, InvalidRecipient, 550, "5.1.1"), // Exchange
    ("Diagnostic-Code: smtp; 550 5.1.1 mailbox unknown", Hard, InvalidRecipient, 550, "5.1.1"),
    ("host mx.mail.test[192.0.2.4] said: 550 5.1.1 <lee@mail.test>: Recipient address rejected (in reply to RCPT TO command)", Hard, InvalidRecipient, 550, "5.1.1"), // Postfix
    ("SMTP error from remote mail server after RCPT TO:<lee@mail.test>: host mx.mail.test [192.0.2.4]: 550 5.1.1 unknown", Hard, InvalidRecipient, 550, "5.1.1"), // Exim
    ("to=<lee@mail.test>, relay=mx.mail.test[192.0.2.4]:25, delay=0.5, dsn=5.1.1, status=bounced (no)", Hard, InvalidRecipient, 0, "5.1.1"),
    ("5.1.1 (bad destination mailbox address)", Hard, InvalidRecipient, 0, "5.1.1"), // PowerMTA
    ("5.1.1 (bad destination mailbox address) smtp;550 no", Hard, InvalidRecipient, 550, "5.1.1"),
    ("status=5.1.1", Hard, InvalidRecipient, 0, "5.1.1"),
    ("Delivery failed, DSN: 5.1.1", Hard, InvalidRecipient, 0, "5.1.1"),
    ("Sorry, no mailbox here by that name. (#5.1.1)", Hard, InvalidRecipient, 0, "5.1.1"), // qmail
    ("The receiving server refused [5.1.1]", Hard, InvalidRecipient, 0, "5.1.1"),
    ("550 5.1.1 lee@mail.test is unknown; if you think this is spam see https://mail.test/spam", Hard, InvalidRecipient, 550, "5.1.1"),
    ("550 5.1.1 <blocked.spam@mail.test> mailbox unavailable, policy 12", Hard, InvalidRecipient, 550, "5.1.1"),
    ("550 Recipient rejected, code 5.1.1, by mx1", Hard, InvalidRecipient, 550, "5.1.1"),
    ("550 5.1.1.", Hard, InvalidRecipient, 550, "5.1.1"),
    ("550 5.1.1用户不存在", Hard, InvalidRecipient, 550, "5.1.1"),
    ("553 5.1.2 We do not have any such domain", Hard, InvalidDomain, 553, "5.1.2"),
    ("501 5.1.3 Bad recipient address syntax", Hard, InvalidAddress, 501, "5.1.3"),
    ("550 5.1.4 Recipient is ambiguous", Hard, InvalidRecipient, 550, "5.1.4"),
    ("551 5.1.6 Recipient no longer on this server", Hard, InvalidRecipient, 551, "5.1.6"),
    ("553 5.1.7 <news@shop>: Sender address rejected", Block, InvalidSender, 553, "5.1.7"),
    ("550 5.1.8 <news@shop.test>: Sender address rejected: Domain not found", Block, InvalidSender, 550, "5.1.8"),
    ("556 5.1.10 mail.test has a null MX", Hard, InvalidDomain, 556, "5.1.10"), // RFC 7505
    ("550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient lee@mail.test not found by SMTP address lookup", Hard, InvalidRecipient, 550, "5.1.10"), // Exchange Online
    ("450 4.1.1 <lee@mail.test>: Recipient address rejected: unverified address", Soft, InvalidRecipient, 450, "4.1.1"),
    ("450 4.1.2 <lee@mail.test>: Recipient address rejected: Domain not found", Soft, InvalidDomain, 450, "4.1.2"),
    ("450 4.1.8 <news@shop.test>: Sender address rejected: Domain not found", Soft, InvalidSender, 450, "4.1.8"),

    // x.2.*: the mailbox
    ("550 5.2.0 STOREDRV.Deliver; mailbox error", Soft, Generic, 550, "5.2.0"),
    ("550 5.2.1 The email account that you tried to reach is disabled. - gsmtp", Hard, InactiveMailbox, 550, "5.2.1"),
    ("550-5.2.1 The user you are trying to contact is receiving mail at a rate that\r\n550-5.2.1 prevents additional messages from being delivered. - gsmtp", Soft, RateLimited, 550, "5.2.1"),
    ("450 4.2.1 The user you are trying to contact is receiving mail too quickly - gsmtp", Soft, RateLimited, 450, "4.2.1"),
    ("450 4.2.1 <lee@mail.test>: mailbox locked for now", Soft, InactiveMailbox, 450, "4.2.1"),
    ("552 5.2.2 <lee@mail.test>: user is over quota", Soft, MailboxFull, 552, "5.2.2"),
    ("452 4.2.2 Mailbox full", Soft, MailboxFull, 452, "4.2.2"),
    ("452-4.2.2 The recipient's inbox is out of storage space. Please direct them to\r\n452 4.2.2 https://support.example/?p=OverQuotaTemp - gsmtp", Soft, MailboxFull, 452, "4.2.2"),
    ("552 5.2.3 Message exceeds what lee takes", Soft, TooLarge, 552, "5.2.3"),
    ("550 5.2.4 alias expansion failed", Soft, System, 550, "5.2.4"), // list_expansion: no such category, a fault of theirs
    ("450 4.2.0 <lee@mail.test>: Recipient address rejected: Greylisted, see https://mail.test/g.html", Soft, Greylisted, 450, "4.2.0"),

    // x.3.*: the system
    ("452 4.3.1 Insufficient system storage", Soft, System, 452, "4.3.1"),
    ("421 4.3.2 System not accepting network messages", Soft, System, 421, "4.3.2"),
    ("554 5.3.0 Rewrite error", Undetermined, Generic, 554, "5.3.0"),
    ("552 5.3.4 Message size exceeds fixed limit", Soft, TooLarge, 552, "5.3.4"),

    // x.4.*: the way there
    ("421 4.4.0 lost connection with mx.mail.test[192.0.2.4]", Soft, NoAnswer, 421, "4.4.0"),
    ("(#4.4.1) connect to mx.mail.test[192.0.2.4]:25: Connection timed out", Soft, NoAnswer, 0, "4.4.1"),
    ("421 4.4.2 mx.mail.test Error: timeout exceeded", Soft, NoAnswer, 421, "4.4.2"),
    ("451 4.4.3 Host or domain name not found. Name service error, try again", Soft, Routing, 451, "4.4.3"),
    ("554 5.4.6 Too many hops 26", Soft, Routing, 554, "5.4.6"),
    ("451 4.4.6 Mail loop detected", Soft, Routing, 451, "4.4.6"),
    ("5.4.4 (unable to route) Host or domain name not found", Hard, InvalidDomain, 0, "5.4.4"),
    ("550 5.4.1 Recipient address rejected: Access denied. AS(201806281) [MX01.mail.test 2024-05-01T10:00:00.000Z]", Hard, InvalidRecipient, 550, "5.4.1"), // Exchange Online, directory based edge blocking
    ("550 5.4.1 no answer from host", Soft, NoAnswer, 550, "5.4.1"),
    ("554 5.4.7 Delivery expired (message too old)", Soft, Expired, 554, "5.4.7"),
    ("4.4.7 (delivery time expired)", Soft, Expired, 0, "4.4.7"), // Inboxroad
    ("550 4.4.7 QUEUE.Expired; message expired", Soft, Expired, 550, ""), // Exchange: classes differ, so the words
    ("450 4.4.316 Connection refused [Message=Socket error code 10061]", Soft, NoAnswer, 450, "4.4.316"),
    ("550 5.4.310 DNS domain mail.test does not exist", Hard, InvalidDomain, 550, "5.4.310"), // Exchange Online
    ("554 5.4.14 Hop count exceeded - possible mail loop", Soft, Routing, 554, "5.4.14"),

    // x.5.*: the protocol
    ("452 4.5.3 Too many recipients", Soft, TooManyRecipients, 452, "4.5.3"),
    ("503 5.5.1 Bad sequence of commands", Soft, Protocol, 503, "5.5.1"),
    ("550 5.5.0 Requested action not taken: mailbox unavailable", Hard, InvalidRecipient, 550, "5.5.0"),
    ("550 5.5.0 No such user here", Hard, InvalidRecipient, 550, "5.5.0"),

    // x.6.*: the content
    ("554 5.6.0 Message content rejected", Block, Content, 554, "5.6.0"),
    ("554 5.6.1 Attachment of type exe refused", Block, Attachment, 554, "5.6.1"),
    ("554 5.6.0 Eicar virus found", Block, Virus, 554, "5.6.0"),
    ("451 4.6.0 Message could not be converted", Block, Content, 451, "4.6.0"),

    // 5.7.*: policy
    ("550 5.7.1 Message refused", Block, Policy, 550, "5.7.1"),
    ("554 5.7.1 <lee@mail.test>: Relay access denied", Block, Relaying, 554, "5.7.1"),
    ("550 [5.7.1] Unable to relay", Block, Relaying, 550, "5.7.1"),
    ("sorry, that domain isn't in my list of allowed rcpthosts (#5.7.1)", Block, Relaying, 0, "5.7.1"), // qmail
    ("host relay.mail.test[192.0.2.4] said: 554 5.7.1 refused (in reply to DATA command)", Block, Policy, 554, "5.7.1"), // the host's name is no reason
    ("554 5.7.1 Service unavailable; Client host [192.0.2.1] blocked using zen.spamhaus.org; https://www.spamhaus.org/query/ip/192.0.2.1", Block, Reputation, 554, "5.7.1"),
    ("554 5.7.1 Rejected 192.0.2.1 found in dnsbl.sorbs.net", Block, Reputation, 554, "5.7.1"),
    ("550-5.7.1 [192.0.2.1] Our system has detected that this message is\r\n550-5.7.1 likely unsolicited mail. To reduce the amount of it,\r\n550 5.7.1 this message has been stopped. - gsmtp", Block, Reputation, 550, "5.7.1"), // Gmail
    ("550 5.7.1 user unknown", Undetermined, InvalidRecipient, 550, "5.7.1"), // at Exchange never an unknown mailbox
    ("550 5.7.1 <spam@mail.test> denied", Block, Policy, 550, "5.7.1"), // a word in an address is no reason
    ("550 5.7.1 Message rejected: contains malware", Block, Virus, 550, "5.7.1"),
    ("550 5.7.1 SPF check failed for shop.test", Block, AuthFailure, 550, "5.7.1"),
    ("553 5.7.1 [BL21] Connections will not be accepted from 192.0.2.1", Block, Reputation, 553, "5.7.1"), // Yahoo
    ("554 5.7.1 [CS01] Message rejected due to local policy", Block, Policy, 554, "5.7.1"), // iCloud
    ("550 5.7.9 Authentication mechanism too weak", Block, AuthFailure, 550, "5.7.9"),
    ("550-5.7.26 This mail has been stopped because the sender is unauthenticated. - gsmtp", Block, AuthFailure, 550, "5.7.26"),
    ("550 5.7.20 No passing DKIM signature found", Block, AuthFailure, 550, "5.7.20"),
    ("550 5.7.28 mail flood", Block, AuthFailure, 550, "5.7.28"),
    ("550 5.7.509 Access denied, sending domain shop.test does not pass DMARC", Block, AuthFailure, 550, "5.7.509"),
    ("550 5.7.606 Access denied, banned sending IP [192.0.2.1]", Block, Reputation, 550, "5.7.606"), // Outlook
    ("550 5.7.64 TenantAttribution", Block, Policy, 550, "5.7.64"),

    // 4.7.*: wait
    ("451 4.7.1 Greylisting in action, please come back later", Soft, Greylisted, 451, "4.7.1"),
    ("451 4.7.1 Please try again later", Soft, RateLimited, 451, "4.7.1"),
    ("421 4.7.0 [TSS04] Messages from 192.0.2.1 temporarily deferred due to unexpected volume or user complaints - 4.16.55.1", Soft, RateLimited, 421, "4.7.0"), // Yahoo
    ("421 4.7.0 [TSS04] Messages from 192.0.2.1 temporarily deferred due to user complaints", Soft, Reputation, 421, "4.7.0"),
    ("421-4.7.28 Unusual rate of mail from your IP. - gsmtp", Soft, RateLimited, 421, "4.7.28"),
    ("451 4.7.26 Not unauthenticated mail, please", Soft, AuthFailure, 451, "4.7.26"),
    ("450 4.7.1 Client host [192.0.2.1] blocked using dnsbl.mail.test", Soft, Reputation, 450, "4.7.1"),

    ("550 5.7.1 no, see https://mail.test/spam", Block, Policy, 550, "5.7.1"), // a word in a URL is no reason

    // No enhanced code, or one that says nothing: reply code and words
    ("550 User unknown", Hard, InvalidRecipient, 550, ""),
    ("550 5.0.0 User unknown", Hard, InvalidRecipient, 550, "5.0.0"),
    ("host mx.mail.test [192.0.2.4]: 550 No such user", Hard, InvalidRecipient, 550, ""),
    ("550: No such user here", Hard, InvalidRecipient, 550, ""),
    ("550:No such user here", Hard, InvalidRecipient, 550, ""),
    ("550 No such user here", Hard, InvalidRecipient, 550, ""),
    ("551 lee does not exist", Hard, InvalidRecipient, 551, ""),
    ("553 sorry, invalid recipient", Hard, InvalidRecipient, 553, ""),
    ("550 lee (lee@mail.test) not listed in Domino Directory", Hard, InvalidRecipient, 550, ""),
    ("550 Unrouteable address", Hard, InvalidRecipient, 550, ""), // Exim
    ("550-Mail to lee cannot be taken\r\n550 because there is no such mailbox", Hard, InvalidRecipient, 550, ""),
    ("550 Requested action not taken: mailbox unavailable", Hard, InvalidRecipient, 550, ""), // Outlook, GMX; RFC 5321 has it for "policy", too: then they say so
    ("550 rejected", Undetermined, Generic, 550, ""),
    ("550 5.0.0 rejected", Undetermined, Generic, 550, "5.0.0"),
    ("550 Account disabled", Hard, InactiveMailbox, 550, ""),
    ("550 Mailbox is full", Soft, MailboxFull, 550, ""),
    ("550-Verification failed for <news@shop.test>\r\n550-Called: 198.51.100.7\r\n550-Response: 550 No such user\r\n550 Sender verify failed", Block, InvalidSender, 550, ""), // Exim callout
    ("550 Your account may not send here: no such user", Block, InvalidSender, 550, ""),
    ("550 MAIL FROM:<news@shop.test>: this domain does not exist", Block, InvalidSender, 550, ""),
    ("550 The domain of the sender does not exist", Block, InvalidSender, 550, ""),
    ("550 Rejected: the PTR record for 192.0.2.1 does not exist", Block, AuthFailure, 550, ""),
    ("550 Blocked: a reputation for 192.0.2.1 does not exist", Block, Reputation, 550, ""),
    ("550 relay not permitted", Block, Relaying, 550, ""),
    ("550-192.0.2.1 is listed at example.test", Block, Reputation, 550, ""),
    ("550 Too many invalid recipients, wait", Soft, RateLimited, 550, ""), // harvesting guard: not this address
    ("552 no room", Undetermined, Generic, 552, ""),
    ("552 Message size exceeds maximum permitted", Soft, TooLarge, 552, ""),
    ("552 Message is too large; mailbox quota 10 MB", Soft, TooLarge, 552, ""),
    ("552 Blocked for an executable attachment", Block, Attachment, 552, ""),
    ("554 Transaction failed", Undetermined, Generic, 554, ""),
    ("554 delivery error: dd This user doesn't have a mail.test account (lee@mail.test) [0] - mta4.mail.test", Hard, InvalidRecipient, 554, ""), // Yahoo
    ("554 Service unavailable, 192.0.2.1 has a poor reputation", Block, Reputation, 554, ""),
    ("556 mail.test accepts no mail", Hard, InvalidDomain, 556, ""), // RFC 7504
    ("535 nobody", Block, Policy, 535, ""),
    ("500 what?", Soft, Protocol, 500, ""),
    ("521 mx.mail.test", Undetermined, Generic, 521, ""), // RFC 7504 says the host takes no mail; in practice often a block
    ("421 too many connections from 192.0.2.1", Soft, RateLimited, 421, ""),
    ("450 Requested mail action not taken", Soft, Generic, 450, ""),
    ("450 user unknown", Soft, InvalidRecipient, 450, ""), // temporary, so never hard
    ("451 Greylisted for 300 seconds", Soft, Greylisted, 451, ""),
    ("452 lee is over quota", Soft, MailboxFull, 452, ""),
    ("451 DKIM key could not be read", Soft, AuthFailure, 451, ""),
    ("HELO shop.test: 550 5.7.1 no", Block, Policy, 550, "5.7.1"), // two codes vouch for each other
    ("550-Requested action not taken 550-5.1.1 because", Hard, InvalidRecipient, 550, "5.1.1"),

    // No code at all
    ("mailbox full", Soft, MailboxFull, 0, ""), // Insider
    ("user unknown", Hard, InvalidRecipient, 0, ""),
    ("Message expired", Soft, Expired, 0, ""),
    ("Connection refused", Soft, NoAnswer, 0, ""),
    ("Host not found, try again", Soft, Dns, 0, ""),
    ("No such domain", Hard, InvalidDomain, 0, ""),
    ("NoDevicesSynced", Undetermined, Unknown, 0, ""), // Customer.io, push
    ("", Undetermined, Unknown, 0, ""),
    ("\r\n\r\n550 5.1.1 unknown", Hard, InvalidRecipient, 550, "5.1.1"),
    ("Remote host said:\n550 5.1.1 unknown", Hard, InvalidRecipient, 550, "5.1.1"),

    // Numbers that are no codes
    ("550 no, says Exim 4.94.2", Undetermined, Generic, 550, ""),
    ("450 no, says Exim 4.94.2", Soft, Generic, 450, ""),
    ("450 no, says FooMTA 4.94.2", Soft, Generic, 450, ""), // no subject 94 in the registry
    ("Exim 4.94.2 would not", Undetermined, Unknown, 0, ""),
    ("Error: Exim 4.2.2 would not", Undetermined, Unknown, 0, ""),
    ("Postfix (2.5.1) would not", Undetermined, Unknown, 0, ""),
    ("Postfix 2.10.1 would not", Undetermined, Unknown, 0, ""),
    ("550 no, says postfix/5.2.1", Undetermined, Generic, 550, ""),
    ("550 no, says version 5.1.1", Undetermined, Generic, 550, ""),
    ("550 no, says v5.1.1", Undetermined, Generic, 550, ""),
    ("550 no, says foomta-5.1.1", Undetermined, Generic, 550, ""),
    ("550 see section 5.3.2 of our terms", Undetermined, Generic, 550, ""),
    ("550 no such thing since 5.4.24", Undetermined, Generic, 550, ""),
    ("550 5.1.1.10 is not welcome", Undetermined, Generic, 550, ""),
    ("550 10.5.1.1 is not welcome", Undetermined, Generic, 550, ""),
    ("FooMTA [2.0.1] would not", Undetermined, Unknown, 0, ""),
    ("450 from [4.2.2.1] not now", Soft, Generic, 450, ""),
    ("4.2.2.1 would not", Undetermined, Unknown, 0, ""),
    ("[5.1.1.10] would not", Undetermined, Unknown, 0, ""),
    ("host 5.1.1.10 said: 550 5.2.1 off", Hard, InactiveMailbox, 550, "5.2.1"),
    ("203.0.113.9 would not", Undetermined, Unknown, 0, ""),
    ("5.1.1.mx.mail.test would not", Undetermined, Unknown, 0, ""),
    ("550 5.01.1 no", Undetermined, Generic, 550, ""), // RFC 3463: no leading zeros
    ("550 5.1.1234 no", Undetermined, Generic, 550, ""),
    ("550 4.2.2 no", Undetermined, Generic, 550, ""), // classes differ
    ("552 bytes left over", Undetermined, Unknown, 0, ""),
    ("Error: 450 seconds passed", Undetermined, Unknown, 0, ""),
    ("could not talk on port 587 or 465", Undetermined, Unknown, 0, ""),
    ("smtp:587 would not", Undetermined, Unknown, 0, ""),
    ("2024-05-01 04:50:55 would not", Undetermined, Unknown, 0, ""),
    ("450,000 would not", Undetermined, Unknown, 0, ""),
    ("ticket 550 for lee", Undetermined, Unknown, 0, ""),
    ("queue id 4F551A2B would not", Undetermined, Unknown, 0, ""),
    ("4F550 would not", Undetermined, Unknown, 0, ""),
    ("354 go ahead", Undetermined, Unknown, 0, ""),
    ("250 2.0.0 queued", Undetermined, Generic, 250, "2.0.0"), // no refusal: nothing to say
];

#[test]
fn every_line_comes_to_what_is_written_beside_it() {
    let mut wrong = Vec::new();
    for &(text, class, category, smtp, enhanced) in LINES {
        let Verdict {
            class: read_class,
            category: read_category,
            smtp_code,
            enhanced_code,
        } = judge(&Evidence {
            text: Some(text),
            ..Evidence::default()
        });
        let enhanced_code = enhanced_code
            .map(|code| code.to_string())
            .unwrap_or_default();
        let read = (
            read_class,
            read_category,
            smtp_code.unwrap_or(0),
            enhanced_code.as_str(),
        );
        if read != (class, category, smtp, enhanced) {
            wrong.push(format!("{text}\n    {read:?}"));
        }
    }
    assert!(
        wrong.is_empty(),
        "{} lines are wrong:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}
