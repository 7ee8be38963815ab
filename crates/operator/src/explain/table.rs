//! A table of codes, as the documents have it.

/// Some codes that mean the same, why one comes, and what to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Row {
    /// The first column: the codes, each between backticks, and words around them.
    pub what: &'static str,
    /// Why.
    pub cause: &'static str,
    /// What to do.
    pub cure: &'static str,
}

/// Rows that stand together in one section of a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Table {
    /// The document.
    pub document: &'static str,
    /// The heading of its section.
    pub heading: &'static str,
    /// What the columns are called.
    pub columns: [&'static str; 3],
    /// The rows.
    pub rows: &'static [Row],
}

impl Row {
    /// Returns the codes: what stands between backticks in the first column.
    pub fn codes(&self) -> impl Iterator<Item = &'static str> {
        self.what.split('`').skip(1).step_by(2)
    }
}

impl Table {
    /// Returns the row of a code. The first one counts.
    #[must_use]
    pub fn row(&self, code: &str) -> Option<&'static Row> {
        self.rows
            .iter()
            .find(|row| row.codes().any(|known| known == code))
    }

    /// Returns the address of the section, in this repository.
    #[must_use]
    pub fn page(&self) -> String {
        let words = self.heading.trim_start_matches(['#', ' ']);
        let anchor = words.to_ascii_lowercase().replace(' ', "-");
        format!("{}#{anchor}", self.document)
    }

    /// Returns the table as Markdown.
    #[must_use]
    pub fn markdown(&self) -> String {
        let line = |cells: [&str; 3]| format!("| {} |\n", cells.join(" | "));
        let rows = self.rows.iter();
        let rows = rows.map(|row| line([row.what, row.cause, row.cure]));
        line(self.columns) + "|---|---|---|\n" + &rows.collect::<String>()
    }
}
