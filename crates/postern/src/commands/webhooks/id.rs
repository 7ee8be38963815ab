//! Reads the id of an endpoint.

use outlets::bus::BUS;

/// Reads the id of an endpoint that can be changed: the bus is none.
///
/// # Errors
/// Returns what to say if the text is no such id.
pub(super) fn endpoint(text: &str) -> Result<u64, String> {
    match text.parse() {
        Ok(BUS) => Err("the bus is a parameter of the stack (EventBusArn)".to_owned()),
        Ok(id) => Ok(id),
        Err(_) => Err("an id is a number: postern webhooks list".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bus_is_changed_by_a_parameter_of_the_stack() {
        assert_eq!(endpoint("3"), Ok(3));
        let of_bus = "the bus is a parameter of the stack (EventBusArn)".to_owned();
        assert_eq!(endpoint("0"), Err(of_bus));
        assert!(endpoint("x").is_err() && endpoint("-1").is_err());
    }
}
