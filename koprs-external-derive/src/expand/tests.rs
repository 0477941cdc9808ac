//! Golden files: what `golden/flags.rs` expands to is `golden/flags.expanded.rs`. `UPDATE=1` writes them.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::{env, fs};

use syn::{Data, DeriveInput, ImplItem, Item, TraitItem};

use crate::derive::derive;
use crate::events;

fn golden(file: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("golden").join(file)
}

/// What a file expands to.
fn expansion(file: &str) -> syn::File {
    let declaration = fs::read_to_string(golden(&format!("{file}.rs"))).unwrap();
    let declaration: DeriveInput = syn::parse_str(&declaration).unwrap();
    let expansion = match declaration.data {
        Data::Enum(_) => events::derive(&declaration),
        Data::Struct(_) | Data::Union(_) => derive(&declaration),
    };
    syn::parse2(expansion).unwrap()
}

#[test]
fn the_expansion_is_the_golden_file() {
    for file in ["flags", "models", "change"] {
        let expanded = prettyplease::unparse(&expansion(file));
        let path = golden(&format!("{file}.expanded.rs"));
        if env::var_os("UPDATE").is_some() {
            fs::write(&path, &expanded).unwrap();
        }
        assert_eq!(expanded, fs::read_to_string(&path).unwrap());
    }
}

/// A provided method that is not handed on would have its default, unseen.
#[test]
fn every_method_of_a_source_is_handed_on() {
    let library = Path::new(env!("CARGO_MANIFEST_DIR")).join("../koprs-external/src");
    let source = fs::read_to_string(library.join("watcher/source.rs")).unwrap();
    let source = syn::parse_file(&source).unwrap();
    let declared = source.items.into_iter().find_map(|item| match item {
        Item::Trait(item) if item.ident == "ExternalSource" => Some(item.items),
        _ => None,
    });
    let declared: BTreeSet<_> = (declared.unwrap().into_iter())
        .filter_map(|item| match item {
            TraitItem::Fn(method) => Some(method.sig.ident.to_string()),
            _ => None,
        })
        .collect();
    let handed_on: BTreeSet<_> = (expansion("flags").items.into_iter())
        .filter_map(|item| match item {
            Item::Impl(item) => Some(item),
            _ => None,
        })
        .filter(|item| {
            let of = item.trait_.as_ref().and_then(|(path, _)| path.segments.last());
            of.is_some_and(|of| of.ident == "ExternalSource")
        })
        .flat_map(|item| item.items)
        .filter_map(|item| match item {
            ImplItem::Fn(method) => Some(method.sig.ident.to_string()),
            _ => None,
        })
        .collect();
    assert!(declared.contains("poll"), "the trait has moved");
    assert_eq!(handed_on, declared);
}
