//! The provider's vocabulary.

use shared::delivery::Delivery;
use shared::element::Element;
use shared::event::Event;

/// The events of one element.
pub(crate) fn events(element: &Element<'_>, delivery: &Delivery) -> Vec<Event> {
    vec![Event::of(delivery, element)]
}
