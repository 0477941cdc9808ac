//! The grammar: `<target>; name=value; name="value", …`, and how it is misspelled.

/// A link of a header.
pub(super) struct Link<'a> {
    /// `None` where it is not clear where it begins or ends.
    pub(super) target: Option<&'a [u8]>,
    pub(super) relation: Relation,
    /// The page that the link is about, if not the one that has it.
    pub(super) anchor: Option<&'a [u8]>,
}

/// What a link leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Relation {
    Next,
    Other,
    /// The word `next` stands in something that cannot be read.
    Unclear,
}

/// Whether the word `next` is somewhere.
pub(super) fn contains_next(text: &[u8]) -> bool {
    text.windows(4).any(|word| word.eq_ignore_ascii_case(b"next"))
}

/// The links of a header value.
pub(super) fn links(value: &[u8]) -> Vec<Link<'_>> {
    let mut links = Vec::new();
    let mut scan = Scan(value);
    // Whether the text before the next `<` was no link, so that this may not be where the target begins.
    let mut torn = false;
    loop {
        scan.skip(b" \t,;");
        if scan.peek().is_none() {
            return links;
        }
        let (mut link, tears) = link(&mut scan);
        link.target = link.target.filter(|_| !torn);
        torn = tears;
        links.push(link);
    }
}

/// Reads one link. Also returns whether it ended at the `<` of another one, where a target should have ended.
fn link<'a>(scan: &mut Scan<'a>) -> (Link<'a>, bool) {
    let begin = scan.0;
    let Target { text, is_bare } = target(scan);
    let tears = is_bare && scan.peek() == Some(b'<') && !before(begin, scan).ends_with(b",");
    let behind_target = scan.0;
    let mut link = Link { target: text, relation: Relation::Other, anchor: None };
    // What the first relation says, if nothing unreadable stands before it, and what stands behind it.
    let mut first: Option<(bool, &[u8])> = None;
    let mut is_broken = false;
    let mut is_exhausted = false;
    while let Some(param) = param(scan) {
        match param {
            Param::Rel(Some(is_next)) if first.is_none() && !is_broken => {
                first = Some((is_next, scan.0));
            }
            Param::Rel(Some(is_next)) => is_broken |= is_next,
            Param::Other(name, value) => {
                // A target without `<>` may hold a `;` itself.
                is_broken |= is_bare && first.is_none() && !is_registered(name);
                is_broken |= value.is_none() && name.eq_ignore_ascii_case(b"next");
                match name.to_ascii_lowercase().as_slice() {
                    b"anchor" => link.anchor = link.anchor.or(value),
                    // Sentry names a next page at the end, too, and says that it is empty.
                    b"results" => is_exhausted |= value == Some(b"false"),
                    _ => {}
                }
            }
            Param::Rel(None) | Param::Broken => is_broken = true,
        }
    }
    link.relation = match first {
        Some((true, _)) if is_exhausted => Relation::Other,
        Some((true, _)) => Relation::Next,
        Some((false, behind)) if is_broken && contains_next(before(behind, scan)) => {
            Relation::Unclear
        }
        Some((false, _)) => Relation::Other,
        None => {
            let suspect =
                if is_broken || text.is_none() || is_bare { begin } else { behind_target };
            match contains_next(before(suspect, scan)) {
                true => Relation::Unclear,
                false => Relation::Other,
            }
        }
    };
    (link, tears)
}

/// What was read since the scan was there.
fn before<'a>(then: &'a [u8], scan: &Scan<'a>) -> &'a [u8] {
    then.get(..then.len() - scan.0.len()).unwrap_or_default()
}

struct Target<'a> {
    text: Option<&'a [u8]>,
    /// It has no `<` or no `>`.
    is_bare: bool,
}

fn target<'a>(scan: &mut Scan<'a>) -> Target<'a> {
    let is_control = |byte: &u8| byte.is_ascii_control();
    let is_open = scan.eat(b'<');
    // At a `<` another link begins: no target is searched for its end behind one, so that each byte is read once.
    let is_end = |byte: &u8| matches!(byte, b'<' | b'>');
    let end = if is_open { scan.0.iter().position(is_end) } else { None };
    if let Some((inner, behind @ [b'>', ..])) = end.and_then(|end| scan.0.split_at_checked(end)) {
        // Else the `>` stands in a parameter.
        let swallows = inner.contains(&b'"') && inner.contains(&b';');
        if !swallows {
            scan.0 = behind.get(1..).unwrap_or_default();
            let text = Some(inner.trim_ascii()).filter(|text| !text.iter().any(is_control));
            return Target { text, is_bare: false };
        }
    }
    let text = scan.until(b";<").trim_ascii();
    let text = text.strip_suffix(b">").unwrap_or(text);
    let is_unclear = |byte: &u8| is_control(byte) || b" ,\"'>".contains(byte);
    Target { text: Some(text).filter(|text| !text.iter().any(is_unclear)), is_bare: true }
}

enum Param<'a> {
    /// Whether `next` is among the relations; `None` where they cannot be read.
    Rel(Option<bool>),
    Other(&'a [u8], Option<&'a [u8]>),
    Broken,
}

/// The next parameter of a link, also where a `;` is missing; `None` at the end of the link.
fn param<'a>(scan: &mut Scan<'a>) -> Option<Param<'a>> {
    scan.skip(b" \t;");
    match scan.peek() {
        None | Some(b'<') => return None,
        Some(b',') => {
            scan.eat(b',');
            return None;
        }
        Some(_) => {}
    }
    let name = scan.take_while(is_token);
    scan.skip(b" \t");
    if !name.is_empty() && scan.eat(b'=') {
        scan.skip(b" \t");
        return Some(match name.eq_ignore_ascii_case(b"rel") {
            true => Param::Rel(relations(scan)),
            false => value(scan).map_or(Param::Broken, |value| Param::Other(name, Some(value))),
        });
    }
    if !name.is_empty() && scan.peek().is_none_or(|next| b";,<".contains(&next) || is_token(&next))
    {
        return Some(Param::Other(name, None));
    }
    scan.until(b";,<");
    Some(Param::Broken)
}

/// Reads the value of `rel`. Returns whether `next` is among its words.
fn relations(scan: &mut Scan<'_>) -> Option<bool> {
    match scan.peek() {
        Some(quote @ (b'"' | b'\'')) => {
            let closed = scan.quoted(quote).filter(|inner| !inner.contains(&b'<'));
            if let Some(inner) = closed {
                scan.0 = scan.0.get(inner.len() + 2..).unwrap_or_default();
                return has_next(inner);
            }
            // A relation holds none of these, so that a quote that is missing does no harm.
            let text = scan.until(b";,<").trim_ascii();
            let is_quote = |byte: &u8| matches!(byte, b'"' | b'\'');
            let begin = text.iter().position(|byte| !is_quote(byte)).unwrap_or(text.len());
            let end = text.iter().rposition(|byte| !is_quote(byte)).map_or(begin, |at| at + 1);
            has_next(text.get(begin..end).unwrap_or_default())
        }
        _ => {
            let begin = scan.0;
            scan.until(b" \t;,<");
            loop {
                // More words, unless it is a parameter whose `;` is missing.
                let mut ahead = Scan(scan.0);
                ahead.skip(b" \t");
                let word = ahead.take_while(is_token);
                let end = ahead.0;
                ahead.skip(b" \t");
                if word.is_empty()
                    || ahead.peek().is_some_and(|next| !(b";,<".contains(&next) || is_token(&next)))
                {
                    break;
                }
                scan.0 = end;
            }
            has_next(before(begin, scan))
        }
    }
}

/// Whether `next` is one of these words; `None` where one of them cannot be read.
fn has_next(words: &[u8]) -> Option<bool> {
    let mut has = false;
    let words = words.split(|byte| matches!(byte, b' ' | b'\t' | b','));
    for word in words.filter(|word| !word.is_empty()) {
        if word.eq_ignore_ascii_case(b"next") {
            has = true;
        } else if !is_relation(word) {
            return None;
        }
    }
    Some(has)
}

/// Whether a word is another relation: a registered name, or a URI. One that names `next` in another way
/// (`next_page`, `nextPage`, a URI that ends so) is suspicious, but for the one of RFC 5005.
fn is_relation(word: &[u8]) -> bool {
    let is_uri = word.windows(3).any(|part| part == b"://");
    let ends = [word.first(), word.last()];
    let is_name = word.iter().all(|byte| byte.is_ascii_alphanumeric() || b".-_:".contains(byte))
        && ends.into_iter().flatten().all(u8::is_ascii_alphanumeric);
    let name = match is_uri {
        true => word.rsplit(|byte| b"/#?=:".contains(byte)).next().unwrap_or(word),
        false => word,
    };
    let is_known = name.eq_ignore_ascii_case(b"next-archive") || !has_word_next(name);
    ((is_uri && word.is_ascii()) || is_name) && is_known
}

/// Whether `next` is one of the words that a name is made of: `next_page`, `nextPage`, `next2`.
fn has_word_next(name: &[u8]) -> bool {
    const LENGTH: usize = 4;
    let begins_word = |one: u8, other: u8| {
        !one.is_ascii_alphabetic()
            || !other.is_ascii_alphabetic()
            || (one.is_ascii_lowercase() && other.is_ascii_uppercase())
    };
    let is_between_words = |at: usize| match name.split_at_checked(at) {
        Some(([.., one], [other, ..])) => begins_word(*one, *other),
        _ => true,
    };
    let mut parts = name.windows(LENGTH).enumerate();
    parts.any(|(at, part)| {
        part.eq_ignore_ascii_case(b"next") && is_between_words(at) && is_between_words(at + LENGTH)
    })
}

/// Reads any other value; `None` where it has no clear end.
fn value<'a>(scan: &mut Scan<'a>) -> Option<&'a [u8]> {
    if let Some(quote @ (b'"' | b'\'')) = scan.peek() {
        if let Some(inner) = scan.quoted(quote) {
            scan.0 = scan.0.get(inner.len() + 2..).unwrap_or_default();
            return Some(inner);
        }
        if quote == b'"' {
            scan.until(b";,<");
            return None;
        }
    }
    let value = scan.until(b" \t;,<>\"");
    if matches!(scan.peek(), Some(b'>' | b'"')) {
        scan.until(b";,<");
        return None;
    }
    Some(value)
}

/// Parameters that RFC 8288 and HTML give to links.
fn is_registered(name: &[u8]) -> bool {
    const NAMES: [&str; 9] =
        ["rel", "rev", "title", "title*", "type", "media", "hreflang", "anchor", "crossorigin"];
    NAMES.iter().any(|known| known.as_bytes().eq_ignore_ascii_case(name))
}

/// RFC 9110 §5.6.2, but for the single quote, in which values are put.
fn is_token(byte: &u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&*+-.^_`|~".contains(byte)
}

/// What is still to be read.
struct Scan<'a>(&'a [u8]);

impl<'a> Scan<'a> {
    fn peek(&self) -> Option<u8> {
        self.0.first().copied()
    }

    fn eat(&mut self, byte: u8) -> bool {
        let rest = self.0.strip_prefix(&[byte]);
        self.0 = rest.unwrap_or(self.0);
        rest.is_some()
    }

    fn take_while(&mut self, is: impl Fn(&u8) -> bool) -> &'a [u8] {
        let end = self.0.iter().position(|byte| !is(byte)).unwrap_or(self.0.len());
        let (taken, rest) = self.0.split_at(end);
        self.0 = rest;
        taken
    }

    fn until(&mut self, ends: &[u8]) -> &'a [u8] {
        self.take_while(|byte| !ends.contains(byte))
    }

    fn skip(&mut self, bytes: &[u8]) {
        self.take_while(|byte| bytes.contains(byte));
    }

    /// What stands between the quote that comes next and the one that closes it, if a value can end there.
    fn quoted(&self, quote: u8) -> Option<&'a [u8]> {
        let inner = self.0.get(1..)?;
        let mut is_escaped = false;
        let end = inner.iter().position(|byte| {
            let closes = *byte == quote && !is_escaped;
            is_escaped = *byte == b'\\' && !is_escaped;
            closes
        })?;
        let follows = inner.get(end + 1);
        follows.is_none_or(|byte| b" \t;,<".contains(byte)).then(|| inner.get(..end))?
    }
}
