//! From files to watchers: every file as far as it can be read, and then all mistakes of all of them.

use std::collections::HashSet;
use std::path::Path;
use std::sync::Arc;

use super::diagnostic::{Diagnostic, Severity};
use super::error::{ConfigError, tidy, told};
use super::limits::FileLimits;
use super::mask::Mask;
use super::source::Source;
use super::tree;
use super::{Declared, Expanded, Variables, env, names, raw, syntax, template, validate, warn};
use crate::spec;
use crate::spec::mistake::{At, Mistake};
use crate::spec::node::Node;

/// A file as it is given to the loader.
pub(crate) struct File {
    pub(crate) path: Arc<Path>,
    pub(crate) bytes: Vec<u8>,
}

/// How files are read.
#[derive(Clone, Debug, Default)]
pub(crate) struct Rules {
    /// Warnings are mistakes.
    pub(crate) strict: bool,
    /// Where the values of `${VAR}` come from, when they are asked for.
    pub(crate) env: Option<Variables>,
    /// How much each file may hold.
    pub(crate) limits: FileLimits,
    /// The environment that stores will read.
    pub(crate) environment: Variables,
}

/// The watchers of the files, in their order.
#[derive(Debug)]
pub(crate) struct Loaded {
    pub(crate) watchers: Vec<Declared>,
    pub(crate) warnings: Vec<Diagnostic>,
}

/// What came of one file.
#[derive(Default)]
struct Read {
    watchers: Vec<Declared>,
    names: Vec<At<String>>,
    mistakes: Vec<Mistake>,
    warnings: Vec<Mistake>,
    /// How the file is shown: judged by what is written, so before variables are expanded; else by the tree.
    mask: Option<Mask>,
    root: Option<Node>,
}

/// Reads the watchers of files.
pub(crate) fn load(files: &[File], rules: &Rules) -> Result<Loaded, ConfigError> {
    let texts: Vec<_> = files.iter().map(|file| String::from_utf8_lossy(&file.bytes)).collect();
    let texts: Vec<_> =
        texts.iter().map(|text| text.strip_prefix('\u{feff}').unwrap_or(text)).collect();
    let both = files.iter().zip(&texts);
    let mut reads: Vec<_> = both.map(|(file, text)| read(file, text, rules)).collect();
    let names: Vec<_> = reads.iter_mut().map(|read| std::mem::take(&mut read.names)).collect();
    for (read, twice) in reads.iter_mut().zip(names::check(&names)) {
        read.settle(twice, rules);
    }
    let refused = reads.iter().any(|read| !read.mistakes.is_empty());
    let told_of = refused || reads.iter().any(|read| !read.warnings.is_empty());
    let (mut watchers, mut mistakes, mut warnings, mut sources) =
        (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for (mut read, (file, text)) in reads.into_iter().zip(files.iter().zip(texts)) {
        if told_of {
            sources.push(Source::new(Arc::clone(&file.path), text, read.mask()));
        }
        watchers.append(&mut read.watchers);
        mistakes.push(read.mistakes);
        warnings.push(read.warnings);
    }
    match refused {
        false => Ok(Loaded { watchers, warnings: told(Severity::Warning, &sources, &warnings) }),
        true => Err(ConfigError::new(&sources, &mistakes)),
    }
}

impl Read {
    /// What is told of the file in the end.
    fn settle(&mut self, twice: Vec<Mistake>, rules: &Rules) {
        self.mistakes.extend(twice);
        self.veil();
        if rules.strict {
            self.mistakes.append(&mut self.warnings);
        }
        tidy(&mut self.mistakes);
        tidy(&mut self.warnings);
    }

    /// Takes out of mistakes and warnings what an alias of it hides.
    fn veil(&mut self) {
        if self.mistakes.is_empty() && self.warnings.is_empty() {
            return;
        }
        let mask = self.mask();
        mask.veil(&mut self.mistakes);
        mask.veil(&mut self.warnings);
        self.mask = Some(mask);
    }

    fn mask(&mut self) -> Mask {
        let mask = self.mask.take().or_else(|| self.root.as_ref().map(Mask::of));
        mask.unwrap_or(Mask::Words)
    }
}

fn read(file: &File, text: &str, rules: &Rules) -> Read {
    match Parsed::new(&file.bytes, text, rules.limits) {
        Ok(parsed) => parsed.expand(rules).read(&file.path, rules),
        Err(mistake) => Read { mistakes: vec![mistake], ..Read::default() },
    }
}

/// A file as it is written.
struct Parsed {
    root: Node,
    /// Mistakes of values that are not known, since they are tagged.
    unknown: Vec<Mistake>,
}

impl Parsed {
    fn new(bytes: &[u8], text: &str, limits: FileLimits) -> Result<Self, Mistake> {
        if bytes.len() > limits.bytes() {
            return Err(syntax::too_large(limits));
        }
        std::str::from_utf8(bytes).map_err(|error| syntax::not_utf8(bytes, error))?;
        let mut unknown = Vec::new();
        let root = tree::parse_within(text, limits, &mut unknown)
            .map_err(|error| syntax::mistake(&error, text, limits))?;
        Ok(Self { root, unknown })
    }

    /// Expands variables, if they are asked for. What may be shown of the file is judged before by what is written.
    fn expand(mut self, rules: &Rules) -> Filled {
        let Some(variables) = &rules.env else {
            return Filled { parsed: self, mask: None, expanded: Arc::default() };
        };
        let mask = Mask::of(&self.root);
        let expanded = env::expand(&mut self.root, variables, rules.limits, &mut self.unknown);
        Filled { parsed: self, mask: Some(mask), expanded: Arc::new(expanded) }
    }
}

/// A file with its variables expanded.
struct Filled {
    parsed: Parsed,
    /// Nothing, where there were no variables: then it is that of the tree.
    mask: Option<Mask>,
    expanded: Arc<Expanded>,
}

impl Filled {
    /// Understands the watchers. What variables brought is in no mistake and no warning of the result.
    fn read(self, path: &Arc<Path>, rules: &Rules) -> Read {
        let Self { parsed: Parsed { root, unknown }, mask, expanded } = self;
        let mut read = Read::default();
        if let Some(raw) = raw::read(&root, &mut read.mistakes) {
            warn::file(&raw, &mut read.warnings);
            let understood = validate::file(raw, path, &expanded, &mut read.mistakes);
            (read.watchers, read.names) = understood;
            // A value that is no name may be anything, and a name is shown.
            let may_be_shown =
                |at: &At<String>| !expanded.holds(at.place) || spec::name::check(&at.value).is_ok();
            read.names.retain(may_be_shown);
        }
        for declared in &read.watchers {
            warn::watcher(declared, &rules.environment, &mut read.warnings);
        }
        if rules.env.is_none() {
            warn::unexpanded(&root, &mut read.mistakes, &mut read.warnings);
        }
        // Of what is not known nothing more is to be said.
        let places: HashSet<_> = unknown.iter().map(|mistake| mistake.place).collect();
        read.mistakes.retain(|mistake| !places.contains(&mistake.place));
        template::explain(&root, &expanded, &mut read.mistakes);
        expanded.hide(&mut read.mistakes);
        expanded.hide_in_warnings(&mut read.warnings);
        read.mistakes.extend(unknown);
        Read { mask, root: Some(root), ..read }
    }
}
