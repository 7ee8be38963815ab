//! Why a file cannot be imported, and what the user can do about it.

use std::io;
use std::path::PathBuf;

use super::list::{Exporter, List};
use ::operator::exit::Exit;
use ::operator::meant;
use ::operator::print::printable;

/// How many columns are named in an error.
const COLUMNS: usize = 12;

/// Why a file cannot be imported.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The file cannot be opened.
    #[error("{path} cannot be read", path = .path.display())]
    Open {
        /// The file.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// The file cannot be read any further.
    #[error("the list cannot be read")]
    Read(#[source] io::Error),
    /// The file is something else than text.
    #[error("this is no CSV and no JSON: it is {0}")]
    NotText(&'static str),
    /// The file has no row.
    #[error("there is no row in it")]
    Empty,
    /// The first row is no header, and the format is none that has none.
    #[error("the first row names no columns")]
    NoHeader,
    /// The columns are none of the formats.
    #[error("these columns are of no format that is known: {}", listed(.0))]
    ColumnsUnknown(Vec<String>),
    /// The columns are another provider's.
    #[error("these columns are {found}'s, and not {said}'s", found = .found.title(), said = .said.title())]
    OtherProvider {
        /// The provider that was given.
        said: Exporter,
        /// The provider whose columns they are.
        found: Exporter,
    },
    /// A column that was given is not there.
    #[error("there is no column `{column}`: there are {}", listed(.columns), column = printable(.column))]
    ColumnMissing {
        /// The column.
        column: String,
        /// The columns that are there.
        columns: Vec<String>,
    },
    /// A column that is read is there twice.
    #[error("the column `{}` is there twice", printable(.0))]
    ColumnTwice(String),
    /// What was given to `--map` cannot be read.
    #[error("`{}` maps no column", printable(.0))]
    Map(String),
    /// What was given to `--kind` is no list.
    #[error("`{}` is no kind of list", printable(.0))]
    Kind(String),
    /// What was given to `--from` is no provider.
    #[error("`{}` is no provider whose lists are known", printable(.0))]
    From(String),
    /// Several lists have these columns, and the file's name does not say which it is.
    #[error("{exporter} has several lists with these columns", exporter = .0.title())]
    ListUnknown(Exporter, &'static [List]),
    /// The file's name says another list than its columns.
    #[error("the file's name says {named}, its columns say {columns}", named = .named.name(), columns = .columns.name())]
    ListContradicts {
        /// What the name says.
        named: List,
        /// What the columns say.
        columns: List,
    },
    /// Each row says itself why its address is there.
    #[error("each row of this list says its own reason: --kind would contradict it")]
    KindNotNeeded,
    /// Nothing says why the addresses are there.
    #[error("nothing says why these addresses are not to be mailed")]
    KindMissing,
    /// A row has no end within reason.
    #[error("the row in line {0} has no end: a quotation mark is never closed")]
    Endless(u64),
    /// The table does not answer any more.
    #[error("the table does not answer any more")]
    Table,
    /// The file is not JSON from a line on.
    #[error("this is no JSON from line {line} on ({cause})")]
    Json {
        /// The line.
        line: u64,
        /// What is wrong with it.
        cause: String,
    },
}

impl ImportError {
    /// Returns the error's stable name.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Open { .. } | Self::Read(_) => "import_unreadable",
            Self::NotText(_) => "import_not_text",
            Self::Empty => "import_empty",
            Self::NoHeader => "import_no_header",
            Self::ColumnsUnknown(_) => "import_columns_unknown",
            Self::OtherProvider { .. } => "import_other_provider",
            Self::ColumnMissing { .. } => "import_column_missing",
            Self::ColumnTwice(_) => "import_column_twice",
            Self::Map(_) => "import_map_unreadable",
            Self::Kind(_) => "import_kind_unknown",
            Self::From(_) => "import_from_unknown",
            Self::ListUnknown(..) => "import_list_unknown",
            Self::ListContradicts { .. } => "import_list_contradicts",
            Self::KindNotNeeded => "import_kind_not_needed",
            Self::KindMissing => "import_kind_missing",
            Self::Table => "import_table_silent",
            Self::Endless(_) => "import_row_endless",
            Self::Json { .. } => "import_not_json",
        }
    }

    /// Returns what the user can do about it, if that is known.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        let hint = match self {
            Self::NotText("compressed with gzip") => {
                "gunzip -c FILE | postern suppress import - --from PROVIDER --kind LIST {target}"
                    .to_owned()
            }
            Self::NotText(_) => "save it as CSV first".to_owned(),
            Self::NoHeader => {
                "say which column has the address, by its number: --map email=1 --kind unsubscribes"
                    .to_owned()
            }
            Self::ColumnsUnknown(_) => {
                "say which column has the address: --map email=COLUMN --kind unsubscribes"
                    .to_owned()
            }
            Self::ColumnTwice(_) => {
                "rename or remove one of them: nobody knows which is meant".to_owned()
            }
            Self::OtherProvider { found, .. } => format!("--from {}", found.name()),
            Self::Map(_) => {
                "--map email=COLUMN, and if there are such: created=, reason=, status=".to_owned()
            }
            Self::Kind(word) => meant::hint(word, &List::ALL.map(List::name)),
            Self::KindMissing => format!("--kind, one of: {}", names(&List::ALL)),
            Self::From(word) => meant::hint(word, &Exporter::ALL.map(Exporter::name)),
            Self::ListUnknown(_, lists) => format!("--kind, one of: {}", names(lists)),
            Self::ListContradicts { named, columns } => {
                format!("--kind {} or --kind {}", named.name(), columns.name())
            }
            Self::KindNotNeeded => "leave --kind out".to_owned(),
            _ => return None,
        };
        Some(hint)
    }

    /// Returns how the command ends.
    #[must_use]
    pub fn exit(&self) -> Exit {
        match self {
            Self::Read(_) | Self::Table => Exit::Unreachable,
            _ => Exit::Line,
        }
    }
}

fn names(lists: &[List]) -> String {
    let names: Vec<&str> = lists.iter().map(|list| list.name()).collect();
    names.join(" ")
}

fn listed(columns: &[String]) -> String {
    let named = columns.iter().take(COLUMNS);
    let mut named: Vec<String> = named.map(|column| printable(column)).collect();
    if columns.len() > COLUMNS {
        named.push(format!("and {} more", columns.len() - COLUMNS));
    }
    named.join(", ")
}
