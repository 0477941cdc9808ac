//! A name stands for one watcher, in all files together.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use crate::spec::mistake::{At, First, Mistake};
use crate::spec::quote::{Content, is_visible};

/// The names that were given before, for each of the files.
pub(super) fn check(files: &[Vec<At<String>>]) -> Vec<Vec<Mistake>> {
    let mut seen = HashMap::new();
    let mut second = |file: usize, At { place, value }: &At<String>| {
        let here = First { file, place: *place };
        match seen.entry(value.clone()) {
            Entry::Vacant(new) => {
                new.insert(here);
                None
            }
            Entry::Occupied(first) => {
                let message = match is_visible(Content::Name, value) {
                    true => format!("`{value}` is the name of two watchers"),
                    false => "the name is that of two watchers".to_owned(),
                };
                let mistake = Mistake::new(*place, "duplicate-name", message);
                Some(mistake.first(*first.get()).help("give each its own name"))
            }
        }
    };
    let of = |(file, names): (usize, &Vec<At<String>>)| {
        names.iter().filter_map(|name| second(file, name)).collect()
    };
    files.iter().enumerate().map(of).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::mistake::Place;

    #[test]
    fn a_name_is_for_one_watcher_of_all_files_also_where_an_alias_gives_it_twice() {
        let at = |line, value: &str| At { place: Place::new(line, 1, 1), value: value.to_owned() };
        let files =
            [vec![at(1, "a"), at(2, "b"), at(2, "b")], vec![], vec![at(1, "c"), at(2, "a")]];
        let told = check(&files).into_iter().map(|mistakes| {
            let shown = |it: Mistake| {
                let First { file, place } = *it.first.unwrap();
                (it.place.line(), file, place.line())
            };
            mistakes.into_iter().map(shown).collect::<Vec<_>>()
        });
        assert_eq!(told.collect::<Vec<_>>(), [vec![(2, 0, 2)], vec![], vec![(2, 0, 1)]]);
    }
}
