//! Which objects are meant.

use globset::{Glob, GlobBuilder, GlobSet, GlobSetBuilder};
use object_store::path::Path;

use crate::spec::Invalid;

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
    pub(super) fn include(&mut self, glob: &str) -> Result<(), Invalid> {
        self.include.add("object_store.include", glob)
    }

    pub(super) fn exclude(&mut self, glob: &str) -> Result<(), Invalid> {
        self.exclude.add("object_store.exclude", glob)
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
    fn add(&mut self, setting: &str, glob: &str) -> Result<(), Invalid> {
        let bad = |error: &globset::Error| {
            let message = format!("`{glob}` is no glob: {}", error.kind());
            Invalid::new(setting, "bad-glob", message)
                .help("`*` stands for a part of a name, `**` for folders, `{a,b}` for either")
        };
        if glob.is_empty() || glob.starts_with('/') {
            let message = format!("`{glob}` is no glob for paths below the prefix");
            return Err(Invalid::new(setting, "bad-glob", message)
                .help("write it without a `/` at its beginning, as `**/*.yaml`"));
        }
        let one = GlobBuilder::new(glob).literal_separator(true).build();
        self.given.push(one.map_err(|error| bad(&error))?);
        let mut set = GlobSetBuilder::new();
        self.given.iter().for_each(|glob| {
            set.add(glob.clone());
        });
        self.set = set.build().map_err(|error| bad(&error))?;
        Ok(())
    }
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
            include.iter().for_each(|glob| select.include(glob).unwrap());
            exclude.iter().for_each(|glob| select.exclude(glob).unwrap());
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
        let refused = Select::default().include("a/[b").unwrap_err();
        assert_eq!(refused.setting, "object_store.include");
        assert!(refused.message.contains("`a/[b` is no glob"), "{}", refused.message);
    }
}
