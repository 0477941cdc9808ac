//! Any text is a set of watchers or mistakes, each of which can be shown at its place.

#![no_main]

use koprs_external::config::ConfigError;
use koprs_external::set::WatcherSet;
use koprs_external::spec::WatcherSpec;
use libfuzzer_sys::fuzz_target;

/// What the variable holds.
const SECRET: &str = "v4lue-0f-it";

fuzz_target!(|text: &str| {
    // Of the environment there is one variable, whose value may not be told.
    let loader = WatcherSet::loader().env_from(|name| (name == "V").then(|| SECRET.into()));
    if let Err(error) = loader.from_str(text) {
        assert!(text.contains(SECRET) || !format!("{error} {error:?}").contains(SECRET), "{error}");
    }
    // A declaration of any other format is one, or is refused.
    let _ = serde_json::from_str::<WatcherSpec>(text);
    let error = match WatcherSet::from_str(text) {
        Ok(set) => {
            assert!(set.names().all(|name| set.spec(name).is_some()));
            return;
        }
        Err(error) => error,
    };
    let mistakes = ConfigError::of(&error).expect("what is wrong is wrong with the file");
    let places: Vec<_> = mistakes.diagnostics().iter().map(|it| (it.line(), it.column())).collect();
    assert!(!places.is_empty() && places.is_sorted(), "{places:?}");
    let lines = text.matches(['\n', '\r']).count() + 1;
    assert!(places.iter().all(|(line, column)| (1..=lines).contains(line) && *column > 0));
    assert!(!error.to_string().is_empty());
});
