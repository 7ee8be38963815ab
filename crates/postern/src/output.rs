//! What a command prints, and where: results on stdout, and what a person reads beside them on
//! stderr.

use std::fmt::Write as _;
use std::io::{IsTerminal as _, Write as _};

use comfy_table::{ContentArrangement, Table, presets};
use operator::print::{json, printable, printable_lines, say};
use serde::Serialize;

use crate::environment::Environment;
use crate::progress::Progress;

/// The options that every command has.
#[derive(clap::Args, Clone, Debug, Default)]
#[command(next_help_heading = "Everywhere")]
pub(crate) struct Everywhere {
    /// Print JSON: an object, or a line each
    #[arg(long, global = true)]
    json: bool,
    /// Colours: auto, always or never
    #[arg(
        long,
        global = true,
        value_name = "WHEN",
        default_value = "auto",
        hide_default_value = true,
        hide_possible_values = true
    )]
    color: When,
    /// Print results only
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    quiet: bool,
    /// Print more
    #[arg(short, long, global = true)]
    verbose: bool,
}

/// When colours are used.
#[derive(clap::ValueEnum, Clone, Copy, Debug, Default, PartialEq, Eq)]
enum When {
    /// On a terminal.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// A colour of the terminal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Color {
    /// For what is refused, lost or wrong.
    Red,
    /// For what is stored or right.
    Green,
    /// For a warning.
    Yellow,
    /// For what is under way.
    Blue,
    /// For what matters less.
    Dim,
}

impl Color {
    /// Returns the code of "Select Graphic Rendition" (ECMA-48, section 8.3.117).
    fn code(self) -> u8 {
        match self {
            Self::Red => 31,
            Self::Green => 32,
            Self::Yellow => 33,
            Self::Blue => 34,
            Self::Dim => 2,
        }
    }
}

/// Prints what a command has to say.
#[derive(Clone, Debug)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is what one option, or the terminal, says"
)]
pub(crate) struct Output {
    is_json: bool,
    is_quiet: bool,
    is_verbose: bool,
    has_color: bool,
    /// The width of the terminal that stdout is, in columns. `None` if it is none.
    width: Option<usize>,
    has_progress: bool,
}

impl Output {
    /// Returns the output that the options and the environment ask for.
    pub(crate) fn new(options: &Everywhere, environment: &Environment) -> Self {
        let width = environment.width.or_else(terminal_width);
        let is_wanted = match options.color {
            When::Always => true,
            When::Never => false,
            When::Auto => environment.forces_color || width.is_some() && !environment.forbids_color,
        };
        Self {
            is_json: options.json,
            is_quiet: options.quiet,
            is_verbose: options.verbose,
            has_color: is_wanted && !options.json,
            width,
            has_progress: !options.json && !options.quiet && std::io::stderr().is_terminal(),
        }
    }

    /// Checks whether machines read the output.
    pub(crate) fn is_json(&self) -> bool {
        self.is_json
    }

    /// Checks whether a person reads the output at a terminal.
    pub(crate) fn is_terminal(&self) -> bool {
        self.width.is_some()
    }

    /// Returns the width of the terminal that a person reads at, in columns.
    pub(crate) fn width(&self) -> Option<usize> {
        self.width
    }

    /// Checks whether only results are wanted.
    pub(crate) fn is_quiet(&self) -> bool {
        self.is_quiet
    }

    /// Checks whether more is wanted.
    pub(crate) fn is_verbose(&self) -> bool {
        self.is_verbose
    }

    /// Prints a line of the result.
    #[expect(clippy::unused_self, reason = "what is printed goes through here")]
    pub(crate) fn line(&self, text: &str) {
        say(text);
    }

    /// Prints a value as one line of JSON.
    ///
    /// # Errors
    /// Returns an error if the value cannot be written as JSON.
    pub(crate) fn json(&self, value: &impl Serialize) -> Result<(), serde_json::Error> {
        self.line(&json(value)?);
        Ok(())
    }

    /// Prints what a person reads beside the result.
    pub(crate) fn note(&self, text: &str) {
        if !self.is_quiet {
            // If stderr is closed, nobody reads it.
            let text = printable_lines(text);
            let _ = writeln!(std::io::stderr().lock(), "{text}");
        }
    }

    /// Prints rows. At a terminal they are a table that fits its width. Elsewhere each is a line of
    /// cells with a tab between them, without a header, and nothing is cut.
    pub(crate) fn rows(&self, header: &[&str], rows: Vec<Vec<String>>) {
        if rows.is_empty() {
            return;
        }
        let Some(width) = self.width else {
            for row in rows {
                let cells: Vec<String> = row.iter().map(|cell| printable(cell)).collect();
                self.line(&cells.join("\t"));
            }
            return;
        };
        let mut table = Table::new();
        table
            .load_preset(presets::NOTHING)
            .set_content_arrangement(ContentArrangement::Dynamic)
            .set_width(u16::try_from(width).unwrap_or(u16::MAX))
            .set_header(header.iter().copied());
        for row in rows {
            table.add_row(row.iter().map(|cell| printable(cell)));
        }
        for (number, line) in table.lines().enumerate() {
            // The codes of a colour are no columns, so the table does not know of them.
            let line = line.trim_end();
            let is_header = number == 0;
            self.line(&if is_header {
                self.paint(Color::Dim, line)
            } else {
                line.to_owned()
            });
        }
    }

    /// Returns a text in a colour, if colours are wanted.
    pub(crate) fn paint(&self, color: Color, text: &str) -> String {
        let mut painted = String::new();
        if self.has_color {
            let _ = write!(painted, "\u{1b}[{}m{text}\u{1b}[0m", color.code());
        } else {
            painted.push_str(text);
        }
        painted
    }

    /// Shows the progress of something that may take more than two seconds, of `total` steps if
    /// that is known.
    pub(crate) fn progress(&self, what: &str, total: Option<u64>) -> Progress {
        Progress::new(what, total, self.has_progress)
    }
}

/// Returns the width of the terminal that stdout is.
fn terminal_width() -> Option<usize> {
    if !std::io::stdout().is_terminal() {
        return None;
    }
    let size = terminal_size::terminal_size_of(std::io::stdout());
    Some(size.map_or(80, |(width, _)| usize::from(width.0)))
}
