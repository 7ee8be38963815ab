//! A running stack with its page, as `postern up` puts them together.

use std::sync::Arc;

use inspector::{Feed, Inspector, Setup};
use operator::Target;
use serde_json::Value;
use stack::Options;
use stack::page::Page;

use crate::stack::Running;

/// A stack and its page.
pub struct Paged {
    /// The stack.
    pub running: Running,
    /// Its page.
    pub inspector: Arc<Inspector>,
}

impl Paged {
    /// Starts both.
    pub async fn new() -> Self {
        Self::with(|_| {}).await
    }

    /// Starts both, with the options changed. The way out is on.
    ///
    /// # Panics
    /// The stack does not answer.
    pub async fn with(change: impl FnOnce(&mut Options)) -> Self {
        let inspector = Inspector::new(Setup::default());
        let page = Arc::clone(&inspector);
        let show = |options: &mut Options| {
            let feed = Arc::new(Feed::new(options.live.clone(), Some(Arc::clone(&page))));
            let (print, heard) = (Arc::clone(&options.output), Arc::clone(&feed));
            options.output = Arc::new(move |function, line| {
                print(function, line);
                if let Ok(line) = serde_json::from_str::<Value>(line) {
                    heard.hear(&line);
                }
            });
            options.observer = Arc::new(move |message| feed.handled(message));
            options.page = Some(page as Arc<dyn Page>);
            change(options);
        };
        let running = Running::telling(show).await;
        let target = Target::local(running.stack.api).await.expect("a stack");
        inspector.connect(target, running.stack.queues.clone());
        Self { running, inspector }
    }

    /// Returns the page's address.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}/", self.running.stack.api)
    }
}
