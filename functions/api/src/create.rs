//! Adds an endpoint.

use outlets::endpoint::Endpoint;
use outlets::filter::Filter;
use outlets::manage::{Created, Draft, Refusal};

use crate::answer::Answer;
use crate::done::{Done, Wrong};
use crate::parts::{Asked, Parts, managed};
use crate::sealed::{Seals, given_or_made};
use crate::times::{second, text};

/// Adds an endpoint, and answers with `MailPanda`'s five fields. The secret is the sixth, if it was
/// made here: nothing shows it again.
pub(crate) async fn create(parts: &Parts, body: &[u8], asked: Asked<'_>) -> Result<Done, Wrong> {
    let draft = Draft::read(body, &parts.place(asked))?;
    let filter = Filter::parse(&draft.events).map_err(Refusal::from)?;
    let secret = given_or_made(draft.secret.as_ref())?;
    let seals = Seals::of(&parts.sealing, asked.at).await?;
    let (id, now) = (parts.outlets.next_id().await?, second(asked.at));
    let endpoint = Endpoint {
        id,
        url: draft.url.expose().to_owned(),
        filter,
        providers: draft.providers,
        sources: draft.sources,
        headers: seals.headers(id, &draft.headers)?,
        secrets: vec![seals.secret(id, &secret, now)?],
        active: draft.active,
        created_at: now,
        created_by: asked.who.to_owned(),
        revision: 0,
    };
    if !parts.outlets.add(&endpoint).await? {
        return Err(Refusal::TooMany.into());
    }
    let created = Created {
        id,
        url: draft.url,
        events: draft.events,
        active: endpoint.active,
        created_at: text(endpoint.created_at),
        secret: draft.secret.is_none().then(|| secret.expose().into()),
    };
    let managed = managed("created", &endpoint);
    Ok(Done::managed(Answer::ok(&created), managed))
}
