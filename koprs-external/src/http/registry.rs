//! What watchers of the process share, as long as one of them has it.

use std::sync::{Arc, Mutex, PoisonError, Weak};

/// Values by what they were declared as. One that nobody holds any more is forgotten.
pub(super) struct Registry<K, V>(Mutex<Vec<(K, Weak<V>)>>);

impl<K: PartialEq, V> Registry<K, V> {
    pub(super) const fn new() -> Self {
        Self(Mutex::new(Vec::new()))
    }

    /// The value of this declaration, which is made if nobody has it.
    pub(super) fn get<E>(
        &self,
        key: K,
        make: impl FnOnce(&K) -> Result<V, E>,
    ) -> Result<Arc<V>, E> {
        let mut entries = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        entries.retain(|(_, value)| value.strong_count() > 0);
        let known = entries.iter().find(|(known, _)| *known == key);
        if let Some(value) = known.and_then(|(_, value)| value.upgrade()) {
            return Ok(value);
        }
        let value = Arc::new(make(&key)?);
        entries.push((key, Arc::downgrade(&value)));
        Ok(value)
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
        assert_eq!(registry.0.lock().unwrap().len(), 2);
        drop(first);
        assert_eq!(*get(1, 12), 12);
        assert_eq!(registry.0.lock().unwrap().len(), 1, "nobody has the second one");
    }
}
