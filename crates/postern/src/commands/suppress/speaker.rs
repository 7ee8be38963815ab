//! Who speaks when a command changes the suppression list.

use ::suppress::Speaker;
use operator::Target;
use operator::events::Events;
use operator::print::now;

/// Returns who speaks now, and to which table.
pub(super) fn speaker<'a>(target: &Target, events: &'a Events, why: Option<String>) -> Speaker<'a> {
    Speaker {
        events,
        retention_days: target.retention_days(),
        by: target.caller().map(str::to_owned),
        why,
        now: now(),
    }
}
