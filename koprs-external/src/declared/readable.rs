//! What a body or an item can be read as.

use serde::de::DeserializeOwned;

use crate::decode::{self, BodyFormat, Item, Refused};
use crate::memory::Admit;

/// What a body or an item can be read as.
pub(super) trait Readable: Sized {
    /// The value of a body, if there is room for it.
    fn of_body(
        format: BodyFormat,
        content_type: Option<&str>,
        body: &[u8],
        admit: Admit<'_>,
    ) -> Result<Self, Refused>;

    /// An item, whose key is at a place in it, else its name.
    fn of_item(item: &Item<'_>, key: Option<&[String]>) -> Result<Self, Refused>;
}

impl<T: DeserializeOwned> Readable for T {
    fn of_body(
        format: BodyFormat,
        content_type: Option<&str>,
        body: &[u8],
        admit: Admit<'_>,
    ) -> Result<Self, Refused> {
        decode::decode(format, content_type, body, admit)
    }

    fn of_item(item: &Item<'_>, _: Option<&[String]>) -> Result<Self, Refused> {
        item.decode()
    }
}
