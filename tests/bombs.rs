//! Every hostile shape, in one process of its own, whose memory is measured: what a webhook may
//! become is bounded, whatever its 6 MB say.

use registry::SENDERS;
use shared::normalize::{PART_BYTES, PART_EVENTS, bytes_of, parts};
use table::item::{item, size as size_of_item};
use tests::bombs::bombs;
use tests::deliver_unsigned;

/// About the most that the gateway passes on. A debug build takes a second for it, so not every
/// shape has it.
const LARGEST: usize = 6 * 1024 * 1024;
const SMALLER: usize = 256 * 1024;
/// In KiB. The consumer has 256 MB, and must have room for its neighbours and its clients.
const MEMORY: u64 = 150 * 1024;

/// The most memory that this process has had, in KiB; `None` where the kernel does not say.
fn peak() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}

/// One test, so that nothing runs beside it.
#[test]
fn no_shape_takes_more_memory_than_a_consumer_has() {
    for provider in SENDERS {
        for (n, bomb) in bombs(*provider).into_iter().enumerate() {
            let before = peak();
            let size = if n % 30 == 0 { LARGEST } else { SMALLER };
            let delivery = deliver_unsigned(*provider, &bomb.body(size));
            let (mut events, mut bytes) = (0, 0);
            for part in parts(
                &delivery,
                provider.layout_of(&delivery),
                |element, budget| provider.events(element, &delivery, budget),
            ) {
                let of_part: usize = part.iter().flatten().map(bytes_of).sum();
                // What is there when a part is full, and one more element: so much of several
                // events, or one event, which has a few copies of its element.
                let most = PART_BYTES + PART_BYTES.max(5 * size);
                assert!(of_part <= most, "{}: {of_part}", bomb.name);
                assert!(part.len() < 2 * PART_EVENTS + 10_000, "{}", bomb.name);
                bytes += of_part;
                events += part.iter().flatten().count();
                let items = part.iter().flatten().map(|event| item(event, 30));
                assert!(items.map(|item| size_of_item(&item)).max() < Some(400 * 1024));
            }
            assert!(events <= 10_000, "{}: {events}", bomb.name);
            assert!(
                bytes <= 16 * delivery.body().len() + 1024 * 1024,
                "{}",
                bomb.name
            );
            let after = peak();
            if after > before {
                println!("{after:?} KiB after {}", bomb.name);
            }
            assert!(
                after.is_none_or(|peak| peak < MEMORY),
                "{}: {after:?}",
                bomb.name
            );
        }
    }
}
