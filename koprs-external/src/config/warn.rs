//! What is legal but unwise: of a watcher, by what it declares; of a file, by what it leaves as it is, or has not.
//!
//! A warning is worth acting on, or it is none: what only may be unwise is left alone.

use std::collections::{HashMap, HashSet};

use url::{Host, Url};

use super::env::{in_key, shown, variable};
use super::raw::RawFile;
use super::{Declared, Variables, carried};
use crate::secret::Secret;
use crate::spec::mistake::{At, Given, Mistake, Place};
use crate::spec::node::{Node, Value};
use crate::spec::object_store::folder::{Look, NotAFolder, not_a_folder};
use crate::spec::object_store::ignored::ignored;
use crate::spec::object_store::{Backend, meaning};
use crate::spec::quote::{Content, is_visible};
use crate::spec::{Auth, HttpSpec, ObjectStoreSpec, SecretSource, SourceSpec, duration};

/// Requests a day above which a longer interval is worth a thought: one every 4.3 s.
const MANY_REQUESTS: f64 = 20_000.0;
/// Listings a day; each is billed as a write is.
const MANY_LISTINGS: f64 = 5_000.0;
const LITERAL: &str = "the secret stands in the file itself";
const NOT_LITERAL: &str = "name an environment variable (`env`) or a file (`file`)";

/// What is unwise about a file by itself.
pub(super) fn file(raw: &RawFile<'_>, out: &mut Vec<Mistake>) {
    if let Given::Written(At { place, value: [] }) = raw.watchers {
        out.push(
            Mistake::new(place, "no-watchers", "no watcher is declared")
                .help("write `watchers:` and under it `- name: …`"),
        );
    }
}

/// What is unwise about a watcher, in this environment.
pub(super) fn watcher(declared: &Declared, environment: &Variables, out: &mut Vec<Mistake>) {
    match declared.spec.source() {
        SourceSpec::Http(http) => endpoint(declared, http, out),
        SourceSpec::ObjectStore(store) => {
            place(declared, store, environment, out);
            object_store(declared, store, out);
        }
    }
    let Declared { spec, .. } = declared;
    let list = spec.items().is_some() || matches!(spec.source(), SourceSpec::ObjectStore(_));
    if list && spec.removal().hold_above() >= 1.0 {
        let message = "no removals are held, not even if all of the list is gone at once";
        out.push(
            at(declared, "removal.hold_above", "held-never", message)
                .help("write a share below it, as `50%`: what a fault empties is then held"),
        );
    }
}

/// How variables are expanded, for users of the command and of the library.
pub(super) const EXPANDED: &str =
    "read the file with `--env`, in Rust with `WatcherSet::loader().env()`";

/// Variables that stay as they are written, since the loader was not asked to expand them. Where one is refused,
/// that is the mistake.
pub(super) fn unexpanded(root: &Node, mistakes: &mut [Mistake], warnings: &mut Vec<Mistake>) {
    let (mut variables, mut keys) = (HashMap::new(), HashMap::new());
    collect(root, &mut variables, &mut keys);
    for mistake in mistakes.iter_mut() {
        if let Some(name) = keys.remove(&mistake.place) {
            *mistake = in_key(mistake.place, name);
        }
    }
    warnings.extend(keys.into_iter().map(|(place, name)| {
        let message = format!("`${{{}}}` stays as it is written", shown(name));
        Mistake::new(place, "unexpanded-variable", message)
            .help("variables are expanded in values only: write the name of the key itself")
    }));
    let refused: HashSet<_> = mistakes.iter().map(|mistake| mistake.place).collect();
    // Of these it was told: of a URL without what may be a secret, and of a variable that is named by itself.
    let told = ["placeholder", "bad-variable"];
    for mistake in mistakes.iter_mut().filter(|it| !told.contains(&it.code)) {
        if let Some(name) = variables.get(&mistake.place) {
            let message = format!("`${{{}}}` is not expanded", shown(name));
            *mistake = Mistake::new(mistake.place, "placeholder", message).help(EXPANDED);
        }
    }
    variables.retain(|place, _| !refused.contains(place));
    warnings.extend(variables.into_iter().map(|(place, name)| {
        let message = format!("`${{{}}}` stays as it is written", shown(name));
        Mistake::new(place, "unexpanded-variable", message).help(EXPANDED)
    }));
}

/// The first variable of each scalar that has one, and of each key.
fn collect<'a>(
    node: &'a Node,
    found: &mut HashMap<Place, &'a str>,
    keys: &mut HashMap<Place, &'a str>,
) {
    match &node.value {
        Value::Null => {}
        Value::Scalar(text) => found.extend(variable(text).map(|name| (node.place, name))),
        Value::Sequence(items) => items.iter().for_each(|item| collect(item, found, keys)),
        Value::Mapping(entries) => entries.iter().for_each(|(key, value)| {
            if let Value::Scalar(text) = &key.value {
                keys.extend(variable(text).map(|name| (key.place, name)));
            }
            collect(value, found, keys);
        }),
    }
}

fn endpoint(declared: &Declared, http: &HttpSpec, out: &mut Vec<Mistake>) {
    let Declared { spec, .. } = declared;
    let near = http.unix_socket.is_some() || is_loopback(&http.url);
    if spec.interval() < http.timeout() {
        let message = "the interval is less than the timeout of a request";
        out.push(at(declared, "interval", "interval-below-timeout", message).help(
            "a poll that hangs delays the next ones: lengthen it, or give a shorter `timeout`",
        ));
    }
    if !near {
        many(declared, (MANY_REQUESTS, "many-requests", "requests"), out);
    }
    let carried = carried::secrets(declared, http);
    let secret = http.auth.is_some() || !carried.is_empty();
    if secret && !near && http.url.scheme() == "http" {
        out.push(in_the_clear(declared, "http.url"));
    }
    out.extend(carried.iter().filter(|it| it.literal).map(|it| {
        let help = format!("declare it by {}, or write `${{NAME}}` and {EXPANDED}", it.otherwise);
        Mistake::new(it.place, "literal-secret", LITERAL).help(help)
    }));
    if let Some(auth) = &http.auth {
        credential(declared, auth, out);
    }
}

fn credential(declared: &Declared, auth: &Auth, out: &mut Vec<Mistake>) {
    let (setting, secret) = match auth {
        Auth::Bearer(secret) => ("http.auth.bearer.value", secret),
        Auth::Basic { password, .. } => ("http.auth.basic.password.value", password),
        Auth::Header { secret, .. } => ("http.auth.header.value", secret),
        Auth::Query { secret, .. } => ("http.auth.query.value", secret),
        Auth::OAuth2(oauth2) => {
            if is_plain(&oauth2.token_url) {
                out.push(in_the_clear(declared, "http.auth.oauth2.token_url"));
            }
            ("http.auth.oauth2.client_secret.value", &oauth2.client_secret)
        }
    };
    literal(declared, setting, secret, out);
}

/// Where the objects are, and who may see them.
fn place(
    declared: &Declared,
    store: &ObjectStoreSpec,
    environment: &Variables,
    out: &mut Vec<Mistake>,
) {
    if let Some(NotAFolder { look, folder, include }) = not_a_folder(&store.url, store.backend) {
        let is_public = is_visible(Content::Url, &folder)
            && include.iter().all(|glob| is_visible(Content::Glob, glob));
        let include: Vec<_> = include.iter().map(|glob| format!("\"{glob}\"")).collect();
        let include = include.join(", ");
        let (what, otherwise) = match look {
            Look::OneObject => ("one object", ", or end a folder of this name with `/`"),
            Look::BeginningOfNames => {
                ("the beginning of names", ", or end a folder of this name with `/`")
            }
            Look::Glob => ("a glob", ", or write `%2A`, `%5B` for these characters in a name"),
        };
        let message =
            format!("the URL looks like {what}, and only what is below a folder is listed");
        let help = match is_public {
            true => format!("write `url: {folder}` and `include: [{include}]`{otherwise}"),
            false => {
                format!("end the `url` with the folder, and write the rest as `include`{otherwise}")
            }
        };
        out.push(at(declared, "object_store.url", "not-a-folder", &message).help(help));
    }
    let options = store.options.iter().map(|(name, _)| name.as_str());
    let ignored = ignored(store.backend, options, |name| environment.is_set(name));
    if let Some((variable, help)) = ignored {
        let message = format!("the variable `{variable}` is set, and is not read here");
        out.push(at(declared, "object_store.url", "ignored-variable", &message).help(help));
    }
}

fn object_store(declared: &Declared, store: &ObjectStoreSpec, out: &mut Vec<Mistake>) {
    if store.backend != Backend::Local {
        many(declared, (MANY_LISTINGS, "many-listings", "listings"), out);
    }
    let secret = |(name, _): &&(String, SecretSource)| meaning::is_secret(store.backend, name);
    let mut secrets = store.options.iter().filter(secret).peekable();
    let plain = |(name, value): &&(String, SecretSource)| {
        meaning::is_endpoint(store.backend, name)
            && matches!(value, SecretSource::Value(url) if is_plain_text(url))
    };
    let endpoint = store.options.iter().find(plain).filter(|_| secrets.peek().is_some());
    if let Some((name, _)) = endpoint {
        out.push(in_the_clear(declared, &option(declared, store, name)));
    }
    for (name, value) in secrets {
        literal(declared, &option(declared, store, name), value, out);
    }
}

/// The setting of an option as it is spelled in the file.
fn option(declared: &Declared, store: &ObjectStoreSpec, name: &str) -> String {
    let mut written = declared.settings().options().iter().map(|it| it.name.text.as_str());
    let found = written.find(|it| meaning::same(store.backend, it, name));
    format!("object_store.option.{}", found.unwrap_or(name))
}

/// A secret that stands in the file. One that came from a variable does not.
fn literal(declared: &Declared, setting: &str, secret: &SecretSource, out: &mut Vec<Mistake>) {
    let SecretSource::Value(value) = secret else { return };
    let place = declared.settings().place_of(setting);
    let value_at = declared.settings().value_place(setting);
    let expanded = declared.expanded.holds(value_at) || variable(value.expose()).is_some();
    if !expanded {
        out.push(Mistake::new(place, "literal-secret", LITERAL).help(NOT_LITERAL));
    }
}

fn many(
    declared: &Declared,
    (most, code, what): (f64, &'static str, &str),
    out: &mut Vec<Mistake>,
) {
    let Declared { spec, .. } = declared;
    let a_day = spec.requests_per_day();
    if a_day > most {
        let message = format!("that is at least {a_day:.0} {what} a day");
        // The least doubling that is not many.
        let doubled = (a_day / most).log2().ceil().exp2();
        let longer = duration::show(spec.interval().mul_f64(doubled));
        out.push(
            at(declared, "interval", code, &message)
                .help(format!("write `interval: {longer}`, or longer")),
        );
    }
}

fn in_the_clear(declared: &Declared, setting: &str) -> Mistake {
    let message = "the credential is sent over plain `http`, where others can read it";
    at(declared, setting, "credential-in-the-clear", message).help("write `https://`")
}

fn at(declared: &Declared, setting: &str, code: &'static str, message: &str) -> Mistake {
    Mistake::new(declared.settings().place_of(setting), code, message)
}

fn is_plain_text(url: &Secret) -> bool {
    Url::parse(url.expose()).is_ok_and(|url| is_plain(&url))
}

/// Whether what is sent there can be read on the way.
fn is_plain(url: &Url) -> bool {
    url.scheme() == "http" && !is_loopback(url)
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}
