//! The secrets that pass the connector: what a request is signed with, and what an answer grants.
//!
//! `object_store` resolves credentials by itself, from the environment, from files, from the metadata service of the
//! machine and from token endpoints. All of these requests pass here, so their secrets are learned here. Answers that
//! are errors are redacted before `object_store` logs them and makes an error of them.

use std::borrow::Cow;
use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};
use std::{fmt, io};

use bytes::Bytes;
use http::header::AUTHORIZATION;
use http::uri::{Authority, Scheme};
use http::{HeaderMap, HeaderValue, Method, Request, Response, Uri};
use object_store::client::{HttpError, HttpErrorKind, HttpRequestBody, HttpResponseBody};
use serde_json::Value;
use url::form_urlencoded;
use xxhash_rust::xxh3::xxh3_64;

use super::connector::{collect, collect_at_most};
use crate::secret::{Redactor, Secret, is_likely_secret};
use crate::spec::fixed::TOKEN_ANSWER;

/// Headers that carry a credential, beside `Authorization`.
const CREDENTIALS: [&str; 6] = [
    "x-amz-security-token",
    "x-amz-server-side-encryption-customer-key",
    "x-aws-ec2-metadata-token",
    "x-identity-header",
    "x-ms-encryption-key",
    "secret",
];
/// Headers of requests to the metadata service of a machine.
const METADATA: [&str; 4] = [
    "metadata",
    "metadata-flavor",
    "x-aws-ec2-metadata-token",
    "x-aws-ec2-metadata-token-ttl-seconds",
];
/// How the paths begin where credentials are granted. Objects may have such paths: a request to the origin of the store is
/// none for credentials because of its path.
const GRANTS: [&str; 6] = [
    "/latest/api/token",
    "/latest/meta-data/iam/security-credentials/",
    "/computeMetadata/",
    "/metadata/identity/",
    "/v1/credentials",
    "/v2/credentials",
];
/// Where the tasks of a container service get their credentials, below any path.
const CONTAINERS: &str = "169.254.170.2";
/// The longest answer that grants credentials.
#[expect(clippy::cast_possible_truncation, reason = "it is 64 KiB")]
const LONGEST_GRANT: usize = TOKEN_ANSWER as usize;
/// The most secrets of such an answer: up to three credentials, and what looks like one in the answer of AWS's token service.
const MOST_SECRETS: usize = 16;
/// Credentials are renewed more rarely than this many requests are made.
const MOST_SEEN: usize = 16;
/// The longest name of a role. A URL of more than 64 KiB makes `object_store` panic.
const LONGEST_ROLE: usize = 4 * 1024;
/// More seconds than these cannot be added to every time.
const MOST_SECONDS: u64 = 1 << 40;

#[derive(Debug)]
pub(super) struct Secrets {
    redactor: Redactor,
    /// The credentials of the last requests, as their hashes.
    seen: Mutex<VecDeque<u64>>,
    /// Where the store is, once it was listed.
    store: Mutex<Option<Origin>>,
}

/// Scheme, host and port.
#[derive(Debug, PartialEq)]
struct Origin(Option<Scheme>, Option<Authority>);

impl Origin {
    fn of(uri: &Uri) -> Self {
        Self(uri.scheme().cloned(), uri.authority().cloned())
    }
}

/// What is known of a request when its answer comes.
pub(super) struct Sent {
    grants: bool,
    /// What becomes of the text of the answer.
    text: Text,
    /// A signature is good for some minutes, and of one request alone.
    authorization: Option<HeaderValue>,
}

/// What `object_store` makes of an answer that grants credentials. It panics where it cannot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Text {
    /// A token of the metadata service becomes a header.
    Header,
    /// The name of a role becomes a part of a URL.
    PartOfUrl,
    /// It is read as JSON or XML, and may say in how many seconds it expires.
    Document,
}

impl Text {
    /// What an answer from this path is.
    fn at(path: &str) -> Self {
        if path.ends_with("/latest/api/token") {
            Self::Header
        } else if path.ends_with("/latest/meta-data/iam/security-credentials/") {
            Self::PartOfUrl
        } else {
            Self::Document
        }
    }

    fn is_usable(self, text: &str) -> bool {
        match self {
            Self::Header => HeaderValue::from_str(text).is_ok(),
            Self::PartOfUrl => {
                text.len() <= LONGEST_ROLE && format!("http://host/{text}").parse::<Uri>().is_ok()
            }
            Self::Document => {
                let document = serde_json::from_str::<Value>(text).unwrap_or_default();
                let seconds = |value: &Value| match value {
                    Value::String(text) => text.parse().ok(),
                    other => other.as_u64(),
                };
                let expiries = ["expires_in", "expires_on"].map(|name| document.get(name));
                let mut expiries = expiries.into_iter().flatten().filter_map(seconds);
                expiries.all(|seconds| seconds <= MOST_SECONDS)
            }
        }
    }
}

impl Secrets {
    pub(super) fn new(redactor: Redactor) -> Self {
        Self { redactor, seen: Mutex::default(), store: Mutex::default() }
    }

    /// Learns where the store is: a listing is requested from this address.
    pub(super) fn lists(&self, uri: &Uri) {
        *self.store.lock().unwrap_or_else(PoisonError::into_inner) = Some(Origin::of(uri));
    }

    /// Whether an address is of the store, as far as is known.
    fn is_of_store(&self, uri: &Uri) -> bool {
        let store = self.store.lock().unwrap_or_else(PoisonError::into_inner);
        store.as_ref() == Some(&Origin::of(uri))
    }

    /// Learns the secrets of a request.
    pub(super) fn sent(&self, request: &Request<HttpRequestBody>) -> Sent {
        let headers = request.headers();
        let authorization = headers.get(AUTHORIZATION);
        let credentials = CREDENTIALS.iter().filter_map(|name| headers.get(*name));
        for value in credentials.chain(authorization.filter(|value| is_token(value))) {
            self.learn_header(value);
        }
        let is_of_store = self.is_of_store(request.uri());
        let grants = grants(request.method(), request.uri(), headers, is_of_store);
        if grants {
            let query = request.uri().query().unwrap_or_default().as_bytes();
            self.learn_form(query);
            self.learn_form(request.body().as_bytes().map_or(&[], |body| body));
        }
        let text = Text::at(request.uri().path());
        Sent { grants, text, authorization: authorization.cloned() }
    }

    fn learn_header(&self, value: &HeaderValue) {
        let hash = xxh3_64(value.as_bytes());
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        if seen.contains(&hash) {
            return;
        }
        seen.push_back(hash);
        if seen.len() > MOST_SEEN {
            seen.pop_front();
        }
        drop(seen);
        let Ok(text) = value.to_str() else { return };
        self.redactor.learn(&Secret::new(text.split_once(' ').map_or(text, |(_, token)| token)));
    }

    fn learn_form(&self, form: &[u8]) {
        let pairs = form_urlencoded::parse(form);
        let secrets = pairs.filter(|(name, value)| is_likely_secret(name, value));
        secrets.for_each(|(_, value)| self.redactor.learn(&Secret::new(value)));
    }

    /// Learns what an answer grants, and takes secrets out of one that is an error.
    pub(super) async fn answered(
        &self,
        sent: Sent,
        response: Response<HttpResponseBody>,
    ) -> Result<Response<HttpResponseBody>, HttpError> {
        let is_error = !response.status().is_success();
        if !is_error && !sent.grants {
            return Ok(response);
        }
        let (head, body) = response.into_parts();
        let body = match sent.grants {
            false => collect(body).await?,
            true => {
                let body = collect_at_most(body, LONGEST_GRANT).await?;
                match body.ok_or(Unusable::TooLong).and_then(|body| self.grant(&sent, body)) {
                    Ok(body) => body,
                    // The status says enough, and the secrets in it are not known.
                    Err(Unusable::TooLong | Unusable::TooMany) if is_error => Bytes::new(),
                    Err(Unusable::Unsendable(body)) if is_error => body,
                    Err(unusable) => {
                        let error = io::Error::other(unusable.to_string());
                        return Err(HttpError::new(HttpErrorKind::Decode, error));
                    }
                }
            }
        };
        let text = String::from_utf8_lossy(&body);
        let redacted = match is_error {
            true => self.redactor.redact_with(&text, &sent.signature()),
            false => Cow::Borrowed(&*text),
        };
        let body = match redacted {
            Cow::Owned(redacted) => redacted.into(),
            Cow::Borrowed(_) => body.clone().into(),
        };
        Ok(Response::from_parts(head, body))
    }
}

/// Why what an answer grants is not used.
enum Unusable {
    TooLong,
    TooMany,
    /// `object_store` would panic.
    Unsendable(Bytes),
}

impl fmt::Display for Unusable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLong => write!(
                f,
                "the answer that grants credentials has more than {LONGEST_GRANT} bytes; check the address of the \
                 credentials"
            ),
            Self::TooMany => write!(
                f,
                "the answer that grants credentials has more than {MOST_SECRETS} secrets; check the address of the \
                 credentials"
            ),
            Self::Unsendable(_) => f.write_str("a credential was granted that cannot be used"),
        }
    }
}

impl Secrets {
    /// Learns what an answer grants.
    fn grant(&self, sent: &Sent, body: Bytes) -> Result<Bytes, Unusable> {
        let text = String::from_utf8_lossy(&body);
        let secrets = granted(&text);
        if secrets.len() > MOST_SECRETS {
            return Err(Unusable::TooMany);
        }
        secrets.iter().for_each(|secret| self.redactor.learn(secret));
        // They may have taken the place of one that a header carries.
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).clear();
        match secrets.iter().all(Secret::is_sendable) && sent.text.is_usable(&text) {
            true => Ok(body),
            false => Err(Unusable::Unsendable(body)),
        }
    }
}

impl Sent {
    fn signature(&self) -> Vec<Secret> {
        let text = self.authorization.as_ref().and_then(|value| value.to_str().ok());
        let rest = text.and_then(|text| text.split_once("Signature=").or(text.split_once(' ')));
        rest.map(|(_, signature)| Secret::new(signature)).into_iter().collect()
    }
}

/// Whether a header is a token, and no signature of one request.
fn is_token(authorization: &HeaderValue) -> bool {
    let scheme = authorization.as_bytes().split(|byte| *byte == b' ').next().unwrap_or_default();
    scheme.eq_ignore_ascii_case(b"bearer")
        || scheme.eq_ignore_ascii_case(b"basic")
        || has_no_scheme(authorization)
}

/// Only the agent of a container takes a token by itself; it may have any URL.
fn has_no_scheme(authorization: &HeaderValue) -> bool {
    !authorization.as_bytes().contains(&b' ')
}

/// Whether a request asks for credentials. Objects are neither listed nor read by POST.
fn grants(method: &Method, uri: &Uri, headers: &HeaderMap, is_of_store: bool) -> bool {
    let is_of_machine = METADATA.iter().any(|name| headers.contains_key(*name));
    *method == Method::POST
        || is_of_machine
        || uri.host() == Some(CONTAINERS)
        || headers.get(AUTHORIZATION).is_some_and(has_no_scheme)
        || GRANTS.iter().any(|path| uri.path().starts_with(path))
            && !is_of_store
            && !is_signed(headers)
}

/// An object may have any path.
fn is_signed(headers: &HeaderMap) -> bool {
    headers.get(AUTHORIZATION).is_some_and(|value| !is_token(value))
}

/// The secrets of an answer that grants credentials: members of JSON, elements of XML, or words of a text, which are
/// quoted where a document is expected.
fn granted(text: &str) -> Vec<Secret> {
    let text = text.trim();
    if let Ok(value) = serde_json::from_str::<Value>(text) {
        let mut secrets = Vec::new();
        members("", &value, &mut secrets);
        return secrets;
    }
    if text.starts_with('<') {
        let elements = text.split('<').filter_map(|element| element.split_once('>'));
        let secrets = elements.filter(|(name, text)| is_likely_secret(name, text.trim()));
        return secrets.map(|(_, text)| Secret::new(text.trim())).collect();
    }
    let words = text.split_whitespace();
    let secrets = words.filter(|word| word.len() >= 32 || is_likely_secret("", word));
    secrets.map(Secret::new).collect()
}

/// The parser bounds how deep they are.
fn members(name: &str, value: &Value, secrets: &mut Vec<Secret>) {
    match value {
        Value::String(text) if is_likely_secret(name, text) => {
            secrets.push(Secret::new(text.as_str()));
        }
        Value::Array(items) => items.iter().for_each(|item| members(name, item, secrets)),
        Value::Object(fields) => {
            fields.iter().for_each(|(name, value)| members(name, value, secrets));
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_for_credentials_are_told_from_those_for_objects() {
        let cases = [
            ("PUT", "http://169.254.169.254/latest/api/token", "", true),
            ("GET", "http://h/latest/meta-data/iam/security-credentials/role", "", true),
            ("GET", "http://h/computeMetadata/v1/token", "metadata-flavor", true),
            ("GET", "http://h/metadata/identity/oauth2/token", "metadata", true),
            ("POST", "https://sts.amazonaws.com/?Action=AssumeRoleWithWebIdentity", "", true),
            ("GET", "http://169.254.170.2/any", "", true),
            ("GET", "http://h/any", "token", true),
            ("GET", "https://h/bucket/service-accounts/a.json", "authorization", false),
            ("GET", "https://h/bucket/service-accounts/a.json", "", false),
            ("GET", "https://h/bucket/oauth2/token", "", false),
            ("GET", "https://h/bucket?list-type=2", "authorization", false),
            ("PUT", "https://h/bucket/key", "authorization", false),
            ("PROPFIND", "https://h/dav/", "", false),
        ];
        for (method, uri, header, expected) in cases {
            let mut headers = HeaderMap::new();
            if header == "token" {
                headers.insert(AUTHORIZATION, HeaderValue::from_static("t0ken"));
            } else if let Ok(name) = header.parse::<http::HeaderName>() {
                headers.insert(name, HeaderValue::from_static("AWS4-HMAC-SHA256 Credential=a"));
            }
            let (method, uri) = (method.parse().unwrap(), uri.parse().unwrap());
            assert_eq!(grants(&method, &uri, &headers, false), expected, "{method} {uri}");
        }
    }

    #[tokio::test]
    async fn an_object_of_the_store_is_no_credential_whatever_its_key() {
        let redactor = Redactor::isolated();
        let secrets = Secrets::new(redactor.clone());
        let uri = |text: &str| text.parse::<Uri>().unwrap();
        let get = async |at: &str, body: String| {
            let request = Request::get(at).body(HttpRequestBody::empty()).unwrap();
            let response = Response::new(HttpResponseBody::from(body));
            secrets.answered(secrets.sent(&request), response).await.map(|_| ())
        };
        let unusable = r#"{"access_token":"two\nlines"}"#;
        for path in GRANTS {
            secrets.lists(&uri("http://h/bucket?list-type=2"));
            for (host, is_object) in
                [("http://h", true), ("http://h:81", false), ("http://i", false)]
            {
                let read = get(&format!("{host}{path}"), unusable.to_owned()).await;
                assert_eq!(read.is_ok(), is_object, "{host}{path}");
            }
            let words = "\"aB3xaB3xaB3xaB3xaB3xaB3xaB3xaB3x\",".repeat(100_000);
            assert!(get(&format!("http://h{path}"), words).await.is_ok());
        }
        let known = "aB3xaB3xaB3xaB3xaB3xaB3xaB3xaB3x";
        assert_eq!(redactor.redact(known), known);
        // What the client sends to the agent of a machine says so by itself.
        for header in METADATA {
            let headers =
                HeaderMap::from_iter([(header.parse().unwrap(), HeaderValue::from_static("1"))]);
            assert!(grants(&Method::GET, &uri("http://h/any"), &headers, true), "{header}");
        }
    }

    #[tokio::test]
    async fn an_answer_that_grants_credentials_is_bounded() {
        let secrets = Secrets::new(Redactor::isolated());
        let answer = async |status: u16, body: String| {
            let response = Response::builder().status(status).body(HttpResponseBody::from(body));
            let sent = Sent { grants: true, text: Text::Document, authorization: None };
            match secrets.answered(sent, response.unwrap()).await {
                Ok(response) => Ok(response.into_body().bytes().await.unwrap().len()),
                Err(error) => Err(error.to_string()),
            }
        };
        let long = |bytes: usize| format!("{}{{}}", " ".repeat(bytes - 2));
        let many = |count: usize| {
            let one = |n| format!(r#""token{n}":"aB3xaB3xaB3x{n:04}""#);
            format!("{{{}}}", (0..count).map(one).collect::<Vec<_>>().join(","))
        };
        assert_eq!(answer(200, long(LONGEST_GRANT)).await, Ok(LONGEST_GRANT));
        let refused = answer(200, long(LONGEST_GRANT + 1)).await.unwrap_err();
        assert!(refused.contains("more than 65536 bytes"), "{refused}");
        assert!(answer(200, many(MOST_SECRETS)).await.is_ok());
        let refused = answer(200, many(MOST_SECRETS + 1)).await.unwrap_err();
        assert!(refused.contains("more than 16 secrets"), "{refused}");
        for body in [long(LONGEST_GRANT + 1), many(MOST_SECRETS + 1)] {
            assert_eq!(answer(500, body).await, Ok(0));
        }
    }

    #[test]
    fn the_answers_of_token_services_are_within_their_bounds() {
        let aws = "<AssumeRoleWithWebIdentityResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\">
            <AssumeRoleWithWebIdentityResult>
            <SubjectFromWebIdentityToken>system:serviceaccount:apps:reader</SubjectFromWebIdentityToken>
            <Audience>client.5498841531868486423.1548@apps.example.com</Audience>
            <AssumedRoleUser>
            <Arn>arn:aws:sts::123456789012:assumed-role/FederatedWebIdentityRole/app1</Arn>
            <AssumedRoleId>AROACLKWSDQRAOEXAMPLE:app1</AssumedRoleId></AssumedRoleUser>
            <Credentials><SessionToken>AQoDYXdzEE0a8ANXXXXXXXXNO1ewxE5TijQyp+IEXAMPLE</SessionToken>
            <SecretAccessKey>wJalrXUtnFEMI/K7MDENG/bPxRfiCYzEXAMPLEKEY</SecretAccessKey>
            <Expiration>2014-10-24T23:00:23Z</Expiration>
            <AccessKeyId>ASgeIAIOSFODNN7EXAMPLE</AccessKeyId></Credentials>
            <SourceIdentity>aB3xaB3xaB3x@example.com</SourceIdentity>
            <Provider>arn:aws:iam::123456789012:oidc-provider/oidc.eks.eu-west-1.amazonaws.com/id/0123456789ABCDEF</Provider>
            </AssumeRoleWithWebIdentityResult>
            <ResponseMetadata><RequestId>ad4156e9-bce1-11e2-82e6-6b6efEXAMPLE</RequestId></ResponseMetadata>
            </AssumeRoleWithWebIdentityResponse>";
        let azure = r#"{"access_token":"eyJ0eXAiOiJKV1QiLCJhbGciOiJSUzI1NiIsIng1dCI6","refresh_token":"",
            "client_id":"5f2d4e6a-0a1b-4c3d-9e8f-7a6b5c4d3e2f","expires_in":"3599","expires_on":"1506484173",
            "not_before":"1506480273","resource":"https://storage.azure.com/","token_type":"Bearer"}"#;
        let google = r#"{"access_token":"ya29.a0AfH6SMBx-aB3x","expires_in":3599,"token_type":"Bearer",
            "id_token":"eyJhbGciOiJSUzI1NiIsImtpZCI6ImFCM3gifQ.e30.aB3x",
            "issued_token_type":"urn:ietf:params:oauth:token-type:access_token",
            "scope":"https://www.googleapis.com/auth/devstorage.read_only"}"#;
        let count = |text: &str| granted(text).len();
        let counts = [aws, azure, google].map(count);
        assert!(counts.iter().all(|count| (1..=MOST_SECRETS).contains(count)), "{counts:?}");
    }

    #[tokio::test]
    async fn a_header_is_learned_again_after_what_was_granted_since() {
        let redactor = Redactor::isolated();
        let secrets = Secrets::new(redactor.clone());
        let token = "t0ken-of-the-session-0000";
        let request = Request::get("http://h/")
            .header("x-amz-security-token", token)
            .body(HttpRequestBody::empty())
            .unwrap();
        for round in 0..40 {
            secrets.sent(&request);
            assert_ne!(redactor.redact(token), token, "{round}");
            let body = format!(r#"{{"access_token":"aB3xaB3xaB3xaB3x{round:04}"}}"#);
            let sent = Sent { grants: true, text: Text::Document, authorization: None };
            let response = Response::new(HttpResponseBody::from(body));
            secrets.answered(sent, response).await.unwrap();
        }
    }

    #[tokio::test]
    async fn what_is_granted_can_be_sent() {
        let secrets = Secrets::new(Redactor::isolated());
        let answer = |status: u16, token: &str| {
            let body = format!(r#"{{"access_token":"{token}","expires_in":60}}"#);
            let response = Response::builder().status(status).body(HttpResponseBody::from(body));
            let sent = Sent { grants: true, text: Text::Document, authorization: None };
            secrets.answered(sent, response.unwrap())
        };
        assert!(answer(200, "t0ken").await.is_ok());
        assert!(answer(400, "two\\nlines").await.is_ok());
        let refused = answer(200, "two\\nlines").await.unwrap_err();
        assert!(!format!("{refused:?}").contains("two"), "{refused:?}");
    }

    #[test]
    fn object_store_can_use_what_is_granted() {
        let role = "http://169.254.169.254/latest/meta-data/iam/security-credentials/";
        let token = "http://169.254.169.254/latest/api/token";
        let other = "http://169.254.169.254/metadata/identity/oauth2/token";
        let longest = "x".repeat(LONGEST_ROLE);
        let far = u64::MAX;
        let cases = [
            (role, "the-name-of-a-role".to_owned(), true),
            (role, longest.clone(), true),
            (role, longest + "x", false),
            (role, "a b".to_owned(), false),
            (role, "a role\n".to_owned(), false),
            (role, "<html>".to_owned(), false),
            (token, "AQAEAIpD0aMvXPwyPGBfvtAwC2xH5w5nNw==".to_owned(), true),
            (token, "short\n".to_owned(), false),
            (token, "\u{7f}".to_owned(), false),
            (other, "{\"access_token\":\"t\",\"expires_in\":3599}".to_owned(), true),
            (other, "{\"access_token\":\"t\",\"expires_on\":\"1906484173\"}".to_owned(), true),
            (other, format!("{{\"access_token\":\"t\",\"expires_in\":{far}}}"), false),
            (other, format!("{{\"access_token\":\"t\",\"expires_on\":\"{far}\"}}"), false),
            (other, "<xml/>".to_owned(), true),
        ];
        for (uri, text, is_usable) in cases {
            let uri: Uri = uri.parse().unwrap();
            assert_eq!(Text::at(uri.path()).is_usable(&text), is_usable, "{uri} {text:.30}");
        }
    }

    #[test]
    fn what_an_answer_grants_is_secret() {
        let secrets =
            |text: &str| granted(text).iter().map(|it| it.expose().to_owned()).collect::<Vec<_>>();
        let json = r#"{"AccessKeyId":"a","SecretAccessKey":"b","Token":"c","Expiration":"2030-01-01T00:00:00Z"}"#;
        assert_eq!(secrets(json), ["a", "b", "c"]);
        assert_eq!(
            secrets(r#"{"access_token":"t","token_type":"Bearer","expires_in":60}"#)[0],
            "t"
        );
        let xml = "<R><Credentials><SessionToken>t&amp;u</SessionToken><SecretAccessKey>s</SecretAccessKey>\
                   <Expiration>2030-01-01T00:00:00Z</Expiration></Credentials></R>";
        assert_eq!(secrets(xml), ["t&amp;u", "s"]);
        assert_eq!(
            secrets("AQAEAIpD0aMvXPwyPGBfvtAwC2xH5w5nNw=="),
            ["AQAEAIpD0aMvXPwyPGBfvtAwC2xH5w5nNw=="]
        );
        assert_eq!(secrets("the-name-of-a-role"), [""; 0]);
        assert_eq!(secrets("not now: AQAEAIpD0aMvXPwyPGBf\n"), ["AQAEAIpD0aMvXPwyPGBf"]);
    }
}
