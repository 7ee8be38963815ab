//! Reads the rows of a JSON file: an answer of a provider's API, several of them one after the
//! other, an array, or a line for each row. No more than one row is in memory.

use std::collections::HashSet;
use std::fmt;
use std::io::{BufRead, Cursor, Read};

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

use super::column::Column;
use super::error::ImportError;
use super::format::CONTAINERS;
use super::limit::{Limited, Row};
use super::list::List;
use super::mapping::lower;
use super::row::Cells;
use super::sink::Sink;

/// The longest line of a file that has one for each row, in bytes.
const LINE_BYTES: u64 = 1024 * 1024;

/// Reads every row. `first` is the first line, which has been read from `text` already, and
/// `skipped` is how many lines came before it.
pub(super) fn read(
    first: Vec<u8>,
    text: impl BufRead,
    skipped: u64,
    sink: &mut Sink<'_>,
) -> Result<(), ImportError> {
    let row = object(&first);
    let is_row = row.is_some_and(|row| container(&row).is_none());
    let text = Cursor::new(first).chain(text);
    if is_row {
        lines(text, skipped, sink)
    } else {
        documents(text, skipped, sink)
    }
}

fn object(text: &[u8]) -> Option<Map<String, Value>> {
    serde_json::from_slice(text).ok()
}

/// Returns the key under which an object has rows.
fn container(object: &Map<String, Value>) -> Option<String> {
    let mut rows = object.iter().filter(|(_, value)| value.is_array());
    rows.find_map(|(key, _)| Some(lower(key)).filter(|key| CONTAINERS.contains(&key.as_str())))
}

/// Reads a row a line. A bad line costs only itself.
fn lines(mut text: impl BufRead, skipped: u64, sink: &mut Sink<'_>) -> Result<(), ImportError> {
    let (mut line, mut number) = (Vec::new(), skipped);
    loop {
        line.clear();
        let mut limited = (&mut text).take(LINE_BYTES);
        let read = limited.read_until(b'\n', &mut line);
        number += 1;
        match read.map_err(ImportError::Read)? as u64 {
            0 => return Ok(()),
            LINE_BYTES if !line.ends_with(b"\n") => return Err(ImportError::Endless(number)),
            _ => {}
        }
        if line.trim_ascii().is_empty() {
            continue;
        }
        let cells = match object(&line) {
            Some(object) => cells(&object, None, sink)?,
            None => None,
        };
        if !sink.add(number, number, cells) {
            return Ok(());
        }
    }
}

/// Returns the cells of a row. The first row says what the file is. Returns `None` if nobody knows
/// what the row says.
fn cells(
    object: &Map<String, Value>,
    container: Option<&str>,
    sink: &mut Sink<'_>,
) -> Result<Option<Cells>, ImportError> {
    if !sink.knows() {
        sink.recognize(object.keys().map(|key| lower(key)).collect(), container)?;
    }
    let (mut cells, mut read) = (Cells::default(), HashSet::new());
    for (key, value) in object {
        let name = lower(key);
        let Some(column) = sink.column(&name) else {
            continue;
        };
        if !may_be(column, value) || !read.insert(name) {
            return Ok(None);
        }
        cells.set(column, text(value));
    }
    Ok(Some(cells))
}

/// Checks whether a column may have such a value. Only tags are a list; an address that is in one,
/// or a number, is none.
fn may_be(column: Column, value: &Value) -> bool {
    match column {
        Column::Address => value.is_string() || value.is_null(),
        Column::Tags => true,
        _ => !value.is_array() && !value.is_object(),
    }
}

/// Returns a value as a cell would have it. A list is its texts, with commas.
fn text(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Array(values) => {
            let texts: Vec<String> = values.iter().map(text).collect();
            texts.join(",")
        }
        other => other.to_string(),
    }
}

/// Reads values one after the other, such as the pages of an answer.
fn documents(text: impl BufRead, skipped: u64, sink: &mut Sink<'_>) -> Result<(), ImportError> {
    let row = Row::default();
    let mut json = serde_json::Deserializer::from_reader(Limited {
        reader: text,
        row: row.clone(),
    });
    let mut pages = Pages {
        sink,
        row: row.clone(),
        skipped,
        rows: 0,
        error: None,
        has_enough: false,
    };
    loop {
        row.restart();
        let read = Document(&mut pages).deserialize(&mut json);
        if let Err(error) = read {
            let line = skipped + row.lines() + 1;
            return match pages.error.take() {
                Some(error) => Err(error),
                None if pages.has_enough => Ok(()),
                None if row.is_endless() => Err(ImportError::Endless(line)),
                None if error.is_io() => Err(ImportError::Read(error.into())),
                None => Err(ImportError::Json {
                    line,
                    cause: cause(&error),
                }),
            };
        }
        if json.end().is_ok() {
            return Ok(());
        }
    }
}

/// Returns what is wrong, without the place, which does not count the lines before the JSON.
fn cause(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let cause = text.rsplit_once(" at line ");
    cause.map_or(text.as_str(), |(cause, _)| cause).to_owned()
}

/// What is known while pages are read.
struct Pages<'a, 'b> {
    sink: &'a mut Sink<'b>,
    row: Row,
    skipped: u64,
    /// How many rows this page has had.
    rows: u64,
    /// Why the reading stops, if not because of the JSON.
    error: Option<ImportError>,
    /// Whether nobody wants more.
    has_enough: bool,
}

impl Pages<'_, '_> {
    fn line(&self) -> u64 {
        self.skipped + self.row.lines() + 1
    }

    /// Adds a row that starts in the line `first`.
    fn add<E: serde::de::Error>(
        &mut self,
        row: &Value,
        container: Option<&str>,
        first: u64,
    ) -> Result<(), E> {
        let cells = match row.as_object() {
            Some(object) => match cells(object, container, self.sink) {
                Ok(cells) => cells,
                Err(error) => {
                    self.error = Some(error);
                    return Err(E::custom("not recognized"));
                }
            },
            None => None,
        };
        self.row.restart();
        self.rows += 1;
        if self.sink.add(first, self.line(), cells) {
            return Ok(());
        }
        self.has_enough = true;
        Err(E::custom("enough"))
    }
}

/// Mailgun's mark of a next page.
const PAGING: &str = "paging.next";
/// The keys that say whether there is a next page, in lower case.
const MARKS: [&str; 4] = ["nexttoken", "has_more", "paging", "next"];

/// Returns what says that there is a next page, if it does.
fn mark(name: &str, value: &Value) -> Option<&'static str> {
    let is_text = |value: &Value| value.as_str().is_some_and(|text| !text.is_empty());
    match name {
        "nexttoken" => is_text(value).then_some("NextToken"),
        "has_more" => (value.as_bool() == Some(true)).then_some("has_more"),
        "paging" => value.get("next").is_some_and(is_text).then_some(PAGING),
        _ => is_text(value).then_some("next"),
    }
}

/// One value at the top: an array of rows, an object with one, or a row.
struct Document<'p, 'a, 'b>(&'p mut Pages<'a, 'b>);

impl<'de> DeserializeSeed<'de> for Document<'_, '_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Document<'_, '_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("rows")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, rows: A) -> Result<(), A::Error> {
        read_rows(rows, None, self.0)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<(), A::Error> {
        let first = self.0.line();
        let mut own = Map::new();
        let (mut has_rows, mut next) = (false, None);
        self.0.rows = 0;
        while let Some(key) = object.next_key::<String>()? {
            let name = lower(&key);
            if CONTAINERS.contains(&name.as_str()) {
                object.next_value_seed(Rows {
                    container: &name,
                    pages: self.0,
                })?;
                has_rows = true;
            } else if MARKS.contains(&name.as_str()) {
                let value = object.next_value::<Value>()?;
                next = next.or(mark(&name, &value));
                own.insert(key, value);
            } else if has_rows {
                object.next_value::<IgnoredAny>()?;
            } else {
                let value = object.next_value::<Value>()?;
                if name == "category" {
                    // Customer.io says here which list it is.
                    let named = value.as_str().and_then(List::of_name);
                    self.0.sink.named = named.or(self.0.sink.named);
                }
                own.insert(key, value);
            }
        }
        if has_rows {
            // Mailgun names a next page behind the last one, too, which has no rows.
            let is_more = next != Some(PAGING) || self.0.rows > 0;
            self.0.sink.next_page = next.filter(|_| is_more);
            return Ok(());
        }
        self.0.add(&Value::Object(own), None, first)
    }
}

/// The rows of an answer.
struct Rows<'p, 'a, 'b> {
    container: &'p str,
    pages: &'p mut Pages<'a, 'b>,
}

impl<'de> DeserializeSeed<'de> for Rows<'_, '_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Rows<'_, '_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array of rows")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, rows: A) -> Result<(), A::Error> {
        read_rows(rows, Some(self.container), self.pages)
    }

    fn visit_unit<E: serde::de::Error>(self) -> Result<(), E> {
        Ok(()) // null: no rows
    }
}

fn read_rows<'de, A: SeqAccess<'de>>(
    mut rows: A,
    container: Option<&str>,
    pages: &mut Pages<'_, '_>,
) -> Result<(), A::Error> {
    loop {
        let first = pages.line();
        let Some(row) = rows.next_element::<Value>()? else {
            return Ok(());
        };
        pages.add(&row, container, first)?;
    }
}
