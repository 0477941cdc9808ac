//! How a body is read: its format, what is ignored of it, and where its items are.

#[cfg(feature = "yaml")]
pub(super) mod answer;

use std::borrow::Cow;

use http::header::CONTENT_TYPE;

use super::readable::Readable;
use crate::change::{Fingerprint, Kind, RawItem, ReadAs, Shape};
use crate::decode::{self, BodyFormat, Cutter, Encoding, Item, PointerTree, Refused, Text};
use crate::error::DecodeError;
use crate::http::{Content, ReadsList, ReadsValue, TakesItems, field_text};
use crate::memory::Admit;
use crate::offload::IN_PLACE;
use crate::spec::{Pointer, WatcherSpec};

pub(super) struct Reading {
    format: BodyFormat,
    /// The places that do not count.
    ignore: PointerTree,
    /// Where the items are.
    at: Box<[String]>,
    /// Where in an item its key is.
    key: Option<Box<[String]>>,
}

impl Reading {
    pub(super) fn new(encoding: Option<Encoding>, body_limit: u64, spec: &WatcherSpec) -> Self {
        let path = |pointer: &Pointer| pointer.segments().into();
        let items = spec.items.as_ref();
        Self {
            format: BodyFormat {
                encoding,
                body_limit,
                walk_limit: spec.walk_limit(),
                has_items: true,
            },
            ignore: PointerTree::new(spec.ignore.iter().map(path)),
            at: items.map(|items| path(&items.at)).unwrap_or_default(),
            key: items.and_then(|items| items.key.as_ref()).map(path),
        }
    }

    /// How contents become values.
    pub(super) fn read_as(&self) -> ReadAs {
        ReadAs::new(self.format.encoding, self.ignore.pointers())
    }

    /// Where the items are.
    pub(super) fn at(&self) -> &[String] {
        &self.at
    }

    /// Where in an item its key is.
    pub(super) fn key(&self) -> Option<&[String]> {
        self.key.as_deref()
    }

    /// What counts is found beside what is decoded.
    fn passes(&self) -> usize {
        if self.ignore.is_empty() { 1 } else { 2 }
    }

    fn text<'a>(&self, content: &'a Content) -> Result<Text<'a>, Refused> {
        Text::new(self.format, content_type(content).as_deref(), &content.body)
    }
}

impl<T: Readable> ReadsValue<T> for Reading {
    fn cost(&self, content: &Content) -> usize {
        let content_type = content_type(content);
        let cost = decode::cost(self.format, content_type.as_deref(), &content.body);
        cost.saturating_mul(self.passes())
    }

    fn counted(&self, content: &Content) -> Result<Option<Fingerprint>, DecodeError> {
        if self.ignore.is_empty() {
            return Ok(None);
        }
        let text = self.text(content).map_err(refused)?;
        let mut read = Ok(());
        let counted = Fingerprint::of_parts(|part| read = text.without(&self.ignore, part));
        read.map(|()| Some(counted)).map_err(refused)
    }

    fn decode(&self, content: &Content, admit: Admit<'_>) -> Result<T, DecodeError> {
        let content_type = content_type(content);
        T::of_body(self.format, content_type.as_deref(), &content.body, admit).map_err(refused)
    }

    fn page(&self, content: &Content) -> Option<(Kind, DecodeError)> {
        let is_page = decode::is_page(self.format, content_type(content).as_deref(), &content.body);
        let begins = decode::begins_with_tag(&content.body);
        let kind = if begins { Kind::Page } else { Kind::PageByType };
        is_page.then(|| (kind, refused(decode::page_instead())))
    }
}

impl<T: Readable> ReadsList<T> for Reading {
    fn cost(&self, content: &Content) -> usize {
        let content_type = content_type(content);
        let cost = decode::cost(self.format, content_type.as_deref(), &content.body);
        // Those of a large body are counted by nobody: that would take long itself.
        let items = if cost <= IN_PLACE { decode::cost_of_items(&content.body) } else { 0 };
        cost.saturating_add(items).saturating_mul(self.passes())
    }

    fn items(&self, content: &Content, to: &mut dyn TakesItems<T>) -> Result<(), DecodeError> {
        let text = self.text(content).map_err(refused)?;
        let mut hand = Hand { to, reading: self, keyless: None, keyed: false };
        let read = text.items(&self.at, self.key.as_deref(), &mut hand);
        let Hand { keyless, keyed, .. } = hand;
        read.and(keyless.filter(|_| !keyed).map_or(Ok(()), Err)).map_err(refused)
    }

    fn scalar(&self, content: &Content, at: &Pointer) -> Result<Option<String>, DecodeError> {
        let text = self.text(content).map_err(refused)?;
        text.scalar(at.segments()).map_err(refused)
    }
}

/// Hands items over, with how they are read.
struct Hand<'a, T> {
    to: &'a mut dyn TakesItems<T>,
    reading: &'a Reading,
    /// Why a member without a key has none, and whether there are any with one. An object without
    /// these is no list, but an error with 200, as `{"error": …}`.
    keyless: Option<Refused>,
    keyed: bool,
}

impl<T: Readable> Cutter for Hand<'_, T> {
    fn begins(&mut self, named: bool) -> Result<(), String> {
        self.to.begins(if named { Shape::Object } else { Shape::Array })
    }

    fn expects(&self) -> Option<usize> {
        self.to.expects()
    }

    fn is_expected(&mut self, item: Item<'_>) -> bool {
        let is = self.to.is_expected(content(item));
        self.keyed |= is;
        is
    }

    fn item(&mut self, item: Item<'_>) -> bool {
        if let (Some(name), Some(key)) = (item.name(), &self.reading.key)
            && !self.keyed
        {
            match item.key(Some(key)) {
                Ok(_) => self.keyed = true,
                // A member that is an array may be the list itself, and says more than any other.
                Err(why) if self.keyless.is_none() || item.is_array() => {
                    self.keyless = Some(why.of_member(&self.reading.at, name, item.is_array()));
                }
                Err(_) => {}
            }
        }
        self.to.item(&Raw { item, reading: self.reading })
    }
}

fn content(item: Item<'_>) -> Fingerprint {
    match item {
        Item::Json { name: None, text, .. } => Fingerprint::of(text.as_bytes()),
        item => Fingerprint::of_parts(|part| item.parts(part)),
    }
}

/// An item as it came, and how it is read.
struct Raw<'a> {
    item: Item<'a>,
    reading: &'a Reading,
}

impl<T: Readable> RawItem<T> for Raw<'_> {
    type Bad = DecodeError;

    fn content(&self) -> Fingerprint {
        content(self.item)
    }

    fn length(&self) -> usize {
        self.item.length()
    }

    /// What cannot be cut cannot be decoded, which says why.
    fn counted(&self) -> Option<Fingerprint> {
        let ignore = &self.reading.ignore;
        let mut cut = Ok(());
        let counted = Fingerprint::of_parts(|part| cut = self.item.without(ignore, part));
        (!ignore.is_empty() && cut.is_ok()).then_some(counted)
    }

    fn key(&self) -> Result<String, DecodeError> {
        self.item.key(self.reading.key.as_deref()).map_err(refused)
    }

    fn size(&self) -> u64 {
        self.item.size()
    }

    fn decode(&self) -> Result<T, DecodeError> {
        T::of_item(&self.item, self.reading.key.as_deref()).map_err(refused)
    }
}

fn content_type(content: &Content) -> Option<Cow<'_, str>> {
    content.headers.get(CONTENT_TYPE).map(field_text)
}

fn refused(refused: Refused) -> DecodeError {
    let Refused { path, message, .. } = refused;
    DecodeError::new(&path, &message)
}
