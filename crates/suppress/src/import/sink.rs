//! Where a reader puts the rows that it finds, until there are enough of them to be processed.

use super::column::Column;
use super::error::ImportError;
use super::format::{Format, Says};
use super::list::{Exporter, List};
use super::mapping::Mapping;
use super::row::{Cells, Lines, Row, Verdict, of_flag, of_list, of_word};

/// How many rows are processed together.
pub(super) const BATCH: usize = 500;

/// What the user says about a file.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Whose export it is.
    pub from: Option<Exporter>,
    /// Which list it is of.
    pub kind: Option<List>,
    /// Which column is which.
    pub map: Mapping,
}

impl Options {
    /// Reads what a user types.
    ///
    /// # Errors
    /// Returns an [`ImportError`] if a word is unknown.
    pub fn parse(
        from: Option<&str>,
        kind: Option<&str>,
        map: &[String],
    ) -> Result<Self, ImportError> {
        let of_name =
            |name: &str| Exporter::of_name(name).ok_or_else(|| ImportError::From(name.to_owned()));
        let of_list =
            |name: &str| List::of_name(name).ok_or_else(|| ImportError::Kind(name.to_owned()));
        Ok(Self {
            from: from.map(of_name).transpose()?,
            kind: kind.map(of_list).transpose()?,
            map: Mapping::parse(map)?,
        })
    }
}

/// What a file turned out to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recognized {
    /// Whose export it is. `None` if nobody knows, and the user has mapped its columns.
    pub exporter: Option<Exporter>,
    /// Which list it is of. `None` if each row says why its address is there.
    pub list: Option<List>,
    /// Its columns, in lower case.
    pub columns: Vec<String>,
    /// Those of them that are read.
    pub read: Vec<String>,
    /// Those of them that the format does not have. Nothing is read from them.
    pub unknown: Vec<String>,
    /// Whether it is a list of all people, with a flag.
    pub is_of_people: bool,
}

impl Recognized {
    /// Judges a row.
    pub(super) fn judge(&self, cells: &Cells) -> Verdict {
        match (self.list, self.exporter) {
            (Some(list), _) => of_list(list, cells),
            (None, Some(exporter)) if !self.is_of_people => of_word(exporter, cells),
            _ => of_flag(cells),
        }
    }
}

/// What a reader says.
pub(super) enum Message {
    /// What the file is. This comes first.
    Recognized(Recognized),
    /// Some rows, in their order.
    Rows(Vec<Row>),
}

/// Takes a reader's messages. Returns `false` if nobody wants more.
pub(super) type Emit<'a> = &'a mut dyn FnMut(Message) -> bool;

/// Collects a reader's rows.
pub(super) struct Sink<'a> {
    options: &'a Options,
    /// Which list the file's name says it is of, or its JSON.
    pub(super) named: Option<List>,
    columns: Option<Columns>,
    rows: Vec<Row>,
    /// How many rows there were, blank ones among them.
    row: u64,
    /// What says that the last page of the file is not the last one, if anything does.
    pub(super) next_page: Option<&'static str>,
    emit: Emit<'a>,
}

/// What the columns of a file say.
enum Columns {
    Format(&'static Format),
    Mapped(Mapping),
}

impl<'a> Sink<'a> {
    pub(super) fn new(options: &'a Options, named: Option<List>, emit: Emit<'a>) -> Self {
        Self {
            options,
            named,
            columns: None,
            rows: Vec::with_capacity(BATCH),
            row: 0,
            next_page: None,
            emit,
        }
    }

    pub(super) fn options(&self) -> &Options {
        self.options
    }

    /// Checks whether it is known yet what the file is.
    pub(super) fn knows(&self) -> bool {
        self.columns.is_some()
    }

    /// Recognizes a file by its columns, in lower case, and by the key of the list in its JSON.
    pub(super) fn recognize(
        &mut self,
        columns: Vec<String>,
        container: Option<&str>,
    ) -> Result<(), ImportError> {
        let Options { from, kind, map } = self.options;
        if !map.is_empty() {
            let is_there = |name: &str| columns.iter().any(|own| own == name);
            let missing = map.names().find(|(_, name)| !is_there(name));
            if let (Some((_, column)), None) = (missing, map.places()) {
                let column = column.to_owned();
                return Err(ImportError::ColumnMissing { column, columns });
            }
            let list = kind.or(self.named).ok_or(ImportError::KindMissing)?;
            self.columns = Some(Columns::Mapped(map.clone()));
            self.tell(Recognized {
                exporter: *from,
                list: Some(list),
                columns,
                read: Vec::new(),
                unknown: Vec::new(),
                is_of_people: false,
            });
            return Ok(());
        }
        let format = Format::of(&columns, container, *from)?;
        let list = format.list(*kind, self.named)?;
        let unknown = format.unknown(&columns);
        self.columns = Some(Columns::Format(format));
        self.tell(Recognized {
            exporter: Some(format.exporter),
            list,
            columns,
            read: Vec::new(),
            unknown,
            is_of_people: format.says == Says::Flag,
        });
        Ok(())
    }

    fn tell(&mut self, recognized: Recognized) {
        let columns = recognized.columns.iter();
        let read = columns.filter(|name| self.column(name).is_some());
        let read = read.cloned().collect();
        (self.emit)(Message::Recognized(Recognized { read, ..recognized }));
    }

    /// Returns what a column says, by its name in lower case.
    pub(super) fn column(&self, name: &str) -> Option<Column> {
        match self.columns.as_ref()? {
            Columns::Format(format) => format.column(name),
            Columns::Mapped(map) => {
                let mut names = map.names();
                names
                    .find(|(_, own)| *own == name)
                    .map(|(column, _)| column)
            }
        }
    }

    /// Adds a row; a blank one is none. Returns `false` if nobody wants more.
    pub(super) fn add(&mut self, first: u64, last: u64, cells: Option<Cells>) -> bool {
        self.row += 1;
        if cells.as_ref().is_some_and(Cells::is_blank) {
            return true;
        }
        let row = self.row;
        let lines = Lines { row, first, last };
        self.rows.push(Row { lines, cells });
        self.rows.len() < BATCH || self.flush()
    }

    /// Hands over what is left.
    pub(super) fn flush(&mut self) -> bool {
        let rows = std::mem::replace(&mut self.rows, Vec::with_capacity(BATCH));
        rows.is_empty() || (self.emit)(Message::Rows(rows))
    }
}
