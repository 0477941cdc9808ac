//! `#[watcher(…)]` as it is written, on the enum and on its variants.

use syn::parse::ParseStream;
use syn::{Attribute, LitStr, Meta, Path};

use crate::attr::path;
use crate::errors::{Errors, mistake};
use crate::read::{self, Block, Key};

/// On the enum.
#[derive(Default)]
pub(super) struct OnEnum {
    pub(super) krate: Option<Path>,
}

impl Block for OnEnum {
    const NAME: &'static str = "watcher";
    const ALONE: bool = true;
    const KEYS: &'static [Key<Self>] = &[Key {
        name: "crate",
        form: "crate = path::to::koprs_external",
        read: |on, mut entry| entry.syntax("a path", path).map(|path| on.krate = Some(path)),
    }];
}

/// On a variant.
#[derive(Default)]
pub(super) struct OnVariant {
    pub(super) name: Option<LitStr>,
}

impl Block for OnVariant {
    const NAME: &'static str = "watcher";
    const ALONE: bool = true;
    const KEYS: &'static [Key<Self>] = &[Key {
        name: "name",
        form: "name = \"flags\"",
        read: |on, mut entry| entry.text().map(|text| on.name = Some(text)),
    }];
}

/// Reads all `#[watcher(…)]` of one place; several are one. `None` when something in them is not understood.
pub(super) fn read<B: Block + Default>(attrs: &[Attribute], errors: &mut Errors) -> Option<B> {
    let before = errors.len();
    let mut block = B::default();
    let mut seen = Vec::new();
    for attribute in attrs.iter().filter(|attribute| is_ours(attribute)) {
        let Meta::List(_) = &attribute.meta else {
            let form = B::KEYS.first().map_or("", |key| key.form);
            let help = format!("write `#[watcher({form})]`");
            errors.push(mistake(attribute.path(), "`watcher` takes a list", help));
            continue;
        };
        let read = attribute.parse_args_with(|input: ParseStream<'_>| {
            read::block(input, &mut block, &mut seen, errors);
            Ok(())
        });
        errors.ok(read);
    }
    (errors.len() == before).then_some(block)
}

pub(super) fn is_ours(attribute: &Attribute) -> bool {
    attribute.path().is_ident("watcher")
}
