//! Watches the memory and the open files of the functions' processes during the run (Linux `/proc`;
//! on other systems nothing is seen).

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use stack::build::FUNCTION;
use tokio::sync::watch;
use tokio::time::interval;

/// How often the processes are looked at.
pub(crate) const LOOK: Duration = Duration::from_millis(500);
/// How many looks make one point of the run, which is their median. So a buffer that exists for a
/// moment does not count as growth.
const LOOKS: usize = 9;

/// What was seen of one process at one moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Look {
    /// How many webhooks were done by then.
    done: usize,
    resident_kib: u64,
    open_files: u64,
}

/// All looks at every process, by its id and name.
#[derive(Default)]
pub(crate) struct Samples(BTreeMap<(u32, String), Vec<Look>>);

/// How the processes of one function grew from the end of the first quarter to the end.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Growth {
    /// How many processes lived from before the end of the first quarter to the end.
    pub survivors: u64,
    /// The largest resident set at the end, in KiB.
    pub resident_kib: u64,
    /// The largest growth of one process, in KiB.
    pub resident_more_kib: i64,
    /// The most files that one process had open at the end.
    pub open_files: u64,
    /// The largest growth of one process's number of open files.
    pub open_files_more: i64,
}

/// Looks at the `functions` among the children of the process that `parent` names. It ends when the
/// task is aborted or the sender is gone.
pub(crate) async fn watch(
    mut parent: watch::Receiver<Option<u32>>,
    functions: &[String],
    progress: watch::Receiver<usize>,
    samples: &mut Samples,
) {
    let mut ticks = interval(LOOK);
    loop {
        ticks.tick().await;
        let Some(parent) = *parent.borrow_and_update() else {
            continue;
        };
        samples.look(parent, functions, *progress.borrow());
    }
}

/// Checks whether a command line, its words ended by NUL, is that of a function: a program of its
/// name, or the tool that was told its name.
fn is_of(line: &[u8], function: &str) -> bool {
    let mut words = line.split(|byte| *byte == 0);
    let program = words.next().and_then(|word| std::str::from_utf8(word).ok());
    let name = program.and_then(|program| Path::new(program).file_name());
    let is_told = words.next() == Some(FUNCTION.as_bytes());
    name.is_some_and(|name| name == function)
        || is_told && words.next() == Some(function.as_bytes())
}

impl Samples {
    fn look(&mut self, parent: u32, functions: &[String], done: usize) {
        for child in children(parent) {
            let process = Path::new("/proc").join(child.to_string());
            let seen = (
                fs::read(process.join("cmdline")),
                fs::read_to_string(process.join("status")),
                fs::read_dir(process.join("fd")),
            );
            // A process that has ended in the meantime is skipped.
            let (Ok(line), Ok(status), Ok(files)) = seen else {
                continue;
            };
            let known = functions.iter().find(|known| is_of(&line, known));
            let (Some(name), Some(resident_kib)) = (known, resident_kib(&status)) else {
                continue;
            };
            let sample = Look {
                done,
                resident_kib,
                open_files: files.count() as u64,
            };
            let key = (child, name.clone());
            self.0.entry(key).or_default().push(sample);
        }
    }

    /// Returns the growth by function, in a run of this many webhooks.
    pub(crate) fn growth(&self, webhooks: usize) -> BTreeMap<String, Growth> {
        let mut all: BTreeMap<String, Growth> = BTreeMap::new();
        let newest = self.0.values().filter_map(|samples| samples.last());
        let end = newest.map(|sample| sample.done).max().unwrap_or_default();
        for ((_, name), samples) in &self.0 {
            let growth = all.entry(name.clone()).or_default();
            let early = samples.iter().filter(|s| s.done <= webhooks / 4);
            let early: Vec<Look> = early.rev().take(LOOKS).copied().collect();
            let late = samples.iter().rev().take(LOOKS);
            let late: Vec<Look> = late.copied().collect();
            let is_survivor = samples.last().is_some_and(|last| last.done == end);
            let (Some(early), Some(late)) = (median(&early), median(&late)) else {
                continue;
            };
            if !is_survivor {
                continue;
            }
            let signed = |value: u64| i64::try_from(value).unwrap_or(i64::MAX);
            let resident = signed(late.resident_kib) - signed(early.resident_kib);
            let files = signed(late.open_files) - signed(early.open_files);
            if growth.survivors == 0 {
                (growth.resident_more_kib, growth.open_files_more) = (resident, files);
            }
            growth.survivors += 1;
            growth.resident_kib = growth.resident_kib.max(late.resident_kib);
            growth.resident_more_kib = growth.resident_more_kib.max(resident);
            growth.open_files = growth.open_files.max(late.open_files);
            growth.open_files_more = growth.open_files_more.max(files);
        }
        all
    }
}

/// Returns the median of each number by itself.
fn median(samples: &[Look]) -> Option<Look> {
    let middle = |mut values: Vec<u64>| {
        values.sort_unstable();
        values.get(values.len() / 2).copied()
    };
    Some(Look {
        done: samples.last()?.done,
        resident_kib: middle(samples.iter().map(|s| s.resident_kib).collect())?,
        open_files: middle(samples.iter().map(|s| s.open_files).collect())?,
    })
}

fn children(parent: u32) -> Vec<u32> {
    let all = fs::read_dir("/proc").into_iter().flatten().flatten();
    let ids = all.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    ids.filter(|id| parent_of(*id) == Some(parent)).collect()
}

/// Reads the fourth field of `/proc/<id>/stat`. The second field is a name in brackets, which may
/// hold any text.
fn parent_of(id: u32) -> Option<u32> {
    let stat = fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
    let (_, after_the_name) = stat.rsplit_once(')')?;
    after_the_name.split_whitespace().nth(1)?.parse().ok()
}

/// Reads the resident set from the text of `/proc/<id>/status`.
fn resident_kib(status: &str) -> Option<u64> {
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.split_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(samples: &[(usize, u64, u64)]) -> Vec<Look> {
        let sample = |&(done, resident_kib, open_files)| Look {
            done,
            resident_kib,
            open_files,
        };
        samples.iter().map(sample).collect()
    }

    #[test]
    fn growth_is_that_of_the_worst_survivor() {
        let acme = |id| (id, "acme".to_owned());
        let samples = Samples(BTreeMap::from([
            (
                acme(1),
                of(&[(0, 100, 5), (25, 200, 6), (60, 900, 9), (100, 250, 6)]),
            ),
            (acme(2), of(&[(20, 100, 5), (100, 90, 8)])),
            (acme(3), of(&[(20, 100, 5), (80, 9000, 50)])),
            (acme(4), of(&[(40, 100, 5), (100, 9000, 50)])),
        ]));
        let growth = samples.growth(100);
        let wanted = Growth {
            survivors: 2,
            resident_kib: 250,
            resident_more_kib: 50,
            open_files: 8,
            open_files_more: 3,
        };
        assert_eq!(growth["acme"], wanted);
    }

    #[test]
    fn this_process_is_seen_by_its_parent() {
        let status = fs::read_to_string("/proc/self/status").unwrap();
        assert!(resident_kib(&status).unwrap() > 100);
        let child = std::process::Command::new("sleep").arg("60").spawn();
        let mut child = child.unwrap();
        assert_eq!(children(std::process::id()), [child.id()]);
        child.kill().unwrap();
        child.wait().unwrap();
    }
}
