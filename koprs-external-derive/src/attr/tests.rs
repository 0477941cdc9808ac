//! Both front doors know the same settings.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use proc_macro2::{TokenStream, TokenTree};
use syn::parse::Parser;
use syn::punctuated::Punctuated;
use syn::{Expr, ExprLit, Lit};

use super::keys;

/// Keys that no other front door has: they speak of Rust.
const OF_RUST: [(&str, &str); 3] = [("", "params"), ("", "item"), ("", "crate")];

/// Of every depth.
#[test]
fn the_derive_knows_the_settings_of_the_library_and_no_others() {
    let ours: BTreeSet<_> = keys()
        .into_iter()
        .filter(|key| !OF_RUST.contains(key))
        .map(|(block, key)| (block.to_owned(), key.to_owned()))
        .collect();
    assert_eq!(ours, settings());
}

#[test]
fn no_block_is_forgotten() {
    let code = [
        include_str!("../attr.rs"),
        include_str!("auth.rs"),
        include_str!("http.rs"),
        include_str!("items.rs"),
        include_str!("object_store.rs"),
        include_str!("pages.rs"),
    ];
    let blocks = code.into_iter().flat_map(|code| code.split("NAME: &'static str = \"").skip(1));
    let blocks: BTreeSet<_> = blocks.filter_map(|rest| rest.split('"').next()).collect();
    assert_eq!(blocks, keys().into_iter().map(|(block, _)| block).collect());
}

#[test]
fn a_key_is_known_once() {
    let keys = keys();
    let distinct: BTreeSet<_> = keys.iter().collect();
    assert_eq!(distinct.len(), keys.len());
}

/// The rows `setting("block", "name", "doc")` of the library's table.
fn settings() -> BTreeSet<(String, String)> {
    let library = Path::new(env!("CARGO_MANIFEST_DIR")).join("../koprs-external/src");
    let table = fs::read_to_string(library.join("spec/table.rs")).unwrap();
    let mut rows = BTreeSet::new();
    collect(table.parse().unwrap(), &mut rows);
    assert!(rows.len() > 1, "the table of settings has moved");
    rows
}

fn collect(tokens: TokenStream, rows: &mut BTreeSet<(String, String)>) {
    let mut calls = false;
    for token in tokens {
        if let TokenTree::Group(group) = &token {
            if calls && let Some(row) = row(group.stream()) {
                rows.insert(row);
            }
            collect(group.stream(), rows);
        }
        calls = matches!(&token, TokenTree::Ident(ident) if ident == "setting");
    }
}

fn row(arguments: TokenStream) -> Option<(String, String)> {
    let texts = Punctuated::<Expr, syn::Token![,]>::parse_terminated.parse2(arguments).ok()?;
    let mut texts = texts.iter().map(|text| match text {
        Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) => Some(text.value()),
        _ => None,
    });
    Some((texts.next()??, texts.next()??))
}
