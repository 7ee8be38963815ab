//! What the user says about the columns of a file that no format fits: `email=E-Mail`, `created=3`.

use super::column::Column;
use super::error::ImportError;

/// The words for columns that may be mapped.
const WORDS: [(&str, Column); 4] = [
    ("email", Column::Address),
    ("created", Column::Created),
    ("status", Column::Status),
    ("reason", Column::Reason),
];

/// The columns as the user names them, or their numbers from 1.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mapping(Vec<(Column, String)>);

impl Mapping {
    /// Reads what was given to `--map`, each a word, `=` and a column.
    ///
    /// # Errors
    /// Returns [`ImportError::Map`] if a word is unknown or given twice, or if none says which
    /// column has the address.
    pub fn parse(texts: &[String]) -> Result<Self, ImportError> {
        let mut columns: Vec<(Column, String)> = Vec::new();
        for text in texts {
            let wrong = || ImportError::Map(text.clone());
            let (word, name) = text.split_once('=').ok_or_else(wrong)?;
            let word = word.trim().to_ascii_lowercase();
            let known = WORDS.iter().find(|(known, _)| *known == word);
            let (_, column) = known.ok_or_else(wrong)?;
            let is_twice = columns.iter().any(|(own, _)| own == column);
            if is_twice || name.trim().is_empty() {
                return Err(wrong());
            }
            columns.push((*column, lower(name)));
        }
        let has_address = columns.iter().any(|(own, _)| *own == Column::Address);
        match texts.first() {
            Some(first) if !has_address => Err(ImportError::Map(first.clone())),
            _ => Ok(Self(columns)),
        }
    }

    /// Checks whether nothing is mapped.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns the columns and what they say.
    pub(super) fn names(&self) -> impl Iterator<Item = (Column, &str)> {
        self.0.iter().map(|(column, name)| (*column, name.as_str()))
    }

    /// Returns the places of the columns, from 0, if all of them are given by their numbers.
    pub(super) fn places(&self) -> Option<Vec<(usize, Column)>> {
        let places = self.names().map(|(column, name)| {
            let number = name.parse::<usize>().ok()?;
            Some((number.checked_sub(1)?, column))
        });
        places.collect()
    }
}

/// Returns a column's name as it is compared.
pub(super) fn lower(name: &str) -> String {
    let name = name.trim_matches(|c: char| c.is_whitespace() || c == '\u{feff}');
    name.to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(texts: &[&str]) -> Result<Mapping, String> {
        let texts: Vec<String> = texts.iter().map(|text| (*text).to_owned()).collect();
        Mapping::parse(&texts).map_err(|error| error.to_string())
    }

    #[test]
    fn columns_are_named_or_counted() {
        let mapping = parse(&["email=E-Mail ", "created = Added On"]).expect("a mapping");
        let names: Vec<(Column, &str)> = mapping.names().collect();
        assert_eq!(
            names,
            [(Column::Address, "e-mail"), (Column::Created, "added on")]
        );
        assert_eq!(mapping.places(), None);
        let counted = parse(&["email=2", "reason=1"]).expect("a mapping");
        let places = vec![(1, Column::Address), (0, Column::Reason)];
        assert_eq!(counted.places(), Some(places));
        assert_eq!(parse(&["email=0"]).expect("a mapping").places(), None);
        assert!(parse(&[]).expect("no mapping").is_empty());
    }

    #[test]
    fn what_maps_nothing_is_refused() {
        for texts in [
            &["email"][..],
            &["email="],
            &["mail=x"],
            &["email=a", "email=b"],
            &["created=x"],
        ] {
            let wrong = texts.last().expect("a text");
            assert_eq!(parse(texts), Err(format!("`{wrong}` maps no column")));
        }
    }
}
