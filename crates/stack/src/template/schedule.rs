//! What invokes a function again and again.

use std::time::Duration;

use serde_json::Value;

/// A schedule that invokes a function.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Schedule {
    /// The rule's name.
    pub name: String,
    /// The time between two invocations.
    pub period: Duration,
}

/// Reads an event of the type `Schedule` or `ScheduleV2`, such as `rate(1 minute)`.
pub(super) fn schedule(name: &str, settings: &Value) -> Option<Schedule> {
    let expression = settings.get("Schedule");
    let expression = expression.or_else(|| settings.get("ScheduleExpression"))?;
    let rate = expression.as_str()?.strip_prefix("rate(")?;
    let (count, unit) = rate.strip_suffix(')')?.split_once(' ')?;
    let seconds = match unit.trim_end_matches('s') {
        "minute" => 60,
        "hour" => 3600,
        "day" => 86_400,
        _ => return None,
    };
    let seconds = count.parse::<u64>().ok()?.checked_mul(seconds)?;
    (seconds > 0).then(|| Schedule {
        name: name.to_owned(),
        period: Duration::from_secs(seconds),
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_rate_is_a_period() {
        let seconds = |text: &str| {
            let read = schedule("Tick", &json!({"Schedule": text}))?;
            Some(read.period.as_secs())
        };
        assert_eq!(seconds("rate(1 minute)"), Some(60));
        assert_eq!(seconds("rate(5 minutes)"), Some(300));
        assert_eq!(seconds("rate(2 hours)"), Some(7200));
        for text in [
            "rate(0 minutes)",
            "rate(1 second)",
            "cron(0 10 * * ? *)",
            "rate(1)",
        ] {
            assert_eq!(seconds(text), None, "{text}");
        }
        let newer = json!({"ScheduleExpression": "rate(1 minute)"});
        assert_eq!(schedule("Tick", &newer).unwrap().period.as_secs(), 60);
    }
}
