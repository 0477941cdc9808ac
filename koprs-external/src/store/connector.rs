use async_trait::async_trait;
use bytes::{Bytes, BytesMut};
use chrono::{DateTime, Utc};
use futures_util::TryStreamExt;
use http::response::Parts;
use http::{HeaderMap, HeaderValue, Method, Request, Response, header};
use object_store::ClientOptions;
use object_store::client::{
    HttpClient, HttpConnector, HttpError, HttpErrorKind, HttpRequestBody, HttpResponseBody,
    HttpService,
};

#[cfg(feature = "http")]
use url::Url;
use url::form_urlencoded;

use super::client::{self, Client};
use super::content::AsStored;
use super::details::{Collector, Details};
use super::page::{self, Dialect, Edit, Page, PageError};
use super::refusal;
use super::secrets::Secrets;
use crate::offload;
use crate::secret::Redactor;
use crate::spec::Trust;
use crate::spec::fixed::LISTING_PAGE;

/// So many bytes of a page take as much work as one byte of JSON that is decoded.
pub(super) const PAGE_BYTES: usize = 4;

/// Connects `object_store` so that listings are verified.
///
/// `object_store` 0.14 reads any well-formed XML as a listing, so a proxy's login page with the status 200 looks like an
/// empty bucket. It takes a page that is cut short for the last one, and a 404 of a WebDAV server for an empty folder.
/// With this connector these are failures. So are pages that contradict themselves, pages of another prefix, answers that
/// are not complete, and pages of more than 16 MiB.
///
/// `object_store` fails a listing with a key that it has no path for, such as `a//b`. With this connector the pollers of
/// this crate report such keys and follow all other objects. A listing that is not made by these pollers still fails, with
/// the key.
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
    /// What is told of the secrets that pass.
    redactor: Option<Redactor>,
}

impl CheckedConnector {
    /// Sends requests by a client of yours, with its own TLS settings, headers and timeouts; the
    /// [`ClientOptions`] of the store are not used.
    ///
    /// The client follows redirects by its own policy. That of reqwest follows them to any host with all headers of
    /// `object_store` but `Authorization`, with a body, and with the URL as `Referer`: build the client with
    /// `redirect(Policy::none())` and `referer(false)`, as this crate builds its own.
    ///
    /// The client brings a crypto provider of its own: see
    /// [`HttpPoller::with_client`](crate::http::HttpPoller::with_client).
    #[must_use]
    pub fn with_client(client: reqwest::Client) -> Self {
        Self { client: Some(client.into()), redactor: None }
    }

    /// Tells a redactor of the secrets that pass.
    pub(super) fn with_redactor(redactor: Redactor) -> Self {
        Self { client: None, redactor: Some(redactor) }
    }
}

impl HttpConnector for CheckedConnector {
    fn connect(&self, options: &ClientOptions) -> object_store::Result<HttpClient> {
        let client = match &self.client {
            Some(client) => client.clone(),
            None => client::connect(options)?,
        };
        let redactor = self.redactor.clone().unwrap_or_else(Redactor::trusted);
        Ok(HttpClient::new(Checked { client, secrets: Secrets::new(redactor) }))
    }
}

#[derive(Debug)]
pub(super) struct Checked {
    client: Client,
    secrets: Secrets,
}

impl Checked {
    /// Sends a request. Of an answer that is an error nothing is left that may not be shown.
    pub(super) async fn send(
        &self,
        request: Request<HttpRequestBody>,
    ) -> Result<Response<HttpResponseBody>, HttpError> {
        let sent = self.secrets.sent(&request);
        let response = self.client.call(request).await?;
        self.secrets.answered(sent, response).await
    }
}

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
        let listing = Listing::of(&request);
        if listing.is_some() {
            self.secrets.lists(request.uri());
        }
        match listing {
            None => refusal::checked(self.send(request).await?).await,
            Some(Listing::Pages { dialect, prefix }) => {
                let response = refusal::checked(self.send(request).await?).await?;
                let (head, body) = response.into_parts();
                if !head.status.is_success() {
                    return Ok(Response::from_parts(head, body));
                }
                let body = collect(body).await?;
                let cost = body.len() / PAGE_BYTES;
                let read = move || {
                    let page = page::read(&body, dialect, &prefix);
                    (body, page)
                };
                let (body, page) = offload::run(Trust::Trusted, cost, read).await;
                checked(head, body, page.map_err(disbelieved)?)
            }
            #[cfg(feature = "http")]
            Some(Listing::Folder { url }) => self.folder(request, &url).await,
        }
    }
}

/// What is asked for.
#[derive(Debug, PartialEq)]
enum Listing {
    /// A page of the keys that begin with a prefix.
    Pages { dialect: Dialect, prefix: String },
    /// What is in a folder of a WebDAV server.
    #[cfg(feature = "http")]
    Folder { url: Url },
}

impl Listing {
    fn of<B>(request: &Request<B>) -> Option<Self> {
        #[cfg(feature = "http")]
        if request.method().as_str() == "PROPFIND" {
            return Some(Self::Folder { url: request.uri().to_string().parse().ok()? });
        }
        if request.method() != Method::GET {
            return None;
        }
        let (mut dialect, mut prefix) = (None, String::new());
        for (name, value) in form_urlencoded::parse(request.uri().query()?.as_bytes()) {
            match (&*name, &*value) {
                ("list-type", "2") => dialect = Some(Dialect::S3),
                ("comp", "list") => dialect = Some(Dialect::Azure),
                ("prefix", value) => prefix = value.to_owned(),
                _ => {}
            }
        }
        Some(Self::Pages { dialect: dialect?, prefix })
    }
}

/// The answer without what `object_store` must not see. What is left out is reported, or it is an error.
pub(super) fn checked(
    head: Parts,
    body: Bytes,
    page: Page,
) -> Result<Response<HttpResponseBody>, HttpError> {
    let Page { bad_keys, mut edits, content, token, says_complete } = page;
    match Collector::current() {
        Some(collector) => {
            let date = date(&head.headers);
            let details = Details { date, bad_keys, is_checked: true, says_complete };
            let (token, place) = token.unzip();
            let goes_on = collector.add(details, content, token);
            if !goes_on.map_err(|stuck| HttpError::new(HttpErrorKind::Decode, stuck))? {
                edits.extend(place.map(|span| Edit { span, with: String::new() }));
            }
        }
        None => {
            if let Some(key) = bad_keys.names().first() {
                return Err(disbelieved(PageError::BadKey(key.clone())));
            }
        }
    }
    let body = if edits.is_empty() { body } else { edited(&body, edits) };
    Ok(Response::from_parts(head, body.into()))
}

fn edited(body: &[u8], mut edits: Vec<Edit>) -> Bytes {
    edits.sort_by_key(|edit| edit.span.start);
    let (mut left, mut place) = (BytesMut::with_capacity(body.len()), 0);
    for Edit { span, with } in edits {
        // What is within a part that is cut out is cut out.
        if span.start >= place {
            left.extend_from_slice(body.get(place..span.start).unwrap_or_default());
            left.extend_from_slice(with.as_bytes());
            place = span.end;
        }
    }
    left.extend_from_slice(body.get(place..).unwrap_or_default());
    left.freeze()
}

pub(super) fn disbelieved(error: PageError) -> HttpError {
    HttpError::new(HttpErrorKind::Decode, error)
}

/// When the store answered, by its own clock.
fn date(headers: &HeaderMap) -> Option<DateTime<Utc>> {
    let date = headers.get(header::DATE)?.to_str().ok()?;
    Some(httpdate::parse_http_date(date).ok()?.into())
}

pub(super) async fn collect(body: HttpResponseBody) -> Result<Bytes, HttpError> {
    let page = collect_at_most(body, LISTING_PAGE).await?;
    page.ok_or_else(|| disbelieved(PageError::TooLong(LISTING_PAGE)))
}

/// Reads a body of at most so many bytes. Returns nothing of a longer one.
pub(super) async fn collect_at_most(
    body: HttpResponseBody,
    most: usize,
) -> Result<Option<Bytes>, HttpError> {
    let mut collected = BytesMut::new();
    let mut stream = body.bytes_stream();
    while let Some(chunk) = stream.try_next().await? {
        if collected.len() + chunk.len() > most {
            return Ok(None);
        }
        collected.extend_from_slice(&chunk);
    }
    Ok(Some(collected.freeze()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(method: &str, url: &str) -> Option<Listing> {
        Listing::of(&Request::builder().method(method).uri(url).body(()).unwrap())
    }

    #[tokio::test]
    async fn a_page_of_a_listing_is_bounded() {
        for (bytes, fits) in [(LISTING_PAGE, true), (LISTING_PAGE + 1, false)] {
            let page = collect(HttpResponseBody::from(vec![b' '; bytes])).await;
            assert_eq!(page.is_ok(), fits, "{bytes}");
        }
    }

    #[test]
    fn a_listing_is_known_by_its_request() {
        let pages = |dialect, prefix: &str| Some(Listing::Pages { dialect, prefix: prefix.into() });
        let cases = [
            ("GET", "http://h/b?list-type=2&prefix=a", pages(Dialect::S3, "a")),
            ("GET", "http://h/b?list-type=2&prefix=a%2Bb+c%2F", pages(Dialect::S3, "a+b c/")),
            ("GET", "http://h/c?restype=container&comp=list", pages(Dialect::Azure, "")),
            ("GET", "http://h/b/list-type=2", None),
            ("GET", "http://h/b/o?prefix=list-type%3D2", None),
            ("PUT", "http://h/b?list-type=2", None),
        ];
        for (method, url, expected) in cases {
            assert_eq!(asked(method, url), expected, "{method} {url}");
        }
    }

    #[cfg(feature = "http")]
    #[test]
    fn a_folder_is_listed_by_propfind() {
        let folder = Listing::Folder { url: "http://h/d".parse().unwrap() };
        assert_eq!(asked("PROPFIND", "http://h/d"), Some(folder));
    }

    #[test]
    fn parts_are_replaced_in_any_order_and_within_each_other() {
        let edit = |span, with: &str| Edit { span, with: with.to_owned() };
        let edits = vec![edit(7..9, "x"), edit(2..3, "y"), edit(1..4, "")];
        assert_eq!(edited(b"0123456789", edits), "0456x9");
        assert_eq!(edited(b"0123", vec![edit(0..4, "")]), "");
    }
}
