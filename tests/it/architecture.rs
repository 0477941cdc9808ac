//! Who may use whom: walks the sources, token by token, and fails on any edge that is not in the table.

use std::collections::BTreeSet;
use std::fs;
use std::iter::Peekable;
use std::path::{Path, PathBuf};

use proc_macro2::{Delimiter, TokenStream, TokenTree};

/// Each room with the rooms that it may use. `declared`, `set`, `private`, `lib` and the tests in
/// `depth` use all.
const MAY_USE: [(&str, &[&str]); 14] = [
    ("printable", &[]),
    ("memory", &["printable"]),
    ("error", &["printable"]),
    ("secret", &["printable"]),
    ("decode", &["printable", "memory"]),
    ("watcher", &["printable", "error"]),
    ("change", &["printable", "memory", "watcher"]),
    ("spec", &["printable", "memory", "secret"]),
    ("config", &["printable", "memory", "decode", "spec", "secret"]),
    ("client", &["printable"]),
    ("coding", &["printable"]),
    ("offload", &["spec"]),
    ("http", &HTTP_AND_STORE),
    ("store", &HTTP_AND_STORE),
];
const HTTP_AND_STORE: [&str; 10] = [
    "printable",
    "memory",
    "client",
    "coding",
    "offload",
    "watcher",
    "change",
    "error",
    "secret",
    "spec",
];
const USE_ALL: [&str; 5] = ["declared", "depth", "set", "private", "lib"];

/// Words that stand only in these places.
const ONLY_IN: [(&[&str], &[&str]); 9] = [
    (
        &["reqwest"],
        &[
            "client/",
            "http/transport.rs",
            "http/poller.rs",
            "http/mod.rs",
            "store/client.rs",
            "store/connector.rs",
        ],
    ),
    (
        &["rustls", "rustls_platform_verifier"],
        &["client/tls.rs", "client/tls/", "client/paced/tests.rs"],
    ),
    (&["hyper_util", "hyper_rustls", "tower_service"], &["client/"]),
    (&["serde_saphyr"], &["config/", "spec/deserialize/tests.rs"]),
    (&["quick_xml"], &["store/xml.rs", "store/page.rs"]),
    (&["granit_parser"], &["decode/yaml/", "config/merge_tags.rs", "config/syntax.rs"]),
    (
        &["spawn", "spawn_local", "JoinSet"],
        &[
            "watcher/task.rs",
            "watcher/tests/",
            "set/spawn.rs",
            "set/tests/",
            "client/paced/tests.rs",
            "declared/payload/hostile/",
            "depth.rs",
            // Their tests have a small stack.
            "http/credential/grant.rs",
            "store/xml.rs",
            "store/refusal.rs",
            "store/open/tests.rs",
        ],
    ),
    (&["spawn_scoped"], &["config/tree.rs"]),
    (
        &["spawn_blocking"],
        &[
            "offload.rs",
            "http/lookup.rs",
            "set/reload/contents.rs",
            "client/paced/tests.rs",
            "declared/payload/hostile/",
        ],
    ),
];

/// A crate that shares its name with a setting: it is named where a path begins with it and goes on.
const CRATE_ONLY_IN: (&str, &str) = ("object_store", "store/");

/// Rooms of plain functions over plain values, and what these do not know.
const PURE: [&str; 3] = ["change", "spec", "decode"];
const IMPURE_WORDS: [&str; 6] = ["tokio", "async", "await", "Instant", "SystemTime", "fastrand"];
const IMPURE_STD: [&str; 8] = ["fs", "net", "env", "io", "process", "thread", "*", "as"];

struct Source {
    path: String,
    room: String,
    /// Every path and every word that is none, as its segments; those of this crate from its root.
    paths: Vec<Vec<String>>,
}

impl Source {
    fn new(path: &str, code: &str) -> Self {
        let code: TokenStream = code.parse().unwrap();
        let module = path.trim_end_matches(".rs").trim_end_matches("/mod").split('/');
        let module: Vec<_> = module.filter(|part| *part != "lib").map(str::to_owned).collect();
        let mut paths = Vec::new();
        Walk { module: &module, paths: &mut paths }.code(code);
        let room = path.split('/').next().unwrap().trim_end_matches(".rs").to_owned();
        Self { path: path.to_owned(), room, paths }
    }

    fn words(&self) -> BTreeSet<&str> {
        self.paths.iter().flatten().map(String::as_str).collect()
    }
}

#[test]
fn no_room_uses_one_that_it_may_not() {
    none(sources().iter().flat_map(wrong_edges));
}

#[test]
fn a_foreign_crate_is_named_in_its_place_only() {
    none(sources().iter().flat_map(out_of_place));
}

#[test]
fn the_pure_rooms_know_neither_io_nor_time() {
    none(sources().iter().flat_map(impure));
}

#[test]
fn the_walk_sees_what_it_is_to_see() {
    let rooms: BTreeSet<String> = sources().into_iter().map(|source| source.room).collect();
    for (room, _) in MAY_USE.iter().filter(|(room, _)| *room != "store") {
        assert!(rooms.contains(*room), "{room} is not walked");
    }

    let seen = |path: &str, code: &str| {
        let source = Source::new(path, code);
        let wrong = [wrong_edges(&source), out_of_place(&source), impure(&source)];
        wrong.concat().len()
    };
    let refused = [
        ("watcher/x.rs", "use crate::http::HttpPoller;"),
        ("watcher/x.rs", "use crate::{error::Result, spec};"),
        ("watcher/x.rs", "use crate::{error::{self, Result}, spec::{self, Mistake}};"),
        ("watcher/x.rs", "use {crate::http};"),
        ("watcher/x.rs", "use super::super::http::X;"),
        ("watcher/mod.rs", "use super::http::X;"),
        ("watcher/mod.rs", "mod tests { use super::super::http::X; }"),
        ("watcher/x.rs", "fn f() { let x = \"// \"; crate::set::g() }"),
        ("watcher/x.rs", "macro_rules! m { () => { crate :: r#http :: g() } }"),
        ("http/classify.rs", "use super::super::config::X;"),
        ("spec/mod.rs", "use super::error::Result;"),
        ("change/x.rs", "use crate::ExternalError;"),
        ("decode/x.rs", "use crate::*;"),
        ("decode/x.rs", "use crate as k; use k::http;"),
        ("decode/mod.rs", "use super as k;"),
        ("decode/x.rs", "extern crate self as me;"),
        ("elsewhere.rs", "use crate::error::Result;"),
        ("watcher/x.rs", "use reqwest as r;"),
        ("watcher/x.rs", "use ::{reqwest as r};"),
        ("watcher/x.rs", "fn f() { ::reqwest::get(); }"),
        ("http/x.rs", "use tokio::{spawn};"),
        ("spec/x.rs", "use object_store::path::Path;"),
        ("declared/x.rs", "fn f() { ::object_store::parse_url(); }"),
        ("http/x.rs", "fn f() { tokio::task::spawn(async {}); }"),
        ("http/x.rs", "use std::thread::spawn;"),
        ("watcher/task.rs", "use tokio::task::spawn_blocking;"),
        ("change/x.rs", "fn f() { async move {}; }"),
        ("change/x.rs", "fn f() { std::env::var(); }"),
        ("change/x.rs", "use std::{fmt, fs};"),
        ("change/x.rs", "use std::time::Instant;"),
        ("spec/x.rs", "use std as s;"),
    ];
    for (path, code) in refused {
        assert_ne!(seen(path, code), 0, "{path}: {code}");
    }
    let accepted = [
        ("watcher/x.rs", "use crate::error::Result; use crate::watcher::Pace; use super::Pace;"),
        (
            "watcher/x.rs",
            "/// [`X`](crate::http::X)\n// use crate::http;\nstruct S(pub(crate) u8);",
        ),
        ("watcher/x.rs", "mod tests { use super::*; }"),
        ("change/x.rs", "use std::{fmt, time::Duration}; fn f(self) { self.0 as u8; }"),
        ("set/mod.rs", "use crate::http::X;"),
    ];
    for (path, code) in accepted {
        assert_eq!(seen(path, code), 0, "{path}: {code}");
    }
}

fn none(wrong: impl Iterator<Item = String>) {
    let wrong: Vec<_> = wrong.collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn wrong_edges(source: &Source) -> Vec<String> {
    let Source { path, room, paths } = source;
    if USE_ALL.contains(&room.as_str()) {
        return Vec::new();
    }
    let allowed = MAY_USE.iter().find(|(known, _)| known == room);
    let Some((_, allowed)) = allowed else {
        return vec![format!("{path} is in no room of the table")];
    };
    let mine = |used: &String| used == room || allowed.contains(&used.as_str());
    let used = paths.iter().filter(|path| path[0] == "crate").filter_map(|path| path.get(1));
    used.filter(|used| !mine(used)).map(|used| format!("{path} uses `crate::{used}`")).collect()
}

fn out_of_place(source: &Source) -> Vec<String> {
    let Source { path, .. } = source;
    let words = source.words();
    let mut wrong = Vec::new();
    for (names, places) in ONLY_IN {
        let here = places.iter().any(|place| path.starts_with(place));
        let named = names.iter().filter(|name| !here && words.contains(**name));
        wrong.extend(named.map(|name| format!("{path} has `{name}`, which is for {places:?}")));
    }
    let (name, place) = CRATE_ONLY_IN;
    let begins = |path: &&Vec<String>| path.len() > 1 && path[0] == name;
    let named = source.paths.iter().filter(begins).filter(|_| !path.starts_with(place));
    wrong.extend(
        named.map(|named| format!("{path} has `{}`, which is for {place}", named.join("::"))),
    );
    wrong
}

fn impure(source: &Source) -> Vec<String> {
    let Source { path, room, paths } = source;
    if !PURE.contains(&room.as_str()) {
        return Vec::new();
    }
    let words = source.words();
    let words = IMPURE_WORDS.iter().filter(|word| words.contains(**word));
    let std = paths.iter().filter(|path| path[0] == "std").filter_map(|path| path.get(1));
    let std = std.filter(|part| IMPURE_STD.contains(&part.as_str()));
    let wrong = words.map(|word| (*word).to_owned()).chain(std.map(|part| format!("std::{part}")));
    wrong.map(|name| format!("{path} has `{name}`")).collect()
}

/// Reads the paths of code, in and out of `use`. A root that gets another name ends in `as`.
struct Walk<'a> {
    module: &'a [String],
    paths: &'a mut Vec<Vec<String>>,
}

type Tokens = Peekable<proc_macro2::token_stream::IntoIter>;

impl Walk<'_> {
    fn code(&mut self, code: TokenStream) {
        let mut tokens = code.into_iter().peekable();
        while let Some(token) = tokens.peek() {
            match token {
                TokenTree::Ident(word) if *word == "mod" => {
                    tokens.next();
                    self.module(&mut tokens);
                }
                TokenTree::Ident(_) => self.path(Vec::new(), &mut tokens),
                TokenTree::Punct(colon) if colon.as_char() == ':' => {
                    if separator(&mut tokens) {
                        self.segment(Vec::new(), &mut tokens);
                    }
                }
                TokenTree::Group(group) => {
                    let code = group.stream();
                    tokens.next();
                    self.code(code);
                }
                _ => drop(tokens.next()),
            }
        }
    }

    /// `mod name { … }`; inside, `super` is another module.
    fn module(&mut self, tokens: &mut Tokens) {
        let Some(TokenTree::Ident(name)) = tokens.next() else { return };
        if let Some(TokenTree::Group(body)) = tokens.peek() {
            let mut module = self.module.to_vec();
            module.push(name.to_string());
            let body = body.stream();
            tokens.next();
            Walk { module: &module, paths: self.paths }.code(body);
        }
    }

    /// From a word on.
    fn path(&mut self, mut segments: Vec<String>, tokens: &mut Tokens) {
        let Some(TokenTree::Ident(word)) = tokens.next() else { return };
        segments.push(word.to_string().trim_start_matches("r#").to_owned());
        if separator(tokens) {
            return self.segment(segments, tokens);
        }
        if matches!(tokens.peek(), Some(TokenTree::Ident(word)) if *word == "as") {
            segments.push("as".to_owned());
        }
        if word == "crate" && matches!(tokens.peek(), Some(TokenTree::Ident(own)) if *own == "self")
        {
            segments.push("as".to_owned());
        }
        self.paths.push(self.resolved(segments));
    }

    /// Behind `::`.
    fn segment(&mut self, mut segments: Vec<String>, tokens: &mut Tokens) {
        match tokens.peek() {
            Some(TokenTree::Ident(_)) => self.path(segments, tokens),
            Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Brace => {
                let mut inner = group.stream().into_iter().peekable();
                tokens.next();
                while inner.peek().is_some() {
                    self.segment(segments.clone(), &mut inner);
                    inner.by_ref().find(
                        |token| matches!(token, TokenTree::Punct(comma) if comma.as_char() == ','),
                    );
                }
            }
            Some(TokenTree::Punct(star)) if star.as_char() == '*' => {
                segments.push("*".to_owned());
                self.paths.push(self.resolved(segments));
            }
            _ => self.paths.push(self.resolved(segments)),
        }
    }

    /// `self` and `super` replaced by what they stand for here.
    fn resolved(&self, segments: Vec<String>) -> Vec<String> {
        let relative = |step: &&String| ["self", "super"].contains(&step.as_str());
        if segments.len() == 1 {
            return segments;
        }
        if !segments.first().is_some_and(|first| relative(&first)) {
            return segments.into_iter().filter(|step| step != "self").collect();
        }
        let root = std::iter::once("crate".to_owned());
        let mut path: Vec<_> = root.chain(self.module.iter().cloned()).collect();
        let up = segments.iter().take_while(relative).filter(|step| *step == "super").count();
        path.truncate(path.len() - up);
        path.extend(segments.iter().skip_while(relative).filter(|step| *step != "self").cloned());
        path
    }
}

/// Takes `::`, if it is there.
fn separator(tokens: &mut Tokens) -> bool {
    let mut ahead = tokens.clone();
    let colon = |token: Option<TokenTree>| matches!(token, Some(TokenTree::Punct(colon)) if colon.as_char() == ':');
    let first = colon(ahead.next());
    let both = first && colon(ahead.next());
    if both {
        *tokens = ahead;
    } else if first {
        tokens.next();
    }
    both
}

fn sources() -> Vec<Source> {
    texts().iter().map(|(path, code)| Source::new(path, code)).collect()
}

/// The files of the library: path and text.
pub(crate) fn texts() -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../koprs-external/src");
    let mut files = Vec::new();
    walk(&root, &mut files);
    let path = |file: &Path| file.strip_prefix(&root).unwrap().to_str().unwrap().replace('\\', "/");
    files.iter().map(|file| (path(file), fs::read_to_string(file).unwrap())).collect()
}

fn walk(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            walk(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
}
