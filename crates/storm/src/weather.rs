//! Controls what happens to the stack in a storm: its faults, its deaths and its restarts. The
//! faults of an endpoint happen at the flaky sink.

use std::path::{Path, PathBuf};
use std::sync::PoisonError;

use tokio::sync::watch;

use crate::error::Error;
use crate::report::Struck;
use crate::sinks::Sinks;
use crate::stack_process::{Noise, Setup, StackProcess};
use stack::faults::{Fault, Injection};

/// A folder that is deleted when the storm is over.
pub(crate) struct Data(pub(crate) PathBuf);

impl Data {
    /// Creates the folder, in memory if the system has such a folder.
    ///
    /// What was written there outlives a killed process as it does on a disk. The storm is about
    /// functions, not about how fast a disk flushes.
    pub(crate) fn new(seed: u64) -> Self {
        let memory = Path::new("/dev/shm");
        let temporary = if memory.is_dir() {
            memory.to_owned()
        } else {
            std::env::temp_dir()
        };
        Self(temporary.join(format!("postern-storm-{}-{seed}", std::process::id())))
    }
}

impl Drop for Data {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// The stack in the storm.
pub(crate) struct Weather<'a> {
    setup: &'a Setup,
    sinks: &'a Sinks,
    seed: u64,
    stack: Option<StackProcess>,
    noise: Noise,
    faults: Vec<Injection>,
    struck: Struck,
    /// After how many webhooks the stack is killed, for each time.
    kills: Vec<usize>,
    starts: u64,
    /// The id of its process.
    pub(crate) parent: watch::Sender<Option<u32>>,
}

impl<'a> Weather<'a> {
    /// Starts the stack, without faults yet. If `faults` has the death of the stack, its deaths are
    /// planned for this many webhooks.
    pub(crate) async fn start(
        setup: &'a Setup,
        sinks: &'a Sinks,
        faults: &[Injection],
        seed: u64,
        webhooks: usize,
    ) -> Result<Self, Error> {
        let kill = faults.iter().find(|f| f.fault == Fault::StackKill);
        let mut weather = Self {
            setup,
            sinks,
            seed,
            stack: None,
            noise: Noise::default(),
            faults: Vec::new(),
            struck: Struck::default(),
            kills: kill.map_or_else(Vec::new, |kill| kills(kill.probability, webhooks)),
            starts: 0,
            parent: watch::Sender::new(None),
        };
        weather.restart().await?;
        Ok(weather)
    }

    async fn restart(&mut self) -> Result<(), Error> {
        self.starts += 1;
        let seed = self.seed.wrapping_add(self.starts);
        let noise = Noise::clone(&self.noise);
        let stack = StackProcess::start(self.setup, &self.faults, seed, noise).await?;
        self.parent.send_replace(stack.id());
        self.stack = Some(stack);
        Ok(())
    }

    /// Puts these faults in force. The death of the stack is left out, because it happens here, and
    /// what is an endpoint's happens at the sinks.
    pub(crate) async fn set(&mut self, faults: &[Injection]) -> Result<(), Error> {
        self.sinks.set(faults);
        let of_the_stack = faults.iter().filter(|f| !f.fault.is_of_a_storm());
        self.faults = of_the_stack.copied().collect();
        if let Some(stack) = &mut self.stack {
            stack.set(&self.faults).await?;
        }
        Ok(())
    }

    /// Kills and restarts the stack whenever it is time, until `until` webhooks are done.
    pub(crate) async fn pass(
        &mut self,
        mut done: watch::Receiver<usize>,
        until: usize,
    ) -> Result<(), Error> {
        while let Some(kill) = self.kills.first().copied().filter(|kill| *kill < until) {
            self.kills.remove(0);
            if done.wait_for(|done| *done >= kill).await.is_err() {
                return Ok(());
            }
            self.count().await?;
            if let Some(stack) = self.stack.take() {
                stack.kill().await;
            }
            let name = Fault::StackKill.name().to_owned();
            *self.struck.0.entry(name).or_default() += 1;
            self.restart().await?;
        }
        Ok(())
    }

    /// Adds the counts of the faults that have struck since the stack was started.
    async fn count(&mut self) -> Result<(), Error> {
        if let Some(stack) = &mut self.stack {
            self.struck.add(stack.set(&self.faults).await?);
        }
        Ok(())
    }

    /// Ends the stack. Returns the faults that have struck, and the lines that should not have been
    /// printed.
    pub(crate) async fn end(mut self) -> (Struck, Vec<String>) {
        let _ = self.count().await; // The storm is over; only a count is lost.
        if let Some(stack) = self.stack.take() {
            stack.kill().await;
        }
        self.struck.add(Struck(self.sinks.struck()));
        let noise = self.noise.lock().unwrap_or_else(PoisonError::into_inner);
        (self.struck, noise.clone())
    }
}

/// Returns after how many webhooks the stack is killed. The kills are spread evenly, as many as the
/// probability says, and at least one.
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a count of webhooks times a probability"
)]
fn kills(probability: f64, count: usize) -> Vec<usize> {
    let kills = (count as f64 * probability).round().max(1.0) as usize;
    (0..kills)
        .map(|kill| count * (2 * kill + 1) / (2 * kills))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stack_is_killed_evenly_and_at_least_once() {
        assert_eq!(kills(0.001, 4_000), [500, 1500, 2500, 3500]);
        assert_eq!(kills(0.000_1, 500), [250]);
    }
}
