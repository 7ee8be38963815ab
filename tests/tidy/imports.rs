//! The imports between the files of a crate, read from its source.
//!
//! A path that starts with `crate`, `self`, `super` or a module inside is followed to the file in
//! which it ends, in a `use` or anywhere else, macros among them. Unit tests, which may use all of
//! their crate, are left out.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use proc_macro2::{TokenStream, TokenTree};
use syn::visit::{self, Visit};

/// Who imports whom.
pub(crate) type Arrows = BTreeSet<(String, String)>;

/// The arrows between the files of a crate, each named by its path from the folder `src`.
pub(crate) fn of_crate(src: &Path) -> Arrows {
    // Beside a library `main.rs` is another crate, which stands above it.
    let mut roots = ["lib.rs", "main.rs"].into_iter();
    let Some(root) = roots.find(|root| src.join(root).is_file()) else {
        return Arrows::new();
    };
    let mut modules = BTreeMap::from([(Vec::new(), root.to_owned())]);
    collect(src, &[], &mut modules);
    let mut arrows = Arrows::new();
    for (place, file) in &modules {
        let text = fs::read_to_string(src.join(file)).expect("a source");
        let mut paths = Paths {
            modules: modules.keys().cloned().collect(),
            place: place.clone(),
            found: BTreeSet::new(),
        };
        paths.visit_file(&syn::parse_file(&text).expect("Rust"));
        for path in paths.found {
            // The longest start of the path that is a module.
            let mut ends = (0..=path.len()).rev();
            let module = ends.find_map(|end| modules.get(&path[..end]));
            let module = module.expect("a module");
            if module != file {
                arrows.insert((file.clone(), module.clone()));
            }
        }
    }
    arrows
}

/// Finds the files below a module: `a.rs`, `a/mod.rs`.
fn collect(src: &Path, place: &[String], modules: &mut BTreeMap<Vec<String>, String>) {
    let folder = place
        .iter()
        .fold(src.to_owned(), |path, name| path.join(name));
    let Ok(entries) = fs::read_dir(&folder) else {
        return;
    };
    for entry in entries {
        let path = entry.expect("an entry").path();
        let stem = path
            .file_stem()
            .and_then(|stem| stem.to_str())
            .expect("a name");
        if ["lib", "main", "mod", "bin"].contains(&stem) {
            continue;
        }
        let mut inner = place.to_vec();
        inner.push(stem.to_owned());
        let file = if path.is_dir() {
            collect(src, &inner, modules);
            path.join("mod.rs")
        } else {
            path
        };
        if file.is_file() && file.extension().is_some_and(|extension| extension == "rs") {
            let file = file.strip_prefix(src).expect("below src");
            modules.insert(inner, file.display().to_string());
        }
    }
}

/// The paths of one file, from the root of the crate.
struct Paths {
    modules: BTreeSet<Vec<String>>,
    place: Vec<String>,
    found: BTreeSet<Vec<String>>,
}

impl Paths {
    fn inside(&self, name: &str) -> Vec<String> {
        [&self.place[..], &[name.to_owned()]].concat()
    }

    /// Takes a path that starts in this crate.
    fn add(&mut self, segments: &[String]) {
        let mut path = match segments.first().map(String::as_str) {
            Some("crate") => Vec::new(),
            Some("self" | "super") => self.place.clone(),
            Some(name) if self.modules.contains(&self.inside(name)) => self.place.clone(),
            _ => return,
        };
        for segment in segments {
            match segment.as_str() {
                "crate" | "self" => {}
                "super" => {
                    path.pop();
                }
                name => path.push(name.to_owned()),
            }
        }
        self.found.insert(path);
    }

    fn add_tree(&mut self, start: &[String], tree: &syn::UseTree) {
        let with = |name: &syn::Ident| [start, &[name.to_string()]].concat();
        match tree {
            syn::UseTree::Path(path) => self.add_tree(&with(&path.ident), &path.tree),
            syn::UseTree::Name(name) => self.add(&with(&name.ident)),
            syn::UseTree::Rename(name) => self.add(&with(&name.ident)),
            syn::UseTree::Glob(_) => self.add(start),
            syn::UseTree::Group(group) => {
                for tree in &group.items {
                    self.add_tree(start, tree);
                }
            }
        }
    }
}

/// The words of a macro's input in their order, and what stands between them: what `::` does not
/// join is apart.
fn words(tokens: TokenStream, words: &mut Vec<String>) {
    for token in tokens {
        match token {
            TokenTree::Ident(ident) => words.push(ident.to_string()),
            TokenTree::Group(group) => {
                words.push(String::new());
                self::words(group.stream(), words);
                words.push(String::new());
            }
            TokenTree::Punct(punct) if punct.as_char() == ':' => words.push(":".to_owned()),
            _ => words.push(String::new()),
        }
    }
}

fn is_for_tests(attributes: &[syn::Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        let condition = attribute.parse_args::<syn::Ident>().ok();
        attribute.path().is_ident("cfg") && condition.is_some_and(|name| name == "test")
    })
}

impl<'ast> Visit<'ast> for Paths {
    fn visit_item_mod(&mut self, item: &'ast syn::ItemMod) {
        let is_elsewhere = item
            .attrs
            .iter()
            .any(|attribute| attribute.path().is_ident("path"));
        assert!(!is_elsewhere, "a module stands where its name says");
        if !is_for_tests(&item.attrs) && item.content.is_some() {
            self.place.push(item.ident.to_string());
            visit::visit_item_mod(self, item);
            self.place.pop();
        }
    }

    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        if !is_for_tests(&item.attrs) {
            self.add_tree(&[], &item.tree);
        }
    }

    /// What a macro is given is no syntax yet, so its words are looked at.
    fn visit_macro(&mut self, item: &'ast syn::Macro) {
        let mut all = Vec::new();
        words(item.tokens.clone(), &mut all);
        let is_word = |word: &String| !word.is_empty() && word != ":";
        for (at, word) in all.iter().enumerate() {
            let is_joined = at >= 2 && all[at - 2..at] == [":", ":"];
            let starts = is_word(word) && !is_joined;
            if starts {
                let mut path = vec![word.clone()];
                let mut rest = &all[at + 1..];
                while let [a, b, next, after @ ..] = rest
                    && a == ":"
                    && b == ":"
                    && is_word(next)
                {
                    path.push(next.clone());
                    rest = after;
                }
                if path.len() > 1 {
                    self.add(&path);
                }
            }
        }
        visit::visit_macro(self, item);
    }

    /// Skips `pub(super)`, which imports nothing.
    fn visit_visibility(&mut self, _: &'ast syn::Visibility) {}

    fn visit_path(&mut self, path: &'ast syn::Path) {
        let segments = path.segments.iter().map(|part| part.ident.to_string());
        let segments: Vec<String> = segments.collect();
        // A name alone is a variable or a type, be it called like a module.
        if segments.len() > 1 {
            self.add(&segments);
        }
        visit::visit_path(self, path);
    }
}

/// The groups of two or more that reach each other, by whatever way.
pub(crate) fn circles(arrows: &Arrows) -> Vec<Vec<String>> {
    let mut reached: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (from, _) in arrows {
        let mut found = BTreeSet::new();
        let mut queue = vec![from.as_str()];
        while let Some(file) = queue.pop() {
            let next = arrows.iter().filter(|(from, _)| from == file);
            queue.extend(
                next.map(|(_, to)| to.as_str())
                    .filter(|to| found.insert(*to)),
            );
        }
        reached.insert(from, found);
    }
    let in_a_circle = reached.iter().filter(|(file, found)| found.contains(*file));
    let groups: BTreeSet<Vec<String>> = in_a_circle
        .map(|(file, found)| {
            let back = |other: &&&str| reached.get(**other).is_some_and(|all| all.contains(file));
            found.iter().filter(back).map(ToString::to_string).collect()
        })
        .collect();
    groups.into_iter().collect()
}

#[test]
fn circles_are_found() {
    let arrows = [("a", "b"), ("b", "c"), ("c", "b"), ("c", "d"), ("e", "e")];
    let arrows = arrows.map(|(from, to)| (from.to_owned(), to.to_owned()));
    assert_eq!(
        circles(&arrows.into()),
        [vec!["b".to_owned(), "c".to_owned()], vec!["e".to_owned()]]
    );
}

#[test]
fn a_path_is_followed_to_its_file() {
    let mut paths = Paths {
        modules: BTreeSet::from([["a", "b", "child"].map(str::to_owned).to_vec()]),
        place: vec!["a".to_owned(), "b".to_owned()],
        found: BTreeSet::new(),
    };
    let text =
        "pub use child::D; use crate::x::{self, Y, z::*}; use super::c; pub(super) fn f() { self::d::e(); std::g(); h!(a, crate::m::N { x: super::o() }); }
        #[cfg(test)] mod tests { use super::*; }";
    paths.visit_file(&syn::parse_file(text).expect("Rust"));
    let found: Vec<String> = paths.found.iter().map(|path| path.join("/")).collect();
    assert_eq!(
        found,
        [
            "a/b/child/D",
            "a/b/d/e",
            "a/c",
            "a/o",
            "m/N",
            "x",
            "x/Y",
            "x/z"
        ]
    );
}
