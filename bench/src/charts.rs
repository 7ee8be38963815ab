//! The charts of docs/performance.md, drawn from the results file: horizontal bars on a logarithmic
//! axis, the peers beside ours.

use std::path::Path;

use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use crate::outcome::Outcome;
use crate::report::number;
use crate::results::Results;
use crate::subject::{CONSUMER, FLOOR, PEER_CONSUMER, PEER_RECEIVER, RECEIVER};

const OURS: RGBColor = RGBColor(0x1f, 0x7a, 0x5c);
const PEER: RGBColor = RGBColor(0xc2, 0x7c, 0x2c);
const BASE: RGBColor = RGBColor(0x8a, 0x8f, 0x98);
const INK: RGBColor = RGBColor(0x33, 0x38, 0x40);

const WIDTH: i32 = 720;
const ROW: i32 = 34;
const TOP: i32 = 44;
const LEFT: i32 = 190;
const RIGHT: i32 = 96;

/// One bar: label, value, colour.
type Bar = (&'static str, f64, RGBColor);

/// A chart of one figure.
struct Chart {
    title: &'static str,
    unit: &'static str,
    bars: Vec<Bar>,
    is_logarithmic: bool,
}

/// Draws every chart into `folder`.
pub(crate) fn draw(results: &Results, folder: &Path) -> Outcome<()> {
    std::fs::create_dir_all(folder)?;
    let median = |what: &str, name: &str| results.median(what, name);
    Chart {
        title: "Cold start: exec to the first request for work",
        unit: " ms",
        bars: vec![
            ("no-op Rust function", median("start_ms", FLOOR), BASE),
            ("Postern receiver", median("start_ms", RECEIVER), OURS),
            ("Postern consumer", median("start_ms", CONSUMER), OURS),
            ("Python receiver", median("start_ms", PEER_RECEIVER), PEER),
            ("Python consumer", median("start_ms", PEER_CONSUMER), PEER),
        ],
        is_logarithmic: true,
    }
    .draw(&folder.join("cold-start.svg"))?;
    Chart {
        title: "CPU per webhook: verify, enqueue over TLS, answer, log",
        unit: " ms",
        bars: vec![
            ("no-op Rust function", median("cpu_ms", FLOOR), BASE),
            ("Postern receiver", median("cpu_ms", RECEIVER), OURS),
            ("Python receiver", median("cpu_ms", PEER_RECEIVER), PEER),
        ],
        is_logarithmic: false,
    }
    .draw(&folder.join("cpu-per-webhook.svg"))?;
    let cost = |scenario: &str| {
        let bill = results
            .cost
            .get(scenario)
            .and_then(|c| c.bills.get("arm64"));
        bill.map_or(f64::NAN, |bill| bill.total)
    };
    Chart {
        title: "Dollars per million events, all in (us-east-1, arm64)",
        unit: "",
        bars: vec![
            ("one event a webhook", cost("single"), OURS),
            ("the same in Python", cost("single, python"), PEER),
            ("arrays of 100", cost("arrays of 100"), OURS),
            ("a mixed day", cost("mixed day"), OURS),
        ],
        is_logarithmic: false,
    }
    .draw(&folder.join("cost-per-million.svg"))
}

impl Chart {
    fn draw(&self, path: &Path) -> Outcome<()> {
        let rows = i32::try_from(self.bars.len())?;
        let height = TOP + rows * ROW + 12;
        let size = (WIDTH.unsigned_abs(), height.unsigned_abs());
        let area = SVGBackend::new(path, size).into_drawing_area();
        area.fill(&WHITE)?;
        let ink = |size: i32| ("sans-serif", size).into_font().color(&INK);
        area.draw(&Text::new(self.title, (16, 14), ink(17)))?;
        for (row, (label, value, color)) in (0..).zip(&self.bars) {
            let top = TOP + row * ROW;
            let middle = top + (ROW - 8) / 2;
            let right = LEFT + self.length(*value);
            let bar = [(LEFT, top), (right, top + ROW - 8)];
            area.draw(&Rectangle::new(bar, color.filled()))?;
            let before = ink(14).pos(Pos::new(HPos::Right, VPos::Center));
            area.draw(&Text::new(*label, (LEFT - 10, middle), before))?;
            let after = ink(14).pos(Pos::new(HPos::Left, VPos::Center));
            let value = format!("{}{}", number(*value), self.unit);
            area.draw(&Text::new(value, (right + 8, middle), after))?;
        }
        if self.is_logarithmic {
            let small = ink(11).pos(Pos::new(HPos::Right, VPos::Center));
            area.draw(&Text::new("logarithmic", (WIDTH - 16, 22), small))?;
        }
        area.present()?;
        Ok(())
    }

    /// The bar's length in pixels.
    fn length(&self, value: f64) -> i32 {
        let largest = self
            .bars
            .iter()
            .map(|(_, v, _)| *v)
            .fold(f64::MIN_POSITIVE, f64::max);
        let smallest = self.bars.iter().map(|(_, v, _)| *v).fold(largest, f64::min);
        let share = if self.is_logarithmic {
            let low = smallest / 2.0;
            (value / low).ln() / (largest / low).ln()
        } else {
            value / largest
        };
        let pixels = share * f64::from(WIDTH - LEFT - RIGHT);
        // A chart's pixels fit any integer.
        format!("{pixels:.0}").parse().unwrap_or(0)
    }
}
