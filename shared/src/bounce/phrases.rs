//! The meaning of a refusal's words in English. `tongues` has the same for other languages.
//!
//! Phrases are separated by `|`. A phrase starts where a word starts, and its last word may
//! continue: `relay` is also `relaying`. A phrase with a dot is a part of a host name.
//!
//! Codes, numbers and punctuation are removed before (by `reading`), and so are addresses:
//! `user <lee@mail.test> unknown` is `user unknown`. A `*` is a name without its domain.
//!
//! The weight decides first, then the order of the rows.

use super::vocabulary::Category::{
    self, Attachment, AuthFailure, Content, Dns, Expired, Greylisted, InactiveMailbox,
    InvalidAddress, InvalidDomain, InvalidRecipient, InvalidSender, MailboxFull, NoAnswer, Policy,
    Protocol, RateLimited, Relaying, Reputation, Routing, System, TooLarge, TooManyRecipients,
    Virus,
};
use Weight::{Clears, Condemns, MayClear, MayCondemn, Temporary};

/// How much a phrase weighs against a code and against other phrases.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Weight {
    /// A sentence about something other than the address. No code condemns against it.
    Clears,
    /// A sentence that says that the address is bad.
    Condemns,
    /// A word about something other than the address, unless it is in a footer: "if you think that
    /// this is spam".
    MayClear,
    /// A word that says that it is not permanent, or not certain.
    Temporary,
    /// A word that says that the address is bad, unless it is said about something else: a PTR
    /// record may "not exist", too.
    MayCondemn,
}

/// A weight, a category and its phrases.
pub(super) type Row = (Weight, Category, &'static str);

/// The rows. Every row is a judgement, and has a remark if it is not obvious.
#[rustfmt::skip]
pub(super) const ENGLISH: &[Row] = &[
    (Clears, Greylisted, "greylist|graylist|grey-list|gray-list|grey listed|gray listed"),
    // GoDaddy, Symantec: in a time
    (Clears, RateLimited,
     "directory harvest|harvest attack|dictionary attack|recipient threshold|\
      too many recipients this|too many recipients received this|too many to too many"),
    (Clears, TooManyRecipients, "too many recipients"),
    // "too many invalid recipients" is a guard against harvesting, and is not about this address.
    (Clears, RateLimited,
     "too many messages|too many connections|too many concurrent|too many sessions|\
      too many errors|too many invalid|too many unknown|too many bad|too many unwanted|\
      too many login|too fast|too quickly|too much mail from|too frequent|rate limit|rate-limit|\
      ratelimit|rate that prevents|throttl|at a rate|receiving rate|unusual rate|message rate|\
      sending rate|exceeded the rate|sending quota|sending limit|submission quota|message limit|\
      receive limit|relay limit|hour limit|daily limit|limit for message recipients|limit per|\
      per hour|per minute|per day|this hour|frequency|unexpected volume|excessive|slow down|\
      try again slower|messages per session|maximum number of connections|\
      maximum number of messages|max message per|mail flood|exceeded permitted limits|\
      exceeded their limit"),
    // Sendmail: "Name server: host name lookup failure"; Postfix: "Malformed or unexpected name
    // server reply"; SendGrid: "failed to get IPs from PTR record". Before AuthFailure, which has
    // the PTR record of the sender.
    (Clears, Dns,
     "unable to get mx|failed to get ips|no address in the ptr|failed to lookup|lookup failure|\
      host not found try again|malformed or unexpected name server|malformed name server|\
      unexpected name server|name server timeout|name service error for name malformed|\
      server failure|servfail|dns query failed|dns timeout|dns lookup failed|dns lookup timeout|\
      dns failure|host lookup did not complete|server misbehaving|\
      mx records point to non-existent|dns temporary|dns soft error|temporary dns|\
      temporary failure in name resolution|domain may not exist or dns check failed|\
      dns server returned|unable to resolve|could not be resolved"),
    // This is not about the recipient: the callout of Exim's "Sender verify failed" quotes a "no
    // such user" of its own.
    (Clears, InvalidSender,
     "sending for this account|callback setup failed|approved sender|sender address|\
      sender rejected|sender is rejected|sender was rejected|sender domain|sender's domain|\
      sender verif|sender does not|sender denied|sender account|sender email|sender not|\
      sender is not|sender has no|sender unknown|sender blocked|invalid sender|unknown sender|\
      bad sender|null sender|envelope sender|envelope from|of sender|of the sender|for sender|\
      from address|from domain|from domain is invalid|from header|from is mismatch|\
      mail from refused|mail from not owned|mail from mismatch|mailfrom|mail from this|\
      mail from domain|mail from you|mail from rejected|badmailfrom|bogus mail from|return-path|\
      return path|your account|your email address has been|your email address is|your domain|\
      blank from|fully qualified email address required|must have a valid from|\
      missing a valid address in the from"),
    // "per it's SPF Record": GoDaddy, with 5.1.0.
    (Clears, AuthFailure,
     "spf|dkim|dmarc|unauthenticated|not allowed to send from|authentication requirements|\
      authentication required|server requires authentication|authentication checks|\
      authentication fail|reverse dns|reverse-dns|dns says|unknown host helo|reverse lookup|\
      reverse hostname|rdns|fcrdns|ptr record|no ptr|ptr resource|find your hostname|bad helo|\
      invalid helo|helo invalid|helo command rejected|helo name|helo argument|helo host|helo ehlo|\
      ehlo argument|ehlo requires|helo requires|helo has been denied|your helo|batv"),
    // "rtr", "hvu", "rly", "con", "dyn": AOL's codes for the sender's host, its links, its rate.
    // "dt", "mi", "hl", "rp", "wm": Netease's. "problem occurred": T-Online.
    (Clears, Reputation,
     "rtr b|rtr c|rtr d|rtr g|rtr r|rtr s|hvu b|rly b|rly c|rly i|rly s|con b|dyn t|dt spm|dt sum|\
      dt rbl|mi spb|mi spf|mi spt|mi nhd|mi sfq|mi stc|mi dmc|hl rep|hl icc|hl ifc|hl mep|hl ihu|\
      hl ipb|rp trc|rp drc|rp qrc|wm bli|wm blu|problem occurred ask your postmaster|\
      bounce attack|spoofed|by our spam filter|by the spam filter|rejected as spam|blocked using|\
      was blocked by|been blocked by|email blocked by|message blocked by|is blocked by|\
      is blacklisted|are blacklisted|been blacklisted|is listed|are listed|listed at|listed by|\
      listed on|found in dnsbl|found on one or more|in the rbl|in a black list|on our block|\
      client host|client ip|your ip|your host|your network|your isp|sending ip|ip has been|\
      from ip|ip is|ip address is|poor reputation|bad reputation|low reputation|\
      messages from weren't sent|connections will not be accepted|connections not accepted|\
      not accepting messages from your"),
    (Clears, TooLarge,
     "message size|message-size|message too large|message is too large|message too big|\
      message larger than|too large for this|message file too big|exceeds size|maximum size|\
      maximum message size|size limit"),
    // "user unknown or mailbox full" may be either, so it is not permanent.
    (Clears, MailboxFull,
     "mailbox full|mailbox is full|mailbox for user is full|mailbox of is full|\
      mailbox might be disabled full|inbox full|inbox is full|full mailbox|account is full|\
      storage full|over quota|overquota|over-quota|over the quota|over their quota|over quote|\
      out of quota|quota exceed|exceed quota|exceeded quota|exceeds quota|exceeded its quota|\
      exceeded his quota|exceeded storage|exceeds storage|exceeds allowed size|\
      exceed maximum allowed storage|quota is full|quota is over|disk quota|mailbox quota|\
      storage quota|storage limit|quota violation|quota reached|quota usage|quota policy|\
      out of storage|mailbox size limit|mailbox limit|mailbox has exceeded|mailbox exceed|\
      mailbox would exceed|not enough storage|not enough space|not enough disk|space not enough|\
      enough space|not sufficient disk|no space left|space has been used up|overdrawn his|\
      exhausted allowed storage|mailfolder is full|mail folder is full|over the allowed quota|\
      too much mail data|too many messages on|too many messages in|quotaexceeded"),
    // This is a choice of the recipient's, or of a rule: Facebook, Willcom, Docomo, QQ, AOL. The
    // address is fine.
    // au says `550 : User unknown`, without an address, about mail that its filters refuse.
    (Clears, Policy,
     ": user unknown|recipient preferences|privacy settings|user rules|user reject|user refuse|\
      id refuse|rejected by recipient|mail is rejected by recipient|rejected by the recipient|\
      refused by recipient|purported responsible address|\
      mailbox unavailable or access denied|possible forgery|bounced by administrator|\
      only accepting mail from|only accepts mail from|\
      only accepts messages from|allowed-senders|not accept mail from|\
      will not accept delivery of this|organization policy|organizational settings|due to policy|\
      due to local policy|for policy reasons|policy reasons|policy restriction|policy violation|\
      security polic|content filter agent"),
    (Clears, Relaying,
     "relaying denied|relay denied|relay access denied|relaying not allowed|\
      relaying is not allowed|relay not permitted|no relaying|do not relay|unable to relay"),
    (Clears, Expired,
     "message expired|message-expired|delivery time expired|delivery expired|time expired|\
      retry timeout exceeded|retry time not reached|message too old|expired message|\
      in the queue too long|undeliverable for|queue.expired"),
    (Clears, NoAnswer,
     "timed out|timeout exceeded|connection timeout|connection refused|connection reset|\
      connection dropped|connection closed|lost connection|no answer|host unreachable|\
      network is unreachable|host is unreachable|no route to host|i o timeout|could not connect|\
      unable to read banner|did not accept our requests to connect|unable to connect|\
      failed to connect|network error"),
    (Clears, Routing,
     "mail loop|address is the local host|loops back|routing loop|message looping|\
      message is looping|forwarding loop|hop count|too many hops"),
    // The refused command is the one that names the sender: Postfix, Exim. This row is last, so
    // that a better reason is told.
    (Clears, InvalidSender, "in reply to mail from|after mail from"),

    (Condemns, InvalidAddress,
     "bad address syntax|address syntax|invalid address|malformed address|bad recipient address|\
      bad destination address|bad destination email|bad address|invalid email|address invalid|\
      address is invalid|not email addresses"),
    // "unrouteable address": Exim's default for a local part that it does not know. "adr.recip",
    // "adr.exrecip": Exchange.
    (Condemns, InvalidRecipient,
     "user unknown|userunknown|unknown user|user is unknown|user not known|user not exist|\
      user not found|user was not found|user couldn't be found|user could not be found|\
      user does not exist|user doesn't exist|user doesn't have a|user does not have|\
      user path no exist|user invalid|user no longer exist|user has moved|user not local|\
      user not listed|user is not known|user not registered|no user|no such user|\
      no such local user|no such recipient|no such mailbox|no such mail|no such account|\
      no such address|no such email|no such person|no such id|no such customer|not a known user|\
      not a valid user|not a valid mailbox|not a valid recipient|not a valid address here|\
      not a local address|not a local user|invalid user|illegal user|illegal alias|\
      unknown or illegal|unknown or invalid|unknown alias|unknown recipient|unknown mailbox|\
      unknown address|unknown destination address|unknown account|unknown email|unknown e-mail|\
      unknown local part|unknown local-part|unknown virtual|unknown addressee|\
      unknown mail address|recipient unknown|recipient is unknown|recipient not found|\
      recipient not exist|recipient was not found|recipient does not exist|\
      recipient doesn't exist|that recipient doesn't|recipient address does not exist|\
      recipient unrecognized|recipient address unknown|not in recipient list|\
      recipient could not be found|recipient no longer|recipients are invalid|\
      recipient is invalid|recipient is not local|recipnotfound|invalid recipient|\
      invalid-recipient|invalid mailbox|invalid account|bad recipient|bad destination mailbox|\
      bad-mailbox|wrong recipient|mailbox unknown|mailbox not found|mailbox was not found|\
      mailbox does not exist|mailbox doesn't exist|mailbox not exist|mailbox not present|\
      mailbox invalid|account not found|account not exist|account does not exist|\
      account doesn't exist|account unknown|account not known|account is not known|\
      email account that you tried to reach does not exist|address does not exist|\
      address doesn't exist|address not exist|address unknown|address is unknown|\
      address not found|address was not found|address couldn't be found|\
      address could not be found|address not present in directory|address not known|\
      address is not known|address no longer exist|address is no longer valid|addressee unknown|\
      no mailbox|no mail box|no mail-box|no account|not have an account|doesn't have an account|\
      no longer on server|no longer on this server|no longer an employee|no longer works here|\
      not our customer|no one at this address|no one with that|nobody by that name|\
      nobody here by that|can't accept user|can't find user's mailbox|cannot find user's mailbox|\
      unable to find alias|badrcptto|badrecipientto|validrcptto|not found by smtp address lookup|\
      unable to find recipient|not listed in domino|not listed in public|not listed in directory|\
      user not a member|has been replaced by|unrouteable address|unroutable address|\
      non-existent user|nonexistent user|no existing user|undeliverable address|adr.recip|\
      adr.exrecip|address is marked as invalid"),
    // "account that you tried to reach is": Gmail. Said as for now ("temporarily"), it is
    // Temporary.
    (Condemns, InactiveMailbox,
     "account disabled|account is disabled|account has been disabled|\
      account administratively disabled|account is currently disabled|\
      account that you tried to reach is disabled|account that you tried to reach is inactive|\
      account inactive|account is inactive|inactive account|account closed|\
      account has been closed|account is closed|account deactivated|account has been deactivated|\
      account deleted|account has been deleted|account expired|account has expired|\
      expired account|account terminated|user is terminated|user terminated|account locked|\
      account is locked|account suspended|account is suspended|account has been suspended|\
      account has been temporarily suspended|account blocked due to inactivity|\
      account is not active|account not activated|account is unavailable|account unavailable|\
      account is no longer|account no longer|mailbox disabled|mailbox is disabled|\
      mailbox has been disabled|mailbox was disabled|mailbox inactive|mailbox is inactive|\
      inactive mailbox|mailbox closed|mailbox is frozen|mailbox frozen|mailbox is locked|\
      mailbox currently suspended|mailbox suspended|mailbox is suspended|mailbox locked|\
      mailbox is no longer|mailbox no longer|mailbox has been deleted|mailbox for has been deleted|\
      mailbox deleted|mailbox is blocked due to|\
      mailbox has been blocked due to inactivity|deactivated mailbox|disabled mailbox|\
      user disabled|user is disabled|user inactive|user is inactive|user not active|inactive user|\
      inactive recipient|inactive email address|user suspended|user is suspended|\
      user account is suspended|recipient suspend|recipient disabled|recipient inactive|\
      recipient is inactive|archived recipient|mail receiving disabled|no longer accepts mail|\
      no longer accept mail|no longer accepts email|no longer accepts messages|\
      address is no longer|disabled or discontinued|user status is locked|\
      administratively disabled|user or domain is disabled|no recipient activity|\
      address rejected inactive|is now disabled with"),
    // "couldn't find any host": qmail. "no mail hosts for domain": PowerMTA. "no data known":
    // Sendmail.
    (Condemns, InvalidDomain,
     "unknown domain|no such domain|domain not found|domain name not found|domain unknown|\
      host or domain name not found|non-existent domain|non-existant domain|nonexistent domain|\
      nonexistentdomain|nxdomain|domain does not exist|domain doesn't exist|\
      domain is not reachable|domain not exist|recipient domain must exist|bad domain|\
      bad destination host|bad destination system|bad-domain|invalid host name|null mx|nullmx|\
      domain does not accept mail|does not accept mail|accepts no mail|no mx for|no mx record|\
      no mx found|no mx host|has no mx|no valid mx|no mail hosts|no mail exchanger|\
      find a mail exchanger|find any host|no mail server for|host not found|host unknown|\
      unknown host|host name is unknown|no such host|indicated no smtp service|\
      name or service not known|unrouteable mail domain|unroutable mail domain|\
      tenant or domain not found"),

    (MayClear, InvalidSender, "sender"),
    // qmail: "isn't in my list of allowed rcpthosts"
    (MayClear, Relaying,
     "relay|rcpthosts|not local host|not a gateway|we don't handle mail for|\
      specified domain is not allowed"),
    (MayClear, Virus, "virus|malware|infected|trojan|antivirus|anti-virus|viruses"),
    (MayClear, Attachment, "attachment|file type|executable|banned file|dangerous file"),
    (MayClear, Reputation,
     "spam|antispam|unsolicited|blocked|blacklist|black list|black listed|blocklist|block list|\
      blocklisting|denylist|listed|dnsbl|rbl|spamhaus.org|spamcop.net|barracudacentral.org|\
      sorbs.net|abuseat.org|cloudmark.com|reputation|banned|complaint|abuse|junk|suspicious|\
      ip address"),
    (MayClear, Content,
     "content|no resent-from|line too long|phish|bulk|profanity|sensitive words|rfc compliant|\
      mime|header error"),
    (MayClear, Policy,
     "not allowed to send to|policy|policies|prohibit|not authorized|unauthorized|access denied|\
      aup|permission|not permitted"),
    (MayClear, Dns, "dns error|dns lookup|dns problem|name server|name service error"),
    (MayClear, NoAnswer, "timeout|unreachable"),
    (MayClear, TooLarge, "too large|too big"),
    (MayClear, System,
     "can't create output|can't create user output|insufficient system|internal error|\
      internal server error|local error|local configuration error|system config error|disk full|\
      out of memory|system problem|mail system full|technical difficulties|server error|\
      queue file write error"),
    (MayClear, Protocol,
     "syntax error|bad sequence|protocol error|protocol violation|unrecognized command|\
      command not"),

    (Temporary, System,
     "temporar|locked by another|locked try again|verification problem|may not exist|\
      try again later|try later|try again in|retry later|please retry|later please|\
      come back later|currently disabled|currently suspended|unverified address|\
      verification in progress|not available at this time|at this time|server busy|too busy"),

    // Gmail: "The email account that you tried to reach does not exist." Outlook: "mailbox
    // unavailable". Exchange: "not found".
    (MayCondemn, InvalidRecipient,
     "does not exist|doesn't exist|don't exist|does not exists|not exist|dosn't exist|\
      no longer exists|no longer valid|is unknown|mailbox unavailable|mailbox unavaiable|\
      mailbox not available|mailbox is unavailable|mailbox is not available|\
      i cannot deliver mail for|not known to this system|not recognized|\
      user * unknown|user * not found|user * was not found|user * not known|user * is not known|\
      user * could not be found|recipient * unknown|recipient * not found|\
      recipient * was not found|recipient * not known|recipient * is not known|\
      recipient * could not be found|mailbox * unknown|mailbox * not found|\
      mailbox * was not found|mailbox * not known|mailbox * is not known|\
      mailbox * could not be found|account * unknown|account * not found|account * was not found|\
      account * not known|account * is not known|account * could not be found|address * unknown|\
      address * not found|address * was not found|address * not known|address * is not known|\
      address * could not be found|destination addresses were unknown|not an active address|\
      email name is not found|user missing home directory|envelope recipient has been denied"),
    // Gmail
    (MayCondemn, InvalidDomain,
     "domain * couldn't be found|domain * could not be found|domain * not found"),
];
