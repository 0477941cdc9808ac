//! When two declarations are of the same watcher, however they are written.

use super::{HttpSpec, ObjectStoreSpec, SourceSpec, WatcherSpec};

impl WatcherSpec {
    /// Whether it does what another one does: the order of headers, options, globs and ignored pointers is none, and
    /// `max_backoff` may be its default, written out.
    pub(crate) fn does_the_same_as(&self, other: &Self) -> bool {
        self == other || self.clone().normal() == other.clone().normal()
    }

    fn normal(mut self) -> Self {
        self.max_backoff = Some(self.max_backoff());
        self.ignore.sort_by_cached_key(ToString::to_string);
        match &mut self.source {
            SourceSpec::Http(http) => normal_http(http),
            SourceSpec::ObjectStore(store) => normal_store(store),
        }
        self
    }
}

fn normal_http(http: &mut HttpSpec) {
    // Those of one name keep their order (RFC 9110 §5.3).
    http.headers.sort_by(|(one, _), (other, _)| one.as_str().cmp(other.as_str()));
}

fn normal_store(store: &mut ObjectStoreSpec) {
    store.options.sort_by(|(one, _), (other, _)| one.cmp(other));
    store.include.sort();
    store.exclude.sort();
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::secret::Show;
    use crate::spec::WatcherBuilder;

    fn http() -> WatcherBuilder {
        WatcherSpec::http("a", "https://h/x").interval(Duration::from_secs(60))
    }

    fn same(one: WatcherBuilder, other: WatcherBuilder) -> bool {
        let (one, other) = (one.build().unwrap(), other.build().unwrap());
        one.does_the_same_as(&other) && other.does_the_same_as(&one)
    }

    #[test]
    fn what_says_the_same_in_another_way_does_the_same() {
        let (a, b) = (http().header("a", "1"), http().header("b", "2"));
        assert!(same(a.clone().header("b", "2"), b.clone().header("a", "1")));
        assert!(same(http().ignore("/a").ignore("/b"), http().ignore("/b").ignore("/a")));
        assert!(same(http(), http().max_backoff(Duration::from_secs(32 * 60))));
        assert!(!same(a.clone(), b));
        assert!(!same(a.clone(), a.header("a", "2")));
        assert!(!same(
            http().header("a", "1").header("a", "2"),
            http().header("a", "2").header("a", "1")
        ));
        assert!(!same(http(), http().max_backoff(Duration::from_secs(60))));
        assert!(!same(http(), http().query("a", "1")));
        let shows = http().build().unwrap();
        let hides = shows.clone().show([Show::Origin, Show::Path]);
        assert!(!shows.does_the_same_as(&hides), "what is shown by errors is another thing");
        let (ab, ba) =
            (http().query("a", "1").query("b", "2"), http().query("b", "2").query("a", "1"));
        assert!(!same(ab, ba), "the server sees it");
    }

    #[cfg(feature = "object-store")]
    #[test]
    fn of_a_store_the_order_of_globs_is_none() {
        let store =
            || WatcherSpec::object_store("a", "file:///x/").interval(Duration::from_secs(60));
        assert!(same(store().include("a*").include("b*"), store().include("b*").include("a*")));
        assert!(same(store().exclude("a*").exclude("b*"), store().exclude("b*").exclude("a*")));
        assert!(!same(store().include("a*"), store().exclude("a*")));
    }
}
