use xxhash_rust::xxh3::xxh3_128;

/// 128 bits that stand for a content: equal contents have equal ones, and that two different contents
/// share one by chance does not happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Fingerprint(u128);

impl Fingerprint {
    pub(crate) fn of(content: &[u8]) -> Self {
        Self(xxh3_128(content))
    }
}
