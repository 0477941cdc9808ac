//! Placeholders against parameters: each placeholder is declared, each parameter is used.

use syn::ext::IdentExt;

use crate::attr::{Param, Params};
use crate::errors::{Errors, mistake};
use crate::suggest;
use crate::template::{Piece, Template};

/// The declared parameters, and which of them were used.
pub(crate) struct Used<'a> {
    params: &'a Params,
    used: Vec<String>,
    complete: bool,
}

impl<'a> Used<'a> {
    pub(crate) fn new(params: &'a Params) -> Self {
        Self { params, used: Vec::new(), complete: true }
    }

    /// Keeps a mistake for each placeholder that is no parameter.
    pub(crate) fn by(&mut self, template: &Template, errors: &mut Errors) {
        for piece in &template.pieces {
            let Piece::Param(name) = piece else { continue };
            self.used.push(name.clone());
            let known: Vec<_> = self.params.list.iter().map(plain).collect();
            if self.params.broken || known.contains(name) {
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

    /// Keeps a mistake for each parameter without a placeholder.
    pub(crate) fn finish(self, errors: &mut Errors) {
        let read = self.params.list.iter().filter(|param| param.is_read());
        let unused = |param: &&Param| self.complete && !self.used.contains(&plain(param));
        for param in read.filter(unused) {
            let name = plain(param);
            errors.push(mistake(
                &param.name,
                format!("the parameter `{name}` is not used"),
                format!("write `{{{name}}}` where it belongs, or leave it out"),
            ));
        }
    }
}

fn plain(param: &Param) -> String {
    param.name.unraw().to_string()
}
