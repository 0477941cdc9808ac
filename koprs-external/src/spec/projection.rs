//! What a declaration costs, as far as it says so itself.

use std::time::Duration;

use super::WatcherSpec;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

impl WatcherSpec {
    /// The least requests a day while nothing fails: one a poll. Each page of a list or of a listing of an
    /// object store after its first is one more, and so is each object that is fetched; what these are, only
    /// the server knows. A server's wish to wait makes them fewer.
    ///
    /// ```
    /// use std::time::Duration;
    /// use koprs_external::spec::WatcherSpec;
    ///
    /// let flags = WatcherSpec::http("flags", "https://api.example.com/v1/flags");
    /// let spec = flags.interval(Duration::from_secs(30)).build()?;
    /// assert_eq!(spec.requests_per_day(), 2880.0);
    /// # Ok::<(), koprs_external::spec::InvalidSpec>(())
    /// ```
    pub fn requests_per_day(&self) -> f64 {
        DAY.as_secs_f64() / self.interval.as_secs_f64()
    }
}
