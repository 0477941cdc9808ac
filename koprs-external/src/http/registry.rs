//! What watchers of the process share, as long as one of them has it.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, LazyLock, Mutex, PoisonError, Weak};

/// Values by what they were declared as. One that nobody holds any more is forgotten.
pub(super) struct Registry<K, V>(LazyLock<Mutex<HashMap<K, Weak<V>>>>);

impl<K: Eq + Hash, V> Registry<K, V> {
    pub(super) const fn new() -> Self {
        Self(LazyLock::new(Mutex::default))
    }

    /// The value of this declaration, which is made if nobody has it.
    pub(super) fn get<E>(
        &self,
        key: K,
        make: impl FnOnce(&K) -> Result<V, E>,
    ) -> Result<Arc<V>, E> {
        let mut entries = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(value) = entries.get(&key).and_then(Weak::upgrade) {
            return Ok(value);
        }
        // Not each time: of a thousand, each would look through a thousand.
        if entries.len() == entries.capacity() {
            entries.retain(|_, value| value.strong_count() > 0);
        }
        let value = Arc::new(make(&key)?);
        entries.insert(key, Arc::downgrade(&value));
        Ok(value)
    }

    /// The same, of values that begin alike.
    pub(super) fn get_or_default(&self, key: K) -> Arc<V>
    where
        V: Default,
    {
        let Ok(value) = self.get(key, |_| Ok::<_, std::convert::Infallible>(V::default()));
        value
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use super::*;

    #[test]
    fn a_value_is_shared_as_long_as_somebody_has_it() {
        let registry = Registry::<u8, u8>::new();
        let get = |key, value| registry.get(key, |_| Ok::<_, Infallible>(value)).unwrap();
        let first = get(1, 10);
        assert_eq!((*get(1, 11), *get(2, 20)), (10, 20));
        drop(first);
        assert_eq!(*get(1, 12), 12);
        for key in 0..100 {
            get(key, key);
        }
        assert!(registry.0.lock().unwrap().len() < 10, "what nobody has is forgotten");
    }
}
