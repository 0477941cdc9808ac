//! What a tenant may not declare, as the rows of the settings say.

use url::Url;

use crate::spec::address::{is_open_port, is_public, is_public_url};
use crate::spec::check::Finding;
use crate::spec::quote::{Content, quoted};
use crate::spec::settings::{Given, Settings, Subject, Value};
use crate::spec::table::{Kind, Row, Untrusted, row};
use crate::spec::{Invalid, SourceSpec, WatcherSpec};

/// Refuses what is not for a tenant.
pub(super) fn check(spec: &WatcherSpec, mut refuse: impl FnMut(Invalid)) {
    if let SourceSpec::ObjectStore(_) = &spec.source {
        check_memory(&spec.settings, &mut refuse);
        refuse(store());
        return;
    }
    for given in spec.settings.given() {
        check_one(given, &spec.ports, |it| refuse(it.into_invalid(&spec.settings)));
    }
}

/// What a watcher of any kind may take.
fn check_memory(settings: &Settings, mut refuse: impl FnMut(Invalid)) {
    let given = settings.given().filter(|given| given.row.block.is_empty());
    given.for_each(|given| check_one(given, &[], |it| refuse(it.into_invalid(settings))));
}

fn check_one(given: &Given, ports: &[u16], mut refuse: impl FnMut(Finding)) {
    let Given { row, value, .. } = given;
    let at = Subject::Row(*row);
    match row.untrusted {
        Untrusted::Allowed => {}
        Untrusted::Refused { code, because } => refuse(refused(*row, code, because)),
        Untrusted::PublicHosts => match value {
            Value::Text(url) => check_url(at, url, ports).into_iter().for_each(refuse),
            Value::List(urls) => {
                let urls = urls.iter().enumerate();
                let found = urls
                    .filter_map(|(n, url)| check_url(Subject::Entry(*row, n), &url.text, ports));
                found.for_each(refuse);
            }
            _ => {}
        },
        Untrusted::WithoutHost => match value {
            Value::Text(name) if is_host(name) => refuse(another_host(at)),
            Value::Pairs(headers) => {
                let host = headers.iter().position(|header| is_host(&header.name.text));
                let host = host.map(|n| another_host(Subject::Entry(*row, n)));
                host.into_iter().for_each(refuse);
            }
            _ => {}
        },
        Untrusted::OnlyDefault | Untrusted::AtMostDefault | Untrusted::AtMost(_) => {
            amount(*row, value).into_iter().for_each(refuse);
        }
    }
}

fn is_host(header: &str) -> bool {
    header.eq_ignore_ascii_case("host")
}

/// What a tenant may have of the operator's memory and time.
fn amount(row: Row, value: &Value) -> Option<Finding> {
    let number = match value {
        Value::Whole(number) | Value::Bytes(number) => u128::from(*number),
        Value::Duration(time) => time.as_nanos(),
        _ => return None,
    };
    if matches!(row.untrusted, Untrusted::OnlyDefault) {
        return (row.default.amount()? != number).then(|| of_all_tenants(row));
    }
    let most = row.most_untrusted()?;
    (number > most.amount()?).then(|| above(row, &most.shown().unwrap_or_default()))
}

fn above(row: Row, most: &str) -> Finding {
    let message = format!("`{}` is more than {most}, and the declaration is untrusted", row.name);
    Finding::new(Subject::Row(row), "untrusted-limit", message)
        .help(format!("at most {most}; where more is needed, the operator declares the watcher"))
}

/// The places at a host are those of all tenants: whoever asks for fewer holds up those behind him, until so few
/// are taken.
fn of_all_tenants(row: Row) -> Finding {
    let name = row.name;
    let message =
        format!("`{name}` would hold for other tenants too, and the declaration is untrusted");
    let all = row.default.shown().unwrap_or_default();
    Finding::new(Subject::Row(row), "untrusted-limit", message).help(format!(
        "leave it out: a host gets at most {all} requests at a time from all that are untrusted"
    ))
}

/// Its host or its port is what is wrong.
fn check_url(at: Subject, url: &str, ports: &[u16]) -> Option<Finding> {
    let url = Url::parse(url).ok();
    let origin = url.as_ref().map(|url| url.origin().ascii_serialization()).unwrap_or_default();
    let is_public = |url: &Url| is_public_url(url, is_public);
    let (code, why, help) = if !url.as_ref().is_some_and(is_public) {
        let help = "an untrusted declaration may ask public hosts only, by a name or an address; what is inside is \
             declared by the operator";
        ("not-public", "is not on the public internet", help)
    } else if !url.as_ref().is_some_and(|url| is_open_port(url, ports)) {
        let help = "an untrusted declaration may ask the ports 80, 443 and 1024 to 65535; others need the word of the \
             operator (`WatcherSpec::allow_ports`)";
        ("untrusted-port", "has a port below 1024, and the declaration is untrusted", help)
    } else {
        return None;
    };
    let message = format!("{} {why}", quoted(Content::Url, &origin));
    Some(Finding::new(at, code, message).help(help))
}

/// What answers at a public address may know other hosts by their name: those behind an ingress, for one.
fn another_host(at: Subject) -> Finding {
    let message = "`Host` may name another host than the URL, and the declaration is untrusted";
    Finding::new(at, "untrusted-header", message).help("leave it out: the host is that of the URL")
}

/// A setting that reaches for what the operator has.
fn refused(row: Row, code: &'static str, because: &str) -> Finding {
    let message = format!("`{}` {because}, and the declaration is untrusted", row.name);
    let is_secret =
        row.block.starts_with("http.auth") && matches!(row.kind, Kind::Variable | Kind::Path);
    let help = match is_secret {
        true => {
            "write the secret itself, as `value`; the operator can put it there from a Secret of the tenant"
        }
        false => "leave it out; where it is needed, the operator declares the watcher",
    };
    Finding::new(Subject::Row(row), code, message).help(help)
}

/// The crate `object_store` takes credentials from the environment, from files, from metadata services and by
/// workload identity wherever none are declared, and options name endpoints of all of these.
pub(crate) fn store() -> Invalid {
    let message =
        "an object store is opened with what the operator may, and the declaration is untrusted";
    Invalid::new(row!("object_store").path(), "untrusted-store", message)
        .help("follow an `http` endpoint; a store is declared by the operator")
}
