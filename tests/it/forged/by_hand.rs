//! Sources written by hand: what they are called, report, fail with and panic with.

use std::time::Duration;

use futures::FutureExt;
use futures::future::BoxFuture;
use koprs_external::error::{ExternalError, HttpError, Result};
use koprs_external::watcher::{
    ExternalEvent, ExternalSource, Report, WatchConfig, watch, watch_external_with_config,
};

use super::{PLANTED, Seen, long, run};

struct ByHand {
    name: String,
    fails: fn(&str) -> Result<()>,
}

impl ExternalSource for ByHand {
    type Item = u8;

    fn poll(&mut self) -> BoxFuture<'_, Result<Vec<ExternalEvent<u8>>>> {
        let (fails, name) = (self.fails, self.name.clone());
        async move { fails(&name).map(|()| vec![ExternalEvent::Added(1)]) }.boxed()
    }

    fn name(&self) -> &str {
        &self.name
    }

    fn report(&self) -> Report {
        let mut report = Report::default();
        report.last_bad_item = Some(self.name.clone());
        report.partial_list = Some(self.name.clone());
        report
    }
}

type Fault = fn(&str) -> Result<()>;

const FAULTS: [(&str, Fault); 8] = [
    ("none", |_| Ok(())),
    ("internal", |text| Err(ExternalError::Internal(text.to_owned()))),
    ("invalid", |text| Err(ExternalError::Invalid(text.into()))),
    ("config", |text| Err(ExternalError::Config(text.replace('\n', "").into()))),
    ("io", |text| Err(std::io::Error::other(text.replace('\n', "")).into())),
    ("http", |_| Err(HttpError::from_status(503).into())),
    ("panic", |text| std::panic::panic_any(text.to_owned())),
    ("credential", |text| {
        Err(ExternalError::Credential { watcher: text.to_owned(), message: text.to_owned() })
    }),
];

#[tokio::test(start_paused = true)]
async fn nothing_that_a_source_written_by_hand_says_is_obeyed() {
    for text in [PLANTED.to_owned(), long()] {
        for (what, fails) in FAULTS {
            let source = || ByHand { name: text.clone(), fails };
            let shows = async {
                let mut seen = Seen::default();
                let config = || WatchConfig::new(Duration::ZERO);
                let watcher = watch(source(), config());
                let handle = watcher.handle();
                tokio::time::sleep(Duration::from_secs(30)).await;
                let status = handle.status();
                seen.report(status.report);
                if let Some(error) = status.last_error {
                    // Its causes are the source's own.
                    seen.text(error.to_string());
                }
                drop(watcher);
                let (tx, _rx) = tokio::sync::mpsc::channel(1);
                drop(watch_external_with_config(source(), config().with_suspended(true), tx));
                tokio::time::sleep(Duration::from_secs(1)).await;
                seen
            };
            assert!(run(what, shows.boxed()).await > 10, "{what}");
        }
    }
}
