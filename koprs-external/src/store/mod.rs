//! Object stores: what is in them, and what the objects hold.
//!
//! [`ObjectStorePoller`] tells what a listing says, [`ContentPoller`] what the objects hold. Both are fed by one
//! listing a poll, which is compared with what is known as it comes; both can be declared by
//! `#[derive(ExternalSource)]`, in YAML, and by
//! [`WatcherSpec::object_store`](crate::spec::WatcherSpec::object_store).
//!
//! # How a change is told
//!
//! - Of a listing: another size is a change, and else another ETag, compared weakly (RFC 9110 §8.8.3.2); where one of both listings has no ETag, another
//!   version; where there is none either, another time of the last modification.
//! - Of contents: what the listing tells is read, and compared by its bytes. A rewrite of the same bytes is no change,
//!   and what the listing cannot tell is not read.
//! - Nothing is gone but by a listing that came to its end. When more than half (`hold_above`) of at least 10 objects
//!   (`hold_min`) would vanish, removals are held until three listings agree. **Fewer than 10 objects are gone at the
//!   first listing without them**: follow few objects with a smaller `hold_min`.
//!
//! # What each store can tell
//!
//! From the sources of `object_store` 0.14; where a star stands, from the documentation of the vendor.
//!
//! | store | ETag in listings | the same content, written again | other content of the same size, within a second |
//! |---|---|---|---|
//! | S3 | yes | no\*: the ETag is of the content; yes where it is none of MD5 (SSE-KMS, SSE-C) | yes |
//! | S3, an upload in parts | yes | only when cut into other parts\* | yes |
//! | S3 directory buckets | yes | yes, as far as their ETags differ: they are no MD5\* | yes |
//! | what speaks S3's protocol | where the server sends one | as the server makes its ETags, most as S3 | yes with an ETag, else no |
//! | Google Cloud Storage | yes | no\*: MD5; composed, uploaded in parts or encrypted with a key of yours: as it makes them | yes |
//! | Azure | yes | yes\*, and so is a change of the metadata alone | yes |
//! | WebDAV | where the server sends one | as the server makes its ETags; without them, in another second | yes with an ETag, else no |
//! | local files | yes: inode, size, and the time to the microsecond | yes | yes, unless it is written in place within a microsecond, or the time is put back |
//! | memory | yes, counted up | yes | yes |
//!
//! "Yes" is a [`Modified`](crate::ExternalEvent::Modified) of the listing; of contents, the second column is never
//! one. A store without ETags tells two writes of the same size within the unit of its clock as one.
//!
//! | store | order of the listing | begins after a key, and so in parts | a poll lists |
//! |---|---|---|---|
//! | S3, Google Cloud Storage | by key\* | yes; built without [`CheckedConnector`], only below a prefix | by 1 000 keys a request |
//! | S3 directory buckets | none\* | no\* | by 1 000 keys |
//! | what speaks S3's protocol | by key, mostly | yes | by 1 000 keys |
//! | Azure | by key\* | no | by 5 000 keys\* |
//! | WebDAV | none | no | all in one answer of at most 16 MiB, with `Depth: infinity` |
//! | local files | none | no | all |
//! | memory | by key | no | all |
//!
//! The order is not relied on: what comes out of order is gathered, sorted and compared at the end of the listing,
//! which takes the room of the whole listing. A directory bucket is known by its name (`--x-s3`) or by the option
//! `aws_s3_express`.
//!
//! # Listings
//!
//! [`CheckedConnector`], which declared stores have, reads each page before `object_store` does. A page that is cut,
//! contradicts itself, was there before, or belongs to another prefix fails the poll, with what the server said and what
//! to do. A server that consistently says that it is complete is believed.
//!
//! A large store is listed in parts from the second poll on. Each part has to begin with a key that is known. Where the
//! server refuses to begin after a key, or begins elsewhere, the store is listed as a whole from then on, and this is
//! logged once.
//!
//! # Keys
//!
//! `object_store` has no path for every key:
//!
//! | key | |
//! |---|---|
//! | `a//b`, `/a`, `a/./b`, `a/../b`, control characters, text that XML or UTF-8 cannot hold | cannot be followed: counted in [`bad_items`](crate::watcher::Report::bad_items), and named. All other objects are followed. A store that you build without [`CheckedConnector`] fails the poll with the key, or shows `/a` as `a` |
//! | `dir/`, the placeholder of a folder | told as `dir`, and cannot be read: leave it out by `include` or `exclude`. That of the prefix itself is none |
//! | a key with a `\` in Azure | Azurite takes it for a `/` |
//!
//! # Objects that cannot be read
//!
//! A [`ContentPoller`] reads what its listing finds new or changed. One object that cannot be read is a
//! [bad item](crate::watcher::Report::bad_items), and the last of them is named with its reason. It keeps its last good
//! value, and the others are followed at the interval. It is read again after 1, 2, 4, … up to 32 polls, and at once when
//! it changes.
//!
//! | failure | |
//! |---|---|
//! | an archived object (`InvalidObjectState`, `BlobArchived`), an encoding that cannot be decoded | a bad item |
//! | any other failure, and other objects were read in the same poll | a bad item |
//! | any other failure, and no other object was to be read | up to three objects that were read before are read again: a bad item if one can be, else a failed poll |
//! | several objects at once are refused for the credentials (401, `ExpiredToken` and others) or for overload (429, 503) | a failed poll; where it happens to the same objects again while others are read, bad items |
//! | no object was ever read | a failed poll |
//!
//! # Content encodings
//!
//! An object with a `Content-Encoding` of `gzip`, `br` or `zstd` is decoded; another encoding, or one on top of another,
//! is a bad item. `body_limit` holds for the stored and for the decoded size. Google Cloud Storage would decode gzip by
//! itself and then not say how long the content is: with [`CheckedConnector`], which declared stores have, it is asked for
//! objects as they are stored.
//!
//! # Objects that are being written
//!
//! With [`settle`](ObjectStorePoller::with_settle) a new or changed object waits until its last modification is that old
//! by the clock of the store (the `Date` of the listing, which is known with [`CheckedConnector`]; the clock of this
//! machine for local files), or until listings showed it unchanged for that long, whichever comes first. So an object
//! that is dated ahead is reported, too. [`Report::unsettled`](crate::watcher::Report::unsettled) counts what waits.
//!
//! # Credentials of the environment
//!
//! Stores read the variables that `object_store` reads: `AWS_*`, `GOOGLE_*` and `AZURE_*`, by the names of the options.
//! Variables of other tools are not read, and where nothing else names a credential, the metadata address of the machine
//! is asked. A declared store logs this once when it is opened, and a file with such a watcher has a warning
//! (`ignored-variable`):
//!
//! | variable | instead |
//! |---|---|
//! | `AWS_PROFILE`, `AWS_DEFAULT_PROFILE`, `AWS_SHARED_CREDENTIALS_FILE`, `AWS_CONFIG_FILE` | `AWS_ACCESS_KEY_ID` and `AWS_SECRET_ACCESS_KEY`, as `aws configure export-credentials` prints them |
//! | `AWS_EC2_METADATA_DISABLED` | keys, or `aws_skip_signature` |
//! | `STORAGE_EMULATOR_HOST` | the option `google_base_url` |
//! | `AZURE_STORAGE_CONNECTION_STRING`, `AZURE_CLIENT_CERTIFICATE_PATH` | `azure_storage_account_name` and `azure_storage_account_key` |
//! | `AZURE_CONFIG_DIR` | the option `azure_use_azure_cli` |
//!
//! # URLs and paths
//!
//! A URL, and the prefix of a poller, name a folder: what is below it is listed. One object, the beginning of names and
//! a glob stand in `include`. A file that declares otherwise has a warning (`not-a-folder`), and a first listing that
//! comes out empty below a path is logged once.
//!
//! # Local files
//!
//! - Names that end in `#1` or another number are uploads in progress of `object_store`, and not listed.
//! - A folder that cannot be read, a circle of links, and a name that is not UTF-8 or has a control character fail the
//!   poll. Links are followed.
//! - Broken links, and files whose metadata cannot be had, are left out, as if they were gone.
//! - A mounted `ConfigMap` or `Secret` shows each file three times: as `a.yaml`, `..data/a.yaml` and
//!   `..2024_11_23_…/a.yaml`. Include `*.yaml`, not `**/*.yaml`.
//! - A declared folder has to be there. One below a `LocalFileSystem` that you hand over is empty when it is not, and
//!   a volume that is not mounted is an empty folder in any case: all that stands between them and removals is the
//!   hold.
//! - Writers that do not put a file in place by a rename are seen in the middle: use `settle`.
//!
//! # WebDAV
//!
//! The listing is one `PROPFIND` with `Depth: infinity`, which some servers do not allow unless they are configured to;
//! Apache needs `DavDepthInfinity On`. `object_store` takes a 404 for an empty folder, also that of a proxy whose server
//! is away; with [`CheckedConnector`], which declared stores have, it is a failure. A declaration holds no credentials of
//! a WebDAV server: build the store with [`CheckedConnector::with_client`] and a client that sends them.
//!
//! An answer that is not complete fails the poll, too: one in which an entry has a status of its own (403, 404 or 507),
//! one other than 207, and one without the members of a folder. Up to 16 folders that look empty, as deep as anything that
//! is listed, are looked into with `Depth: 1`.

#[cfg(feature = "_remote-store")]
mod advice;
#[cfg(feature = "_remote-store")]
mod client;
#[cfg(feature = "_remote-store")]
mod connector;
mod content;
mod contents;
mod details;
mod failure;
mod first;
mod follow;
mod listing;
mod mark;
#[cfg(feature = "http")]
mod multistatus;
mod object;
mod open;
#[cfg(feature = "_remote-store")]
mod page;
mod pages;
mod panics;
mod parts;
mod poller;
mod progress;
#[cfg(feature = "_remote-store")]
mod refusal;
mod scope;
#[cfg(feature = "_remote-store")]
mod secrets;
mod select;
mod settling;
mod source;
mod untold;
mod walk;
#[cfg(feature = "http")]
mod webdav;
mod witness;
#[cfg(feature = "_remote-store")]
mod xml;

#[cfg(feature = "_remote-store")]
pub use self::connector::CheckedConnector;
pub use self::contents::ContentPoller;
pub(crate) use self::contents::{Raw, ReadsObject};
pub use self::object::{Object, StoredObject};
pub use self::poller::ObjectStorePoller;

/// The stores that [`ObjectStorePoller`] takes.
pub use object_store;
