//! The layer check: no module of a crate uses one of a higher layer, and no modules form a cycle.
//!
//! The order is written once, in the list below the heading `# Layers` of the crate's `lib.rs`,
//! lowest first: every top-level module that an item of the list names is in that layer. A module
//! and what is inside it may use each other; tests may use everything.

use crate::error::Error;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::slice::from_ref;
use syn::visit::{self, Visit};

/// The crates that are checked.
const CRATES: [&str; 3] = ["rom-core", "rom-host", "rom-cli"];

/// A module, as the names that lead to it from the root; the root has none.
type Module = Vec<String>;

/// Checks all crates.
pub(crate) fn run(top: &Path) -> Result<String, Error> {
    let (mut text, mut faults) = (String::new(), String::new());
    for name in CRATES {
        let graph = Graph::read(&top.join(name).join("src"))?;
        let found = graph.faults();
        let uses: usize = graph.uses.values().map(BTreeSet::len).sum();
        let _ = writeln!(
            text,
            "{name}: {} modules, {uses} uses of one by another, {} layers",
            graph.uses.len(),
            graph.layers.len()
        );
        for fault in found {
            let _ = writeln!(faults, "{name}: {fault}");
        }
    }
    if faults.is_empty() {
        Ok(text + "no import runs upwards, no modules form a cycle\n")
    } else {
        Err(Error::Layers(text + &faults))
    }
}

/// The modules of a crate and what each uses.
#[derive(Default)]
struct Graph {
    uses: BTreeMap<Module, BTreeSet<Module>>,
    /// Top-level modules by layer, the lowest first.
    layers: Vec<Vec<String>>,
}

impl Graph {
    fn read(folder: &Path) -> Result<Self, Error> {
        let mut sources = BTreeMap::new();
        for entry in walkdir::WalkDir::new(folder).sort_by_file_name() {
            let path = entry.map_err(|error| Error::Program(error.to_string()))?.into_path();
            if path.extension().is_some_and(|ending| ending == "rs") && !path.ends_with("main.rs") {
                sources.insert(
                    module_of(folder, &path),
                    fs::read_to_string(&path).map_err(Error::file(&path))?,
                );
            }
        }
        Self::of(&sources)
            .map_err(|(module, error)| Error::Syntax { path: folder.join(module.join("/")), error })
    }

    fn of(sources: &BTreeMap<Module, String>) -> Result<Self, (Module, syn::Error)> {
        let mut files = BTreeMap::new();
        let mut tests = Vec::new();
        for (module, source) in sources {
            let file = syn::parse_file(source).map_err(|error| (module.clone(), error))?;
            let mut paths = Paths { children: children(sources, module), ..Paths::default() };
            paths.visit_file(&file);
            tests.extend(
                paths.tests.iter().map(|name| [module.as_slice(), from_ref(name)].concat()),
            );
            files.insert(module.clone(), paths);
        }
        files.retain(|module, _| !tests.iter().any(|test| module.starts_with(test)));
        let mut uses = BTreeMap::new();
        for (module, paths) in &files {
            let found = paths.found.iter().filter_map(|path| resolve(&files, module, path, 8));
            let others: BTreeSet<Module> =
                found.filter(|other| other != module && !other.is_empty()).collect();
            uses.insert(module.clone(), others);
        }
        let layers = sources.get(&Module::new()).map(|lib| layers(lib)).unwrap_or_default();
        Ok(Self { uses, layers })
    }

    fn layer(&self, module: &[String]) -> Option<usize> {
        let first = module.first()?;
        self.layers.iter().position(|layer| layer.contains(first))
    }

    fn faults(&self) -> Vec<String> {
        let mut faults = Vec::new();
        for module in
            self.uses.keys().filter(|module| module.len() == 1 && self.layer(module).is_none())
        {
            faults.push(format!(
                "{} is in no layer: name it below # Layers in lib.rs",
                module.join("::")
            ));
        }
        let mut siblings: BTreeMap<Module, BTreeMap<String, BTreeMap<String, String>>> =
            BTreeMap::new();
        for (module, others) in &self.uses {
            for other in others {
                if let (Some(own), Some(its)) = (self.layer(module), self.layer(other))
                    && its > own
                {
                    faults.push(format!(
                        "{} uses {}, which is in a higher layer",
                        module.join("::"),
                        other.join("::")
                    ));
                }
                let common = module.iter().zip(other).take_while(|(own, its)| own == its).count();
                if let (Some(own), Some(its)) = (module.get(common), other.get(common)) {
                    let parent = module.get(..common).unwrap_or_default().to_vec();
                    let edges = siblings.entry(parent).or_default().entry(own.clone()).or_default();
                    edges.entry(its.clone()).or_insert_with(|| {
                        format!("{} uses {}", module.join("::"), other.join("::"))
                    });
                }
            }
        }
        for (parent, edges) in &siblings {
            faults.extend(cycles(edges).into_iter().map(|cycle| {
                let place = if parent.is_empty() {
                    String::new()
                } else {
                    format!(" in {}", parent.join("::"))
                };
                format!("a cycle{place}: {}", cycle.join(", "))
            }));
        }
        faults
    }
}

/// The module that the file at `path` is.
fn module_of(folder: &Path, path: &Path) -> Module {
    let inside: PathBuf = path.strip_prefix(folder).unwrap_or(path).with_extension("");
    let names = inside.iter().map(|name| name.to_string_lossy().into_owned());
    let mut module: Module = names.collect();
    module.pop_if(|last| last == "mod" || (last == "lib"));
    module
}

fn children(sources: &BTreeMap<Module, String>, module: &Module) -> BTreeSet<String> {
    let below =
        sources.keys().filter(|other| other.len() == module.len() + 1 && other.starts_with(module));
    below.filter_map(|other| other.last().cloned()).collect()
}

/// The layers of a crate, from the list in its documentation.
fn layers(lib: &str) -> Vec<Vec<String>> {
    let mut layers: Vec<Vec<String>> = Vec::new();
    let docs = lib.lines().map_while(|line| line.strip_prefix("//!")).map(str::trim);
    for line in docs
        .skip_while(|line| *line != "# Layers")
        .skip(1)
        .take_while(|line| !line.starts_with('#'))
    {
        let is_item =
            line.split_once(". ").is_some_and(|(number, _)| number.parse::<u32>().is_ok());
        if is_item {
            layers.push(Vec::new());
        }
        // The list ends with an empty line after it.
        if line.is_empty() && !layers.is_empty() {
            break;
        }
        if let Some(layer) = layers.last_mut() {
            // Private modules are named without a link.
            let names = line.split('`').skip(1).step_by(2);
            layer.extend(names.map(|name| name.trim_end_matches("()").to_owned()));
        }
    }
    layers
}

/// The paths that a file names, tests left out.
#[derive(Default)]
struct Paths {
    children: BTreeSet<String>,
    /// Each from `crate`, `self`, `super` or a child on.
    found: BTreeSet<Vec<String>>,
    /// Children that are tests.
    tests: BTreeSet<String>,
    /// What the module gives out under another module's name: name, and the path behind it.
    exported: BTreeMap<String, Vec<String>>,
}

impl Paths {
    fn add(&mut self, path: &[String]) {
        let Some(first) = path.first() else { return };
        if matches!(first.as_str(), "crate" | "self" | "super") || self.children.contains(first) {
            self.found.insert(path.to_vec());
        }
    }

    fn tree(&mut self, tree: &syn::UseTree, before: &mut Vec<String>, public: bool) {
        match tree {
            syn::UseTree::Path(path) => {
                before.push(path.ident.to_string());
                self.tree(&path.tree, before, public);
                before.pop();
            }
            syn::UseTree::Group(group) => {
                group.items.iter().for_each(|item| self.tree(item, before, public));
            }
            syn::UseTree::Glob(_) => self.add(before),
            syn::UseTree::Name(name) => {
                self.leaf(&name.ident.to_string(), &name.ident.to_string(), before, public);
            }
            syn::UseTree::Rename(name) => {
                self.leaf(&name.ident.to_string(), &name.rename.to_string(), before, public);
            }
        }
    }

    fn leaf(&mut self, name: &str, called: &str, before: &[String], public: bool) {
        let path: Vec<String> =
            before.iter().cloned().chain((name != "self").then(|| name.to_owned())).collect();
        if public {
            self.exported.insert(called.to_owned(), path.clone());
        }
        self.add(&path);
    }
}

fn is_test(attributes: &[syn::Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        attribute.path().is_ident("cfg")
            && attribute.parse_args::<syn::Path>().is_ok_and(|path| path.is_ident("test"))
    })
}

impl<'ast> Visit<'ast> for Paths {
    fn visit_item_mod(&mut self, module: &'ast syn::ItemMod) {
        if is_test(&module.attrs) {
            self.tests.insert(module.ident.to_string());
        } else {
            visit::visit_item_mod(self, module);
        }
    }

    fn visit_item_fn(&mut self, function: &'ast syn::ItemFn) {
        if !is_test(&function.attrs) {
            visit::visit_item_fn(self, function);
        }
    }

    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        if !is_test(&item.attrs) {
            let public = !matches!(item.vis, syn::Visibility::Inherited);
            self.tree(&item.tree, &mut Vec::new(), public);
        }
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        let names: Vec<String> =
            path.segments.iter().map(|segment| segment.ident.to_string()).collect();
        if names.len() > 1 {
            self.add(&names);
        }
        visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, one: &'ast syn::Macro) {
        self.tokens(one.tokens.clone());
        visit::visit_macro(self, one);
    }
}

impl Paths {
    /// The paths in the tokens of a macro, which are not parsed.
    fn tokens(&mut self, tokens: proc_macro2::TokenStream) {
        let mut path: Vec<String> = Vec::new();
        let mut colons = 0;
        for token in tokens {
            match token {
                proc_macro2::TokenTree::Punct(punct) if punct.as_char() == ':' => colons += 1,
                proc_macro2::TokenTree::Ident(name) => {
                    if colons != 2 {
                        self.macro_path(&mut path);
                    }
                    path.push(name.to_string());
                    colons = 0;
                }
                other => {
                    self.macro_path(&mut path);
                    colons = 0;
                    if let proc_macro2::TokenTree::Group(group) = other {
                        self.tokens(group.stream());
                    }
                }
            }
        }
        self.macro_path(&mut path);
    }

    fn macro_path(&mut self, path: &mut Vec<String>) {
        if path.len() > 1 {
            self.add(path);
        }
        path.clear();
    }
}

/// The module that `path`, as `from` names it, is in: what a module only passes on is in the module
/// that it comes from.
fn resolve(
    files: &BTreeMap<Module, Paths>,
    from: &Module,
    path: &[String],
    depth: u8,
) -> Option<Module> {
    let mut at = from.clone();
    let mut names = path.iter().peekable();
    match names.peek()?.as_str() {
        "crate" => {
            at.clear();
            names.next();
        }
        "self" => {
            names.next();
        }
        _ => {}
    }
    while names.next_if(|name| *name == "super").is_some() {
        at.pop();
    }
    while let Some(name) =
        names.next_if(|name| files.contains_key(&[at.as_slice(), &[(*name).clone()]].concat()))
    {
        at.push(name.clone());
    }
    let Some(name) = names.next() else { return Some(at) };
    match files.get(&at)?.exported.get(name) {
        Some(behind) if depth > 0 && at != *from => {
            let whole: Vec<String> = behind.iter().cloned().chain(names.cloned()).collect();
            resolve(files, &at, &whole, depth - 1)
        }
        _ => Some(at),
    }
}

/// All that `from` leads to; itself only where something leads back.
fn reach<'e>(
    edges: &'e BTreeMap<String, BTreeMap<String, String>>,
    from: &String,
) -> BTreeSet<&'e String> {
    let mut seen: BTreeSet<&'e String> = BTreeSet::new();
    let mut next: Vec<&'e String> = edges.get(from).into_iter().flat_map(BTreeMap::keys).collect();
    while let Some(at) = next.pop() {
        if seen.insert(at) {
            next.extend(edges.get(at).into_iter().flat_map(BTreeMap::keys));
        }
    }
    seen
}

/// The uses in each group of modules that reach each other.
fn cycles(edges: &BTreeMap<String, BTreeMap<String, String>>) -> Vec<Vec<String>> {
    let reached: BTreeMap<&String, BTreeSet<&String>> =
        edges.keys().map(|name| (name, reach(edges, name))).collect();
    let both = |one: &String, other: &String| {
        let leads =
            |from: &String, to: &String| reached.get(from).is_some_and(|seen| seen.contains(to));
        leads(one, other) && leads(other, one)
    };
    let mut done: BTreeSet<&String> = BTreeSet::new();
    let mut cycles = Vec::new();
    for name in edges.keys().filter(|name| both(name, name)) {
        if !done.insert(name) {
            continue;
        }
        let group: BTreeSet<&String> = edges.keys().filter(|other| both(name, other)).collect();
        done.extend(&group);
        let inside = group.iter().flat_map(|one| edges.get(*one).into_iter().flatten());
        cycles.push(
            inside.filter(|(to, _)| group.contains(to)).map(|(_, words)| words.clone()).collect(),
        );
    }
    cycles
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_layers_hold() {
        if let Err(error) = run(crate::top()) {
            panic!("{error}");
        }
    }

    fn faults(files: &[(&str, &str)]) -> Vec<String> {
        let module = |name: &str| {
            name.split('/').filter(|part| !part.is_empty()).map(str::to_owned).collect::<Module>()
        };
        let sources =
            files.iter().map(|(name, source)| (module(name), (*source).to_owned())).collect();
        Graph::of(&sources).unwrap().faults()
    }

    const LIB: &str = "//! x\n//!\n//! # Layers\n//! Lowest first.\n//!\n//! 1. [`low`]: x; [`beside`] too\n//! 2. [`mid`] and\n//!    [`other`]\n\
                       //! 3. [`high`]\n//!\n//! Not a layer: [`none`].\n\npub use high::Thing;\n";

    #[test]
    fn downwards_is_allowed_and_upwards_is_not() {
        let with = |low: &str| {
            faults(&[
                ("", LIB),
                ("low", low),
                ("mid", "use crate::low::X;"),
                ("high", "pub struct Thing;"),
            ])
        };
        assert_eq!(with(""), [""; 0]);
        assert_eq!(with("#[cfg(test)] mod tests { use crate::high::X; }"), [""; 0]);
        assert_eq!(
            with("//! crate::high\nconst X: &str = \"crate::high::X\"; // crate::high::X"),
            [""; 0]
        );
        let upwards = ["low uses high, which is in a higher layer"];
        assert_eq!(with("use crate::high::X;"), upwards);
        assert_eq!(with("use {crate::{high::{self, X}}};"), upwards);
        assert_eq!(with("fn f() -> crate::high::X { todo!() }"), upwards);
        assert_eq!(with("fn f() { assert!(crate::high::x()) }"), upwards);
        assert_eq!(with("use super::high;"), upwards);
        // Through the root, which passes it on.
        assert_eq!(with("use crate::Thing;"), upwards);
    }

    #[test]
    fn a_file_of_tests_may_use_everything() {
        let with = |low: &str| {
            faults(&[
                ("", LIB),
                ("low", low),
                ("low/tried", "use crate::high::X;"),
                ("high", "pub struct X;"),
            ])
        };
        assert_eq!(with("#[cfg(test)] mod tried;"), [""; 0]);
        let upwards = ["low::tried uses high, which is in a higher layer"];
        assert_eq!(with("mod tried;"), upwards);
    }

    #[test]
    fn a_module_without_a_layer_is_a_fault() {
        assert_eq!(
            faults(&[("", LIB), ("none", "")]),
            ["none is in no layer: name it below # Layers in lib.rs"]
        );
    }

    #[test]
    fn cycles_are_found_on_every_level_and_parents_are_no_part_of_one() {
        assert_eq!(
            faults(&[("", LIB), ("mid", "use crate::other::X;"), ("other", "use crate::mid::X;")]),
            ["a cycle: mid uses other, other uses mid"]
        );
        let inner = [
            ("", LIB),
            ("mid", "mod a; mod b; use a::X;"),
            ("mid/a", "use super::{X, b::Y};"),
            ("mid/b", "use super::a::X;"),
        ];
        assert_eq!(faults(&inner), ["a cycle in mid: mid::a uses mid::b, mid::b uses mid::a"]);
        let deep = [
            ("", LIB),
            ("mid", ""),
            ("mid/a", "use crate::other::X;"),
            ("other", "use crate::mid::a::X;"),
        ];
        assert_eq!(faults(&deep), ["a cycle: mid::a uses other, other uses mid::a"]);
    }
}
