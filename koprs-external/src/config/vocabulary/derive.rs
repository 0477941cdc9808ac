//! Each setting by the derive: writes the program `tests/ui/pass/vocabulary.rs`, which compares it with YAML.

use std::fmt::Write;
use std::path::Path;
use std::{env, fs};

use serde_json::Value;

use super::{example, watcher};
use crate::spec::table::{Kind, SETTINGS, Setting, settings_of};

const HEAD: &str = "//! Each setting of the table by itself, as the derive and as a file say it: one spec.\n\
                    // Generated from the table of settings: `just bless` writes it.\n\n";

/// A block as the derive has it.
fn block(of: &str, value: &Value) -> String {
    let settings = settings_of(of).filter_map(|setting| {
        let value = value.get(setting.yaml())?;
        Some(attribute(setting, value))
    });
    settings.collect::<Vec<_>>().join(", ")
}

fn attribute(setting: &Setting, value: &Value) -> String {
    let name = setting.name;
    let text = |value: &Value| format!("{:?}", value.as_str().unwrap());
    let pairs = |value: &Value| {
        let pair = |(name, value): (&String, &Value)| {
            let value = value.get("value").unwrap_or(value);
            format!("{name:?} = {}", text(value))
        };
        value.as_object().unwrap().iter().map(pair).collect::<Vec<_>>().join(", ")
    };
    match setting.kind {
        Kind::Block if value.as_object().unwrap().is_empty() => name.to_owned(),
        Kind::Block => format!("{name}({})", block(&setting.path(), value)),
        Kind::Whole { .. } | Kind::Flag => format!("{name} = {value}"),
        Kind::Word(_) => format!("{name} = {}", value.as_str().unwrap()),
        Kind::List { .. } => {
            let texts: Vec<_> = value.as_array().unwrap().iter().map(text).collect();
            format!("{name}({})", texts.join(", "))
        }
        Kind::Map { .. } | Kind::Options { .. } => format!("{name}({})", pairs(value)),
        _ => format!("{name} = {}", text(value)),
    }
}

fn program() -> String {
    let mut program = HEAD.to_owned();
    let mut pairs = String::new();
    for (n, setting) in SETTINGS.iter().enumerate() {
        let watcher = watcher(setting, &example(setting));
        let path = setting.path();
        let external = block("", &watcher);
        let _ = writeln!(
            program,
            "/// `{path}`\n#[derive(koprs_external::ExternalSource)]\n#[external({external}, item = u64)]\nstruct S{n};\n"
        );
        let _ = writeln!(pairs, "    same(\"{path}\", S{n}::spec()?, r#\"{watcher}\"#)?;");
    }
    let _ = write!(
        program,
        "type Outcome = Result<(), Box<dyn std::error::Error>>;\n\n\
         fn same(path: &str, derived: koprs_external::spec::WatcherSpec, written: &str) -> Outcome {{\n    \
         let read: koprs_external::spec::WatcherSpec = serde_json::from_str(written)?;\n    \
         assert_eq!(derived, read.under(koprs_external::spec::Trust::Trusted)?, \"{{path}}\");\n    \
         Ok(())\n}}\n\n\
         fn main() -> Outcome {{\n{pairs}    Ok(())\n}}\n"
    );
    program
}

#[test]
fn the_program_that_compares_the_derive_with_yaml_is_current() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/ui/pass/vocabulary.rs");
    let program = program();
    if env::var_os("UPDATE").is_some() {
        fs::write(&file, &program).unwrap();
    }
    let kept = fs::read_to_string(&file).unwrap_or_default();
    assert!(
        kept == program,
        "tests/ui/pass/vocabulary.rs is not what the table says: `just bless`"
    );
}
