//! What a watcher logs: a span for each poll, a line for each transition.

use std::io::Write;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures::future::BoxFuture;
use koprs_external::error::{ExternalError, Result};
use koprs_external::watcher::{ExternalEvent, ExternalSource, WatchConfig, watch};
use tracing::subscriber::DefaultGuard;
use tracing_subscriber::fmt::format::FmtSpan;

/// What is logged.
#[derive(Clone, Default)]
pub(crate) struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, text: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(text);
        Ok(text.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl Log {
    /// Takes what this thread logs, until the guard is dropped.
    pub(crate) fn start() -> (Self, DefaultGuard) {
        let log = Self::default();
        let writer = log.clone();
        let subscriber = tracing_subscriber::fmt()
            .with_ansi(false)
            .with_max_level(tracing_subscriber::filter::LevelFilter::TRACE)
            .with_span_events(FmtSpan::CLOSE)
            .with_writer(move || writer.clone())
            .finish();
        // Two of them, so that other tests' threads do not settle for all that nobody listens.
        std::mem::forget(tracing::Dispatch::new(tracing::subscriber::NoSubscriber::new()));
        (log, tracing::subscriber::set_default(subscriber))
    }

    pub(crate) fn lines(&self, level: &str, part: &str) -> Vec<String> {
        let text = String::from_utf8(self.0.lock().unwrap().clone()).unwrap();
        let lines = text.lines().filter(|line| line.contains(level) && line.contains(part));
        lines.map(str::to_owned).collect()
    }
}

/// Succeeds and fails as the letters say, then fails for ever.
struct Letters(&'static str);

impl ExternalSource for Letters {
    type Item = char;

    fn poll(&mut self) -> BoxFuture<'_, Result<Vec<ExternalEvent<char>>>> {
        let (now, rest) = self.0.split_at(1.min(self.0.len()));
        self.0 = rest;
        Box::pin(std::future::ready(match now {
            "." => Ok(vec![ExternalEvent::Modified('.'), ExternalEvent::Modified(':')]),
            "x" => Err(ExternalError::Internal("deliberate".to_owned())),
            _ => Err(ExternalError::from(
                koprs_external::spec::WatcherSpec::http("", "").build().unwrap_err(),
            )),
        }))
    }

    fn name(&self) -> &str {
        "letters"
    }
}

#[tokio::test(start_paused = true)]
async fn each_poll_is_a_span_and_each_transition_is_a_line() {
    let (log, _guard) = Log::start();
    let config = WatchConfig::new(Duration::from_secs(1)).with_jitter(0.0);
    let mut letters = watch(Letters(".xxx.x."), config);
    while letters.recv().await.is_some() {}

    let spans = log.lines("INFO", "close");
    assert_eq!(spans.len(), 8, "one a poll: {spans:#?}");
    assert!(spans[0].contains(r#"source=letters"#), "{}", spans[0]);
    assert!(spans[0].contains(r#"reason=Tick"#) && spans[0].contains(r#"outcome="success""#));
    assert!(spans[0].contains("events=2") && spans[0].contains("duration_ms="), "{}", spans[0]);
    assert!(spans[2].contains("reason=Retry") && spans[2].contains(r#"outcome="failure""#));

    assert_eq!(log.lines("WARN", "polling fails").len(), 2, "the first failure of each row");
    assert_eq!(log.lines("INFO", "polling works again").len(), 2);
    assert!(log.lines("INFO", "polling works again")[0].contains("failures=3"));
    assert_eq!(log.lines("DEBUG", "still fails").len(), 2);
    assert_eq!(log.lines("ERROR", "no poll can ever succeed").len(), 1);
    assert_eq!((log.lines("INFO", "started").len(), log.lines("INFO", "stopped").len()), (1, 1));
}
