//! Who may use whom: walks the sources and fails on any edge that is not in the table.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Each room with the rooms that it may use. `declared`, `set`, `private` and `lib` use all.
const MAY_USE: [(&str, &[&str]); 9] = [
    ("error", &[]),
    ("secret", &[]),
    ("decode", &[]),
    ("watcher", &["error"]),
    ("change", &["watcher"]),
    ("spec", &["secret"]),
    ("config", &["spec", "secret"]),
    ("http", &["watcher", "change", "error", "secret", "spec"]),
    ("store", &["watcher", "change", "error", "secret", "spec"]),
];
const USE_ALL: [&str; 4] = ["declared", "set", "private", "lib"];

/// What may be named only in these places.
const ONLY_IN: [(&str, &[&str]); 5] = [
    ("reqwest::", &["http/transport.rs", "http/poller.rs", "http/mod.rs"]),
    ("object_store::", &["store/"]),
    ("serde_saphyr", &["config/", "decode/yaml.rs"]),
    ("tokio::spawn", &["watcher/task.rs", "watcher/tests/"]),
    ("spawn_blocking", &[]),
];

struct Source {
    path: String,
    room: String,
    code: String,
}

#[test]
fn no_room_uses_one_that_it_may_not() {
    let sources = sources();
    let wrong: Vec<_> = sources.iter().flat_map(wrong_edges).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_foreign_crate_is_named_in_its_place_only() {
    let mut wrong = Vec::new();
    for source in sources() {
        for (name, places) in ONLY_IN {
            let here = places.iter().any(|place| source.path.starts_with(place));
            if !here && source.code.contains(name) {
                wrong.push(format!("{} names `{name}`, which is for {places:?}", source.path));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_pure_rooms_know_neither_io_nor_time() {
    for source in sources() {
        if ["change", "spec", "decode"].contains(&source.room.as_str()) {
            for word in ["tokio", "async fn", "std::fs", "std::net", "Instant", "SystemTime"] {
                assert!(!source.code.contains(word), "{} names `{word}`", source.path);
            }
        }
    }
}

#[test]
fn the_walk_sees_what_it_is_to_see() {
    let rooms: BTreeSet<String> = sources().into_iter().map(|source| source.room).collect();
    for room in ["error", "watcher", "change", "spec", "http", "declared", "lib"] {
        assert!(rooms.contains(room), "{room} is not walked");
    }
    let source = |code: &str| Source {
        path: "watcher/x.rs".to_owned(),
        room: "watcher".to_owned(),
        code: code_of(code),
    };
    let seen = |code| wrong_edges(&source(code)).len();
    assert_eq!(seen("use crate::http::HttpPoller;"), 1);
    assert_eq!(seen("use crate::{error::Result, spec};"), 1);
    assert_eq!(seen("fn f() { crate::set::g() }"), 1);
    assert_eq!(seen("use crate::error::Result; use crate::watcher::Pace;"), 0);
    assert_eq!(seen("/// [`X`](crate::http::X)\n// use crate::http;"), 0);
}

fn wrong_edges(source: &Source) -> Vec<String> {
    if USE_ALL.contains(&source.room.as_str()) {
        return Vec::new();
    }
    let allowed = MAY_USE.iter().find(|(room, _)| *room == source.room);
    let Some((_, allowed)) = allowed else {
        return vec![format!("{} is in no room of the table", source.path)];
    };
    let mine = |used: &String| *used == source.room || allowed.contains(&used.as_str());
    let wrong = used_rooms(&source.code).into_iter().filter(|used| !mine(used));
    wrong.map(|used| format!("{} uses `{used}`", source.path)).collect()
}

/// Every `name` of `crate::name` and `crate::{name, …}`.
fn used_rooms(code: &str) -> Vec<String> {
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    let word = |text: &str| text.chars().take_while(|c| is_word(*c)).collect::<String>();
    let mut rooms = Vec::new();
    for (at, _) in code.match_indices("crate::") {
        let after = &code[at + "crate::".len()..];
        match after.strip_prefix('{') {
            Some(group) => {
                rooms.extend(top_level(group).iter().map(|part| word(part.trim_start())))
            }
            None => rooms.push(word(after)),
        }
    }
    rooms.retain(|room| room.starts_with(|c: char| c.is_ascii_lowercase()));
    rooms
}

/// The parts of a `{…}` group, up to its closing brace.
fn top_level(group: &str) -> Vec<String> {
    let (mut depth, mut parts) = (0, vec![String::new()]);
    for c in group.chars() {
        match c {
            '}' if depth == 0 => break,
            ',' if depth == 0 => parts.push(String::new()),
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => {}
        }
        parts.last_mut().unwrap().push(c);
    }
    parts.iter().map(|part| part.trim_start_matches(',').to_owned()).collect()
}

/// The code without comments.
fn code_of(text: &str) -> String {
    let code = |line: &str| match line.find("//") {
        Some(at) if !line[..at].ends_with(':') => line[..at].to_owned(),
        _ => line.to_owned(),
    };
    text.lines().map(code).collect::<Vec<_>>().join("\n")
}

fn sources() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../koprs-external/src");
    let mut files = Vec::new();
    walk(&root, &mut files);
    files.iter().map(|file| source(&root, file)).collect()
}

fn source(root: &Path, file: &Path) -> Source {
    let path = file.strip_prefix(root).unwrap().to_str().unwrap().replace('\\', "/");
    let room = path.split('/').next().unwrap().trim_end_matches(".rs").to_owned();
    Source { code: code_of(&fs::read_to_string(file).unwrap()), path, room }
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
