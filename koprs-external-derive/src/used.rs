//! Placeholders against parameters: each placeholder is declared, each parameter is used.

use syn::ext::IdentExt;

use crate::attr::{Param, Params, Text};
use crate::errors::{Errors, mistake};
use crate::suggest;
use crate::template::{Piece, Template};

/// The declared parameters, and which of them were used.
pub(crate) struct Used<'a> {
    params: &'a Params,
    used: Vec<String>,
    /// The texts in which parameters are replaced.
    templates: Vec<String>,
    complete: bool,
}

impl<'a> Used<'a> {
    pub(crate) fn new(params: &'a Params) -> Self {
        Self { params, used: Vec::new(), templates: Vec::new(), complete: true }
    }

    /// Keeps a mistake for each placeholder that is no parameter.
    pub(crate) fn by(&mut self, template: &Template, errors: &mut Errors) {
        self.templates.push(template.written.value());
        let mut before = "";
        for piece in &template.pieces {
            let name = match piece {
                Piece::Param(name) => name,
                Piece::Text(text) => {
                    before = text;
                    continue;
                }
            };
            let before = std::mem::take(&mut before);
            self.used.push(name.clone());
            let known: Vec<_> = self.params.list.iter().map(plain).collect();
            if self.params.broken || known.contains(name) {
                continue;
            }
            if is_behind_a_dollar(before) {
                errors.push(not_expanded(&template.written, name));
                continue;
            }
            let meant = suggest::nearest(name, known.iter().map(String::as_str));
            self.used.extend(meant.map(str::to_owned));
            let help = match meant {
                Some(meant) => format!("did you mean `{{{meant}}}`?"),
                None if template.is_body => format!(
                    "declare it: `params({name}: Type)`; text is `{{ {name} }}` or `{{{{{name}}}}}`"
                ),
                None => format!("declare it: `params({name}: Type)`"),
            };
            let message = format!("`{{{name}}}` is not a parameter");
            errors.push(mistake(&template.written, message, help));
        }
    }

    /// A template could not be read: any parameter may stand in it.
    pub(crate) fn unknown(&mut self) {
        self.complete = false;
    }

    /// Keeps a mistake for each parameter without a placeholder, or with one where none is replaced. `texts` are all of
    /// the declaration.
    pub(crate) fn finish(self, texts: &[Text], errors: &mut Errors) {
        let is_as_written = |text: &&Text| {
            text.of.as_deref().is_some_and(|of| AS_WRITTEN.contains(&of))
                && !self.templates.contains(&text.literal.value())
        };
        for text in texts.iter().filter(is_as_written) {
            let mut used = self.params.list.iter().map(plain).filter(|it| self.used.contains(it));
            if let Some(name) = used.find(|name| Template::mentions(&text.literal, name)) {
                errors.push(not_replaced(text, &name));
            }
        }
        let read = self.params.list.iter().filter(|param| param.is_read());
        let unused = |param: &&Param| self.complete && !self.used.contains(&plain(param));
        for param in read.filter(unused) {
            let name = plain(param);
            let has_it = |text: &&Text| Template::mentions(&text.literal, &name);
            if let Some(text) = texts.iter().find(has_it) {
                errors.push(not_replaced(text, &name));
                continue;
            }
            errors.push(mistake(
                &param.name,
                format!("the parameter `{name}` is not used"),
                format!("write `{{{name}}}` where it belongs, or leave it out"),
            ));
        }
    }
}

/// Whose texts are taken as they are written.
const AS_WRITTEN: [&str; 9] =
    ["env", "file", "env()", "file()", "ca", "cert", "unix_socket", "include()", "exclude()"];

/// A placeholder in a text that has none.
fn not_replaced(text: &Text, name: &str) -> syn::Error {
    let message = format!("`{{{name}}}` is not replaced here");
    let places = "parameters stand in URLs, `query`, `header`, `body`, `option` and `value`";
    let help = match text.of.as_deref() {
        Some("env" | "file") => {
            format!("take the secret itself as the parameter: `value = \"{{{name}}}\"`")
        }
        Some("env()" | "file()") => {
            format!("take the value itself as the parameter: `\"{{{name}}}\"`")
        }
        _ => format!("{places}: write this text out, or build the declaration with `WatcherSpec`"),
    };
    mistake(&text.literal, message, help)
}

fn is_behind_a_dollar(before: &str) -> bool {
    before.ends_with('$')
}

/// `${NAME}`, as in a shell and in YAML.
fn not_expanded(written: &syn::LitStr, name: &str) -> syn::Error {
    let parameter = name.to_lowercase();
    let message =
        format!("`${{{name}}}` is not expanded: a declaration in Rust reads no environment");
    let help = format!(
        "write `{{{parameter}}}` and declare `params({parameter}: String)`; the text itself is `${{{{{name}}}}}`"
    );
    mistake(written, message, help)
}

fn plain(param: &Param) -> String {
    param.name.unraw().to_string()
}
