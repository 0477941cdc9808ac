//! An S3 bucket on the scripted server: any key, any order, any fault.
//!
//! ```no_run
//! # use koprs_external_tests::s3::{Op, S3, error};
//! # async fn run() {
//! let s3 = S3::start().await;
//! s3.put("a//b", "1");
//! s3.spoil(Op::List, 1..2, |_| error(503, "SlowDown"));
//! // … list the bucket of s3.endpoint(): its second page fails …
//! s3.heal();
//! assert_eq!(s3.count(Op::List), 2);
//! # }
//! ```

mod asked;
mod listing;
mod reply;

pub use self::asked::{Asked, Get, List};
pub use self::listing::{Encoding, Entries, Flags, KeyCount, Listing, Starts, Version};
pub use self::reply::{error, nothing};
use crate::reply::Reply;
use crate::request::Recorded;
pub use crate::store::Op;
use crate::store::{Objects, Protocol, Store};

/// The name of the bucket.
pub const BUCKET: &str = "bucket";

/// A bucket, and the server that it is behind. The bucket is a segment of the path. Clones are of the same.
pub type S3 = Store<Bucket>;

/// The protocol of S3, with one bucket.
#[derive(Debug)]
pub enum Bucket {}

impl Protocol for Bucket {
    type Listing = Listing;

    fn answer(objects: &Objects, listing: &Listing, request: &Recorded) -> (Op, Reply) {
        reply::answer(objects, listing, request)
    }
}

/// The journal of a bucket.
impl S3 {
    /// Every request so far, in the order of arrival.
    #[must_use]
    pub fn asked(&self) -> Vec<Asked> {
        self.server.requests().iter().map(|request| Asked::of(request)).collect()
    }

    /// The access key with which each request was signed, in the order of arrival.
    #[must_use]
    pub fn access_keys(&self) -> Vec<String> {
        let key = |authorization: &str| {
            let (_, rest) = authorization.split_once("Credential=")?;
            rest.split_once('/').map(|(key, _)| key.to_owned())
        };
        let requests = self.server.requests();
        let signed = requests.iter().map(|it| it.header("authorization").and_then(key));
        signed.map(Option::unwrap_or_default).collect()
    }
}
