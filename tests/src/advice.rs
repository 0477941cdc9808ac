//! Whether what stands beside a fixture follows the help of its messages.

/// What introduces a text that is to be written as it stands in the help.
const WRITING: [&str; 5] = ["write ", "called ", "spelled ", "did you mean ", "begin it with "];

/// What is to be left out is not found in what was mended.
const LEAVING_OUT: [&str; 4] = ["leave", "remove", "keep", "cut"];

/// Snippets that are not for a declaration: for a terminal, or a template of another tool.
const NOT_DECLARED: [&str; 3] = ["kubectl ", "--env", "{{ … }}"];

/// Whether a fixture was mended as a help advises. In a snippet, `…` stands for anything.
///
/// A help that advises to write something has one or more alternatives, cut at `or` and `;`: of one of them all
/// snippets are in what was added, and of a list of examples one. Of another help, which says what holds, any snippet
/// is in the mended text.
pub fn is_followed(help: &str, fixture: &str, mended: &str) -> bool {
    let help = help.split(" known: ").next().unwrap_or_default();
    let begin = WRITING.iter().filter_map(|verb| Some(help.find(verb)? + verb.len())).min();
    let Some(begin) = begin else {
        let mended = squeezed(mended);
        let is_there =
            |snippet: &str| holds(&mended, &pattern(snippet)) || is_not_declared(snippet);
        return alternatives(help).iter().any(|alternative| {
            let mut snippets = alternative.split('`').skip(1).step_by(2).peekable();
            snippets.peek().is_none()
                || snippets.any(is_there)
                || LEAVING_OUT.iter().any(|word| alternative.contains(word))
        });
    };
    let added = squeezed(&added(fixture, mended));
    let has = |snippet: &&str| holds(&added, &pattern(snippet));
    alternatives(&help[begin..]).iter().any(|alternative| {
        let (words, snippets): (Vec<_>, Vec<_>) =
            alternative.split('`').enumerate().partition(|(n, _)| n % 2 == 0);
        let words: Vec<_> = words.into_iter().map(|(_, words)| words.trim()).collect();
        let mut snippets = snippets.iter().map(|(_, snippet)| snippet);
        let are_examples = words.len() > 2 && words[1..words.len() - 1].iter().all(|it| *it == ",");
        words.iter().any(|words| LEAVING_OUT.iter().any(|word| words.starts_with(word)))
            || snippets.clone().any(|snippet| is_not_declared(snippet))
            || if are_examples { snippets.any(has) } else { snippets.all(has) }
    })
}

fn is_not_declared(snippet: &str) -> bool {
    NOT_DECLARED.iter().any(|it| snippet.starts_with(it))
}

/// A help, cut at `or` and `;` outside of its snippets.
fn alternatives(help: &str) -> Vec<String> {
    let mut all = vec![String::new()];
    for (n, part) in help.split('`').enumerate() {
        let mut parts = match n % 2 {
            0 => part.replace("; ", " or ").split(" or ").map(str::to_owned).collect(),
            _ => vec![format!("`{part}`")],
        };
        let first = parts.remove(0);
        all.last_mut().unwrap().push_str(&first);
        all.extend(parts);
    }
    all
}

/// Names in a help that stand for any other.
const STAND_INS: [&str; 5] =
    ["name: Type", ": Type", "path::To::Type", "path::To<Type>", "path::to::koprs_external"];

/// Without white space, and without the comma after the last of a list, as a formatter has it.
fn squeezed(text: &str) -> String {
    let text: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    text.replace(",)", ")")
}

/// A snippet, with `…` for what stands for anything.
fn pattern(snippet: &str) -> String {
    let stand_in = |text: String, name: &&str| text.replace(*name, "…");
    squeezed(&STAND_INS.iter().fold(snippet.to_owned(), stand_in))
}

/// Whether the parts of a snippet around `…` are found one after the other.
fn holds(text: &str, snippet: &str) -> bool {
    let mut rest = text;
    snippet.split('…').all(|part| match rest.split_once(part) {
        Some((_, behind)) => {
            rest = behind;
            true
        }
        None => false,
    })
}

/// The lines that a fixture has not.
fn added(fixture: &str, mended: &str) -> String {
    let mut known: Vec<_> = fixture.lines().map(str::trim).collect();
    let is_new = |line: &&str| match known.iter().position(|it| *it == line.trim()) {
        Some(at) => {
            known.swap_remove(at);
            false
        }
        None => true,
    };
    let lines: Vec<_> = mended.lines().filter(is_new).collect();
    lines.join("\n")
}

#[test]
fn a_help_is_followed_where_one_of_its_alternatives_is_written() {
    let cases = [
        ("write `/data`", "at: /data", true),
        ("write `/data`", "at: data", false),
        ("write `http:` and under it `url: https://…`", "http:\n  url: https://h/x", true),
        ("write `http:` and under it `url: https://…`", "url: https://h/x", false),
        ("write a number and a unit: `500ms`, `30s`", "30s", true),
        ("write a number and a unit: `500ms`, `30s`", "30", false),
        ("write `a`, or `b`; `c` is a text", "b", true),
        ("write `a`, or leave `b` out", "", true),
        ("write a value, or remove the key", "", true),
        ("it is called `url`, and stands under `http`", "http: { url: x }", true),
        ("it is called `url`, and stands under `http`", "url: x", false),
        ("did you mean `url`? known: `url`, `query`", "query", false),
        ("known: `url`, `query`", "query", true),
        ("`retries` is from `0` to `10`", "retries: 10", true),
        ("leave it out for `8MiB`", "", true),
        ("read the file with `--env`", "", true),
        ("write `query(\"a\" = \"1\")`", "query(\n    \"a\" = \"1\",\n)", true),
    ];
    for (help, text, is_advised) in cases {
        assert_eq!(is_followed(help, "x\n", text), is_advised, "{help}: {text}");
    }
    assert_eq!(added("a\n  b\nc\n", "a\nb\nd\n"), "d");
}
