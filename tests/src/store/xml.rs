//! XML as servers write it: the same document in many spellings.

use std::fmt::Write;

use super::Delivery;
use crate::reply::Reply;

/// How documents are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Format {
    /// What stands around and between elements.
    pub syntax: Syntax,
    /// How text is escaped.
    pub text: Text,
    /// How much of it arrives.
    pub delivery: Delivery,
}

/// What stands around and between elements.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Syntax {
    /// A declaration, and nothing else.
    #[default]
    Plain,
    /// Names have a prefix of a namespace.
    Prefixed,
    /// The namespace is the default one.
    Namespace,
    /// Comments, also behind texts, and processing instructions.
    Comments,
    /// A byte order mark.
    Bom,
    /// A document type declaration.
    Doctype,
    /// Line breaks and spaces between elements.
    Indented,
    /// No declaration.
    Bare,
    /// In ISO-8859-1, and the declaration says so.
    Latin1,
}

/// How text is escaped.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Text {
    /// `&amp;`, and `&#13;` for control characters.
    #[default]
    Named,
    /// `&#38;`.
    Decimal,
    /// `&#x26;`.
    Hex,
    /// `<![CDATA[&]]>`.
    CData,
    /// `&amp;`, and control characters as they are.
    Raw,
}

/// An element: a name, and text or elements.
#[derive(Clone)]
pub(crate) struct Element {
    name: &'static str,
    attributes: &'static str,
    text: String,
    children: Vec<Self>,
}

impl Element {
    pub(crate) fn new(name: &'static str) -> Self {
        Self { name, attributes: "", text: String::new(), children: Vec::new() }
    }

    pub(crate) fn with_text(name: &'static str, text: impl Into<String>) -> Self {
        Self { text: text.into(), ..Self::new(name) }
    }

    pub(crate) fn attributes(self, attributes: &'static str) -> Self {
        Self { attributes, ..self }
    }

    pub(crate) fn child(mut self, child: Self) -> Self {
        self.children.push(child);
        self
    }

    pub(crate) fn children(mut self, children: impl IntoIterator<Item = Self>) -> Self {
        self.children.extend(children);
        self
    }

    /// A reply with this as its document.
    pub(crate) fn reply(&self, format: Format) -> Reply {
        let document = self.document(format);
        // Behind half of it, so that a listing has lost some entries and kept others.
        let half = document.len() * 3 / 5;
        let half = (half..).find(|at| document.is_char_boundary(*at)).unwrap_or_default();
        let tag = document[half..].find("><").map_or(document.len(), |at| half + at + 1);
        let reply = |body: &str| {
            let latin1 = || body.chars().map(|char| u8::try_from(u32::from(char)).unwrap_or(b'?'));
            let bytes = match format.syntax {
                Syntax::Latin1 => latin1().collect(),
                _ => body.as_bytes().to_vec(),
            };
            Reply::bytes("application/xml", bytes)
        };
        match format.delivery {
            Delivery::Whole => reply(&document),
            Delivery::CutInTag => reply(&document[..document.len().min(tag + 2)]),
            Delivery::CutBetweenTags => reply(&document[..tag]),
            Delivery::CutShort => reply(&document).truncate(tag as u64),
            Delivery::CutWithoutLength => reply(&document[..tag]).no_length(),
        }
    }

    fn document(&self, format: Format) -> String {
        let mut out = String::new();
        out.push_str(match format.syntax {
            Syntax::Bare => "",
            Syntax::Latin1 => "<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?>",
            Syntax::Bom => "\u{feff}<?xml version=\"1.0\" encoding=\"UTF-8\"?>",
            Syntax::Indented => "<?xml version='1.0' encoding='utf-8' ?>\r\n",
            _ => "<?xml version=\"1.0\" encoding=\"UTF-8\"?>",
        });
        match format.syntax {
            Syntax::Doctype => put(&mut out, format_args!("<!DOCTYPE {}>", self.name)),
            Syntax::Comments => out.push_str("<!-- <a> --><?a b?>"),
            _ => {}
        }
        self.write(&mut out, format, 0);
        out
    }

    fn write(&self, out: &mut String, format: Format, depth: usize) {
        let prefix = if format.syntax == Syntax::Prefixed { "n1:" } else { "" };
        let namespace = match format.syntax {
            Syntax::Prefixed if depth == 0 => " xmlns:n1=\"urn:n1\"",
            Syntax::Namespace if depth == 0 => " xmlns=\"urn:n1\"",
            _ => "",
        };
        let (name, attributes) = (self.name, self.attributes);
        put(out, format_args!("<{prefix}{name}{namespace}{attributes}>"));
        out.push_str(&escaped(&self.text, format.text));
        for child in &self.children {
            match format.syntax {
                Syntax::Comments => out.push_str("<!-- <IsTruncated>maybe -->"),
                Syntax::Indented => put(out, format_args!("\r\n{}", "  ".repeat(depth + 1))),
                _ => {}
            }
            child.write(out, format, depth + 1);
        }
        match format.syntax {
            Syntax::Comments => out.push_str("<!-- & -->"),
            Syntax::Indented if !self.children.is_empty() => out.push_str("\r\n"),
            _ => {}
        }
        put(out, format_args!("</{prefix}{name}>"));
    }
}

fn put(out: &mut String, text: std::fmt::Arguments<'_>) {
    out.write_fmt(text).expect("a string takes all");
}

fn escaped(text: &str, how: Text) -> String {
    if how == Text::CData && !text.is_empty() {
        return format!("<![CDATA[{}]]>", text.replace("]]>", "]]]]><![CDATA[>"));
    }
    let mut out = String::new();
    for char in text.chars() {
        let named = match char {
            '&' => Some("&amp;"),
            '<' => Some("&lt;"),
            '>' => Some("&gt;"),
            '"' => Some("&quot;"),
            _ => None,
        };
        let code = u32::from(char);
        match (how, named) {
            (Text::Decimal, Some(_)) => put(&mut out, format_args!("&#{code};")),
            (Text::Hex, Some(_)) => put(&mut out, format_args!("&#x{code:X};")),
            (_, Some(named)) => out.push_str(named),
            (Text::Raw, None) => out.push(char),
            (Text::Hex, None) if char.is_control() => put(&mut out, format_args!("&#x{code:x};")),
            (_, None) if char.is_control() => put(&mut out, format_args!("&#{code};")),
            (_, None) => out.push(char),
        }
    }
    out
}
