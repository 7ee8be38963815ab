//! The story of the demo: what three people's messages went through, and what a forger tried.

use jiff::{SignedDuration, Timestamp};
use operator::print::now;
use operator::samples;
use operator::send::{Break, Chosen, How, Poster, SendError, prepared};

use crate::error::CommandError;

/// The people of the story. None of the samples is about them.
pub(super) const KIM: &str = "kim@story.test";
pub(super) const LEE: &str = "lee@story.test";
pub(super) const SAM: &str = "sam@story.test";
/// Whom the forger writes about.
pub(super) const MAX: &str = "max@story.test";

/// What happened: to whom, as which sample tells it, and how many seconds ago.
const SCENES: [(&str, &str, i64); 9] = [
    (KIM, "sendgrid/processed", 50),
    (KIM, "sendgrid/delivered", 48),
    (KIM, "sendgrid/open_machine", 47),
    (KIM, "sendgrid/open", 30),
    (KIM, "sendgrid/click", 20),
    (LEE, "sendgrid/processed", 45),
    (LEE, "resend/email_bounced", 44),
    (SAM, "customerio/email_delivered", 43),
    (SAM, "customerio/email_spammed", 10),
];
/// What the forger sends.
const FORGED: &str = "mailpanda/click";

/// The answers that the forger got.
pub(super) struct Forger {
    /// To a webhook signed with another key.
    pub(super) another_key: u16,
    /// To a webhook whose body was changed.
    pub(super) changed: u16,
    /// To a true webhook, sent twice.
    pub(super) twice: [u16; 2],
}

/// Sends the webhooks of the story, dated now. Returns what the forger got.
pub(super) async fn tell(sender: &Poster) -> Result<Forger, CommandError> {
    let now = now();
    for (who, sample, ago) in SCENES {
        let at = now.checked_sub(SignedDuration::from_secs(ago));
        let at = at.unwrap_or(now);
        let status = post(sender, sample, who, at, None).await?;
        if status != 200 {
            return Err(CommandError::SampleRefused { sample, status });
        }
    }
    let send = |wrong| post(sender, FORGED, MAX, now, wrong);
    Ok(Forger {
        another_key: send(Some(Break::Key)).await?,
        changed: send(Some(Break::Body)).await?,
        twice: [send(None).await?, send(None).await?],
    })
}

async fn post(
    sender: &Poster,
    sample: &'static str,
    to: &str,
    at: Timestamp,
    wrong: Option<Break>,
) -> Result<u16, CommandError> {
    let chosen = chosen(sample)?;
    let how = How {
        recipient: Some(to.to_owned()),
        as_is: true,
        wrong,
    };
    let chosen = Chosen {
        body: chosen.sender.restamp(&chosen.body, at),
        ..chosen
    };
    let prepared = prepared(&chosen, &sender.key(chosen.sender)?, &how, now())?;
    let url = sender.url_with_key(chosen.sender)?;
    let reply = sender
        .post(
            &url,
            prepared.content_type,
            &prepared.headers,
            prepared.body,
        )
        .await?;
    Ok(reply.status.as_u16())
}

fn chosen(sample: &'static str) -> Result<Chosen, SendError> {
    let unknown = || SendError::Unknown {
        name: sample.to_owned(),
        meant: None,
    };
    let found = samples::find(sample).ok_or_else(unknown)?;
    Ok(Chosen {
        name: sample.to_owned(),
        sender: registry::sender(found.provider).ok_or_else(unknown)?,
        body: found.body.to_vec(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_scene_is_a_sample_that_can_be_about_somebody_else() {
        let scenes = SCENES.iter().map(|(who, sample, _)| (*who, *sample));
        for (who, sample) in scenes.chain([(MAX, FORGED)]) {
            let chosen = chosen(sample).expect(sample);
            assert!(
                chosen.sender.readdress(&chosen.body, who).is_some(),
                "{sample}"
            );
        }
    }
}
