//! A server that lists as S3 does (`ListObjectsV2`), in a thread of its own, and takes its time for each page.

use std::fmt::Write;
use std::net::Ipv4Addr;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Builder;
use tokio::time::sleep;
use url::Url;

use super::stores::key;

pub(crate) const BUCKET: &str = "bucket";
/// The most objects of a page.
const PAGE: usize = 1000;

const HEAD: &str = "<ListBucketResult>";
const TAIL: &str = "</ListBucketResult>";

/// It lives as long as the process.
pub(crate) struct Server {
    pub(crate) url: String,
    requests: Arc<AtomicUsize>,
}

impl Server {
    pub(crate) fn start(keys: usize, page: Duration) -> Self {
        let (tell, told) = mpsc::channel();
        let requests = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&requests);
        thread::spawn(move || {
            let listing = Arc::new(Listing::of(keys));
            let runtime = Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
                tell.send(format!("http://{}", listener.local_addr().unwrap())).unwrap();
                loop {
                    let (stream, _) = listener.accept().await.unwrap();
                    stream.set_nodelay(true).unwrap();
                    tokio::spawn(answer(stream, Arc::clone(&listing), Arc::clone(&counted), page));
                }
            });
        });
        Self { url: told.recv().unwrap(), requests }
    }

    pub(crate) fn requests(&self) -> usize {
        self.requests.load(SeqCst)
    }
}

/// Answers one request after the other, until the client goes away.
async fn answer(
    stream: TcpStream,
    listing: Arc<Listing>,
    counted: Arc<AtomicUsize>,
    page: Duration,
) {
    let mut stream = BufReader::new(stream);
    let mut line = String::new();
    loop {
        line.clear();
        if stream.read_line(&mut line).await.unwrap_or_default() == 0 {
            return;
        }
        let target = line.split(' ').nth(1).unwrap().to_owned();
        while line.trim() != "" {
            line.clear();
            stream.read_line(&mut line).await.unwrap();
        }
        counted.fetch_add(1, SeqCst);
        sleep(page).await;
        let (objects, tail) = listing.page(&target);
        let length = HEAD.len() + objects.len() + tail.len();
        let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {length}\r\n\r\n{HEAD}");
        for part in [&*head, objects, &*tail] {
            stream.write_all(part.as_bytes()).await.unwrap();
        }
    }
}

/// All objects, written down once.
struct Listing {
    keys: Vec<String>,
    text: String,
    /// Where each begins in the text, and the end of the text.
    begins: Vec<usize>,
}

impl Listing {
    fn of(count: usize) -> Self {
        let keys: Vec<_> = (0..count).map(key).collect();
        let (mut text, mut begins) = (String::new(), vec![0]);
        for (n, key) in keys.iter().enumerate() {
            let etag = (n as u128 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835);
            write!(
                text,
                "<Contents><Key>{key}</Key><LastModified>2024-11-23T12:34:56.000Z</LastModified>\
                 <ETag>&quot;{etag:032x}&quot;</ETag><Size>{}</Size></Contents>",
                4_000_000 + n,
            )
            .unwrap();
            begins.push(text.len());
        }
        Self { keys, text, begins }
    }

    /// The objects that are asked for, and what comes after them. A token is the number of an object.
    fn page(&self, target: &str) -> (&str, String) {
        let url = Url::parse("http://s3").unwrap().join(target).unwrap();
        let asked = |name| url.query_pairs().find(|(is, _)| is == name).map(|(_, value)| value);
        let prefix = asked("prefix").unwrap_or_default();
        let begin = match (asked("continuation-token"), asked("start-after")) {
            (Some(token), _) => token.parse().unwrap(),
            (None, Some(after)) => self.keys.partition_point(|key| **key <= *after),
            (None, None) => 0,
        };
        let begin = begin.max(self.keys.partition_point(|key| **key < *prefix));
        let end = self.keys.partition_point(|key| **key < *prefix || key.starts_with(&*prefix));
        let most = asked("max-keys").map_or(PAGE, |most| most.parse().unwrap());
        let next = end.min(begin + most.min(PAGE)).max(begin);
        let objects = &self.text[self.begins[begin]..self.begins[next]];
        let token = match next < end {
            true => format!("<NextContinuationToken>{next}</NextContinuationToken>"),
            false => String::new(),
        };
        (objects, format!("<IsTruncated>{}</IsTruncated>{token}{TAIL}", next < end))
    }
}
