//! How a body is read: its format, what is ignored of it, and where its items are.

use http::header::CONTENT_TYPE;
use serde::de::DeserializeOwned;

use crate::change::Fingerprint;
use crate::decode::{self, Encoding, Refused, Text};
use crate::error::DecodeError;
use crate::http::{Content, ReadsValue};

pub(super) struct Reading {
    /// The declared one.
    pub(super) encoding: Option<Encoding>,
    /// The places that do not count.
    pub(super) ignore: Vec<Box<[String]>>,
}

impl Reading {
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

fn content_type(content: &Content) -> Option<&str> {
    content.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok())
}

fn refused(refused: Refused) -> DecodeError {
    DecodeError { asked: None, path: refused.path, message: refused.message }
}
