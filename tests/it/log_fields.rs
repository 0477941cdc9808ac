//! How the library writes the fields of its log lines: a text always in one form.

use proc_macro2::{TokenStream, TokenTree};

use super::architecture::texts;

const MACROS: [&str; 6] = ["trace", "debug", "info", "warn", "error", "info_span"];

/// Fields that are numbers, or display by themselves: their type writes them in one form.
const OTHERS: [&str; 9] =
    ["events", "failures", "looks", "more", "started", "restarted", "stopped", "help", "watcher"];

/// Fields that need no `printable`, and why.
const PRINTABLE: [(&str, &str); 15] = [
    ("source = % self . last . name", "printable when the task begins"),
    ("% source", "the name of a task, or what was made printable before"),
    (
        "% error",
        "one line, whatever is in it: an error of the crate, or what was made printable before",
    ),
    ("% absence", "a status"),
    ("% held", "numbers, and words of the crate"),
    ("% url", "made printable before"),
    ("% variable", "a word of the crate"),
    ("% help", "words of the crate"),
    ("name = % declared . spec . name ()", "a DNS-1123 label"),
    ("declared = % declared . home ()", "shows a file by `printable`"),
    ("watcher", "a DNS-1123 label"),
    ("help", "that of a diagnostic"),
    ("% place", "shows a file by `printable`"),
    ("% code", "a word of the crate"),
    ("% warning", "the message of a diagnostic"),
];

/// Text from outside forges lines: it is escaped where it is logged.
#[test]
fn a_text_is_logged_by_printable_wherever_it_is_logged() {
    let mut wrong = Vec::new();
    for (file, text) in texts() {
        let mut calls = Vec::new();
        find(text.parse().unwrap(), &mut calls);
        let fields = calls.into_iter().flat_map(fields).filter(|field| !is_printable(field));
        wrong.extend(fields.map(|field| format!("{file}: `{field}`")));
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    for (field, is) in [
        ("source = % printable (name)", true),
        ("error = % message (& why)", true),
        ("error = % crate :: printable :: message (& why)", true),
        ("? wait", true),
        ("events", true),
        ("source = % name", false),
        ("error = % why", false),
        ("% host", false),
    ] {
        assert_eq!(is_printable(field), is, "{field}");
    }
}

/// Numbers are; so is what `Debug` shows, which escapes.
fn is_printable(field: &str) -> bool {
    let Some((_, shown)) = field.split_once('%') else {
        return field.contains('?')
            || field.contains("field :: Empty")
            || field.contains("count (")
            || OTHERS.contains(&field);
    };
    let shown = shown.trim().trim_start_matches("crate :: printable :: ");
    let is_made = ["printable (", "message ("].iter().any(|made| shown.starts_with(made));
    is_made || PRINTABLE.iter().any(|(known, _)| *known == field)
}

/// A text without a sigil is written in quotes: `source="flags"` in one line and `source=flags` in another.
#[test]
fn a_text_is_logged_without_quotes_wherever_it_is_logged() {
    let (mut lines, mut wrong) = (0, Vec::new());
    for (file, text) in texts() {
        let mut calls = Vec::new();
        find(text.parse().unwrap(), &mut calls);
        lines += calls.len();
        let fields = calls.into_iter().flat_map(fields).filter(|field| !is_in_form(field));
        wrong.extend(fields.map(|field| format!("{file}: `{field}`")));
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(lines > 25, "only {lines} lines are logged");
}

#[test]
fn a_text_in_another_form_is_found() {
    let forms = [
        ("source = % name", true),
        ("% source", true),
        ("outcome = field :: Empty", true),
        ("more", true),
        ("started = count (a , b)", true),
        ("wait = ? wait", true),
        ("source = name", false),
        ("source = ? name", false),
        ("source", false),
        ("error", false),
    ];
    for (field, is) in forms {
        assert_eq!(is_in_form(field), is, "{field}");
    }
    let mut calls = Vec::new();
    let code = "fn f() { tracing::warn!(source = name, %error, \"a = b, {c}\"); println!(\"x\") }";
    find(code.parse().unwrap(), &mut calls);
    let fields: Vec<_> = calls.into_iter().flat_map(fields).collect();
    assert_eq!(fields, ["source = name", "% error"]);
}

fn is_in_form(field: &str) -> bool {
    let (name, value) = field.split_once('=').unwrap_or((field, field));
    let (name, value) = (name.trim(), value.trim());
    let is_source = name.trim_start_matches(['%', '?', ' ']) == "source";
    let is_shown = value.starts_with(if is_source { &['%'][..] } else { &['%', '?'] });
    is_shown || value == "field :: Empty" || OTHERS.contains(&name)
}

/// Finds the arguments of each log line and each span.
fn find(code: TokenStream, calls: &mut Vec<TokenStream>) {
    let mut tokens = code.into_iter().peekable();
    while let Some(token) = tokens.next() {
        match token {
            TokenTree::Ident(name) if MACROS.iter().any(|it| name == it) => {
                let is_bang =
                    |next: &TokenTree| matches!(next, TokenTree::Punct(it) if it.as_char() == '!');
                if tokens.next_if(is_bang).is_some()
                    && let Some(TokenTree::Group(arguments)) = tokens.next()
                {
                    calls.push(arguments.stream());
                }
            }
            TokenTree::Group(group) => find(group.stream(), calls),
            _ => {}
        }
    }
}

/// The arguments that are fields: not the message and what stands in it, nor the name of a span.
fn fields(arguments: TokenStream) -> Vec<String> {
    let mut fields = Vec::new();
    let mut field = Vec::new();
    for token in arguments {
        match token {
            TokenTree::Punct(comma) if comma.as_char() == ',' => {
                fields.push(std::mem::take(&mut field));
            }
            token => field.push(token),
        }
    }
    fields.push(field);
    let is_text = |field: &Vec<TokenTree>| matches!(field.as_slice(), [TokenTree::Literal(_)]);
    let is_span = fields.first().is_some_and(is_text);
    let fields = fields.into_iter().skip(usize::from(is_span)).take_while(|field| !is_text(field));
    let shown = |field: Vec<TokenTree>| field.into_iter().collect::<TokenStream>().to_string();
    fields.map(shown).filter(|field| !field.is_empty()).collect()
}
