//! How a WebDAV server lists.

use crate::store::{Format, Order};

/// How a WebDAV server lists. Each field is a misbehaviour of its own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Listing {
    /// How `Depth: infinity` is read.
    pub depth: Depth,
    /// The status of the answer.
    pub status: Status,
    /// Responses that do not say what they should.
    pub responses: Responses,
    /// How the address of a resource is written.
    pub hrefs: Hrefs,
    /// The responses for folders.
    pub folders: Folders,
    /// In which order responses come.
    pub order: Order,
    /// How the document is written.
    pub format: Format,
}

/// How `Depth: infinity` is read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Depth {
    /// As it is meant.
    #[default]
    Honoured,
    /// As if it were `1`.
    AsOne,
    /// As if it were `0`.
    AsZero,
    /// It is answered with this status.
    Refused(u16),
}

/// The status of the answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Status {
    /// 207.
    #[default]
    MultiStatus,
    /// 200.
    Ok,
}

/// Responses that do not say what they should.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Responses {
    /// None.
    #[default]
    Whole,
    /// There is a second `propstat` of each, for properties that are not there.
    NotFoundToo,
    /// The last file has only a status of its own, which is this one.
    FileFailed(u16),
    /// The `propstat` of the last file has this status.
    PropertiesFailed(u16),
    /// The last folder has only a status of its own, which is this one, and its files are missing.
    FolderFailed(u16),
    /// The last file is missing, and what was asked for has another response with the status 507.
    Truncated,
}

/// How the address of a resource is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Hrefs {
    /// As a path, percent-encoded where that is needed.
    #[default]
    Paths,
    /// As a URL.
    Urls,
    /// As a URL of another host.
    UrlsElsewhere,
    /// As a path, with all but letters and digits percent-encoded.
    Encoded,
    /// As a path below the folder that was asked for.
    Relative,
    /// As a path below another folder: the server is behind a proxy that hides it.
    Below(&'static str),
}

/// The responses for folders.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Folders {
    /// All of them, with a slash at the end of the address.
    #[default]
    Slash,
    /// Without a slash at the end of the address.
    NoSlash,
    /// None for the folder that was asked for.
    NotItself,
    /// None.
    Missing,
    /// Without a time of the last modification.
    Timeless,
}

impl Listing {
    /// Whether the server says consistently that a listing is complete which is not: it lists one level and no folder.
    #[must_use]
    pub fn is_consistent_lie(&self) -> bool {
        self.depth == Depth::AsOne && self.folders == Folders::Missing
    }
}
