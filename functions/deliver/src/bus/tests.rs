use super::*;
use crate::tried::Verdict;

fn answer(id: Option<&str>, code: Option<&str>) -> PutEventsResultEntry {
    PutEventsResultEntry::builder()
        .set_event_id(id.map(str::to_owned))
        .set_error_code(code.map(str::to_owned))
        .build()
}

#[test]
fn an_entry_is_delivered_by_its_event_id_and_by_nothing_else() {
    let took = Duration::from_millis(7);
    let accepted = tried(Some(&answer(Some("1"), None)), took);
    assert_eq!(
        (accepted.verdict, accepted.code),
        (Verdict::Delivered, "delivered")
    );
    assert_eq!((accepted.status, accepted.latency_ms()), (None, 7));
    for (answer, code) in [
        (
            Some(answer(None, Some("ThrottlingException"))),
            "bus_throttled",
        ),
        (Some(answer(None, None)), "bus_unavailable"),
        (None, "bus_unavailable"),
    ] {
        let tried = tried(answer.as_ref(), took);
        assert_eq!((tried.verdict, tried.code), (Verdict::Failed, code));
    }
}
