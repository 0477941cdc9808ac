//! Measures a declaration against the bounds of the table. What is larger is read no further.

use std::path::Path;

use super::auth::Credential;
use super::builder::Written;
use super::items::WrittenItems;
use super::object_store::WrittenObjectStore;
use super::settings::row;
use super::{Body, ClientCredentials, Invalid, Paging, SecretSource, TlsFiles, bounds, size};

/// No text has a lower bound, so that shorter ones need no look at the table.
const SHORT: usize = 63;
/// No list has a lower bound.
const FEW: usize = 100;

/// Every setting that is larger than its row allows, in the order of the settings, and the declaration as a whole.
/// Each setting is named: of a new one it is to be said how it is measured.
pub(super) fn check(written: &Written) -> Vec<Invalid> {
    let Written {
        kind: _,
        name,
        interval: _,
        max_backoff: _,
        jitter: _,
        deadline: _,
        decode: _,
        items: WrittenItems { at, key, limit: _, on_bad: _ },
        ignore,
        distinct: _,
        removal: _,
        memory_limit: _,
        walk_limit: _,
        url,
        method: _,
        query,
        header,
        body,
        auth,
        tls,
        unix_socket,
        pages,
        timeout: _,
        retries: _,
        respect_max_age: _,
        max_in_flight: _,
        body_limit: _,
        header_limit: _,
        redirect_limit: _,
        object_store,
        secrets: _,
    } = written;
    let source = written.kind.block();
    let mut measure = Measure::default();
    measure.text("name", name);
    at.iter().for_each(|at| measure.text("items.at", at));
    key.iter().for_each(|key| measure.text("items.key", key));
    measure.list("ignore", ignore);
    measure.text(&format!("{source}.url"), url);
    measure.map("http.query", query);
    measure.map("http.header", header);
    body.iter().for_each(|body| match body {
        Body::Json(text) => measure.text("http.body.json", text),
        Body::Text(text) => measure.text("http.body.text", text),
    });
    auth.iter().for_each(|auth| measure.credential(auth));
    tls.iter().for_each(|TlsFiles { ca, cert, key }| {
        for (setting, path) in [("http.tls.ca", ca), ("http.tls.cert", cert), ("http.tls.key", key)]
        {
            path.iter().for_each(|path| measure.path(setting, path));
        }
    });
    unix_socket.iter().for_each(|path| measure.path("http.unix_socket", path));
    pages.iter().for_each(|pages| measure.pages(pages));
    measure.object_store(object_store);
    measure.finish()
}

/// The bytes so far, and what is too large.
#[derive(Default)]
struct Measure {
    bytes: usize,
    refused: Vec<Invalid>,
}

impl Measure {
    fn text(&mut self, setting: &str, text: &str) {
        self.text_of(setting, setting, text);
    }

    /// A text, which stands in the row of `path`.
    fn text_of(&mut self, path: &str, setting: &str, text: &str) {
        self.bytes = self.bytes.saturating_add(text.len());
        if text.len() <= SHORT {
            return;
        }
        let most = row(path).and_then(|row| row.kind.most_bytes());
        if let Some(most) = most.filter(|most| text.len() > *most) {
            self.refused.push(too_long(setting, most));
        }
    }

    fn path(&mut self, setting: &str, path: &Path) {
        self.text(setting, &path.to_string_lossy());
    }

    fn list(&mut self, path: &str, texts: &[String]) {
        if self.is_too_many(path, texts.len()) {
            return;
        }
        for (n, text) in texts.iter().enumerate() {
            match text.len() <= SHORT {
                true => self.bytes = self.bytes.saturating_add(text.len()),
                false => self.text_of(path, &format!("{path}.{n}"), text),
            }
        }
        self.in_all(path, texts.iter().map(String::len));
    }

    /// The bytes of all entries of a list together.
    fn in_all(&mut self, path: &str, bytes: impl Iterator<Item = usize>) {
        let bytes = bytes.fold(0, usize::saturating_add);
        if bytes <= SHORT {
            return;
        }
        let most = row(path).and_then(|row| row.kind.most_bytes_in_all());
        if let Some(most) = most.filter(|most| bytes > *most) {
            self.refused.push(too_long(path, most));
        }
    }

    fn map(&mut self, path: &str, entries: &[(String, String)]) {
        if self.is_too_many(path, entries.len()) {
            return;
        }
        let bytes = || entries.iter().map(|(name, value)| name.len().saturating_add(value.len()));
        self.bytes = bytes().fold(self.bytes, usize::saturating_add);
        self.in_all(path, bytes());
    }

    fn is_too_many(&mut self, path: &str, entries: usize) -> bool {
        if entries <= FEW {
            return false;
        }
        let most = row(path).and_then(|row| row.kind.most_entries());
        let Some(most) = most.filter(|most| entries > *most) else { return false };
        self.refused.push(too_many(path, entries, most));
        true
    }

    fn secret(&mut self, block: &str, secret: &SecretSource) {
        match secret {
            SecretSource::Env(name) => self.text(&format!("{block}.env"), name),
            SecretSource::File(path) => self.path(&format!("{block}.file"), path),
            SecretSource::Value(value) => self.text(&format!("{block}.value"), value.expose()),
        }
    }

    fn credential(&mut self, credential: &Credential) {
        match credential {
            Credential::Bearer(secret) => self.secret("http.auth.bearer", secret),
            Credential::Basic { username, password } => {
                self.text("http.auth.basic.username", username);
                self.secret("http.auth.basic.password", password);
            }
            Credential::Header { name, prefix, secret } => {
                self.text("http.auth.header.name", name);
                self.text("http.auth.header.prefix", prefix);
                self.secret("http.auth.header", secret);
            }
            Credential::Query { name, secret } => {
                self.text("http.auth.query.name", name);
                self.secret("http.auth.query", secret);
            }
            Credential::OAuth2(credentials) => self.oauth2(credentials),
        }
    }

    fn oauth2(&mut self, credentials: &ClientCredentials) {
        let ClientCredentials { token_url, client_id, client_secret, scopes, audience, margin: _ } =
            credentials;
        self.text("http.auth.oauth2.token_url", token_url);
        self.text("http.auth.oauth2.client_id", client_id);
        self.secret("http.auth.oauth2.client_secret", client_secret);
        self.list("http.auth.oauth2.scopes", scopes);
        audience.iter().for_each(|audience| self.text("http.auth.oauth2.audience", audience));
    }

    fn pages(&mut self, paging: &Paging) {
        paging.texts().into_iter().for_each(|(setting, text)| self.text(&setting, text));
        self.list("http.pages.origins", paging.origins());
    }

    fn object_store(&mut self, written: &WrittenObjectStore) {
        const OPTION: &str = "object_store.option";
        let WrittenObjectStore {
            options,
            include,
            exclude,
            settle: _,
            concurrency: _,
            listing_concurrency: _,
            object_limit: _,
        } = written;
        if !self.is_too_many(OPTION, options.len()) {
            for (name, value) in options {
                self.option(OPTION, name, value);
            }
        }
        self.list("object_store.include", include);
        self.list("object_store.exclude", exclude);
    }

    /// An option, whose value has the bounds of a secret.
    fn option(&mut self, path: &str, name: &str, value: &SecretSource) {
        self.bytes = self.bytes.saturating_add(name.len());
        if name.len() > bounds::NAME {
            self.refused.push(too_long(path, bounds::NAME));
            return;
        }
        let (text, most) = match value {
            SecretSource::Env(name) => (name.as_str().into(), bounds::NAME),
            SecretSource::File(path) => (path.to_string_lossy(), bounds::PATH),
            SecretSource::Value(value) => (value.expose().into(), bounds::SECRET),
        };
        self.bytes = self.bytes.saturating_add(text.len());
        if text.len() > most {
            self.refused.push(too_long(&format!("{path}.{name}"), most));
        }
    }

    fn finish(self) -> Vec<Invalid> {
        let Self { bytes, mut refused } = self;
        refused.extend(whole(bytes));
        refused
    }
}

/// A declaration that is larger than it may be.
pub(crate) fn whole(bytes: usize) -> Option<Invalid> {
    let most = size::show(bounds::DECLARATION as u64);
    let message = format!("the declaration has {bytes} bytes, and at most `{most}` are read");
    (bytes > bounds::DECLARATION)
        .then(|| Invalid::new("watcher", "too-long", message).help(bounds::DIVIDE))
}

/// A text that is longer than its setting allows.
pub(super) fn too_long(setting: &str, most: usize) -> Invalid {
    let name = last(setting);
    let message = format!("`{name}` is longer than `{}`", size::show(most as u64));
    Invalid::new(setting, "too-long", message).help("shorten it")
}

/// A list with more entries than its setting allows.
pub(super) fn too_many(setting: &str, entries: usize, most: usize) -> Invalid {
    let message = format!("`{}` has {entries} entries", last(setting));
    Invalid::new(setting, "too-many", message)
        .help(format!("at most `{most}`: leave out what is not needed"))
}

/// What a setting is called, without the number of an entry.
fn last(setting: &str) -> &str {
    let mut names = setting.rsplit('.');
    names.find(|name| name.parse::<usize>().is_err()).unwrap_or(setting)
}
