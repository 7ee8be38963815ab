//! The bus among the sinks.

use outlets::bus::Entry;
use outlets::notification::Notification;
use serde_json::Value;

use super::Stage;
use crate::sinks::WELL;

impl Stage {
    /// Puts onto the bus what is made of a notification.
    pub(super) fn put(
        &self,
        notification: &Notification,
        change: impl FnOnce(&mut String, &mut Value),
    ) {
        let mut entry = Entry::of(notification).expect("an entry");
        let mut detail = serde_json::from_str(&entry.detail).expect("JSON");
        change(&mut entry.id, &mut detail);
        let bus = &self.sinks.1;
        bus.put(&entry.id, &entry.kind, &detail, "postern.local");
    }
}

#[tokio::test]
async fn the_bus_is_judged_like_a_sink() {
    for (change, wanted) in [
        ((|id, _| "evt_0123".clone_into(id)) as Change, "stranger"),
        (|_, detail| detail["id"] = "another".into(), "body_differs"),
        (|_, detail| detail["more"] = true.into(), "body_differs"),
    ] {
        let stage = Stage::told().await;
        let told = stage.events_for(&stage.sink(WELL).filter).remove(0);
        stage.put(&told, |_, _| ());
        assert_eq!(stage.defects(), [], "it may come again");
        stage.put(&told, change);
        assert_eq!(stage.defects(), [(wanted, 1)]);
    }
    let stage = Stage::told().await;
    let told = stage.events_for(&stage.sink(WELL).filter).remove(0);
    let entry = Entry::of(&told).expect("an entry");
    let detail = serde_json::from_str(&entry.detail).expect("JSON");
    let bus = &stage.sinks.1;
    bus.put(&entry.id, &entry.kind, &detail, "postern.another");
    assert_eq!(stage.defects(), [("badly_signed", 1)]);
}

/// What is done to an id and a detail.
type Change = fn(&mut String, &mut Value);
