use std::collections::BTreeSet;

use xxhash_rust::xxh3::{xxh3_128, xxh3_128_with_seed};

/// 128 bits that stand for a content: equal contents have equal ones, and that two different contents
/// share one by chance does not happen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Fingerprint([u8; 16]);

impl Fingerprint {
    pub(crate) fn of(content: &[u8]) -> Self {
        Self(xxh3_128(content).to_ne_bytes())
    }

    /// Of a content that comes in parts.
    pub(crate) fn of_parts(parts: impl FnOnce(&mut dyn FnMut(&[u8]))) -> Self {
        let mut whole = Self::default();
        parts(&mut |part| whole = Self::seeded(part, whole));
        whole
    }

    /// Of several contents, whatever their order.
    pub(crate) fn of_all(contents: &BTreeSet<Self>) -> Self {
        Self::of_parts(|part| contents.iter().for_each(|content| part(&content.0)))
    }

    /// Another one, which no content has but by chance.
    pub(crate) fn unlike(self) -> Self {
        Self::seeded(&self.0, self)
    }

    /// The same content after another one has another fingerprint.
    pub(crate) fn seeded(content: &[u8], before: Self) -> Self {
        let [a, b, c, d, e, f, g, h, ..] = before.0;
        let seed = u64::from_ne_bytes([a, b, c, d, e, f, g, h]);
        Self(xxh3_128_with_seed(content, seed).to_ne_bytes())
    }
}
