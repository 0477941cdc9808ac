//! From the declarations of a set to sources that tell one type of events: all of them, or none.

use std::collections::HashSet;
use std::sync::Arc;

use super::WatcherSet;
use super::prepared::{Bind, Prepared};
use super::refused::Refused;
use super::variant::{Variant, WatcherEvents};
use crate::error::Result;
use crate::spec::suggest::Similar;
use crate::spec::{Invalid, InvalidSpec, WatcherSpec};

/// Makes sources that tell their events as an `E`.
pub(super) enum Binder<E> {
    /// Each watcher has its variant.
    Variants { of: &'static str, variants: Vec<Variant<E>> },
    /// All watchers are alike.
    Any(Bind<E>),
}

/// Sources by the names of their watchers, in the order of the file.
pub(super) type Bound<E> = Vec<(Arc<str>, Prepared<E>)>;

impl<E: WatcherEvents> Binder<E> {
    /// By the variants of an enum.
    pub(super) fn of_variants() -> Self {
        Self::Variants { of: E::NAME, variants: E::variants() }
    }
}

impl<E> Binder<E> {
    /// The source of a declaration, unless it has no variant or cannot be made.
    pub(super) fn bind(&self, spec: &WatcherSpec) -> Result<Prepared<E>> {
        let (of, variants) = match self {
            Self::Any(bind) => return bind(spec),
            Self::Variants { of, variants } => (of, variants),
        };
        match variants.iter().find(|variant| variant.watcher == spec.name()) {
            Some(variant) => variant.bind(spec),
            None => Err(without_a_variant(spec.name(), of, variants).into()),
        }
    }

    /// The source of each watcher; what keeps one from being made is a mistake.
    pub(super) fn bind_all(&self, set: &WatcherSet, refused: &mut Refused) -> Bound<E> {
        let mut bound = Vec::with_capacity(set.watchers.len());
        for declared in &set.watchers {
            match self.bind(&declared.spec) {
                Ok(prepared) => bound.push((declared.spec.name().into(), prepared)),
                Err(error) => refused.push_error(declared, error),
            }
        }
        bound
    }

    /// Each variant without a watcher is a mistake.
    pub(super) fn want_all(&self, set: &WatcherSet, refused: &mut Refused) {
        let Self::Variants { of, variants } = self else { return };
        let names: HashSet<&str> = set.names().collect();
        let bound: HashSet<&str> = variants.iter().map(|variant| variant.watcher).collect();
        for Variant { watcher, variant, .. } in variants {
            if !names.contains(watcher) {
                let others = set.names().filter(|name| !bound.contains(name));
                let help = match Similar::find(watcher, others).word() {
                    Some(other) => format!("did you mean `#[watcher(name = \"{other}\")]`?"),
                    None => format!("declare `{watcher}`, or leave the variant out"),
                };
                let message = format!("`{of}::{variant}` has no watcher `{watcher}`");
                let mistake = Invalid::new("name", "missing-watcher", message).help(help);
                refused.push(set.shown(), mistake);
            }
        }
    }
}

fn without_a_variant<E>(name: &str, of: &str, variants: &[Variant<E>]) -> InvalidSpec {
    let known = || variants.iter().map(|variant| variant.watcher);
    let help = Similar::find(name, known()).help(known());
    let message = format!("the watcher `{name}` has no variant in `{of}`");
    let mistake = Invalid::new("name", "missing-variant", message).help(help);
    InvalidSpec { watcher: name.to_owned(), mistakes: vec![mistake] }
}
