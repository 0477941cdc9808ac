//! The section "Limits" of the reference: those of settings, from their rows, and those that are no setting.

use std::fmt::Write;
use std::fs;
use std::path::Path;

use crate::config::limits::FileLimits;
use crate::config::tree::{MOST_ALIASES, MOST_ANCHORS};
use crate::printable;
use crate::spec::node::DEEPEST;
use crate::spec::object_store::options::LONGEST_IN_URL;
use crate::spec::table::{Default, Kind, SETTINGS, Setting, Untrusted, camel};
use crate::spec::{bounds, duration, fixed, name, percentage, size};

const HEAD: &str = "
## Limits

What a watcher may cost, and what bounds it. A limit that is hit is an error with the name of its setting. Durations and
sizes have the bounds of their texts: `365d`, and less than `16EiB`. The last column is for declarations under
[`Trust::Untrusted`](https://docs.rs/koprs-external/latest/koprs_external/spec/enum.Trust.html); where it is empty, they
have the same limits as any other.

| setting | default | most | untrusted |
|---|---|---|---|
";

const FIXED_HEAD: &str = "
No setting, and the same for all:

| what | most | above it |
|---|---|---|
";

/// A limit that is no setting, and the tests of what is at it and what is above.
struct Limit {
    of: &'static str,
    most: String,
    above: &'static str,
    tests: &'static [&'static str],
}

fn bytes(bytes: usize) -> String {
    size::show(bytes as u64)
}

#[rustfmt::skip]
fn limits() -> Vec<Limit> {
    let limit = |of, most, above, tests| Limit { of, most, above, tests };
    let read = "refused when it is read";
    let failed = "the poll fails";
    vec![
        limit("a declaration, as it is written, with its keys", bytes(bounds::DECLARATION), read, &["a_whole_declaration_has_a_bound"]),
        limit("keys and values of a declaration", bounds::NODES.to_string(), read, &["a_whole_declaration_has_a_bound"]),
        limit("levels of a declaration, and of a file", DEEPEST.to_string(), read, &["what_is_too_large_is_refused", "each_budget_of_a_file_is_held"]),
        limit("a file of watchers, where `max_file_size` says nothing else", bytes(FileLimits::default().bytes()), read, &["a_file_has_at_most_its_bytes"]),
        limit("keys and values of such a file, with aliases followed; more of a larger one", FileLimits::default().nodes().to_string(), read, &["each_budget_of_a_file_is_held"]),
        limit("anchors of such a file", MOST_ANCHORS.to_string(), read, &["each_budget_of_a_file_is_held"]),
        limit("aliases of such a file", MOST_ALIASES.to_string(), read, &["each_budget_of_a_file_is_held"]),
        limit("segments of a JSON pointer", bounds::SEGMENTS.to_string(), read, &["a_pointer_has_at_most_so_many_segments"]),
        limit("braces within braces of a glob", "16".to_owned(), read, &["a_glob_is_read_up_to_its_bound"]),
        limit("levels of JSON that is decoded", "127".to_owned(), failed, &["json_is_decoded_up_to_its_bound"]),
        limit("levels of a body of YAML", "128".to_owned(), failed, &["yaml_is_read_up_to_its_bound"]),
        limit("a URL with all that is filled in, of a redirect and of a next page, too", bytes(bounds::URL), failed, &["a_url_is_bounded_with_all_that_is_filled_in", "a_redirect_leads_to_a_url_that_is_bounded", "a_link_and_a_cursor_lead_to_a_url_that_is_bounded"]),
        limit("a secret, wherever it comes from", bytes(bounds::SECRET), failed, &["a_secret_is_bounded_wherever_it_comes_from"]),
        limit("an option of a store that stands in a URL, percent-encoded", bytes(LONGEST_IN_URL), read, &["an_option_that_stands_in_a_url_has_room_there"]),
        limit("the answer of a token endpoint", size::show(fixed::TOKEN_ANSWER), failed, &["a_token_is_bounded_as_the_answer_is_that_holds_it"]),
        limit("a file of `tls`", size::show(fixed::TLS_FILE), failed, &["a_file_of_certificates_is_bounded"]),
        limit("headers of an answer over HTTP/1.1", fixed::HTTP1_HEADERS.to_string(), failed, &["more_headers_than_the_client_reads_are_told_with_their_number"]),
        limit("open connections of all untrusted watchers together", fixed::UNTRUSTED_CONNECTIONS.to_string(), "a request waits for one to be closed, and then the poll fails", &["untrusted_requests_wait_for_a_connection_and_fail_where_none_is_closed"]),
        limit("a delay that a server asks for", duration::show(fixed::DELAY), "the wait is this long", &["a_delay_is_lengthened_and_never_shortened_up_to_an_hour"]),
        limit("levels of an XML answer of a store", fixed::XML_LEVELS.to_string(), failed, &["a_document_is_read_up_to_its_end_or_not_at_all"]),
        limit("elements that are read of an entry of such an answer, and attributes of an element", fixed::XML_PARTS.to_string(), failed, &["an_entry_is_read_up_to_its_bounds"]),
        limit("a page of a listing", bytes(fixed::LISTING_PAGE), failed, &["a_page_of_a_listing_is_bounded"]),
        limit("characters of a text from outside in a message", printable::SHOWN.to_string(), "it ends in `…`", &["a_text_is_cut_at_its_limit_and_no_escape_is_cut"]),
        limit("an error, and all mistakes of a declaration together", bytes(printable::LONGEST_ERROR), "`and 123 more`", &["an_error_is_one_line_and_cut_at_its_limit", "of_many_mistakes_those_that_fit_into_a_status_are_told_with_their_paths"]),
    ]
}

/// The most of a setting, in words; nothing of one that has no bound.
fn most(setting: &Setting) -> String {
    let text = |most: usize| format!("`{}`", bytes(most));
    match setting.kind {
        Kind::Duration { most } => format!("`{}`", duration::show(most)),
        Kind::Percentage { most } => format!("`{}`", percentage::show(most)),
        Kind::Whole { most: Some(most), .. } => format!("`{most}`"),
        Kind::List { of, most, bytes } => {
            let each = of.most_bytes().map(text).unwrap_or_default();
            let all = bytes.map(|it| format!(", {} together", text(it))).unwrap_or_default();
            format!("{most} of {each}{all}")
        }
        Kind::Map { of: _, most, bytes } => {
            let all = bytes.map(|it| format!(", {} together", text(it))).unwrap_or_default();
            format!("{most}{all}")
        }
        Kind::Options { most } => format!("{most} of {}", text(bounds::SECRET)),
        Kind::Label => format!("{} characters", name::LONGEST),
        kind => kind.most_bytes().map(text).unwrap_or_default(),
    }
}

/// What an untrusted declaration may have of a setting, in words.
fn untrusted(setting: &Setting) -> String {
    match setting.untrusted {
        Untrusted::Allowed => String::new(),
        Untrusted::Refused { .. } => "refused".to_owned(),
        Untrusted::PublicHosts => "public hosts".to_owned(),
        Untrusted::WithoutHost => "not `Host`".to_owned(),
        Untrusted::OnlyDefault => "the default alone".to_owned(),
        Untrusted::AtMostDefault => "at most the default".to_owned(),
        Untrusted::AtMost(most) => format!("at most `{}`", most.shown().unwrap_or_default()),
    }
}

/// Whether a setting is a limit, or has one.
fn is_limit(setting: &Setting) -> bool {
    let has_most = !most(setting).is_empty();
    has_most
        || matches!(setting.kind, Kind::Whole { .. } | Kind::Size)
        || !matches!(setting.untrusted, Untrusted::Allowed)
}

/// The section of the page.
pub(super) fn section() -> String {
    let mut text = HEAD.to_owned();
    for setting in SETTINGS.iter().filter(|it| is_limit(it)) {
        let path: Vec<_> = setting.path().split('.').map(camel).collect();
        let default = match setting.default {
            Default::None => String::new(),
            Default::Words(words) => words.to_owned(),
            other => other.written().map(|it| format!("`{it}`")).unwrap_or_default(),
        };
        let (path, most, untrusted) = (path.join("."), most(setting), untrusted(setting));
        let _ = writeln!(text, "| `{path}` | {default} | {most} | {untrusted} |");
    }
    text += FIXED_HEAD;
    for Limit { of, most, above, tests: _ } in limits() {
        let _ = writeln!(text, "| {of} | `{most}` | {above} |");
    }
    text
}

/// All functions of the tests of the library.
fn functions(folder: &Path, found: &mut String) {
    for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
        let path = entry.path();
        if path.is_dir() {
            functions(&path, found);
        } else if path.extension().is_some_and(|it| it == "rs") {
            found.push_str(&fs::read_to_string(path).unwrap());
        }
    }
}

#[test]
fn each_limit_names_its_tests() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut sources = String::new();
    functions(&root.join("src"), &mut sources);
    functions(&root.join("../tests/it"), &mut sources);
    for limit in limits() {
        assert!(!limit.tests.is_empty(), "{}", limit.of);
        for test in limit.tests {
            assert!(sources.contains(&format!("fn {test}(")), "{}: {test}", limit.of);
        }
    }
}
