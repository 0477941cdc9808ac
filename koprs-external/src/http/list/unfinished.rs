//! A round under way. One that does not end is dropped on a thread that may block, if it is large.

use std::ops::{Deref, DerefMut};

use crate::change::Round;
use crate::error::DecodeError;
use crate::memory::Budget;
use crate::offload;

/// A round, and the budget that has room for its items.
pub(super) struct Unfinished<T: Send + 'static> {
    round: Box<Round<T, DecodeError>>,
    budget: Budget,
    is_finished: bool,
}

impl<T: Send + 'static> Unfinished<T> {
    pub(super) fn new(round: Round<T, DecodeError>, budget: Budget) -> Self {
        Self { round: Box::new(round), budget, is_finished: false }
    }

    /// The round, which is dropped where it is.
    pub(super) fn finish(mut self) -> Round<T, DecodeError> {
        self.is_finished = true;
        std::mem::take(&mut *self.round)
    }
}

impl<T: Send + 'static> Deref for Unfinished<T> {
    type Target = Round<T, DecodeError>;

    fn deref(&self) -> &Self::Target {
        &self.round
    }
}

impl<T: Send + 'static> DerefMut for Unfinished<T> {
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut self.round
    }
}

impl<T: Send + 'static> Drop for Unfinished<T> {
    fn drop(&mut self) {
        if self.is_finished {
            return;
        }
        let (bytes, round) = (self.budget.item_bytes(), std::mem::take(&mut *self.round));
        offload::discard(bytes, (round, self.budget.discard_items()));
    }
}
