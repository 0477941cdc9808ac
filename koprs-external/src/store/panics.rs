//! Panics of `object_store`, as errors.
//!
//! It panics where it cannot build a request, for example with a header that no request can carry. A panic in one read
//! or one listing must not end the poll for all other objects.

use std::any::Any;
use std::error::Error as StdError;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};

use futures_util::FutureExt;
use object_store::Error;

use crate::printable::panic_text;

/// What a panic said.
#[derive(Debug)]
struct Panicked(String);

/// Runs a request. A panic is an error.
pub(super) async fn caught<T>(request: impl Future<Output = T>) -> Result<T, Error> {
    AssertUnwindSafe(request).catch_unwind().await.map_err(|panic| error(&*panic))
}

/// Calls a function. A panic is an error.
pub(super) fn caught_in_place(call: impl FnOnce()) -> Result<(), Error> {
    catch_unwind(AssertUnwindSafe(call)).map_err(|panic| error(&*panic))
}

/// Whether an error is a panic.
pub(super) fn is_panic(error: &Error) -> bool {
    matches!(error, Error::Generic { source, .. } if source.is::<Panicked>())
}

fn error(panic: &(dyn Any + Send)) -> Error {
    let source = Box::new(Panicked(panic_text(panic).to_owned()));
    Error::Generic { store: "panic", source }
}

impl fmt::Display for Panicked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`object_store` panicked: {}", self.0)
    }
}

impl StdError for Panicked {}
