//! XML answers of stores, element by element, each with its place in the answer.
//!
//! `object_store` reads the same answers by itself. What it reads otherwise than the server meant it is marked here:
//! what XML normalises, references that nobody declared, and text that is not UTF-8.

use std::ops::Range;

use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::{BytesRef, BytesStart, Event};
use quick_xml::{Reader, XmlVersion};

use crate::spec::fixed::{XML_LEVELS, XML_PARTS};

const BOM: &[u8] = b"\xef\xbb\xbf";
/// The elements within entries that are read: of an entry of S3 and of Azure, of one of WebDAV.
const READ: [&str; 10] = [
    "Key",
    "Name",
    "href",
    "status",
    "propstat",
    "prop",
    "resourcetype",
    "collection",
    "getlastmodified",
    "getcontentlength",
];

/// An element, with those of the elements in it that are read.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Element {
    /// Without the prefix of its namespace.
    pub(super) name: String,
    /// Its own text, as the server wrote it: line ends are not normalised.
    pub(super) text: String,
    /// Whether the text is what the server meant.
    pub(super) is_readable: bool,
    /// Whether the text has what XML normalises, so that `object_store` reads something else.
    pub(super) is_normalised: bool,
    /// Whether the text is percent-encoded: so Azure marks names that XML has no characters for.
    pub(super) is_encoded: bool,
    pub(super) children: Vec<Element>,
    /// Whether there are other elements in it.
    has_others: bool,
    /// Where it stands in the document.
    pub(super) span: Range<usize>,
}

impl Element {
    fn new(tag: &BytesStart<'_>, start: usize) -> Self {
        let is_encoded = tag.attributes().with_checks(false).any(|it| {
            it.is_ok_and(|it| it.key.local_name().as_ref() == b"Encoded" && *it.value == *b"true")
        });
        let name = String::from_utf8_lossy(tag.local_name().as_ref()).into_owned();
        Self { name, is_readable: true, is_encoded, span: start..start, ..Self::default() }
    }

    /// Whether no element is in it.
    pub(super) fn is_leaf(&self) -> bool {
        self.children.is_empty() && !self.has_others
    }

    /// The first child of this name.
    #[cfg(any(feature = "http", test))]
    pub(super) fn child(&self, name: &str) -> Option<&Self> {
        self.children.iter().find(|child| child.name == name)
    }

    /// All children of this name.
    pub(super) fn children<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Self> {
        self.children.iter().filter(move |child| child.name == name)
    }
}

/// Why a document cannot be read.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum XmlError {
    /// It begins with another element; with none at all, if the name is empty.
    Root(String),
    /// It is not well-formed up to its end.
    Malformed(String),
}

/// Reads a document with this root, and hands over the children of the root, one after the other. Those of the
/// name `list` are not handed over: their children are.
pub(super) fn read(
    document: &[u8],
    root: &str,
    list: &str,
    mut take: impl FnMut(Element),
) -> Result<(), XmlError> {
    let mut reading = Reading::new(document);
    if reading.seek_root(root)? == Root::Empty {
        return reading.end();
    }
    // The element that is to be handed over, and those within it that are open.
    let mut open: Vec<Element> = Vec::new();
    let (mut in_list, mut kept) = (false, 0);
    // Open elements that are not read, within the last of these.
    let mut skipped = 0;
    loop {
        let (event, span) = reading.next()?;
        let is_list = |tag: &BytesStart<'_>| tag.local_name().as_ref() == list.as_bytes();
        if let Event::Start(tag) | Event::Empty(tag) = &event {
            check_attributes(tag)?;
            if open.is_empty() {
                kept = 0;
            } else if skipped == 0 && is_read(tag) {
                kept += 1;
                if kept > XML_PARTS {
                    return Err(XmlError::Malformed(format!(
                        "an entry has more than {XML_PARTS} elements that are read"
                    )));
                }
            }
        }
        match event {
            Event::Start(tag) if open.is_empty() && !in_list && is_list(&tag) => in_list = true,
            Event::Start(_) if open.len() + skipped >= XML_LEVELS => {
                return Err(XmlError::Malformed(format!(
                    "it is nested more than {XML_LEVELS} deep"
                )));
            }
            Event::Start(tag) if skipped > 0 || !open.is_empty() && !is_read(&tag) => {
                skipped += 1;
                open.last_mut().into_iter().for_each(|parent| parent.has_others = true);
            }
            Event::Start(tag) => open.push(Element::new(&tag, span.start)),
            Event::Empty(tag) if skipped > 0 || !open.is_empty() && !is_read(&tag) => {
                open.last_mut().into_iter().for_each(|parent| parent.has_others = true);
            }
            Event::Empty(tag) => {
                let mut element = Element::new(&tag, span.start);
                element.span.end = span.end;
                match open.last_mut() {
                    Some(parent) => parent.children.push(element),
                    None if !in_list && is_list(&tag) => {}
                    None => take(element),
                }
            }
            Event::End(_) if skipped > 0 => skipped -= 1,
            Event::End(_) => match open.pop() {
                Some(mut element) => {
                    element.span.end = span.end;
                    match open.last_mut() {
                        Some(parent) => parent.children.push(element),
                        None => take(element),
                    }
                }
                None if in_list => in_list = false,
                None => return reading.end(),
            },
            Event::Eof => return Err(XmlError::Malformed("it ends too early".to_owned())),
            event => {
                if let Some(element) = open.last_mut().filter(|_| skipped == 0) {
                    reading.text(event, element);
                }
            }
        }
    }
}

/// Whether an element within an entry is read.
fn is_read(tag: &BytesStart<'_>) -> bool {
    READ.iter().any(|name| tag.local_name().as_ref() == name.as_bytes())
}

/// `object_store` compares each attribute of an element with all before it.
fn check_attributes(tag: &BytesStart<'_>) -> Result<(), XmlError> {
    if tag.attributes().with_checks(false).nth(XML_PARTS).is_none() {
        return Ok(());
    }
    Err(XmlError::Malformed(format!("an element has more than {XML_PARTS} attributes")))
}

#[derive(PartialEq)]
enum Root {
    Open,
    Empty,
}

/// Nothing but UTF-8 is read, and what is the same in UTF-8: ASCII, under the name of an encoding that extends it.
fn readable_encoding(encoding: &[u8], document: &[u8]) -> Result<(), XmlError> {
    let encoding = String::from_utf8_lossy(encoding).to_ascii_lowercase();
    let extends_ascii = ["iso-8859-", "windows-125", "us-ascii"];
    if matches!(&*encoding, "utf-8" | "utf8")
        || document.is_ascii() && extends_ascii.iter().any(|it| encoding.starts_with(it))
    {
        return Ok(());
    }
    Err(XmlError::Malformed(format!("it is encoded as {encoding}, and not as UTF-8")))
}

struct Reading<'a> {
    document: &'a [u8],
    reader: Reader<&'a [u8]>,
    /// The reader does not count the byte order mark.
    offset: usize,
    is_xml11: bool,
}

impl<'a> Reading<'a> {
    fn new(document: &'a [u8]) -> Self {
        let text = document.strip_prefix(BOM).unwrap_or(document);
        let mut reader = Reader::from_reader(text);
        // An `&` that is not escaped spoils the text that it is in, and no more than that.
        reader.config_mut().allow_dangling_amp = true;
        Self { document, reader, offset: document.len() - text.len(), is_xml11: false }
    }

    fn place(&self) -> usize {
        let place = usize::try_from(self.reader.buffer_position()).unwrap_or(usize::MAX);
        place.saturating_add(self.offset)
    }

    fn next(&mut self) -> Result<(Event<'a>, Range<usize>), XmlError> {
        let start = self.place();
        let event = self.reader.read_event();
        let event = event.map_err(|error| XmlError::Malformed(error.to_string()))?;
        Ok((event, start..self.place()))
    }

    /// Goes behind the first tag.
    fn seek_root(&mut self, root: &str) -> Result<Root, XmlError> {
        let none = || XmlError::Root(String::new());
        loop {
            let name = match self.next().map_err(|_| none())?.0 {
                Event::Decl(declaration) => {
                    if let Some(Ok(encoding)) = declaration.encoding() {
                        readable_encoding(&encoding, self.document)?;
                    }
                    self.is_xml11 =
                        declaration.xml_version().is_ok_and(|it| it == XmlVersion::Explicit1_1);
                    continue;
                }
                Event::Text(text) if text.trim_ascii().is_empty() => continue,
                Event::Comment(_) | Event::PI(_) | Event::DocType(_) => continue,
                Event::Start(tag) if tag.local_name().as_ref() == root.as_bytes() => {
                    return check_attributes(&tag).map(|()| Root::Open);
                }
                Event::Empty(tag) if tag.local_name().as_ref() == root.as_bytes() => {
                    return check_attributes(&tag).map(|()| Root::Empty);
                }
                Event::Start(tag) | Event::Empty(tag) => tag.name().as_ref().to_vec(),
                _ => return Err(none()),
            };
            return Err(XmlError::Root(String::from_utf8_lossy(&name).into_owned()));
        }
    }

    /// The root is closed: nothing may follow.
    fn end(&mut self) -> Result<(), XmlError> {
        loop {
            match self.next()?.0 {
                Event::Eof => return Ok(()),
                Event::Text(text) if text.trim_ascii().is_empty() => {}
                Event::Comment(_) | Event::PI(_) => {}
                _ => return Err(XmlError::Malformed("something follows its end".to_owned())),
            }
        }
    }

    fn text(&self, event: Event<'_>, element: &mut Element) {
        let (bytes, is_plain) = match &event {
            Event::Text(text) => (&**text, !text.contains(&b'&')),
            Event::CData(text) => (&**text, true),
            Event::GeneralRef(reference) => return element.refer(reference),
            _ => return,
        };
        let text = String::from_utf8_lossy(bytes);
        let is_normalised =
            text.contains('\r') || self.is_xml11 && text.contains(['\u{85}', '\u{2028}']);
        element.is_normalised |= is_normalised;
        element.is_readable &= is_plain && !text.contains(char::REPLACEMENT_CHARACTER);
        element.text.push_str(&text);
    }
}

impl Element {
    fn refer(&mut self, reference: &BytesRef<'_>) {
        let name = String::from_utf8_lossy(reference);
        let known = resolve_predefined_entity(&name);
        match (known, reference.resolve_char_ref()) {
            (Some(text), _) => self.text.push_str(text),
            (None, Ok(Some(char))) => self.text.push(char),
            _ => {
                self.is_readable = false;
                self.text.push_str(&format!("&{name};"));
            }
        }
    }
}

/// A text within an element, so that it is read as it is.
pub(super) fn escape(text: &str) -> String {
    let escaped = quick_xml::escape::escape(text);
    escaped.replace('\r', "&#13;").replace('\u{85}', "&#x85;").replace('\u{2028}', "&#x2028;")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn children(document: &[u8]) -> Result<Vec<Element>, XmlError> {
        let mut children = Vec::new();
        read(document, "root", "list", |element| children.push(element))?;
        Ok(children)
    }

    /// The names and the texts of the elements, in their order.
    fn told(document: &str) -> String {
        let children = children(document.as_bytes()).unwrap();
        let one = |it: &Element| {
            let is_exact = it.is_readable && !it.is_normalised;
            format!("{}={}{}", it.name, it.text, if is_exact { "" } else { "?" })
        };
        children.iter().map(one).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn elements_have_their_text_as_the_server_wrote_it() {
        for (document, expected) in [
            ("<root><a>1</a><b/></root>", "a=1 b="),
            ("<root/>", ""),
            ("<?xml version='1.0' encoding='utf-8' ?><root/>", ""),
            ("<?xml version='1.0' encoding='ISO-8859-1'?><root><a>&#xfc;</a></root>", "a=ü"),
            (
                "\u{feff}<?xml version=\"1.0\"?>\n<!-- c --><x:root xmlns:x=\"y\"><x:a>1</x:a></x:root>\n",
                "a=1",
            ),
            ("<root><list><a>1</a><a>2</a></list><b>3</b><list/></root>", "a=1 a=2 b=3"),
            ("<root><a>&lt;&#65;&amp;&#x42;</a></root>", "a=<A&B"),
            ("<root><a>1<!-- c -->2<![CDATA[<3>]]></a></root>", "a=12<3>"),
            ("<root><a> 1 </a></root>", "a= 1 "),
            ("<root><a>&#13;</a></root>", "a=\r"),
            ("<root><a>1\r2</a></root>", "a=1\r2?"),
            ("<root><a>1&none;2</a></root>", "a=1&none;2?"),
            ("<root><a>1&#0;2</a></root>", "a=1&#0;2?"),
            ("<root><a>1 & 2</a></root>", "a=1 & 2?"),
            ("<?xml version=\"1.1\"?><root><a>\u{2028}</a></root>", "a=\u{2028}?"),
            ("<root><a>\u{2028}</a></root>", "a=\u{2028}"),
        ] {
            assert_eq!(told(document), expected, "{document}");
        }
        let invalid = children(b"<root><a>1\xff</a></root>").unwrap();
        assert_eq!((invalid[0].text.as_str(), invalid[0].is_readable), ("1\u{fffd}", false));
    }

    #[test]
    fn elements_are_read_up_to_a_depth() {
        let test = || {
            let nested = |levels: usize| "<a>".repeat(levels) + &"</a>".repeat(levels);
            let read = |levels| children(format!("<root>{}</root>", nested(levels)).as_bytes());
            assert!(read(XML_LEVELS).is_ok());
            for levels in [XML_LEVELS + 1, 100_000] {
                let refused = XmlError::Malformed("it is nested more than 32 deep".to_owned());
                assert_eq!(read(levels), Err(refused));
            }
        };
        let thread = std::thread::Builder::new().stack_size(512 * 1024).spawn(test).unwrap();
        thread.join().unwrap();
    }

    #[test]
    fn an_entry_is_read_up_to_its_bounds() {
        let entry = |inner: &str| children(format!("<root><a>{inner}</a></root>").as_bytes());
        let refused = |what: &str| Err(XmlError::Malformed(what.to_owned()));
        // Of what nobody reads, nothing is kept.
        for inner in ["<b/>", "<b><Key>1</Key></b>", "<b>1</b>"] {
            let read = entry(&(inner.repeat(100_000) + "<Key>k</Key>")).unwrap();
            assert_eq!((read[0].children.len(), read[0].children.capacity() < 100), (1, true));
            assert_eq!((&*read[0].children[0].text, read[0].is_leaf()), ("k", false), "{inner}");
        }
        assert!(!entry("<b/>").unwrap()[0].is_leaf() && entry("").unwrap()[0].is_leaf());
        for (read, each) in [("<Key/>", 1), ("<Name>1</Name>", 1), ("<prop><status/></prop>", 2)] {
            let times = XML_PARTS / each;
            assert!(entry(&read.repeat(times)).is_ok(), "{read}");
            let more = refused("an entry has more than 64 elements that are read");
            assert_eq!(entry(&read.repeat(times + 1)), more, "{read}");
        }
        // Each entry has bounds of its own.
        let entries = format!("<root>{}</root>", "<a><Key/></a>".repeat(2 * XML_PARTS));
        assert_eq!(children(entries.as_bytes()).unwrap().len(), 2 * XML_PARTS);
        let with = |attributes: usize, tag: &str| {
            let tag = format!("<{tag}{}", " x=\"\"".repeat(attributes));
            let all = [
                format!("<root>{tag}/></root>"),
                format!("<root><a>{tag}/></a></root>"),
                format!("{}/>", tag.replacen("<b", "<root", 1)),
            ];
            all.map(|document| children(document.as_bytes()).map(|_| ()))
        };
        assert_eq!(with(XML_PARTS, "b"), [Ok(()), Ok(()), Ok(())]);
        for attributes in [XML_PARTS + 1, 1_000_000] {
            let more = || refused("an element has more than 64 attributes").map(|_| ());
            assert_eq!(with(attributes, "b"), [more(), more(), more()]);
        }
    }

    #[test]
    fn elements_stand_where_their_span_says() {
        for document in [
            "<root><a>1</a> <b><c/>2</b><d/></root>",
            "\u{feff}<?xml version=\"1.0\"?><root><list><a>1</a><b><c/>2</b></list><d/></root>",
        ] {
            let children = children(document.as_bytes()).unwrap();
            let spans: Vec<_> = children.iter().map(|it| &document[it.span.clone()]).collect();
            assert_eq!(spans, ["<a>1</a>", "<b><c/>2</b>", "<d/>"]);
        }
    }

    #[test]
    fn a_document_is_read_up_to_its_end_or_not_at_all() {
        let root = |name: &str| Err(XmlError::Root(name.to_owned()));
        for (document, expected) in [
            ("", root("")),
            ("{}", root("")),
            ("<html><br></html>", root("html")),
            ("<x:other/>", root("x:other")),
        ] {
            assert_eq!(children(document.as_bytes()), expected, "{document}");
        }
        for document in [
            "<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?><root>ü</root>",
            "<?xml version=\"1.0\" encoding=\"UTF-16\"?><root/>",
            "<root>",
            "<root><a>1</a>",
            "<root><a>1</root>",
            "<root><a>1</a></root",
            "<root><a>1</a></root><root/>",
            "<root></root>x",
            "<root/><root/>",
            "<root><list><a>1</a></root>",
        ] {
            let read = children(document.as_bytes());
            assert!(matches!(read, Err(XmlError::Malformed(_))), "{document}: {read:?}");
        }
        let nested = |levels: usize| {
            let (open, close) = ("<a>".repeat(levels), "</a>".repeat(levels));
            children(format!("<root>{open}{close}</root>").as_bytes())
        };
        assert!(nested(XML_LEVELS).is_ok() && nested(XML_LEVELS + 1).is_err());
        let deep = "<a>".repeat(100_000);
        assert!(children(format!("<root>{deep}").as_bytes()).is_err());
    }
}
