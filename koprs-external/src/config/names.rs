//! A name stands for one watcher, in all files together.

use std::collections::HashMap;

use super::place::{At, First, Mistake};

/// The names that were given before, for each of the files.
pub(super) fn check(files: &[Vec<At<String>>]) -> Vec<Vec<Mistake>> {
    let mut seen = HashMap::new();
    let mut second = |file: usize, At { place, value }: &At<String>| {
        let here = First { file, place: *place };
        let first = *seen.entry(value.clone()).or_insert(here);
        (first != here).then(|| {
            let message = format!("`{value}` is the name of two watchers");
            Mistake::new(*place, "duplicate-name", message)
                .first(first)
                .help("give each its own name")
        })
    };
    let of = |(file, names): (usize, &Vec<At<String>>)| {
        names.iter().filter_map(|name| second(file, name)).collect()
    };
    files.iter().enumerate().map(of).collect()
}
