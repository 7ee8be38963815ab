//! The charts of docs/scale.md, drawn from the recorded result: what changes with time, a line for
//! each way in which the stack is set.

use std::path::Path;

use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use super::report::{Came, Minute, Report};
use super::scenario::{DRAWN, SCENARIOS};
use super::setting::Opened;
use crate::outcome::Outcome;

const INK: RGBColor = RGBColor(0x33, 0x38, 0x40);
const GRID: RGBColor = RGBColor(0xe2, 0xe5, 0xe9);
const SENT: RGBColor = RGBColor(0x8a, 0x8f, 0x98);
/// New account, as shipped, tuned, tuned and warmed, quotas raised.
const COLORS: [RGBColor; 5] = [
    RGBColor(0xb0, 0x3a, 0x48),
    RGBColor(0xc2, 0x7c, 0x2c),
    RGBColor(0x2f, 0x6f, 0xb5),
    RGBColor(0x8e, 0x4a, 0xa8),
    RGBColor(0x1f, 0x7a, 0x5c),
];

const SIZE: (u32, u32) = (720, 330);
const LEFT: f64 = 76.0;
const RIGHT: f64 = 16.0;
const TOP: f64 = 64.0;
const BOTTOM: f64 = 44.0;
/// Lines of the grid.
const STEPS: u32 = 4;

/// One chart: its file, its title, and what it shows of a minute.
type Drawn = (&'static str, &'static str, fn(&Minute) -> f64);

/// The charts of [`DRAWN`], in that order. Those that show what is stored show what is sent beside
/// it.
const CHARTS: [Drawn; 4] = [
    (
        "scale-steady",
        "10,000 webhooks a second: stored a second",
        |minute| minute.stored,
    ),
    (
        "scale-campaign",
        "5 million webhooks in ten minutes: stored a second",
        |minute| minute.stored,
    ),
    (
        "scale-blocklist",
        "Everything bounces, 8,000 a second: stored a second",
        |minute| minute.stored,
    ),
    (
        "scale-outage",
        "The table is down for an hour, 2,000 a second: oldest message, minutes",
        |minute| minute.oldest_seconds / 60.0,
    ),
];

struct Line {
    name: String,
    color: RGBColor,
    points: Vec<(f64, f64)>,
}

/// Draws every chart into `folder`.
pub(crate) fn draw(report: &Report, folder: &Path) -> Outcome<()> {
    std::fs::create_dir_all(folder)?;
    for ((file, title, shown), scenario) in CHARTS.into_iter().zip(DRAWN) {
        let name = SCENARIOS.get(scenario).map_or("", |scenario| scenario.name);
        let came = |opened: &Opened| {
            let all = report.outcomes.iter();
            let mut those = all.filter(|came| came.scenario == name);
            those.find(|came| came.setting == opened.name())
        };
        let mut lines = Vec::new();
        if title.contains("stored")
            && let Some(came) = came(&Opened::Lifted)
        {
            lines.push(line("sent", SENT, came, |minute| minute.sent));
        }
        for (opened, color) in Opened::ALL.iter().zip(COLORS) {
            let came = came(opened).ok_or_else(|| format!("nothing was recorded of {name}"))?;
            lines.push(line(opened.name(), color, came, shown));
        }
        chart(title, &lines, &folder.join(format!("{file}.svg")))?;
    }
    Ok(())
}

fn line(name: &str, color: RGBColor, came: &Came, shown: impl Fn(&Minute) -> f64) -> Line {
    let points = came.series.iter().map(|minute| (minute.at, shown(minute)));
    Line {
        name: name.to_owned(),
        color,
        points: points.collect(),
    }
}

fn chart(title: &str, lines: &[Line], path: &Path) -> Outcome<()> {
    let all = || lines.iter().flat_map(|line| &line.points);
    let width = all().map(|(x, _)| *x).fold(1.0, f64::max);
    let height = round_up(all().map(|(_, y)| *y).fold(1.0, f64::max));
    let (right, bottom) = (f64::from(SIZE.0) - RIGHT, f64::from(SIZE.1) - BOTTOM);
    let at = |x: f64, y: f64| -> Outcome<(i32, i32)> {
        let x = LEFT + x / width * (right - LEFT);
        let y = bottom - y / height * (bottom - TOP);
        Ok((pixel(x)?, pixel(y)?))
    };
    let area = SVGBackend::new(path, SIZE).into_drawing_area();
    area.fill(&WHITE)?;
    let ink = |size: i32| ("sans-serif", size).into_font().color(&INK);
    area.draw(&Text::new(title.to_owned(), (16, 14), ink(17)))?;
    for step in 0..=STEPS {
        let part = f64::from(step) / f64::from(STEPS);
        let (value, minute) = (part * height, part * width);
        let across = vec![at(0.0, value)?, at(width, value)?];
        area.draw(&PathElement::new(across, GRID))?;
        let (x, y) = at(0.0, value)?;
        let before = ink(12).pos(Pos::new(HPos::Right, VPos::Center));
        area.draw(&Text::new(format!("{value:.0}"), (x - 8, y), before))?;
        let (x, y) = at(minute, 0.0)?;
        let below = ink(12).pos(Pos::new(HPos::Center, VPos::Top));
        let unit = if step == STEPS { " min" } else { "" };
        area.draw(&Text::new(
            format!("{minute:.0}{unit}"),
            (x - 4, y + 8),
            below,
        ))?;
    }
    let mut legend = pixel(LEFT)?;
    for line in lines {
        let points: Outcome<Vec<_>> = line.points.iter().map(|(x, y)| at(*x, *y)).collect();
        area.draw(&PathElement::new(points?, line.color.stroke_width(2)))?;
        let mark = [(legend, 40), (legend + 14, 50)];
        area.draw(&Rectangle::new(mark, line.color.filled()))?;
        let after = ink(13).pos(Pos::new(HPos::Left, VPos::Center));
        area.draw(&Text::new(line.name.clone(), (legend + 20, 45), after))?;
        legend += 40 + 8 * i32::try_from(line.name.len())?;
    }
    area.present()?;
    Ok(())
}

/// Returns the next larger of 1, 2, 4, 6, 8 and 10 times a power of ten.
fn round_up(value: f64) -> f64 {
    let power = 10_f64.powf(value.log10().floor());
    let round = [1.0, 2.0, 4.0, 6.0, 8.0, 10.0].map(|step| step * power);
    round
        .into_iter()
        .find(|round| *round >= value)
        .unwrap_or(value)
}

/// A chart's pixels fit any integer.
fn pixel(value: f64) -> Outcome<i32> {
    Ok(format!("{value:.0}").parse()?)
}
