//! Large values are cloned and dropped on threads that may block, also where little was read for it.

use std::sync::{LazyLock, Mutex};
use std::thread::{self, ThreadId};

use tokio::task::yield_now;

use super::*;

/// On which threads values were cloned and dropped, by test.
static THREADS: LazyLock<[Mutex<Vec<ThreadId>>; 4]> = LazyLock::new(Default::default);

/// A text that says where it is cloned and dropped. What is short does not count.
#[derive(Debug, PartialEq, Deserialize)]
#[serde(transparent)]
struct Traced<const TEST: usize>(String);

impl<const TEST: usize> Traced<TEST> {
    fn note(&self) {
        if self.0.len() > 1000 {
            THREADS[TEST].lock().unwrap().push(thread::current().id());
        }
    }

    /// How often it was since the last call, always on other threads than this one.
    fn elsewhere() -> usize {
        let threads = std::mem::take(&mut *THREADS[TEST].lock().unwrap());
        assert!(!threads.contains(&thread::current().id()), "on the thread of the runtime");
        threads.len()
    }
}

impl<const TEST: usize> Clone for Traced<TEST> {
    fn clone(&self) -> Self {
        self.note();
        Self(self.0.clone())
    }
}

impl<const TEST: usize> Drop for Traced<TEST> {
    fn drop(&mut self) {
        self.note();
    }
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
struct Row<const TEST: usize> {
    #[serde(rename = "id")]
    _id: String,
    #[serde(rename = "text")]
    _text: Traced<TEST>,
}

fn source<T>(declared: WatcherBuilder) -> Http<T>
where
    T: DeserializeOwned + Clone + fmt::Debug + Send + 'static,
{
    guarded(declared, &Reach::new(Trust::Trusted, &[]))
}

fn row(id: &str, text: &str, times: usize) -> String {
    format!(r#"{{"id":"{id}","text":"{}"}}"#, text.repeat(times))
}

fn page(rows: &[String]) -> Reply {
    Reply::json(format!("[{}]", rows.join(",")))
}

const LARGE: usize = 100_000;

#[tokio::test]
async fn a_small_body_in_the_place_of_a_large_value() {
    let server = Server::start().await;
    let mut source = source::<Traced<0>>(declare(server.url("/v")));
    server.set("/v", Reply::json(format!("\"{}\"", "x".repeat(LARGE))));
    let added = source.poll().await.unwrap();
    assert_eq!(Traced::<0>::elsewhere(), 1, "cloned for the event");
    drop(added);
    THREADS[0].lock().unwrap().clear();
    server.set("/v", Reply::json("\"y\""));
    source.poll().await.unwrap();
    assert_eq!(Traced::<0>::elsewhere(), 1, "the one that was known");
}

#[tokio::test]
async fn a_few_large_items_at_the_end_of_a_walk() {
    let server = Server::start().await;
    let mut source = source::<Row<1>>(declare(server.url("/v")).items("").key("/id"));
    server.set("/v", page(&[row("a", "x", LARGE)]));
    let added = source.poll().await.unwrap();
    assert_eq!(Traced::<1>::elsewhere(), 1, "cloned for the event");
    drop(added);
    THREADS[1].lock().unwrap().clear();
    server.set("/v", page(&[row("a", "y", 1)]));
    source.poll().await.unwrap();
    assert_eq!(Traced::<1>::elsewhere(), 1, "the one that was known");
}

async fn has_dropped<const TEST: usize>(times: usize) {
    while THREADS[TEST].lock().unwrap().len() < times {
        yield_now().await;
    }
    assert_eq!(Traced::<TEST>::elsewhere(), times);
}

#[tokio::test]
async fn the_items_of_a_walk_whose_last_page_fails() {
    let server = Server::start().await;
    let declared = declare(server.url("/v")).items("").key("/id").retries(0);
    let mut source = source::<Row<2>>(declared.pages(Paging::link_header()));
    server.set("/v", page(&[row("a", "x", 1)]));
    source.poll().await.unwrap();
    // One that is changed, and one that is new.
    let rows = [row("a", "y", LARGE), row("b", "z", LARGE)];
    server.set("/v", page(&rows).header("Link", "</w>; rel=\"next\""));
    server.set("/w", Reply::status(500));
    source.poll().await.unwrap_err();
    has_dropped::<2>(2).await;
}

#[tokio::test]
async fn the_items_of_a_walk_that_is_dropped() {
    let server = Server::start().await;
    let declared = declare(server.url("/v")).items("").key("/id").retries(0);
    let mut source = source::<Row<3>>(declared.pages(Paging::link_header()));
    server.set("/v", page(&[row("a", "x", 1)]));
    source.poll().await.unwrap();
    let rows = [row("a", "y", LARGE), row("b", "z", LARGE)];
    server.set("/v", page(&rows).header("Link", "</w>; rel=\"next\""));
    server.set("/w", Reply::stall());
    tokio::select! {
        polled = source.poll() => panic!("{polled:?}"),
        () = async {
            while server.hits("/w") == 0 {
                yield_now().await;
            }
        } => {}
    }
    has_dropped::<3>(2).await;
}
