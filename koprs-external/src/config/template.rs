//! Expressions of templates that were not rendered: Helm and Go, Jinja, ERB, and the `$(NAME)` of Kubernetes.
//!
//! To YAML they are mappings in mappings, plain text or nothing at all, and the parser would advise on indentation.

use std::collections::HashMap;

use super::env::Expanded;
use super::warn::EXPANDED;
use crate::spec::mistake::{Mistake, Place};
use crate::spec::node::{Node, Value};
use crate::spec::reader::RENDER;

/// How an expression begins and ends, and how it is shown: what is in it may be a secret.
const EXPRESSIONS: [(&str, &str, &str); 4] = [
    ("{{", "}}", "{{ … }}"),
    ("{%", "%}", "{% … %}"),
    ("<%", "%>", "<% … %>"),
    ("$(", ")", "$(…)"),
];

/// An expression in a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Expression {
    shown: &'static str,
    /// In bytes.
    at: usize,
    length: usize,
}

impl Expression {
    /// The first in a text, wherever it stands there.
    pub(super) fn find(text: &str) -> Option<Self> {
        let found = |(open, close, shown): &(&str, &str, &'static str)| {
            let at = text.find(open)?;
            let length = text.get(at..)?.find(close)? + close.len();
            Some(Self { shown, at, length })
        };
        EXPRESSIONS.iter().filter_map(found).min_by_key(|expression| expression.at)
    }

    /// The first in a line of a file, outside of quotes and comments, that YAML does not read as a text.
    fn in_line(line: &str) -> Option<Self> {
        let expression = Self::find(line).filter(|it| !it.is_kubernetes())?;
        let before = line.get(..expression.at).unwrap_or_default();
        let is_open = |quote: char| before.matches(quote).count() % 2 == 1;
        let is_comment = before.trim_start().starts_with('#') || before.contains(" #");
        (!is_open('"') && !is_open('\'') && !is_comment).then_some(expression)
    }

    /// The first in these lines of a file, which are given with their numbers.
    pub(super) fn mistake<'a>(lines: impl Iterator<Item = (usize, &'a str)>) -> Option<Mistake> {
        let found = lines.filter_map(|(number, line)| Some((number, line, Self::in_line(line)?)));
        let (number, line, expression) = found.min_by_key(|(number, ..)| *number)?;
        let column = line.get(..expression.at)?.chars().count() + 1;
        let length = line.get(expression.at..)?.get(..expression.length)?.chars().count();
        let place = Place::new(number, column, length);
        Some(expression.refused(place))
    }

    fn is_kubernetes(self) -> bool {
        self.shown.starts_with('$')
    }

    fn refused(self, place: Place) -> Mistake {
        let Self { shown, .. } = self;
        match self.is_kubernetes() {
            true => {
                let message = format!("`{shown}` is not expanded");
                let help = format!("write `${{NAME}}`, and {EXPANDED}");
                Mistake::new(place, "placeholder", message).help(help)
            }
            false => {
                let message = format!("`{shown}` is an expression of a template");
                Mistake::new(place, "placeholder", message).help(RENDER)
            }
        }
    }
}

/// Puts the expression in the place of what is wrong with a value that has one in it. What a variable brought is no
/// part of the file.
pub(super) fn explain(root: &Node, expanded: &Expanded, mistakes: &mut [Mistake]) {
    if mistakes.is_empty() {
        return;
    }
    let mut found = HashMap::new();
    collect(root, &mut found);
    for mistake in mistakes.iter_mut().filter(|it| it.code != "placeholder") {
        if let Some(expression) = found.get(&mistake.place)
            && !expanded.holds(mistake.place)
        {
            *mistake = expression.refused(mistake.place);
        }
    }
}

fn collect(node: &Node, found: &mut HashMap<Place, Expression>) {
    match &node.value {
        Value::Null => {}
        Value::Scalar(text) => found.extend(Expression::find(text).map(|it| (node.place, it))),
        Value::Sequence(items) => items.iter().for_each(|item| collect(item, found)),
        Value::Mapping(entries) => entries.iter().for_each(|(key, value)| {
            collect(key, found);
            collect(value, found);
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_expression_is_found_where_a_parser_stumbles_on_it() {
        let cases = [
            ("{{- range .Values.x }}", Some((1, 22))),
            ("  ü: {{ x }}: y", Some((6, 7))),
            ("{% for x in y %}", Some((1, 16))),
            ("a: <%= x %>", Some((4, 8))),
            ("a: \"{{ x }}\"", None),
            ("# {{ x }}", None),
            ("a: 1 # {{ x }}", None),
            ("a: $(X)", None),
            ("a: {{ x", None),
            ("a: { b: {} }", None),
        ];
        for (line, place) in cases {
            let mistake = Expression::mistake([(7, line)].into_iter());
            let seen = mistake.map(|it| (it.place.line(), it.place.column(), it.place.length()));
            assert_eq!(seen, place.map(|(column, length)| (7, column, length)), "{line}");
        }
    }

    #[test]
    fn an_expression_is_shown_without_what_is_in_it() {
        for text in ["x {{ s3cr3t }}", "{% s3cr3t %}", "<%= s3cr3t %>", "$(s3cr3t)"] {
            let mistake = Expression::find(text).unwrap().refused(Place::START);
            let told = format!("{} {}", mistake.message, mistake.help.unwrap());
            assert!(told.contains('…') && !told.contains("s3cr3t"), "{told}");
        }
    }
}
