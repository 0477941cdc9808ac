//! The credential of requests, from where it is declared to the header or the query that carries it.
//!
//! `secret` has the secret, `form` says how it is sent, `oauth2` trades it for a token first (`grant` reads the
//! answer). A secret stays in its type, from the file to the header, which is marked as sensitive.

mod form;
#[cfg(feature = "oauth2")]
mod grant;
#[cfg(feature = "oauth2")]
mod oauth2;
mod secret;

use std::borrow::Cow;
use std::sync::Arc;

use http::{HeaderName, HeaderValue};
use url::Url;

use self::form::{Form, UNSENDABLE};
#[cfg(feature = "oauth2")]
use self::oauth2::Tokens;
use self::secret::{FromFile, Held};
use super::classify::Refusal;
use super::kept::Failure;
use super::query;
use super::reach::Reach;
use crate::change::Fingerprint;
use crate::secret::{Secret, is_likely_secret, is_secret_segment};
use crate::spec::{Auth, Invalid, Tls};

/// What may be secret of a URL that is declared: its userinfo, and of its path and query what looks so.
pub(super) fn url_secrets(url: &Url) -> Vec<Secret> {
    let userinfo = [url.username(), url.password().unwrap_or_default()];
    let userinfo = userinfo.into_iter().filter(|it| !it.is_empty()).map(Secret::new);
    let query = url.query_pairs().filter(|(name, value)| is_likely_secret(name, value));
    let segments = url.path_segments().into_iter().flatten();
    let segments = segments.filter(|it| is_secret_segment(it)).map(Secret::new);
    userinfo.chain(segments).chain(query.map(|(_, value)| Secret::new(value))).collect()
}

/// A credential as it is sent with one request.
#[derive(Clone)]
pub(super) struct Presented {
    pub(super) header: Option<(HeaderName, HeaderValue)>,
    query: Option<(String, Secret)>,
    /// Whose it is: what a server says to one credential, it says to no other.
    pub(super) mark: Fingerprint,
    /// What tells it from one that came before or after.
    pub(super) token: Fingerprint,
    /// What may not be shown of it: the secret, and the pair of user name and password that it is part of.
    secrets: Arc<[Secret]>,
}

impl Presented {
    pub(super) fn none() -> Self {
        let none = Fingerprint::default();
        Self { header: None, query: None, mark: none, token: none, secrets: Arc::default() }
    }

    /// What may not be shown of it.
    pub(super) fn secrets(&self) -> &[Secret] {
        &self.secrets
    }

    /// The URL of a request with it. What else is in the query stays as it is written.
    pub(super) fn url<'a>(&self, url: &'a Url) -> Cow<'a, Url> {
        let Some((name, secret)) = &self.query else { return Cow::Borrowed(url) };
        Cow::Owned(query::with(url, name, secret.expose()))
    }
}

/// A declared credential.
pub(super) struct Credential {
    identity: Fingerprint,
    /// The parameter of the query that it stands in, if it does.
    parameter: Option<String>,
    source: Source,
}

enum Source {
    None,
    Fixed(Presented),
    File(Box<File>),
    #[cfg(feature = "oauth2")]
    OAuth2(Tokens),
}

struct File {
    form: Arc<Form>,
    read: FromFile<Presented>,
}

impl Credential {
    /// Reads what does not change: an environment variable, a value. The TLS files are those that hold for
    /// a token endpoint as well.
    pub(super) fn new(auth: Option<&Auth>, tls: &Tls, reach: &Reach) -> Result<Self, Invalid> {
        let (setting, form, source) = match auth {
            None => {
                let (identity, source) = (Fingerprint::default(), Source::None);
                return Ok(Self { identity, parameter: None, source });
            }
            Some(Auth::OAuth2(declared)) => return Self::oauth2(declared, tls, reach),
            Some(Auth::Bearer(secret)) => ("http.auth.bearer", Form::Bearer, secret),
            Some(Auth::Basic { username, password }) => {
                let form = Form::Basic { username: username.clone() };
                ("http.auth.basic.password", form, password)
            }
            Some(Auth::Header { name, prefix, secret }) => {
                let form = Form::Header { name: name.clone(), prefix: prefix.clone() };
                ("http.auth.header", form, secret)
            }
            Some(Auth::Query { name, secret }) => {
                ("http.auth.query", Form::Query { name: name.clone() }, secret)
            }
        };
        let held = Held::new(setting, source)?;
        let identity = held.identity(form.identity());
        let parameter = match &form {
            Form::Query { name } => Some(name.clone()),
            _ => None,
        };
        let source = match held {
            Held::Fixed { secret, from } => {
                let presented = form.present(&secret);
                let refused = || secret::refused(setting, from, format!("the secret {UNSENDABLE}"));
                Source::Fixed(presented.ok_or_else(refused)?)
            }
            Held::File(path) => {
                let read = FromFile::new("credential", path);
                Source::File(Box::new(File { form: Arc::new(form), read }))
            }
        };
        Ok(Self { identity, parameter, source })
    }

    #[cfg(feature = "oauth2")]
    fn oauth2(declared: &crate::spec::OAuth2, tls: &Tls, reach: &Reach) -> Result<Self, Invalid> {
        let tokens = Tokens::of(declared, tls, reach)?;
        let identity = tokens.identity();
        Ok(Self { identity, parameter: None, source: Source::OAuth2(tokens) })
    }

    #[cfg(not(feature = "oauth2"))]
    fn oauth2(_: &crate::spec::OAuth2, _: &Tls, _: &Reach) -> Result<Self, Invalid> {
        Err(Invalid::feature("http.auth.oauth2", "oauth2"))
    }

    /// Which credential it is, however often its secret changes: the same for all of one declaration.
    pub(super) fn identity(&self) -> Fingerprint {
        self.identity
    }

    pub(super) fn is_some(&self) -> bool {
        !matches!(self.source, Source::None)
    }

    /// A URL for where the credential does not go: a link may hand back what stood in the query of the request.
    pub(super) fn kept_out_of<'a>(&self, url: &'a Url) -> Cow<'a, Url> {
        match &self.parameter {
            Some(name) if url.query().is_some() => Cow::Owned(query::without(url, name)),
            _ => Cow::Borrowed(url),
        }
    }

    /// What to send now. A file is read again when its content is a minute old; while it cannot be read, or
    /// is empty as a half-written one is, the last good credential stays. A token that was `refused` to this watcher
    /// is not given again unless the token endpoint just did so.
    pub(super) async fn present(
        &self,
        watcher: &str,
        refused: Option<Fingerprint>,
    ) -> Result<Presented, Failure> {
        #[cfg(not(feature = "oauth2"))]
        let _ = refused;
        // In boxes: most watchers need no room for them.
        match &self.source {
            Source::None => Ok(Presented::none()),
            Source::Fixed(presented) => Ok(presented.clone()),
            Source::File(file) => {
                let form = Arc::clone(&file.form);
                Box::pin(file.read.get(watcher, move |secret| form.present(&secret))).await
            }
            #[cfg(feature = "oauth2")]
            Source::OAuth2(tokens) => Box::pin(tokens.present(watcher, refused)).await,
        }
    }

    /// What to send now, where nothing has to be read for it.
    #[cfg(feature = "yaml")]
    pub(super) fn at_once(&self) -> Option<Presented> {
        match &self.source {
            Source::Fixed(presented) => Some(presented.clone()),
            _ => None,
        }
    }

    /// The server refused what was sent. Returns whether something else may be had at once. A secret in a file is
    /// read again each minute in any case, so a 403 is no reason to.
    pub(super) fn refused(&self, given: &Presented, refusal: Refusal) -> bool {
        #[cfg(not(feature = "oauth2"))]
        let _ = given;
        match &self.source {
            Source::None | Source::Fixed(_) => false,
            Source::File(file) => refusal == Refusal::Invalid && file.read.stale(),
            #[cfg(feature = "oauth2")]
            Source::OAuth2(tokens) => tokens.refused(given, refusal),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(url: &str) -> String {
        let form = Form::Query { name: "api key".to_owned() };
        let presented = form.present(&Secret::new("a&b c")).unwrap();
        presented.url(&Url::parse(url).unwrap()).as_str().to_owned()
    }

    #[test]
    fn a_query_parameter_takes_the_place_of_one_of_its_name_and_leaves_the_others_as_they_are() {
        let ours = "api+key=a%26b+c";
        assert_eq!(asked("http://h/v"), format!("http://h/v?{ours}"));
        assert_eq!(asked("http://h/v?"), format!("http://h/v?{ours}"));
        assert_eq!(
            asked("http://h/v?a=%20b+c&flag#f"),
            format!("http://h/v?a=%20b+c&flag&{ours}#f")
        );
        let old = "http://h/v?api%20key=old&x=1&api+key";
        assert_eq!(asked(old), format!("http://h/v?x=1&{ours}"));
    }

    #[test]
    fn a_credential_without_a_query_parameter_leaves_the_url_alone() {
        let url = Url::parse("http://h/v?a=1").unwrap();
        assert!(matches!(Presented::none().url(&url), Cow::Borrowed(_)));
    }

    #[test]
    fn a_declaration_has_one_identity_and_another_one_another() {
        let file = || crate::spec::SecretSource::File("/token".into());
        let value = |value: &str| crate::spec::SecretSource::Value(value.into());
        let basic = |username: &str, password| Auth::Basic { username: username.into(), password };
        let all = [
            Auth::Bearer(file()),
            Auth::Bearer(value("/token")),
            Auth::Bearer(value("two")),
            basic("one", file()),
            basic("two", file()),
            Auth::Query { name: "key".into(), secret: file() },
            Auth::Header { name: "x-key".parse().unwrap(), prefix: String::new(), secret: file() },
            Auth::Header { name: "x-key".parse().unwrap(), prefix: "k ".into(), secret: file() },
        ];
        let identity = |auth| {
            let made = Credential::new(Some(auth), &Tls::default(), &Reach::Anywhere);
            made.unwrap().identity()
        };
        for (n, one) in all.iter().enumerate() {
            for (m, other) in all.iter().enumerate() {
                assert_eq!(identity(one) == identity(other), n == m, "{one:?} {other:?}");
            }
        }
    }

    #[cfg(not(feature = "oauth2"))]
    #[test]
    fn without_the_feature_oauth2_is_refused_by_its_name() {
        let declared = crate::spec::OAuth2 {
            token_url: Url::parse("https://h/token").unwrap(),
            show: crate::secret::Show::default(),
            secrets: crate::secret::Hidden::default(),
            client_id: "us".to_owned(),
            client_secret: crate::spec::SecretSource::Value("s3cr3t".into()),
            scopes: Vec::new(),
            audience: None,
            margin: std::time::Duration::ZERO,
        };
        let auth = Auth::OAuth2(declared);
        let made = Credential::new(Some(&auth), &Tls::default(), &Reach::Anywhere);
        let refused = made.err().unwrap();
        assert_eq!(refused.code, "missing-feature");
    }
}
