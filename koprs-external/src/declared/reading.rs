//! How a body is read: its format, what is ignored of it, and where its items are.

use std::ops::ControlFlow;

use http::header::CONTENT_TYPE;
use serde::de::DeserializeOwned;

use crate::change::{Fingerprint, RawItem};
use crate::decode::{self, Encoding, Item, Refused, Text};
use crate::error::DecodeError;
use crate::http::{Content, ReadsList, ReadsValue};
use crate::spec::{Pointer, WatcherSpec};

pub(super) struct Reading {
    /// The declared one.
    encoding: Option<Encoding>,
    /// The places that do not count.
    ignore: Vec<Box<[String]>>,
    /// Where the items are.
    at: Box<[String]>,
    /// Where in an item its key is.
    key: Option<Box<[String]>>,
}

impl Reading {
    pub(super) fn new(encoding: Option<Encoding>, spec: &WatcherSpec) -> Self {
        let path = |pointer: &Pointer| pointer.segments().into();
        let items = spec.items.as_ref();
        Self {
            encoding,
            ignore: spec.ignore.iter().map(path).collect(),
            at: items.map(|items| path(&items.at)).unwrap_or_default(),
            key: items.and_then(|items| items.key.as_ref()).map(path),
        }
    }

    fn text<'a>(&self, content: &'a Content) -> Result<Text<'a>, Refused> {
        Text::new(self.encoding, content_type(content), &content.body)
    }
}

impl<T: DeserializeOwned> ReadsValue<T> for Reading {
    fn counted(&self, content: &Content) -> Result<Option<Fingerprint>, DecodeError> {
        if self.ignore.is_empty() {
            return Ok(None);
        }
        let text = self.text(content).map_err(refused)?;
        let mut read = Ok(());
        let counted = Fingerprint::of_parts(|part| read = text.without(&self.ignore, part));
        read.map(|()| Some(counted)).map_err(refused)
    }

    fn decode(&self, content: &Content) -> Result<T, DecodeError> {
        decode::decode(self.encoding, content_type(content), &content.body).map_err(refused)
    }
}

impl<T: DeserializeOwned> ReadsList<T> for Reading {
    fn items(
        &self,
        content: &Content,
        each: &mut dyn FnMut(&dyn RawItem<T, Bad = DecodeError>) -> bool,
    ) -> Result<(), DecodeError> {
        let text = self.text(content).map_err(refused)?;
        let each = |item: Item<'_>| match each(&Raw { item, reading: self }) {
            true => ControlFlow::Continue(()),
            false => ControlFlow::Break(()),
        };
        text.items(&self.at, each).map(|_| ()).map_err(refused)
    }

    fn scalar(&self, content: &Content, at: &Pointer) -> Result<Option<String>, DecodeError> {
        let text = self.text(content).map_err(refused)?;
        text.scalar(at.segments()).map_err(refused)
    }
}

/// An item as it came, and how it is read.
struct Raw<'a> {
    item: Item<'a>,
    reading: &'a Reading,
}

impl<T: DeserializeOwned> RawItem<T> for Raw<'_> {
    type Bad = DecodeError;

    fn content(&self) -> Fingerprint {
        match self.item {
            Item::Json { name: None, text } => Fingerprint::of(text.as_bytes()),
            item => Fingerprint::of_parts(|part| item.parts(part)),
        }
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

    fn decode(&self) -> Result<T, DecodeError> {
        self.item.decode().map_err(refused)
    }
}

fn content_type(content: &Content) -> Option<&str> {
    content.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok())
}

fn refused(refused: Refused) -> DecodeError {
    DecodeError { asked: None, path: refused.path, message: refused.message }
}
