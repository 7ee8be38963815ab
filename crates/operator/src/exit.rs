//! How a command ends, for scripts.

/// The exit code of a command. A signal has codes of its own: 130 and 143.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum Exit {
    /// It is done, the answer is yes, all is well.
    Done = 0,
    /// The answer is no: refused, do not mail, a check fails, a defect.
    No = 1,
    /// The command line is wrong. Nothing was tried.
    Line = 2,
    /// It could not be found out, or not be reached. This is never 0, so that a script that asks
    /// before it mails does not mail.
    Unreachable = 3,
    /// There are no credentials, they have expired, or something is not allowed.
    NotAllowed = 4,
    /// A part is done. Run the command again.
    Partly = 5,
}

impl Exit {
    /// Every exit code.
    pub const ALL: [Self; 6] = [
        Self::Done,
        Self::No,
        Self::Line,
        Self::Unreachable,
        Self::NotAllowed,
        Self::Partly,
    ];

    /// Returns the number.
    #[must_use]
    pub fn code(self) -> u8 {
        self as u8
    }

    /// Returns what the code means.
    #[must_use]
    pub fn meaning(self) -> &'static str {
        match self {
            Self::Done => "done; yes; all is well",
            Self::No => "the answer is no: refused, do not mail, a check fails, a defect",
            Self::Line => "the command line is wrong; nothing was tried",
            Self::Unreachable => "could not be found out, or not be reached",
            Self::NotAllowed => "no credentials, expired ones, or not allowed",
            Self::Partly => "partly done: run it again",
        }
    }
}
