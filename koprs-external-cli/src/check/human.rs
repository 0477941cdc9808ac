//! For a person: what compilers print, what the watchers ask for, and a last line.

use std::fmt::Write;

use koprs_external::config::Severity;

use super::{Checked, Kind, Watcher};
use crate::diagnostics::{count, counted};
use crate::style::{Role, Style};

pub(super) fn report(checked: &Checked, style: Style) -> String {
    let mut text = String::new();
    for finding in &checked.findings {
        let _ = writeln!(text, "{}\n", finding.painted(style));
    }
    let watchers = checked.watchers.iter().flatten();
    let width = watchers.clone().map(|watcher| watcher.name.len()).max().unwrap_or_default();
    for watcher in watchers {
        let name = style.paint(Role::Strong, &format!("{:width$}", watcher.name));
        let _ = writeln!(text, "{name}  {}", projected(watcher));
    }
    let role = match (count(&checked.findings, Severity::Error), checked.findings.len()) {
        (0, 0) => Role::Good,
        (0, _) => Role::Notable,
        _ => Role::Bad,
    };
    let _ = writeln!(text, "{}", style.paint(role, &summary(checked)));
    text
}

/// `2 files, 5 watchers: 1 mistake, 2 warnings`
fn summary(checked: &Checked) -> String {
    let files = counted(checked.files, "file");
    let watchers = checked.watchers.as_ref();
    let watchers = watchers.map(|it| match it.len() {
        1 => ", 1 watcher".to_owned(),
        count => format!(", {count} watchers"),
    });
    let mistakes = match count(&checked.findings, Severity::Error) {
        0 => "no mistakes".to_owned(),
        count => counted(count, "mistake"),
    };
    let warnings = match count(&checked.findings, Severity::Warning) {
        0 => String::new(),
        count => format!(", {}", counted(count, "warning")),
    };
    format!("{files}{}: {mistakes}{warnings}", watchers.unwrap_or_default())
}

fn projected(watcher: &Watcher) -> String {
    let (what, more) = match watcher.kind {
        Kind::Value => ("request", ""),
        Kind::Pages => ("request", ", and one more for each page after the first"),
        Kind::Objects => ("listing", ", each a request for every thousand objects"),
    };
    format!("{}{more}", a_day(watcher.per_day, what))
}

/// `2880 requests a day`; what is rare, in words that are no fraction.
fn a_day(times: f64, what: &str) -> String {
    if times < 1.5 {
        return format!("1 {what} in {} h", (24.0 / times).round());
    }
    format!("{} {what}s a day", times.round())
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::*;
    use crate::diagnostics::Finding;

    fn checked() -> Checked {
        let watcher = |name: &str, kind, per_day| Watcher { name: name.to_owned(), kind, per_day };
        Checked {
            files: 2,
            findings: vec![Finding::Unread("x.yaml".into(), io::Error::other("gone"))],
            watchers: Some(vec![
                watcher("flags", Kind::Value, 2880.0),
                watcher("models", Kind::Objects, 0.5),
            ]),
        }
    }

    #[test]
    fn the_last_line_counts() {
        let shown = report(&checked(), Style::PLAIN);
        let expected = "\
x.yaml: error[unreadable]: the file cannot be read: gone
   = help: is the path right, and may it be read?

flags   2880 requests a day
models  1 listing in 48 h, each a request for every thousand objects
2 files, 2 watchers: 1 mistake
";
        assert_eq!(shown, expected);
    }

    #[test]
    fn colour_changes_no_text() {
        let mut plain = String::new();
        let coloured = report(&checked(), Style::COLOURED);
        assert!(coloured.contains("\u{1b}[31m"));
        for (n, part) in coloured.split('\u{1b}').enumerate() {
            plain += if n == 0 { part } else { part.split_once('m').unwrap().1 };
        }
        assert_eq!(plain, report(&checked(), Style::PLAIN));
    }
}
