//! Which objects are meant.

use globset::{Glob, GlobBuilder, GlobSet, GlobSetBuilder};
use object_store::path::Path;

use crate::printable::printable;
use crate::spec::Invalid;
use crate::spec::object_store::glob;

/// The objects below a prefix that a glob names, and none that another glob leaves out.
#[derive(Clone, Debug, Default)]
pub(super) struct Select {
    include: Globs,
    exclude: Globs,
}

/// Globs as they were given, and as one.
#[derive(Clone, Debug, Default)]
struct Globs {
    given: Vec<Glob>,
    set: GlobSet,
}

impl Select {
    /// More globs of objects to follow. They are compiled together, so give all of them at once.
    pub(super) fn include(&mut self, globs: &[String]) -> Result<(), Invalid> {
        self.include.add("object_store.include", globs)
    }

    /// More globs of objects to leave out, as [`include`](Self::include).
    pub(super) fn exclude(&mut self, globs: &[String]) -> Result<(), Invalid> {
        self.exclude.add("object_store.exclude", globs)
    }

    /// Whether this path below the prefix is meant. What stands at the prefix itself is not.
    pub(super) fn takes(&self, prefix: &Path, path: &str) -> bool {
        let below = match prefix.as_ref() {
            // Even to compare nothing reads the path, which may be in no cache: there are millions of them.
            "" => path,
            prefix => match path.strip_prefix(prefix).and_then(|below| below.strip_prefix('/')) {
                Some(below) => below,
                None => return false,
            },
        };
        let included = self.include.given.is_empty() || self.include.set.is_match(below);
        !below.is_empty()
            && included
            && (self.exclude.given.is_empty() || !self.exclude.set.is_match(below))
    }
}

impl Globs {
    fn add(&mut self, setting: &str, globs: &[String]) -> Result<(), Invalid> {
        if globs.is_empty() {
            return Ok(());
        }
        for glob in globs {
            self.given.push(parse(setting, glob)?);
        }
        let mut set = GlobSetBuilder::new();
        self.given.iter().for_each(|glob| {
            set.add(glob.clone());
        });
        let first = globs.first().map_or("", String::as_str);
        self.set =
            set.build().map_err(|error| bad(setting, error.glob().unwrap_or(first), &error))?;
        Ok(())
    }
}

fn parse(setting: &str, glob: &str) -> Result<Glob, Invalid> {
    // Braces that are nested without a bound would overflow the stack where the glob is compiled.
    glob::check(glob)
        .map_err(|(message, help)| Invalid::new(setting, "bad-glob", message).help(help))?;
    let parsed = GlobBuilder::new(glob).literal_separator(true).build();
    parsed.map_err(|error| bad(setting, glob, &error))
}

fn bad(setting: &str, glob: &str, error: &globset::Error) -> Invalid {
    let message =
        format!("`{}` is no glob: {}", printable(glob), printable(error.kind()).with_end());
    Invalid::new(setting, "bad-glob", message)
        .help("`*` stands for a part of a name, `**` for folders, `{a,b}` for either")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn globs_are_matched_against_the_path_below_the_prefix() {
        type Words = &'static [&'static str];
        let cases: [(&str, Words, Words, Words, Words); 7] = [
            ("", &[], &[], &["a", "a/b"], &[]),
            ("a", &[], &[], &["a/b", "a/b/c"], &["a", "ab/c", "b"]),
            ("", &["*.yaml"], &[], &["x.yaml"], &["a/x.yaml", "x.yml"]),
            ("", &["**/*.yaml"], &[], &["x.yaml", "a/x.yaml", "a/b/x.yaml"], &["x.yml"]),
            ("a", &["**/*.{yaml,yml}"], &[], &["a/x.yaml", "a/b/x.yml"], &["x.yaml", "a/x.json"]),
            ("", &[], &["tmp/**"], &["a/tmp/x"], &["tmp/x", "tmp/a/x"]),
            (
                "",
                &["**/*.yaml"],
                &["**/draft-*"],
                &["a/x.yaml"],
                &["a/draft-x.yaml", "draft-1.yaml"],
            ),
        ];
        for (prefix, include, exclude, takes, leaves) in cases {
            let mut select = Select::default();
            let owned =
                |globs: Words| globs.iter().map(|glob| (*glob).to_owned()).collect::<Vec<_>>();
            select.include(&owned(include)).unwrap();
            select.exclude(&owned(exclude)).unwrap();
            let prefix = Path::from(prefix);
            for path in takes {
                assert!(select.takes(&prefix, path), "{prefix} {include:?} {exclude:?} {path}");
            }
            for path in leaves {
                assert!(!select.takes(&prefix, path), "{prefix} {include:?} {exclude:?} {path}");
            }
        }
    }

    #[test]
    fn a_glob_that_is_none_is_told_with_its_setting() {
        let refused = Select::default().include(&["a/[b".to_owned()]).unwrap_err();
        assert_eq!(refused.setting, "object_store.include");
        assert!(refused.message.contains("`a/[b` has a `[`"), "{}", refused.message);
    }
}
