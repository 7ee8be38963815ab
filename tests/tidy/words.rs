//! How prose looks: at most 100 columns, in comments and in Markdown. Tables, links and code are
//! apart.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::{read, root};

const COLUMNS: usize = 100;

/// The files of the repository whose names end so, or that stand in `.ci`.
fn tracked(ends: &[&str]) -> Vec<PathBuf> {
    let git = Command::new("git")
        .args([
            "ls-files",
            "-z",
            "--cached",
            "--others",
            "--exclude-standard",
        ])
        .current_dir(root())
        .output()
        .expect("git");
    let names = String::from_utf8(git.stdout).expect("UTF-8");
    let names = names.split('\0').filter(|name| {
        let is_there = root().join(name).is_file();
        is_there && (ends.iter().any(|end| name.ends_with(end)) || name.starts_with(".ci/"))
    });
    names.map(PathBuf::from).collect()
}

/// The columns of a line without its links: the targets of those in Markdown, and bare addresses.
fn columns(line: &str) -> usize {
    let mut left = String::new();
    let mut rest = line;
    while let Some((before, link)) = rest.split_once("](") {
        left.push_str(before);
        rest = link.split_once(')').map_or("", |(_, after)| after);
    }
    left.push_str(rest);
    let words = left.split(' ').filter(|word| !word.contains("://"));
    words
        .map(|word| word.chars().count() + 1)
        .sum::<usize>()
        .saturating_sub(1)
}

/// Follows the fences of code, and skips what is no prose.
#[derive(Default)]
struct Prose {
    is_code: bool,
}

impl Prose {
    /// Whether a line of text, without the mark of its comment, is too long.
    fn is_too_long(&mut self, line: &str, columns: usize) -> bool {
        let text = line.trim_start();
        if text.starts_with("```") {
            self.is_code = !self.is_code;
        }
        let is_prose = !self.is_code && !text.starts_with('|') && !text.starts_with('#');
        is_prose && columns > COLUMNS
    }
}

fn long_lines_of_markdown(text: &str) -> Vec<usize> {
    let mut prose = Prose::default();
    let lines = text.lines().zip(1..);
    let long = lines.filter(|(line, _)| prose.is_too_long(line, columns(line)));
    long.map(|(_, number)| number).collect()
}

/// The comment of a line of code, unless what starts it may be in a text.
fn comment<'a>(line: &'a str, marks: &[&str]) -> Option<&'a str> {
    let at = marks.iter().find_map(|mark| {
        let start = line.find(mark)?;
        let before = &line[..start];
        let is_in_text = before.matches('"').count() % 2 == 1;
        let is_first = before.trim().is_empty();
        (is_first || !is_in_text && before.ends_with(' ')).then_some(start + mark.len())
    })?;
    Some(&line[at..])
}

fn long_comments(text: &str, marks: &[&str]) -> Vec<usize> {
    let mut prose = Prose::default();
    let mut is_table = false;
    let mut long = Vec::new();
    for (line, number) in text.lines().zip(1..) {
        // A table of code keeps a remark in the line that it is about.
        is_table = (is_table || line.trim() == "#[rustfmt::skip]") && !line.ends_with("];");
        let Some(comment) = comment(line, marks) else {
            prose = Prose::default();
            continue;
        };
        let is_too_long = prose.is_too_long(comment, columns(line));
        if is_too_long && !is_table {
            long.push(number);
        }
    }
    long
}

/// The lines of Python's docstrings that are too long.
fn long_docstrings(text: &str) -> Vec<usize> {
    let mut is_inside = false;
    let mut long = Vec::new();
    for (line, number) in text.lines().zip(1..) {
        let marks = line.matches("\"\"\"").count();
        if (is_inside || marks > 0) && columns(line) > COLUMNS {
            long.push(number);
        }
        is_inside ^= marks % 2 == 1;
    }
    long
}

fn complain(path: &Path, lines: &[usize], all: &mut Vec<String>) {
    let of_file = lines
        .iter()
        .map(|line| format!("{}:{line}", path.display()));
    all.extend(of_file);
}

#[test]
fn prose_fits_a_hundred_columns() {
    let mut long = Vec::new();
    for path in tracked(&[".md"]) {
        if path.extension().is_some_and(|extension| extension == "md") {
            complain(&path, &long_lines_of_markdown(&read(&path)), &mut long);
        }
    }
    for path in tracked(&[".rs"]) {
        if path.extension().is_some_and(|extension| extension == "rs") {
            let marks = ["//!", "///", "// "];
            complain(&path, &long_comments(&read(&path), &marks), &mut long);
        }
    }
    for path in tracked(&[".env", ".py", ".toml", ".yaml", "justfile"]) {
        complain(&path, &long_comments(&read(&path), &["# "]), &mut long);
    }
    for path in tracked(&[".py"]) {
        if path.extension().is_some_and(|extension| extension == "py") {
            complain(&path, &long_docstrings(&read(&path)), &mut long);
        }
    }
    assert!(long.is_empty(), "over {COLUMNS} columns: {long:#?}");
}

/// Read in two minutes.
#[test]
fn the_readme_is_short() {
    let readme = read("README.md");
    assert!(readme.lines().count() <= 150);
}

#[test]
fn tables_links_and_code_are_apart() {
    let long = "word ".repeat(30);
    let cases = [
        (long.clone(), 1),
        (format!("| {long} |"), 0),
        (format!("# {long}"), 0),
        (format!("```\n{long}\n```\n{long}"), 1),
        (format!("[a link](https://mail.test/{})", "x".repeat(90)), 0),
        (format!("https://mail.test/{}", "x".repeat(90)), 0),
    ];
    for (text, count) in cases {
        assert_eq!(long_lines_of_markdown(&text).len(), count, "{text}");
        let lines: Vec<String> = text.lines().map(|line| format!("    /// {line}")).collect();
        let comment = lines.join("\n");
        assert_eq!(long_comments(&comment, &["///"]).len(), count, "{comment}");
    }
    let docstring = format!("\"\"\"Short.\n{long}\n\"\"\"\n{long}\n\"\"\"{long}\"\"\"");
    assert_eq!(long_docstrings(&docstring), [2, 5]);
    let code = "x".repeat(90);
    assert_eq!(long_comments(&format!("{code}; // {code}"), &["// "]), [1]);
    assert!(long_comments(&format!("\"https://{code} // {code}\""), &["// "]).is_empty());
    let table =
        format!("#[rustfmt::skip]\nconst T: &[u8] = &[\n    1, // {long}\n];\n1; // {long}");
    assert_eq!(long_comments(&table, &["// "]), [5]);
}
