//! Tells what changes, as it changes: Server-Sent Events for the page.
//!
//! A reader is not sent each change, but what has changed since it was told last, as it is then. So
//! nothing has to be kept for a reader, however slow it is, and none misses anything that is still
//! remembered.

use std::fmt::Write as _;
use std::sync::Arc;

use axum::response::Response;
use http::request::Parts;
use serde_json::{Value, json};
use stack::server_sent::{COMMENT, FRAME, FRAME_BYTES, Reader, SILENCE};
use tokio::time::{sleep, timeout};

use crate::assets;
use crate::inspector::Inspector;
use crate::memory::{Caught, Outbound};
use crate::veil::Veil;
use crate::veiling::veil;

const LAST_ID: &str = "last-event-id";
/// The most changes that are looked at for one frame.
const CHANGES: usize = 256;

/// Returns what changes from where the request says on, or from now on. Returns `None` if there are
/// too many readers.
pub(crate) fn serve(page: &Arc<Inspector>, parts: &Parts) -> Option<Response> {
    let place = Arc::clone(&page.readers).try_acquire_owned().ok()?;
    let (mut reader, body) = Reader::at(place);
    let mut follower = Follower::from(page, parts);
    tokio::spawn(async move {
        let _ = follower.follow(&mut reader).await;
        reader.drop_it();
    });
    let mut response = Response::new(body);
    assets::dress(&mut response, "text/event-stream");
    Some(response)
}

/// Something that has changed.
enum News {
    Webhook(Arc<Caught>),
    Outbound(Value),
}

/// The same, within the memory.
enum Found<'a> {
    Webhook(Arc<Caught>),
    Outbound(&'a Outbound),
}

/// One reader.
struct Follower {
    page: Arc<Inspector>,
    /// The last change that it was told.
    last: u64,
    counts: Value,
}

impl Follower {
    /// Returns a reader that has seen what its last id says, or `?after=`. An id of another run of
    /// the stack means nothing here: all of this one is told.
    fn from(page: &Arc<Inspector>, parts: &Parts) -> Self {
        let header = parts.headers.get(LAST_ID).and_then(|id| id.to_str().ok());
        let query = parts.uri.query().unwrap_or_default().as_bytes();
        let mut query = form_urlencoded::parse(query);
        let after = query.find(|(name, _)| name == "after");
        let after = header.or(after.as_ref().map(|(_, id)| id.as_ref()));
        let last = match after {
            None => page.memory().changes(),
            Some(id) => read(id, &page.boot).unwrap_or(0),
        };
        Self {
            page: Arc::clone(page),
            last,
            counts: Value::Null,
        }
    }

    /// Tells what changes until the reader is gone, or too slow.
    async fn follow(&mut self, reader: &mut Reader) -> Option<()> {
        let mut changes = self.page.changes();
        let boot = json!({"boot": self.page.boot});
        let mut frame = COMMENT.to_owned();
        add(&mut frame, &id(&self.page.boot, self.last), "hello", &boot);
        self.count(&mut frame);
        loop {
            reader.pass(&mut frame).await?;
            loop {
                changes.borrow_and_update();
                let veil = veil(&self.page).await;
                let is_all = self.news(&mut frame, &veil);
                if !frame.is_empty() {
                    self.count(&mut frame);
                    reader.pass(&mut frame).await?;
                    sleep(FRAME).await;
                }
                if is_all {
                    break;
                }
            }
            match timeout(SILENCE, changes.changed()).await {
                Ok(Ok(())) => {}
                Ok(Err(_)) => return None,
                Err(_) => {
                    frame.push_str(COMMENT);
                    self.count(&mut frame);
                }
            }
        }
    }

    /// Adds what has changed, the first change first. Returns whether that is all.
    fn news(&mut self, frame: &mut String, veil: &Veil) -> bool {
        let (changed, is_all) = self.changed();
        for (change, news) in changed {
            if frame.len() >= FRAME_BYTES {
                return false;
            }
            let (event, mut data) = match news {
                News::Webhook(caught) => ("webhook", caught.row()),
                News::Outbound(shown) => ("outbound", shown),
            };
            veil.over(&mut data);
            self.last = change;
            add(frame, &id(&self.page.boot, change), event, &data);
        }
        is_all
    }

    /// Returns what has changed, the first change first, and whether that is all. Whoever brings a
    /// webhook waits for the memory, so no row is made here.
    fn changed(&self) -> (Vec<(u64, News)>, bool) {
        let memory = self.page.memory();
        let webhooks = memory.changed_since(self.last).into_iter();
        let mut changed: Vec<(u64, Found<'_>)> = webhooks
            .map(|caught| (caught.changed, Found::Webhook(caught)))
            .collect();
        let outbound = memory.outbound().filter(|sent| sent.changed > self.last);
        changed.extend(outbound.map(|sent| (sent.changed, Found::Outbound(sent))));
        changed.sort_by_key(|(change, _)| *change);
        let is_all = changed.len() <= CHANGES;
        let changed = changed.into_iter().take(CHANGES);
        let changed = changed.map(|(change, found)| match found {
            Found::Webhook(caught) => (change, News::Webhook(caught)),
            Found::Outbound(sent) => (change, News::Outbound(memory.shown(sent))),
        });
        (changed.collect(), is_all)
    }

    /// Adds how many of each there are, if that has changed.
    fn count(&mut self, frame: &mut String) {
        let counts = self.page.counts();
        if counts != self.counts {
            add(frame, &id(&self.page.boot, self.last), "counts", &counts);
            self.counts = counts;
        }
    }
}

/// Returns the id of a change: the run of the stack, and the number.
pub(crate) fn id(boot: &str, change: u64) -> String {
    format!("{boot}.{change}")
}

fn read(id: &str, boot: &str) -> Option<u64> {
    let (run, change) = id.rsplit_once('.')?;
    change.parse().ok().filter(|_| run == boot)
}

fn add(frame: &mut String, id: &str, event: &str, data: &Value) {
    let _ = write!(frame, "id: {id}\nevent: {event}\ndata: {data}\n\n"); // a String takes it all
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use operator::print::now;
    use stack::page::{Page as _, Seen};

    use super::*;
    use crate::inspector::Setup;
    use crate::memory::Arrived;

    #[test]
    fn an_id_of_another_run_means_nothing() {
        assert_eq!(read(&id("a-1", 7), "a-1"), Some(7));
        assert_eq!(read(&id("a-2", 7), "a-1"), None);
        assert_eq!(read("7", "a-1"), None);
    }

    #[test]
    fn a_frame_is_bounded_and_many_tell_all_of_what_has_changed_once() {
        let page = Inspector::new(Setup::default());
        let path = format!("/{}", "x".repeat(8_000));
        for number in 0..90 {
            let id = format!("r-{number}");
            let request = http::Request::post(&path).body(()).expect("a request");
            let (parts, ()) = request.into_parts();
            page.came(&id, now(), &parts, None);
            page.answered(Seen {
                id,
                took: Duration::ZERO,
                status: 404,
                is_own: true,
            });
        }
        let mut follower = Follower {
            page: Arc::clone(&page),
            last: 0,
            counts: Value::Null,
        };
        let mut frames = Vec::new();
        loop {
            let mut frame = String::new();
            let is_all = follower.news(&mut frame, &Veil::default());
            frames.push(frame);
            if is_all {
                break;
            }
        }
        let rows = frames
            .iter()
            .map(|frame| frame.matches("event: webhook").count());
        assert_eq!(rows.clone().sum::<usize>(), 90);
        assert!(
            rows.max() <= Some(9) && frames.len() >= 10,
            "{}",
            frames.len()
        );
        assert_eq!(follower.last, page.memory().changes());
    }

    #[test]
    fn what_has_changed_is_taken_out_in_parts() {
        let page = Inspector::new(Setup::default());
        page.change(|memory| {
            for number in 0..300 {
                let id = format!("r-{number}");
                let request = http::Request::post("/webhooks/resend").body(());
                let (parts, ()) = request.expect("a request").into_parts();
                memory.came(Arrived::of(&id, now(), &parts, None));
                memory.answered(&Seen {
                    id,
                    took: Duration::ZERO,
                    status: 401,
                    is_own: false,
                });
            }
        });
        let mut follower = Follower {
            page,
            last: 0,
            counts: Value::Null,
        };
        let (first, is_all) = follower.changed();
        assert_eq!((first.len(), is_all), (256, false));
        follower.last = first.last().map_or(0, |(change, _)| *change);
        let (rest, is_all) = follower.changed();
        assert_eq!((rest.len(), is_all), (44, true));
    }
}
