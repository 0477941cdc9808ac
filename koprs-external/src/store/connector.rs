use std::error::Error;
use std::fmt;

use async_trait::async_trait;
use bytes::{Bytes, BytesMut};
use chrono::{DateTime, Utc};
use futures_util::TryStreamExt;
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode, header};
use object_store::ClientOptions;
use object_store::client::{
    HttpClient, HttpConnector, HttpError, HttpErrorKind, HttpRequestBody, HttpResponseBody,
    HttpService,
};

use super::client;
use super::content::AsStored;
use super::details::{Collector, Details};
use crate::client::Client;

/// The most bytes of a page of a listing: a thousand keys of 1024 bytes, each of them escaped, and more.
const LONGEST: usize = 16 * 1024 * 1024;

/// Connects `object_store` so that an answer which is no listing is not taken for an empty one.
///
/// `object_store` 0.14 reads any well-formed XML as a listing, so that the page of a proxy or of a login, sent
/// with the status 200, says that nothing is there; and it takes a page that is cut short for the last one when
/// a server that knows only the first version of S3's listing does not say how to go on; of a WebDAV server it
/// takes a 404 for an empty folder. With this connector these are failures, and so is a page of more than 16 MiB.
///
/// The requests are sent by a client of this crate, with the crypto provider of its features and what the
/// [`ClientOptions`] of the store say. Certificates that were added to these by value
/// (`with_root_certificate`) cannot be read from them: hand over a client that trusts them,
/// [`with_client`](Self::with_client).
///
/// Declared stores are connected so. Give it to a store that you build yourself; without a connector, `object_store`
/// needs its own feature `reqwest` and a crypto provider for that (its feature `aws` brings aws-lc-rs, beside which
/// `kube::Client` needs `CryptoProvider::install_default()` in `main`):
///
/// ```no_run
/// # #[cfg(feature = "aws")]
/// # fn example() -> Result<(), object_store::Error> {
/// use std::sync::Arc;
/// use koprs_external::store::object_store::aws::AmazonS3Builder;
/// use koprs_external::store::{CheckedConnector, ObjectStorePoller, object_store};
///
/// let store = AmazonS3Builder::from_env()
///     .with_bucket_name("models")
///     .with_http_connector(CheckedConnector::default())
///     .build()?;
/// let poller = ObjectStorePoller::paginated(Arc::new(store));
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Default)]
pub struct CheckedConnector {
    client: Option<Client>,
}

impl CheckedConnector {
    /// Sends requests by a client of yours, with its own TLS settings, headers and timeouts; the
    /// [`ClientOptions`] of the store are not used.
    ///
    /// The client brings a crypto provider of its own: see
    /// [`HttpPoller::with_client`](crate::http::HttpPoller::with_client).
    #[must_use]
    pub fn with_client(client: reqwest::Client) -> Self {
        Self { client: Some(client.into()) }
    }
}

impl HttpConnector for CheckedConnector {
    fn connect(&self, options: &ClientOptions) -> object_store::Result<HttpClient> {
        let client = match &self.client {
            Some(client) => client.clone(),
            None => client::connect(options)?,
        };
        Ok(HttpClient::new(Checked(client)))
    }
}

#[derive(Debug)]
struct Checked(Client);

#[async_trait]
impl HttpService for Checked {
    async fn call(
        &self,
        mut request: Request<HttpRequestBody>,
    ) -> Result<Response<HttpResponseBody>, HttpError> {
        if request.extensions().get::<AsStored>().is_some() {
            let gzip = HeaderValue::from_static("gzip");
            request.headers_mut().entry(header::ACCEPT_ENCODING).or_insert(gzip);
        }
        let (is_listing, is_webdav) = (is_listing(&request), is_propfind(&request));
        let response = self.0.call(request).await?;
        if is_webdav && response.status() == StatusCode::NOT_FOUND {
            // `object_store` takes it for an empty folder.
            return Err(HttpError::new(HttpErrorKind::Unknown, NoPage::Missing));
        }
        if !is_listing || !response.status().is_success() {
            return Ok(response);
        }
        let (head, body) = response.into_parts();
        let page = collect(body).await?;
        check(&page).map_err(|error| HttpError::new(HttpErrorKind::Decode, error))?;
        if let Some(collector) = Collector::current() {
            collector.add(Details { date: date(&head.headers) });
        }
        Ok(Response::from_parts(head, page.into()))
    }
}

/// S3 and GCS, Azure, and WebDAV.
fn is_listing<B>(request: &Request<B>) -> bool {
    let query = request.uri().query().unwrap_or_default();
    let asks = |pair: &str| query.split('&').any(|other| other == pair);
    let lists = asks("list-type=2") || asks("comp=list");
    (request.method() == Method::GET && lists) || is_propfind(request)
}

fn is_propfind<B>(request: &Request<B>) -> bool {
    request.method().as_str() == "PROPFIND"
}

/// When the store answered, by its own clock.
fn date(headers: &HeaderMap) -> Option<DateTime<Utc>> {
    let date = headers.get(header::DATE)?.to_str().ok()?;
    Some(httpdate::parse_http_date(date).ok()?.into())
}

async fn collect(body: HttpResponseBody) -> Result<Bytes, HttpError> {
    let mut page = BytesMut::new();
    let mut stream = body.bytes_stream();
    while let Some(chunk) = stream.try_next().await? {
        if page.len() + chunk.len() > LONGEST {
            return Err(HttpError::new(HttpErrorKind::Decode, NoPage::TooLong));
        }
        page.extend_from_slice(&chunk);
    }
    Ok(page.freeze())
}

/// Why an answer is no page of a listing.
#[derive(Debug, PartialEq, Eq)]
enum NoPage {
    Missing,
    Element(String),
    Cut,
    TooLong,
}

impl fmt::Display for NoPage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Element(name) => write!(
                f,
                "the answer is no listing but `{name}`: is there a proxy or a login in between?"
            ),
            Self::Missing => f.write_str("the store answered 404: is there such a bucket or folder?"),
            Self::Cut => f.write_str(
                "the page of the listing is cut short, and does not say how to go on: does the server \
                 know the second version of S3's listing?",
            ),
            Self::TooLong => write!(f, "the page of the listing is longer than {LONGEST} bytes"),
        }
    }
}

impl Error for NoPage {}

fn check(page: &[u8]) -> Result<(), NoPage> {
    let root = root(page).unwrap_or_default();
    let has = |text: &[u8]| page.windows(text.len()).any(|window| window == text);
    match root.rsplit(':').next().unwrap_or_default() {
        "ListBucketResult" => {
            let is_cut = has(b"<IsTruncated>true") && !has(b"<NextContinuationToken>");
            if is_cut { Err(NoPage::Cut) } else { Ok(()) }
        }
        "EnumerationResults" | "multistatus" => Ok(()),
        _ => Err(NoPage::Element(root)),
    }
}

/// The name of the first element, behind what XML may begin with.
fn root(page: &[u8]) -> Option<String> {
    let mut rest = page;
    loop {
        let at = rest.iter().position(|byte| *byte == b'<')?;
        rest = rest.get(at + 1..)?;
        if !matches!(rest.first(), Some(b'?' | b'!')) {
            let end = rest.iter().position(|byte| b" \t\r\n/>".contains(byte))?;
            let name = rest.get(..end.min(40))?;
            return Some(String::from_utf8_lossy(name).escape_debug().to_string());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_listing_is_taken_for_one() {
        let element = |name: &str| Err(NoPage::Element(name.to_owned()));
        let cases = [
            ("<ListBucketResult><Name>b</Name></ListBucketResult>", Ok(())),
            ("\u{feff}<?xml version=\"1.0\"?>\n<ListBucketResult xmlns=\"x\"/>", Ok(())),
            ("<!-- so -->\n<EnumerationResults ServiceEndpoint=\"x\">", Ok(())),
            ("<D:multistatus xmlns:D=\"DAV:\">", Ok(())),
            ("<html><body>Sign in</body></html>", element("html")),
            ("<?xml version=\"1.0\"?><Error><Code>SlowDown</Code></Error>", element("Error")),
            ("", element("")),
            ("{}", element("")),
            (
                "<ListBucketResult><IsTruncated>true</IsTruncated></ListBucketResult>",
                Err(NoPage::Cut),
            ),
            (
                "<ListBucketResult><IsTruncated>true</IsTruncated><NextContinuationToken>x</NextContinuationToken>",
                Ok(()),
            ),
        ];
        for (page, expected) in cases {
            assert_eq!(check(page.as_bytes()), expected, "{page}");
        }
    }

    #[test]
    fn a_listing_is_known_by_its_request() {
        let cases = [
            ("GET", "http://h/b?list-type=2&prefix=a", true),
            ("GET", "http://h/c?restype=container&comp=list", true),
            ("PROPFIND", "http://h/d", true),
            ("GET", "http://h/b/list-type=2", false),
            ("GET", "http://h/b/o?prefix=list-type%3D2", false),
            ("PUT", "http://h/b?list-type=2", false),
        ];
        for (method, url, expected) in cases {
            let request = Request::builder().method(method).uri(url).body(()).unwrap();
            assert_eq!(is_listing(&request), expected, "{method} {url}");
        }
    }
}
