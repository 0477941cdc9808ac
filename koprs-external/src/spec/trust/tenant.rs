//! What a tenant may not declare.

use http::header::HOST;
use url::Url;

use crate::spec::address::{is_open_port, is_public, is_public_url};
use crate::spec::quote::{Content, quoted};
use crate::spec::settings::{Setting, Untrusted, row};
use crate::spec::{
    Auth, HttpSpec, Invalid, OAuth2, Pages, SecretSource, SourceSpec, Tls, WatcherSpec,
};

/// Refuses what is not for a tenant.
pub(super) fn check(spec: &WatcherSpec, mut refuse: impl FnMut(Invalid)) {
    if let Some(list) = spec.items() {
        amount("items.limit", list.limit as u128).map(&mut refuse);
    }
    for (setting, declared) in
        [("memory_limit", spec.memory_limit), ("walk_limit", spec.walk_limit)]
    {
        declared.and_then(|bytes| amount(setting, bytes.into())).map(&mut refuse);
    }
    match &spec.source {
        SourceSpec::Http(http) => check_http(http, &spec.ports, refuse),
        SourceSpec::ObjectStore(_) => refuse(store()),
    }
}

/// In the order of the settings. Each of them is named: of a new one it is to be said whether it is for a tenant.
fn check_http(http: &HttpSpec, ports: &[u16], mut refuse: impl FnMut(Invalid)) {
    let HttpSpec {
        url,
        show: _,
        secrets: _,
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
        redirect_limit,
    } = http;
    check_url("http.url", url, ports).map(&mut refuse);
    if headers.iter().any(|(name, _)| *name == HOST) {
        refuse(another_host("http.header.host"));
    }
    auth.iter().for_each(|auth| check_auth(auth, ports, &mut refuse));
    check_files(tls, &mut refuse);
    if unix_socket.is_some() {
        refused("http.unix_socket").map(&mut refuse);
    }
    pages.iter().for_each(|pages| check_pages(pages, ports, &mut refuse));
    let amounts = [
        ("http.timeout", timeout.as_nanos()),
        ("http.max_in_flight", *max_in_flight as u128),
        ("http.body_limit", u128::from(*body_limit)),
        ("http.header_limit", u128::from(*header_limit)),
        ("http.redirect_limit", u128::from(*redirect_limit)),
    ];
    amounts.into_iter().filter_map(|(setting, number)| amount(setting, number)).for_each(refuse);
}

/// What a tenant may have of the operator's memory and time, as the row of the setting says.
fn amount(setting: &str, number: u128) -> Option<Invalid> {
    let row = row(setting)?;
    if matches!(row.untrusted, Untrusted::OnlyDefault) {
        return (row.default.amount()? != number).then(|| of_all_tenants(row));
    }
    let most = row.most_untrusted()?;
    (number > most.amount()?).then(|| above(row, &most.shown().unwrap_or_default()))
}

fn above(row: &Setting, most: &str) -> Invalid {
    let message = format!("`{}` is more than {most}, and the declaration is untrusted", row.name);
    Invalid::new(row.path(), "untrusted-limit", message)
        .help(format!("at most {most}; where more is needed, the operator declares the watcher"))
}

/// The places at a host are those of all tenants: whoever asks for fewer holds up those behind him, until so few
/// are taken.
fn of_all_tenants(row: &Setting) -> Invalid {
    let name = row.name;
    let message =
        format!("`{name}` would hold for other tenants too, and the declaration is untrusted");
    let all = row.default.shown().unwrap_or_default();
    Invalid::new(row.path(), "untrusted-limit", message).help(format!(
        "leave it out: a host gets at most {all} requests at a time from all that are untrusted"
    ))
}

/// Its host or its port is what is wrong.
fn check_url(setting: &str, url: &Url, ports: &[u16]) -> Option<Invalid> {
    let origin = url.origin().ascii_serialization();
    let (code, why, help) = if !is_public_url(url, is_public) {
        let help = "an untrusted declaration may ask public hosts only, by a name or an address; what is inside is \
             declared by the operator";
        ("not-public", "is not on the public internet", help)
    } else if !is_open_port(url, ports) {
        let help = "an untrusted declaration may ask the ports 80, 443 and 1024 to 65535; others need the word of the \
             operator (`WatcherSpec::allow_ports`)";
        ("untrusted-port", "has a port below 1024, and the declaration is untrusted", help)
    } else {
        return None;
    };
    let message = format!("{} {why}", quoted(Content::Url, &origin));
    Some(Invalid::new(setting, code, message).help(help))
}

fn check_pages(pages: &Pages, ports: &[u16], mut refuse: impl FnMut(Invalid)) {
    let Pages { next: _, limit, origins } = pages;
    amount("http.pages.limit", *limit as u128).map(&mut refuse);
    let origins = origins.iter().enumerate();
    let refused = |(n, url)| check_url(&format!("http.pages.origins.{n}"), url, ports);
    origins.filter_map(refused).for_each(refuse);
}

fn check_auth(auth: &Auth, ports: &[u16], mut refuse: impl FnMut(Invalid)) {
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
                secrets: _,
                client_id: _,
                client_secret,
                scopes: _,
                audience: _,
                margin: _,
            } = oauth2;
            check_url("http.auth.oauth2.token_url", token_url, ports).map(&mut refuse);
            ("http.auth.oauth2.client_secret", client_secret)
        }
    };
    let from = match secret {
        SecretSource::Value(_) => return,
        SecretSource::Env(_) => "env",
        SecretSource::File(_) => "file",
    };
    let help = "write the secret itself, as `value`; the operator can put it there from a Secret of the tenant";
    if let Some(refused) = refused(&format!("{setting}.{from}")) {
        refuse(refused.help(help));
    }
}

/// What answers at a public address may know other hosts by their name: those behind an ingress, for one.
fn another_host(setting: &str) -> Invalid {
    let message = "`Host` may name another host than the URL, and the declaration is untrusted";
    Invalid::new(setting, "untrusted-header", message)
        .help("leave it out: the host is that of the URL")
}

fn check_files(tls: &Tls, refuse: impl FnMut(Invalid)) {
    let Tls { ca, identity } = tls;
    let identity = identity.as_ref();
    let settings = [
        ("http.tls.ca", ca.is_some()),
        ("http.tls.cert", identity.is_some()),
        ("http.tls.key", identity.is_some()),
    ];
    let given = settings.into_iter().filter(|(_, is_given)| *is_given);
    given.filter_map(|(setting, _)| refused(setting)).for_each(refuse);
}

/// A setting that reaches for what the operator has, as its row says.
fn refused(setting: &str) -> Option<Invalid> {
    let row = row(setting)?;
    let Untrusted::Refused { code, because } = row.untrusted else { return None };
    let message = format!("`{}` {because}, and the declaration is untrusted", row.name);
    let help = "leave it out; where it is needed, the operator declares the watcher";
    Some(Invalid::new(setting, code, message).help(help))
}

/// The crate `object_store` takes credentials from the environment, from files, from metadata services and by
/// workload identity wherever none are declared, and options name endpoints of all of these.
pub(crate) fn store() -> Invalid {
    let message =
        "an object store is opened with what the operator may, and the declaration is untrusted";
    Invalid::new("object_store", "untrusted-store", message)
        .help("follow an `http` endpoint; a store is declared by the operator")
}
