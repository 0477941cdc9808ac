//! One item of a list, over time.

use super::super::Fingerprint;
use super::super::guard::Absence;

/// What is known of an item.
pub(super) struct Slot<T> {
    pub(super) key: Box<str>,
    /// The last good one.
    pub(super) value: Option<T>,
    pub(super) content: Fingerprint,
    /// Of what counts of the last good content, where that is not `content`.
    pub(super) counted: Option<Box<Fingerprint>>,
    /// Whether `content` is bad.
    pub(super) bad: bool,
    pub(super) absence: Absence,
    /// The last round that saw it.
    pub(super) round: u32,
    /// Its place in the order.
    pub(super) place: u32,
    /// The length of its content.
    pub(super) length: u32,
    /// Its estimated size, with the value.
    pub(super) size: u32,
}

impl<T> Slot<T> {
    pub(super) fn counted(&self) -> Option<Fingerprint> {
        match &self.counted {
            Some(counted) => Some(**counted),
            None => (!self.bad).then_some(self.content),
        }
    }

    /// The value is known, and not what it was read from: each content is another one.
    pub(super) fn forget_content(&mut self) {
        let content = self.content.unlike();
        self.is_good(content, content);
    }

    pub(super) fn is_good(&mut self, content: Fingerprint, counted: Fingerprint) {
        self.bad = false;
        self.content = content;
        self.counted = (counted != content).then(|| Box::new(counted));
    }

    pub(super) fn is_bad(&mut self, content: Fingerprint) {
        self.counted = self.counted().map(Box::new);
        self.bad = true;
        self.content = content;
    }
}
