//! Decides whether a machine opened or clicked. Nothing is dropped because of it: an open by a
//! machine is stored with this verdict.
//!
//! A provider's own flag is `confirmed`. What a user agent or a known network suggests is
//! `suspected`, because a person may be behind an image proxy.

/// The verdict on one open or click.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Machine {
    /// There is no sign of a machine.
    None,
    /// There are signs of a machine, but it may be a person.
    Suspected(Why),
    /// The provider says that it was a machine.
    Confirmed(Why),
}

/// The kind of machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// A mail client or gateway loaded the images before anyone looked.
    Prefetch,
    /// An image proxy fetched the images for somebody. A person may be behind it.
    Proxy,
    /// Apple Mail Privacy Protection.
    AppleMpp,
    /// A security scanner, link checker or script.
    Scanner,
    /// It was faster than a person: within two seconds of the delivery, or several links within
    /// one.
    Speed,
}

/// Parts of user agents, in lower case, and what they reveal. The first match wins.
const USER_AGENTS: &[(&str, Why)] = &[
    ("googleimageproxy", Why::Proxy),
    ("ggpht.com", Why::Proxy),
    ("yahoomailproxy", Why::Proxy),
    ("yahoocachesystem", Why::Proxy),
    ("duckduckgo-image-proxy", Why::Proxy),
    ("barracuda", Why::Scanner),
    ("mimecast", Why::Scanner),
    ("proofpoint", Why::Scanner),
    ("trendmicro", Why::Scanner),
    ("forcepoint", Why::Scanner),
    ("symantec", Why::Scanner),
    ("microsoft office existence discovery", Why::Scanner),
    ("headlesschrome", Why::Scanner),
    ("phantomjs", Why::Scanner),
    ("python-requests", Why::Scanner),
    ("python-urllib", Why::Scanner),
    ("aiohttp", Why::Scanner),
    ("go-http-client", Why::Scanner),
    ("okhttp", Why::Scanner),
    ("apache-httpclient", Why::Scanner),
    ("libwww-perl", Why::Scanner),
    ("java/", Why::Scanner),
    ("curl/", Why::Scanner),
    ("wget/", Why::Scanner),
    ("bot/", Why::Scanner),
    ("bot;", Why::Scanner),
    ("slackbot", Why::Scanner),
    ("linkpreview", Why::Scanner),
    ("skypeuripreview", Why::Scanner),
    ("facebookexternalhit", Why::Scanner),
    ("crawler", Why::Scanner),
    ("spider", Why::Scanner),
];

/// How many bytes of a user agent are looked at. It is the sender's text.
const USER_AGENT_BYTES: usize = 512;

impl Machine {
    /// Returns what a user agent suggests.
    #[must_use]
    pub fn of_user_agent(user_agent: &str) -> Self {
        let user_agent = user_agent.trim();
        // Apple's proxies send exactly this. A browser always says more.
        if user_agent == "Mozilla/5.0" {
            return Self::Suspected(Why::AppleMpp);
        }
        let mut lower: Vec<u8> = user_agent.bytes().take(USER_AGENT_BYTES).collect();
        lower.make_ascii_lowercase();
        let lower = String::from_utf8_lossy(&lower);
        USER_AGENTS
            .iter()
            .find(|(piece, _)| lower.contains(piece))
            .map_or(Self::None, |(_, why)| Self::Suspected(*why))
    }

    /// Returns the stored word.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Suspected(_) => "suspected",
            Self::Confirmed(_) => "confirmed",
        }
    }

    /// Returns the stored reason.
    #[must_use]
    pub fn why(self) -> Option<&'static str> {
        match self {
            Self::None => None,
            Self::Suspected(why) | Self::Confirmed(why) => Some(match why {
                Why::Prefetch => "prefetch",
                Why::Proxy => "proxy",
                Why::AppleMpp => "apple_mpp",
                Why::Scanner => "scanner",
                Why::Speed => "speed",
            }),
        }
    }
}
