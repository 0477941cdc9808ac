//! A mistake of the spec in the words of YAML.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use super::super::place::{Mistake, Place};
use crate::spec::Invalid;
use crate::spec::settings::SETTINGS;

/// The mistake, at its place.
pub(super) fn told(place: Place, invalid: Invalid) -> Mistake {
    let Invalid { setting, code, message, help } = invalid;
    // An option may be called like a setting, and stays as it is.
    let in_yaml = match setting.starts_with("object_store.option") {
        true => |text| text,
        false => in_yaml,
    };
    let help = match code {
        "missing-interval" => Some("say how often to poll: `interval: 30s`".to_owned()),
        _ => help,
    };
    Mistake { help: help.map(in_yaml), ..Mistake::new(place, code, in_yaml(message)) }
}

fn in_yaml(text: String) -> String {
    if !text.contains('_') {
        return text;
    }
    SPELLED.iter().fold(text, |text, (name, yaml)| match text.contains(name) {
        true => text.replace(name, yaml),
        false => text,
    })
}

/// The settings that YAML spells otherwise, as messages have them.
static SPELLED: LazyLock<BTreeMap<String, String>> = LazyLock::new(|| {
    let others = SETTINGS.iter().filter(|setting| setting.name.contains('_'));
    others.map(|it| (format!("`{}`", it.name), format!("`{}`", it.yaml()))).collect()
});

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_are_called_as_yaml_spells_them() {
        let text = "`max_backoff` must not be less than `interval`";
        assert_eq!(in_yaml(text.to_owned()), "`maxBackoff` must not be less than `interval`");
    }
}
