//! Everything that this thread logs, of every crate, through `tracing` and through `log`.

use std::cell::RefCell;
use std::io;
use std::sync::Once;
use std::sync::{Arc, Mutex};

use tracing_subscriber::fmt::format::FmtSpan;

thread_local! {
    static HEARD: RefCell<Option<Arc<Mutex<Vec<u8>>>>> = const { RefCell::new(None) };
}

/// Listens until it is dropped.
pub(super) struct Listener {
    heard: Arc<Mutex<Vec<u8>>>,
    _guard: tracing::subscriber::DefaultGuard,
}

struct Writer(Arc<Mutex<Vec<u8>>>);

impl io::Write for Writer {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Hands on what is logged by a thread that listens.
struct Forward;

impl log::Log for Forward {
    fn enabled(&self, _: &log::Metadata<'_>) -> bool {
        HEARD.with_borrow(Option::is_some)
    }

    fn log(&self, record: &log::Record<'_>) {
        HEARD.with_borrow(|heard| {
            if let Some(heard) = heard {
                let line = format!("{} {} {}\n", record.level(), record.target(), record.args());
                heard.lock().unwrap().extend_from_slice(line.as_bytes());
            }
        });
    }

    fn flush(&self) {}
}

impl Listener {
    pub(super) fn start() -> Self {
        static ONCE: Once = Once::new();
        ONCE.call_once(|| {
            log::set_logger(&Forward).unwrap();
            log::set_max_level(log::LevelFilter::Trace);
        });
        let heard = Arc::new(Mutex::new(Vec::new()));
        let to = Arc::clone(&heard);
        let subscriber = tracing_subscriber::fmt()
            .with_max_level(tracing::Level::TRACE)
            .with_span_events(FmtSpan::FULL)
            .with_ansi(false)
            .with_writer(move || Writer(Arc::clone(&to)))
            .finish();
        let guard = tracing::subscriber::set_default(subscriber);
        HEARD.set(Some(Arc::clone(&heard)));
        Self { heard, _guard: guard }
    }

    /// What was heard since it was asked for last.
    pub(super) fn text(&self) -> String {
        let heard = std::mem::take(&mut *self.heard.lock().unwrap());
        String::from_utf8_lossy(&heard).into_owned()
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        HEARD.set(None);
    }
}

#[test]
fn both_ways_of_logging_are_heard() {
    // Two subscribers, so that other tests' threads do not settle for all that nobody listens.
    let _other = tracing::Dispatch::new(tracing::subscriber::NoSubscriber::new());
    let listener = Listener::start();
    tracing::trace!("by tracing");
    log::trace!("by log");
    let text = listener.text();
    assert!(text.contains("by tracing") && text.contains("by log"), "{text}");
}
