//! What a body comes to by a declaration, without a request: for the fuzz target.

use serde_json::Value;

use super::{Hand, Reading, refused};
use crate::change::{Fingerprint, RawItem, Shape};
use crate::declared::encoding;
use crate::declared::readable::Readable;
use crate::decode::Text;
use crate::error::DecodeError;
use crate::http::TakesItems;
use crate::private::Decoded;
use crate::spec::{CursorFrom, NextPage, SourceSpec, WatcherSpec};

/// Reads a body as the watcher of a declaration does: what counts of it, its value or its items, the next cursor.
pub(crate) fn read_answer(
    spec: &WatcherSpec,
    content_type: Option<&str>,
    body: &[u8],
) -> Result<Vec<Decoded>, DecodeError> {
    let (limit, pages) = match spec.source() {
        SourceSpec::Http(http) => (http.body_limit, http.pages.as_ref()),
        SourceSpec::ObjectStore(store) => (store.body_limit, None),
    };
    let reading = Reading::new(spec.decode().map(encoding), limit, spec);
    let format = reading.format;
    let text = || Text::new(format, content_type, body);
    if let Some(items) = &spec.items {
        let text = text().map_err(refused)?;
        let mut taken = Taken { items: Vec::new(), limit: items.limit };
        let mut hand = Hand { to: &mut taken, reading: &reading, keyless: None, keyed: false };
        text.items(&reading.at, reading.key(), &mut hand).map_err(refused)?;
        if let Some(NextPage::Cursor { from: CursorFrom::Body(at), .. }) = pages.map(|it| &it.next)
        {
            text.scalar(at.segments()).map_err(refused)?;
        }
        return Ok(taken.items);
    }
    if !reading.ignore.is_empty() {
        let text = text().map_err(refused)?;
        let mut read = Ok(());
        Fingerprint::of_parts(|part| read = text.without(&reading.ignore, part));
        read.map_err(refused)?;
    }
    let value = Value::of_body(format, content_type, body, &mut |_| Ok(())).map_err(refused)?;
    Ok(vec![(None, Ok(value))])
}

/// Decodes each item.
struct Taken {
    items: Vec<Decoded>,
    limit: usize,
}

impl TakesItems<Value> for Taken {
    fn begins(&mut self, _: Shape) -> Result<(), String> {
        Ok(())
    }

    fn expects(&self) -> Option<usize> {
        None
    }

    fn is_expected(&mut self, _: Fingerprint) -> bool {
        false
    }

    fn item(&mut self, item: &dyn RawItem<Value, Bad = DecodeError>) -> bool {
        let _ = (item.content(), item.counted());
        self.items.push(match item.key() {
            Ok(key) => (Some(key), item.decode()),
            Err(bad) => (None, Err(bad)),
        });
        self.items.len() < self.limit
    }
}
