//! From files to watchers: every file as far as it can be read, and then all mistakes of all of them.

use std::path::Path;
use std::sync::Arc;

use super::diagnostic::{Diagnostic, Severity};
use super::error::{ConfigError, tidy, told};
use super::mask::Mask;
use super::place::{At, Given, Mistake};
use super::source::Source;
use super::tree::{self, MOST_BYTES, Node};
use super::{Declared, Expanded, Variables, env, names, raw, syntax, validate};

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
    mask: Option<Mask>,
    expanded: Arc<Expanded>,
}

/// Reads the watchers of files.
pub(crate) fn load(files: &[File], rules: &Rules) -> Result<Loaded, ConfigError> {
    let texts: Vec<_> = files.iter().map(|file| String::from_utf8_lossy(&file.bytes)).collect();
    let texts: Vec<_> =
        texts.iter().map(|text| text.strip_prefix('\u{feff}').unwrap_or(text)).collect();
    let both = files.iter().zip(&texts);
    let mut reads: Vec<_> = both.map(|(file, text)| read(file, text, rules)).collect();
    let names: Vec<_> = reads.iter_mut().map(|read| std::mem::take(&mut read.names)).collect();
    let (mut watchers, mut mistakes, mut warnings, mut sources) =
        (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let inputs = files.iter().zip(texts).zip(names::check(&names));
    for (read, ((file, text), twice)) in reads.into_iter().zip(inputs) {
        let [mut wrong, mut unwise] = [read.mistakes, read.warnings];
        wrong.extend(twice);
        if rules.strict {
            wrong.append(&mut unwise);
        }
        tidy(&mut wrong);
        tidy(&mut unwise);
        watchers.extend(read.watchers);
        mistakes.push(wrong);
        warnings.push(unwise);
        sources.push(Source::new(Arc::clone(&file.path), text, read.mask.unwrap_or(Mask::Words)));
    }
    match mistakes.iter().all(Vec::is_empty) {
        true => Ok(Loaded { watchers, warnings: told(Severity::Warning, &sources, &warnings) }),
        false => Err(ConfigError::new(&sources, &mistakes)),
    }
}

fn read(file: &File, text: &str, rules: &Rules) -> Read {
    let mut root = match parse(&file.bytes, text) {
        Ok(root) => root,
        Err(mistake) => return Read { mistakes: vec![mistake], ..Read::default() },
    };
    // What is shown is judged before there are values that may not be.
    let mask = Mask::of(&root);
    let mut unset = Vec::new();
    let expand = |variables| env::expand(&mut root, variables, &mut unset);
    let expanded = rules.env.as_ref().map(expand).unwrap_or_default();
    let mut read = Read { mask: Some(mask), expanded: Arc::new(expanded), ..Read::default() };
    if let Some(raw) = raw::read(&root, &mut read.mistakes) {
        let names = raw.watchers.iter().map(|watcher| &watcher.name);
        let written = |name: &Given<String>| match name {
            Given::Written(at) => Some(at.clone()),
            _ => None,
        };
        read.names = names.filter_map(written).collect();
        read.watchers = validate::file(raw, &file.path, &read.expanded, &mut read.mistakes);
    }
    let silent = |mistake: &Mistake| !unset.iter().any(|it: &Mistake| it.place == mistake.place);
    read.mistakes.retain(silent);
    read.expanded.hide(&mut read.mistakes);
    read.mistakes.append(&mut unset);
    read
}

fn parse(bytes: &[u8], text: &str) -> Result<Node, Mistake> {
    if bytes.len() > MOST_BYTES {
        return Err(syntax::too_large());
    }
    std::str::from_utf8(bytes).map_err(|error| syntax::not_utf8(bytes, error))?;
    tree::parse(text).map_err(|error| syntax::mistake(&error, text))
}
