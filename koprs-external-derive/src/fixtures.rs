//! The fixtures of `tests/ui/fail`, expanded here: what the compiler would be told stands beside each, and what its help
//! advises stands in `tests/ui/mended` and expands.

use std::fs;
use std::path::{Path, PathBuf};

use proc_macro2::{TokenStream, TokenTree};
use syn::{Attribute, DeriveInput, Item, LitStr};

use crate::{derive, events};

#[expect(unreachable_pub, reason = "the crate of the integration tests exports it")]
#[path = "../../tests/src/advice.rs"]
mod advice;

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/ui").join(name)
}

/// The files with mistakes, by name.
fn fixtures() -> Vec<PathBuf> {
    let entries = fs::read_dir(folder("fail")).unwrap();
    let mut files: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    files.retain(|file| file.extension().is_some_and(|extension| extension == "rs"));
    files.sort();
    assert!(files.len() > 90);
    files
}

/// The types of a file that are derived, with the mistakes of each.
fn declarations(file: &Path) -> Vec<(String, Vec<String>)> {
    let text = fs::read_to_string(file).unwrap();
    let parsed = syn::parse_file(&text).map_err(|error| format!("{}: {error}", file.display()));
    parsed.unwrap().items.iter().filter_map(declaration).collect()
}

fn declaration(item: &Item) -> Option<(String, Vec<String>)> {
    let input: DeriveInput = match item {
        Item::Struct(item) => item.clone().into(),
        Item::Enum(item) => item.clone().into(),
        Item::Union(item) => item.clone().into(),
        _ => return None,
    };
    let expanded = if derives(&input.attrs, "ExternalSource") {
        derive::derive(&input)
    } else if derives(&input.attrs, "WatcherEvents") {
        events::derive(&input)
    } else {
        return None;
    };
    let mut mistakes = Vec::new();
    compile_errors(expanded, &mut mistakes);
    Some((input.ident.to_string(), mistakes))
}

fn derives(attributes: &[Attribute], name: &str) -> bool {
    attributes.iter().any(|attribute| {
        attribute.path().is_ident("derive")
            && attribute
                .meta
                .require_list()
                .is_ok_and(|list| list.tokens.to_string().contains(name))
    })
}

/// The text of each `compile_error!`.
fn compile_errors(tokens: TokenStream, found: &mut Vec<String>) {
    let mut is_error = false;
    for token in tokens {
        match token {
            TokenTree::Ident(word) => is_error = word == "compile_error",
            TokenTree::Group(group) if is_error => {
                found.extend(syn::parse2::<LitStr>(group.stream()).map(|text| text.value()));
            }
            TokenTree::Group(group) => compile_errors(group.stream(), found),
            _ => {}
        }
    }
}

#[test]
fn what_a_fixture_is_told_stands_beside_it() {
    let mut wrong = Vec::new();
    for file in fixtures() {
        let beside = fs::read_to_string(file.with_extension("stderr")).unwrap();
        for mistake in declarations(&file).into_iter().flat_map(|(_, mistakes)| mistakes) {
            let told = format!("error: {}\n", mistake.replace('\n', "\n       "));
            if !beside.contains(&told) {
                wrong.push(format!("{}\n{told}", file.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_help_of_each_fixture_is_followed_in_a_file_of_its_name_and_that_expands() {
    let wrong: Vec<_> = fixtures()
        .iter()
        .filter_map(|file| Some(format!("{}: {}", file.display(), not_mended(file)?)))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Why what is in the folder of mended files is not what the help of a fixture advises.
fn not_mended(file: &Path) -> Option<String> {
    let declared = declarations(file);
    let mistakes: Vec<_> = declared.iter().flat_map(|(_, mistakes)| mistakes).collect();
    if mistakes.is_empty() {
        // The compiler tells of it, and its twin is compiled.
        return None;
    }
    let path = folder("mended").join(file.file_name()?);
    let Ok(mended) = fs::read_to_string(&path) else { return Some("is not mended".to_owned()) };
    let expanded = declarations(&path);
    let names = |all: &[(String, Vec<String>)]| -> Vec<_> {
        all.iter().map(|(name, _)| name.clone()).collect()
    };
    if names(&expanded) != names(&declared) {
        return Some("does not have the same types".to_owned());
    }
    if let Some(mistake) = expanded.iter().flat_map(|(_, mistakes)| mistakes).next() {
        return Some(format!("has a mistake: {mistake}"));
    }
    let fixture = fs::read_to_string(file).unwrap();
    let helps = mistakes.iter().filter_map(|mistake| mistake.split_once("\nhelp: "));
    let mut helps = helps.map(|(_, help)| help);
    let unheeded = helps.find(|help| !advice::is_followed(help, &fixture, &mended));
    unheeded.map(|help| format!("does not follow: {help}"))
}
