//! Shows how far something is, if it takes more than two seconds.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use tokio::task::JoinHandle;
use tokio::time::sleep;

/// What takes less than this shows no progress.
const PATIENCE: Duration = Duration::from_secs(2);
/// How often the line moves, so that it is seen to live.
const TICK: Duration = Duration::from_millis(120);

/// The progress of something. Dropping it takes its line away.
pub(crate) struct Progress {
    bar: ProgressBar,
    showing: Option<JoinHandle<()>>,
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some(showing) = &self.showing {
            showing.abort();
        }
        self.bar.finish_and_clear();
    }
}

impl Progress {
    /// Returns a progress that is not shown yet. `is_shown` says whether it ever is.
    pub(crate) fn new(what: &str, total: Option<u64>, is_shown: bool) -> Self {
        let bar = ProgressBar::with_draw_target(total, ProgressDrawTarget::hidden());
        let template = match total {
            Some(_) => "{msg} {bar:25} {human_pos} of {human_len}, {eta} left",
            None => "{spinner} {msg} {human_pos}",
        };
        let style = ProgressStyle::with_template(template);
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
        bar.set_message(what.to_owned());
        let showing = is_shown.then(|| {
            let bar = bar.clone();
            tokio::spawn(async move {
                sleep(PATIENCE).await;
                bar.set_draw_target(ProgressDrawTarget::stderr());
                bar.enable_steady_tick(TICK);
            })
        });
        Self { bar, showing }
    }

    /// Says how many steps are done.
    pub(crate) fn set(&self, done: u64) {
        self.bar.set_position(done);
    }
}
