//! The page `docs/reference.md`: the table for a person. `UPDATE=1` writes it anew.

use std::fmt::Write;
use std::path::Path;
use std::{env, fs};

use super::limits;
use crate::spec::percentage;
use crate::spec::table::{Default, Kind, Need, SETTINGS, Setting, camel, settings_of};

const HEAD: &str = "\
# Reference of the settings

<!-- Generated from the table of settings: `just bless` writes it. -->

Every setting of a watcher, by the block that it stands in. `#[derive(ExternalSource)]` and the builders spell a name in
`snake_case`, YAML and the [JSON Schema](../schemas/watchers.schema.json) in `camelCase`. Where only one name is given,
it is the same in all. A setting in **bold** is required; of those with a ◇ a block has exactly one; those with a ● can
stand in `defaults` of a file, too.

| what it holds | is written |
|---|---|
| duration | a number and a unit, also several: `500ms`, `30s`, `5m`, `1h 30m`, `1d` |
| size | bytes, or a number and a unit: `4096`, `512KiB`, `8MiB` |
| percentage | `5%`, `12.5%` |
| JSON pointer | `/` before each name, as `/data/items`; `~1` is a `/` in a name, `~0` a `~` |
| path | of a file; a relative one begins in the folder of the YAML file |
| block | `name: { … }` in YAML, `name(…)` in the derive |

In the derive a text, a duration, a size, a percentage, a URL and a path stand in quotes (`interval = \"30s\"`), numbers,
words and `true` do not (`retries = 3`, `decode = yaml`). Lists and what is given by name are
`ignore(\"/updated_at\")` and `query(\"page_size\" = \"100\")`.

In a custom resource (`WatcherManifest`, `WatcherSpec`) a value has one type, as Kubernetes wants it: texts, sizes and
what is given by name are strings (`bodyLimit: \"4096\"`, `query: { page_size: \"100\" }`), numbers and flags are not
(`retries: 3`), and an option of a store is a block (`option: { aws_region: { value: eu-west-1 } }`).
";

/// What is no setting of a watcher.
const BESIDE: &str = "
## A file

| key | |
|---|---|
| **`apiVersion`** | `koprs-external/v1` |
| **`watchers`** | A list of watchers, each with a `name` of its own |
| `defaults` | What holds for each watcher that does not say otherwise: [above](#defaults-of-a-file) |
| `x-…` | Anything, to put anchors on (`&name`) that are used elsewhere (`*name`, `<<: *name`) |

Where it is asked for (`WatcherSet::loader().env()`, `--env` of the command), values may hold `${VAR}` and
`${VAR:-default}`; `$${` is a `${` as it stands.

## Only in the derive

| written | |
|---|---|
| `params(region: Region)` | Arguments of `watch`, `source` and `spec`; `{region}` stands for one in URLs, queries, headers, bodies and `auth` |
| `item = Vec<Flag>` | The payload is this type, and the annotated one is only a handle of it |
| `crate = operator::polling` | Where the library is found, when it is not `koprs_external` |
| `#[external(key)]` | On a field: it is the key of the [`items`](#items) |

## Features

Files need `yaml`, and so do YAML bodies; `decode: csv` needs `csv`, `auth.oauth2` needs `oauth2`, and an object store
needs `object-store` and the feature of its kind: `aws`, `gcp`, `azure`, or `http` for WebDAV. The command has all of
them.
";

/// What a setting holds, in words.
fn holds(kind: Kind) -> String {
    match kind {
        Kind::Label => "name".to_owned(),
        Kind::Duration { .. } => "duration".to_owned(),
        Kind::Size => "size".to_owned(),
        Kind::Percentage { most } => format!("percentage, `0%` to `{}`", percentage::show(most)),
        Kind::Whole { least, most: Some(most) } => format!("number, `{least}` to `{most}`"),
        Kind::Whole { least: 0, most: None } => "number".to_owned(),
        Kind::Whole { least, most: None } => format!("number, at least `{least}`"),
        Kind::Flag => "`true` or `false`".to_owned(),
        Kind::Word(words) => {
            let words: Vec<_> = words().iter().map(|word| format!("`{word}`")).collect();
            words.join(", ")
        }
        Kind::Text { .. } | Kind::Filled { .. } => "text".to_owned(),
        Kind::Url(_) => "URL".to_owned(),
        Kind::Pointer => "JSON pointer".to_owned(),
        Kind::Json { .. } => "JSON, as text".to_owned(),
        Kind::HeaderName => "header name".to_owned(),
        Kind::Variable => "variable".to_owned(),
        Kind::Path => "path".to_owned(),
        Kind::List { of, .. } => format!("list of {}", plural(holds(*of))),
        Kind::Map { of, .. } => format!("{} by name", plural(holds(*of))),
        Kind::Options { .. } => "texts or secrets by name".to_owned(),
        Kind::Block => "block".to_owned(),
    }
}

fn plural(one: String) -> String {
    one + "s"
}

/// The whole page.
fn page() -> String {
    let mut page = HEAD.to_owned();
    page += "\n## Blocks\n\n";
    for block in blocks() {
        let _ = writeln!(page, "- {}", link(&block));
    }
    for block in blocks() {
        page += &section(&block);
    }
    page + &defaults() + &limits::section() + BESIDE
}

/// Every block that has settings, in the order of the table.
fn blocks() -> Vec<String> {
    let own = SETTINGS.iter().filter(|it| matches!(it.kind, Kind::Block)).map(Setting::path);
    let own = own.filter(|path| settings_of(path).next().is_some());
    std::iter::once(String::new()).chain(own).collect()
}

/// The heading of a block, as YAML spells it.
fn heading(block: &str) -> String {
    match block {
        "" => "A watcher".to_owned(),
        block => {
            let yaml: Vec<_> = block.split('.').map(camel).collect();
            format!("`{}`", yaml.join("."))
        }
    }
}

/// A link to a block. Headings become anchors: lower case, without punctuation.
fn link(block: &str) -> String {
    let heading = heading(block);
    let anchor = heading.to_lowercase().replace(['.', '`'], "").replace(' ', "-");
    format!("[{heading}](#{anchor})")
}

fn section(block: &str) -> String {
    let mut text = format!("\n## {}\n\n", heading(block));
    let about = SETTINGS.iter().find(|it| it.path() == block);
    if let Some(setting) = about {
        let _ = writeln!(text, "{}.", capital(setting.doc));
        let _ = writeln!(text, "\n```yaml\n{}: {}\n```\n", setting.yaml(), setting.example);
    }
    text += "| setting | holds | default | |\n|---|---|---|---|\n";
    for setting in settings_of(block) {
        text += &row(setting);
    }
    text
}

fn row(setting: &Setting) -> String {
    let name = format!("`{}`", setting.name);
    let name = match setting.yaml() {
        yaml if yaml == setting.name => name,
        yaml => format!("{name}, `{yaml}`"),
    };
    let mark = match setting.need {
        Need::Required => format!("**{name}**"),
        Need::OneOf => format!("◇ {name}"),
        Need::Optional => name,
    };
    let shared = if setting.shared { " ●" } else { "" };
    let has_block =
        matches!(setting.kind, Kind::Block) && settings_of(&setting.path()).next().is_some();
    let holds = if has_block { link(&setting.path()) } else { holds(setting.kind) };
    let by_default = match setting.default {
        Default::None => String::new(),
        Default::Words(words) => words.to_owned(),
        other => other.written().map(|it| format!("`{it}`")).unwrap_or_default(),
    };
    let example = match has_block {
        true => String::new(),
        false => format!("<br>`{}: {}`", setting.yaml(), setting.example),
    };
    format!("| {mark}{shared} | {holds} | {by_default} | {}{example} |\n", capital(setting.doc))
}

fn defaults() -> String {
    let mut text = "\n## `defaults` of a file\n\nWhat stands there holds for each watcher that does not say otherwise, \
setting by setting; its headers are added by their names, and its `tls` is for `https` URLs.\n\n"
        .to_owned();
    for block in blocks() {
        let names = settings_of(&block).filter(|it| it.shared && !matches!(it.kind, Kind::Block));
        let names: Vec<_> = names.map(|it| format!("`{}`", it.yaml())).collect();
        if !names.is_empty() {
            let _ = writeln!(text, "- {}: {}", link(&block), names.join(", "));
        }
    }
    text
}

fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map(|first| first.to_uppercase().chain(chars).collect()).unwrap_or_default()
}

#[test]
fn the_reference_page_is_current() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/reference.md");
    let page = page();
    if env::var_os("UPDATE").is_some() {
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(&file, &page).unwrap();
    }
    let kept = fs::read_to_string(&file).unwrap_or_default();
    assert!(kept == page, "docs/reference.md is not what the table says: `just bless`");
}

#[test]
fn each_link_of_the_reference_leads_to_a_heading() {
    let page = page();
    let headings: Vec<_> = page.lines().filter_map(|line| line.strip_prefix("## ")).collect();
    let anchors: Vec<_> = headings
        .iter()
        .map(|it| format!("(#{})", it.to_lowercase().replace(['.', '`'], "").replace(' ', "-")))
        .collect();
    let mut links =
        page.match_indices("(#").map(|(at, _)| page[at..].split_inclusive(')').next().unwrap());
    assert!(links.all(|link| anchors.iter().any(|anchor| anchor == link)));
}
