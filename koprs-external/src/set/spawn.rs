//! One watcher of a set onto a channel.

use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use super::{WatcherSet, span};
use crate::declared::Payload;
use crate::error::Result;
use crate::spec::Invalid;
use crate::watcher::{ExternalEvent, watch_external_with_config};

impl WatcherSet {
    /// Watches one watcher, with the declared schedule, and sends its events to `tx`.
    ///
    /// An event is taken when the channel has accepted it. The task ends as that of
    /// [`watch_external_with_config`] does: when the receiver is dropped, or the handle is aborted.
    ///
    /// ```no_run
    /// use koprs_external::set::WatcherSet;
    /// use tokio::sync::mpsc;
    ///
    /// # async fn example() -> koprs_external::error::Result<()> {
    /// let set = WatcherSet::from_path("watchers.yaml")?;
    /// let (tx, mut flags) = mpsc::channel(16);
    /// let _task = set.spawn::<Vec<String>>("flags", tx)?;
    /// while let Some(event) = flags.recv().await {
    ///     println!("{event:?}");
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// As [`source`](Self::source), and when the set [starts suspended](Self::with_suspended), since a channel has no
    /// handle to resume the watcher with.
    ///
    /// # Panics
    ///
    /// Outside of a tokio runtime with its timer enabled.
    pub fn spawn<T: Payload>(
        &self,
        name: &str,
        tx: mpsc::Sender<ExternalEvent<T>>,
    ) -> Result<JoinHandle<()>> {
        let source = self.source(name)?;
        let config = self.config(&source);
        if config.suspended() {
            let message = "a set that starts suspended cannot watch onto a channel: there is no handle to resume it";
            let mistake = Invalid::new("suspended", "no-handle", message);
            return Err(mistake
                .help("call `watch`, and resume the watcher with its handle")
                .into());
        }
        let start = || watch_external_with_config(source, config, tx);
        Ok(span(self.find(name)?).in_scope(start))
    }
}
