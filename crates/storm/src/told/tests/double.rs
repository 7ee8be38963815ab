//! Which faults may double a notification.

use super::*;

#[test]
fn what_can_double_a_notification_is_known() {
    let doubles = |fault: &str| may_double(&[fault.parse().expect("a fault")]);
    for fault in [
        "queue:drop=1",
        "queue:error=1",
        "table:hang=1",
        "stream:duplicate=1",
        "queue:duplicate=1",
        "function:kill=1",
        "stack:kill=1",
    ] {
        assert!(doubles(fault), "{fault}");
    }
    for fault in [
        "endpoint:drop=1",
        "endpoint:down=8h",
        "stream:hold=1",
        "table:error=1",
        "table:partial=1",
        "queue:slow=1",
        "queue:reorder=1",
    ] {
        assert!(!doubles(fault), "{fault}");
    }
}
