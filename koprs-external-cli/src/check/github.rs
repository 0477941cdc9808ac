//! Annotations of a GitHub workflow (its workflow commands).

use std::fmt::Write;

use super::Checked;
use crate::diagnostics::Finding;
use crate::text::visible;

pub(super) fn report(checked: &Checked) -> String {
    checked.findings.iter().map(annotation).collect()
}

/// `::error file=…,line=…,col=…,title=code::message`
fn annotation(finding: &Finding) -> String {
    let severity = finding.severity();
    let mut line = format!("::{severity} file={}", property(&finding.file()));
    if let Some((row, column)) = finding.place() {
        let _ = write!(line, ",line={row},col={column}");
    }
    let help = finding.help().map(|help| format!("\nhelp: {help}")).unwrap_or_default();
    let first = finding.first().map(|first| format!("\nthe first: {first}")).unwrap_or_default();
    let message = data(&format!("{}{first}{help}", finding.message()));
    let _ = writeln!(line, ",title={}::{message}", property(finding.code()));
    line
}

/// A message, escaped; the log shows it on something like a terminal.
fn data(text: &str) -> String {
    visible(&text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A"))
}

/// A property, escaped.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::*;

    #[test]
    fn what_would_end_a_property_or_a_message_is_escaped() {
        let finding = Finding::Unread("a,b:c%.yaml".into(), io::Error::other("x\ny"));
        assert_eq!(
            annotation(&finding),
            "::error file=a%2Cb%3Ac%25.yaml,title=unreadable::\
             the file cannot be read: x\\ny%0Ahelp: is the path right, and may it be read?\n"
        );
    }
}
