//! Placeholders: `{name}` stands for a parameter, `{{` and `}}` are braces.

use syn::LitStr;

use crate::errors::mistake;

/// A text with its placeholders.
pub(crate) struct Template {
    /// As it was written.
    pub(crate) written: LitStr,
    /// Whether it is a body, with a rule of its own.
    pub(crate) is_body: bool,
    pub(crate) pieces: Vec<Piece>,
}

/// A part of a template.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Piece {
    Text(String),
    Param(String),
}

impl Template {
    /// Cuts a literal.
    pub(crate) fn read(literal: &LitStr) -> syn::Result<Self> {
        let pieces =
            cut(&literal.value()).map_err(|(message, help)| mistake(literal, message, help))?;
        Ok(Self { written: literal.clone(), is_body: false, pieces })
    }

    /// Cuts a body, which may be full of braces: only `{name}` is a placeholder, and `{{name}}` is the text
    /// `{name}`.
    pub(crate) fn body(literal: &LitStr) -> Self {
        Self { written: literal.clone(), is_body: true, pieces: cut_body(&literal.value()) }
    }

    /// A text that has no placeholders, whatever it holds.
    pub(crate) fn verbatim(literal: &LitStr) -> Self {
        let pieces = vec![Piece::Text(literal.value())];
        Self { written: literal.clone(), is_body: false, pieces }
    }

    /// Whether a text has the placeholder of a parameter, wherever it stands.
    pub(crate) fn mentions(literal: &LitStr, name: &str) -> bool {
        cut(&literal.value()).is_ok_and(|pieces| pieces.contains(&Piece::Param(name.to_owned())))
    }

    /// The text, if it has no placeholder.
    pub(crate) fn literal(&self) -> Option<String> {
        self.pieces
            .iter()
            .map(|piece| match piece {
                Piece::Text(text) => Some(text.as_str()),
                Piece::Param(_) => None,
            })
            .collect()
    }

    /// The text with stand-ins for the placeholders; `stand_in` sees the text so far.
    pub(crate) fn filled(&self, stand_in: impl Fn(&str) -> &'static str) -> String {
        self.pieces.iter().fold(String::new(), |text, piece| match piece {
            Piece::Text(more) => text + more,
            Piece::Param(_) => {
                let value = stand_in(&text);
                text + value
            }
        })
    }
}

type Refusal = (&'static str, &'static str);

const UNCLOSED: Refusal =
    ("a `{` is not closed", "write `{name}` for a parameter, or `{{` for a brace");
const UNOPENED: Refusal = ("a `}` was not opened", "write `}}` for a brace");
const NAMELESS: Refusal =
    ("a placeholder is not a name", "write `{name}` for a parameter, or `{{` for a brace");
const EXPANSION: Refusal = (
    "a `${…}` is not expanded: a declaration in Rust reads no environment",
    "write `{name}` and declare `params(name: String)`; `${{` is a `${` as it stands",
);

fn cut(text: &str) -> Result<Vec<Piece>, Refusal> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find(['{', '}']) {
        let (before, brace) = rest.split_at(at);
        pieces.push(Piece::Text(before.to_owned()));
        let of_a_variable = |refusal| match refusal {
            NAMELESS if before.ends_with('$') => EXPANSION,
            other => other,
        };
        let (piece, after) = cut_brace(brace).map_err(of_a_variable)?;
        pieces.push(piece);
        rest = after;
    }
    pieces.push(Piece::Text(rest.to_owned()));
    pieces.retain(|piece| *piece != Piece::Text(String::new()));
    Ok(pieces)
}

fn cut_brace(text: &str) -> Result<(Piece, &str), Refusal> {
    if let Some(after) = text.strip_prefix("{{") {
        return Ok((Piece::Text("{".to_owned()), after));
    }
    if let Some(after) = text.strip_prefix("}}") {
        return Ok((Piece::Text("}".to_owned()), after));
    }
    let open = text.strip_prefix('{').ok_or(UNOPENED)?;
    let (name, after) = open.split_once('}').ok_or(UNCLOSED)?;
    if !is_name(name) {
        return Err(NAMELESS);
    }
    Ok((Piece::Param(name.to_owned()), after))
}

fn cut_body(text: &str) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some((before, brace)) = rest.find('{').map(|at| rest.split_at(at)) {
        pieces.push(Piece::Text(before.to_owned()));
        let (piece, after) = cut_body_brace(brace);
        pieces.push(piece);
        rest = after;
    }
    pieces.push(Piece::Text(rest.to_owned()));
    pieces.retain(|piece| *piece != Piece::Text(String::new()));
    pieces
}

fn cut_body_brace(text: &str) -> (Piece, &str) {
    let named = |open, close| {
        let (name, after) = text.strip_prefix(open)?.split_once(close)?;
        is_name(name).then_some((name, after))
    };
    if let Some((name, after)) = named("{{", "}}") {
        return (Piece::Text(format!("{{{name}}}")), after);
    }
    match named("{", "}") {
        Some((name, after)) => (Piece::Param(name.to_owned()), after),
        None => {
            let (brace, after) = text.split_at(1);
            (Piece::Text(brace.to_owned()), after)
        }
    }
}

fn is_name(text: &str) -> bool {
    let inner = |c: char| c == '_' || c.is_alphanumeric();
    text.chars().all(inner) && !text.is_empty() && !text.starts_with(char::is_numeric)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn show(text: &str) -> String {
        match cut(text) {
            Ok(pieces) => show_pieces(&pieces),
            Err((message, _)) => message.to_owned(),
        }
    }

    fn show_pieces(pieces: &[Piece]) -> String {
        let show = |piece: &Piece| match piece {
            Piece::Text(text) => format!("[{text}]"),
            Piece::Param(name) => format!("<{name}>"),
        };
        pieces.iter().map(show).collect()
    }

    #[test]
    fn in_a_body_only_a_name_in_braces_is_a_placeholder() {
        let cases = [
            ("", ""),
            ("{a}", "<a>"),
            ("{{a}}", "[{a}]"),
            ("{{{a}}}", "[{][{a}][}]"),
            ("{ a }{}", "[{][ a }][{][}]"),
            ("{{a}", "[{]<a>"),
            (r#"{"k":{"l":{a}}}"#, r#"[{]["k":][{]["l":]<a>[}}]"#),
            ("{1}", "[{][1}]"),
        ];
        for (text, shown) in cases {
            assert_eq!(show_pieces(&cut_body(text)), shown, "{text}");
        }
    }

    #[test]
    fn a_text_is_cut_at_its_placeholders() {
        let cases = [
            ("", ""),
            ("a", "[a]"),
            ("{a}", "<a>"),
            ("x{a}/{b_2}y", "[x]<a>[/]<b_2>[y]"),
            ("{{a}}", "[{][a][}]"),
            ("{{{a}}}", "[{]<a>[}]"),
            ("{type}", "<type>"),
            ("{a", "a `{` is not closed"),
            ("a}", "a `}` was not opened"),
            ("{}", "a placeholder is not a name"),
            ("{a b}", "a placeholder is not a name"),
            ("{\"k\":1}", "a placeholder is not a name"),
        ];
        for (text, shown) in cases {
            assert_eq!(show(text), shown, "{text}");
        }
    }
}
