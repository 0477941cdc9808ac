//! What a tenant may not declare.

use std::time::Duration;

use http::header::HOST;
use url::Url;

use crate::spec::address::{is_public, is_public_url};
use crate::spec::{
    Auth, HttpSpec, Invalid, OAuth2, Pages, SecretSource, SourceSpec, Tls, WatcherSpec, body_limit,
    items, limits, pages,
};

/// What a tenant's server may take for one request.
const LONGEST_TIMEOUT: Duration = Duration::from_secs(60);

/// Refuses what is not for a tenant.
pub(super) fn check(spec: &WatcherSpec, mut refuse: impl FnMut(Invalid)) {
    if spec.items().is_some_and(|list| list.limit > items::LIMIT) {
        refuse(above("items.limit", "100000"));
    }
    match &spec.source {
        SourceSpec::Http(http) => check_http(http, refuse),
        SourceSpec::ObjectStore(_) => refuse(store()),
    }
}

/// In the order of the settings. Each of them is named: of a new one it is to be said whether it is for a tenant.
fn check_http(http: &HttpSpec, mut refuse: impl FnMut(Invalid)) {
    let HttpSpec {
        url,
        show: _,
        method: _,
        headers,
        body: _,
        auth,
        tls,
        unix_socket,
        pages,
        timeout,
        retries: _,
        respect_max_age: _,
        max_in_flight,
        body_limit,
        header_limit,
        redirect_limit: _,
    } = http;
    check_url("http.url", url).map(&mut refuse);
    if headers.iter().any(|(name, _)| *name == HOST) {
        refuse(another_host("http.header.host"));
    }
    auth.iter().for_each(|auth| check_auth(auth, &mut refuse));
    check_files(tls, &mut refuse);
    if unix_socket.is_some() {
        refuse(of_the_operator(
            "http.unix_socket",
            "untrusted-socket",
            "is a socket of the operator",
        ));
    }
    pages.iter().for_each(|pages| check_pages(pages, &mut refuse));
    if *timeout > LONGEST_TIMEOUT {
        refuse(above("http.timeout", "60s"));
    }
    if *max_in_flight != limits::MAX_IN_FLIGHT {
        refuse(of_all_tenants());
    }
    if *body_limit > body_limit::DEFAULT {
        refuse(above("http.body_limit", "8MiB"));
    }
    if *header_limit > limits::HEADER_LIMIT {
        refuse(above("http.header_limit", "64KiB"));
    }
}

/// What a tenant may have of the operator's memory and time: no more than the defaults, and a minute.
fn above(setting: &str, most: &str) -> Invalid {
    let name = setting.rsplit('.').next().unwrap_or(setting);
    let message = format!("`{name}` is more than {most}, and the declaration is untrusted");
    Invalid::new(setting, "untrusted-limit", message)
        .help(format!("at most {most}; where more is needed, the operator declares the watcher"))
}

/// The places at a host are those of all tenants: whoever asks for fewer holds up those behind him, until so few
/// are taken.
fn of_all_tenants() -> Invalid {
    let message =
        "`max_in_flight` would hold for other tenants too, and the declaration is untrusted";
    Invalid::new("http.max_in_flight", "untrusted-limit", message)
        .help("leave it out: a host gets at most 8 requests at a time from all that are untrusted")
}

fn check_url(setting: &str, url: &Url) -> Option<Invalid> {
    // Its host is what is wrong.
    let origin = url.origin().ascii_serialization();
    let message = format!("`{origin}` is not on the public internet");
    let refused = Invalid::new(setting, "not-public", message).help(
        "an untrusted declaration may ask public hosts only, by a name or an address; what is inside is \
         declared by the operator",
    );
    (!is_public_url(url, is_public)).then_some(refused)
}

fn check_pages(pages: &Pages, mut refuse: impl FnMut(Invalid)) {
    let Pages { next: _, limit, origins } = pages;
    if *limit > pages::LIMIT {
        refuse(above("http.pages.limit", "1000"));
    }
    let origins = origins.iter().enumerate();
    let refused = |(n, url)| check_url(&format!("http.pages.origins.{n}"), url);
    origins.filter_map(refused).for_each(refuse);
}

fn check_auth(auth: &Auth, mut refuse: impl FnMut(Invalid)) {
    let (setting, secret) = match auth {
        Auth::Bearer(secret) => ("http.auth.bearer", secret),
        Auth::Basic { username: _, password } => ("http.auth.basic.password", password),
        Auth::Header { name, prefix: _, secret } => {
            if *name == HOST {
                refuse(another_host("http.auth.header.name"));
            }
            ("http.auth.header", secret)
        }
        Auth::Query { name: _, secret } => ("http.auth.query", secret),
        Auth::OAuth2(oauth2) => {
            let OAuth2 {
                token_url,
                show: _,
                client_id: _,
                client_secret,
                scopes: _,
                audience: _,
                margin: _,
            } = oauth2;
            check_url("http.auth.oauth2.token_url", token_url).map(&mut refuse);
            ("http.auth.oauth2.client_secret", client_secret)
        }
    };
    let (from, code, is) = match secret {
        SecretSource::Value(_) => return,
        SecretSource::Env(_) => ("env", "untrusted-env", "reads the environment of the operator"),
        SecretSource::File(_) => ("file", "untrusted-file", "reads a file of the operator"),
    };
    let help = "write the secret itself, as `value`; the operator can put it there from a Secret of the tenant";
    refuse(of_the_operator(&format!("{setting}.{from}"), code, is).help(help));
}

/// What answers at a public address may know other hosts by their name: those behind an ingress, for one.
fn another_host(setting: &str) -> Invalid {
    let message = "`Host` may name another host than the URL, and the declaration is untrusted";
    Invalid::new(setting, "untrusted-header", message)
        .help("leave it out: the host is that of the URL")
}

fn check_files(tls: &Tls, mut refuse: impl FnMut(Invalid)) {
    let Tls { ca, identity } = tls;
    let identity = identity.as_ref();
    let settings = [
        ("http.tls.ca", ca.is_some()),
        ("http.tls.cert", identity.is_some()),
        ("http.tls.key", identity.is_some()),
    ];
    for (setting, _) in settings.iter().filter(|(_, is_given)| *is_given) {
        refuse(of_the_operator(setting, "untrusted-file", "reads a file of the operator"));
    }
}

fn of_the_operator(setting: &str, code: &'static str, is: &str) -> Invalid {
    let name = setting.rsplit('.').next().unwrap_or(setting);
    let message = format!("`{name}` {is}, and the declaration is untrusted");
    Invalid::new(setting, code, message)
        .help("leave it out; where it is needed, the operator declares the watcher")
}

/// The crate `object_store` takes credentials from the environment, from files, from metadata services and by
/// workload identity wherever none are declared, and options name endpoints of all of these.
pub(crate) fn store() -> Invalid {
    let message =
        "an object store is opened with what the operator may, and the declaration is untrusted";
    Invalid::new("object_store", "untrusted-store", message)
        .help("follow an `http` endpoint; a store is declared by the operator")
}
