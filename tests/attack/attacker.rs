//! Who makes the attacks on one provider.

use shared::sender::{Sender, Signed};

use crate::MARK;
use crate::sample::signed;
use crate::wire::request;

/// One attack, and its answer.
pub(crate) struct Attack {
    pub(crate) name: &'static str,
    pub(crate) request: Vec<u8>,
    pub(crate) status: u16,
    /// The body of the answer: ours are empty.
    pub(crate) answer: &'static str,
    /// The receiver's code; `None` where no function runs.
    pub(crate) code: Option<&'static str>,
}

/// Makes the attacks on one provider.
pub(crate) struct Attacker<'a> {
    pub(crate) provider: &'a dyn Sender,
    pub(crate) target: String,
    /// What the provider would sign.
    pub(crate) body: Vec<u8>,
    pub(crate) attacks: Vec<Attack>,
}

impl Attacker<'_> {
    /// A refusal of ours: this body, with these header lines.
    pub(crate) fn refused(
        &mut self,
        name: &'static str,
        code: &'static str,
        headers: &[Vec<u8>],
        body: &[u8],
    ) {
        let target = self.target.clone();
        self.refused_at(name, code, &target, headers, body);
    }

    /// The same, at another target.
    pub(crate) fn refused_at(
        &mut self,
        name: &'static str,
        code: &'static str,
        target: &str,
        headers: &[Vec<u8>],
        body: &[u8],
    ) {
        let request = request("POST", target, headers, body);
        self.attacks.push(Attack {
            name,
            request,
            status: 401,
            answer: "",
            code: Some(code),
        });
    }

    /// An answer from in front of the function.
    pub(crate) fn stopped(
        &mut self,
        name: &'static str,
        status: u16,
        answer: &'static str,
        request: Vec<u8>,
    ) {
        self.attacks.push(Attack {
            name,
            request,
            status,
            answer,
            code: None,
        });
    }

    /// What the provider would send.
    pub(crate) fn signed(&self) -> Signed {
        signed(self.provider, &self.body)
    }
}

/// Header lines, with what an attacker adds to them.
pub(crate) fn lines_of(headers: &[(&str, String)]) -> Vec<Vec<u8>> {
    let lines = headers
        .iter()
        .map(|(name, value)| format!("{name}: {value}").into_bytes());
    let json = [
        b"content-type: application/json".to_vec(),
        format!("x-{MARK}: {MARK}").into_bytes(),
    ];
    json.into_iter().chain(lines).collect()
}
