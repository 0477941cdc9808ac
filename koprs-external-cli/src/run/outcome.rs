//! What is reported at the end of `--once`, and the status that it ends with.

use std::io::{self, Write};
use std::process::ExitCode;
use std::sync::Arc;

use koprs_external::watcher::Status;

use super::status_line::{absent, left_out};
use crate::style::Style;
use crate::tell;
use crate::text::visible;

/// Names what is left out, and each watcher that failed, found nothing or has not finished its poll.
pub(super) fn report(
    statuses: &[(Arc<str>, Status)],
    is_done: impl Fn(&Arc<str>) -> bool,
    allow_absent: bool,
    style: Style,
) -> ExitCode {
    for (name, status) in statuses {
        let absent = absent(&status.report).filter(|_| allow_absent);
        for what in left_out(&status.report).into_iter().chain(absent) {
            let _ = writeln!(io::stderr(), "{name}  {}", visible(&what));
        }
    }
    let mut code = ExitCode::SUCCESS;
    for (name, status) in statuses {
        if let Some(fault) = fault(status, is_done(name), allow_absent) {
            tell(&format!("`{name}` {fault}"), style);
            code = ExitCode::FAILURE;
        }
    }
    code
}

/// Why a watcher has not polled once with success, and delivered what it found.
fn fault(status: &Status, is_done: bool, allow_absent: bool) -> Option<String> {
    if status.consecutive_failures > 0 {
        let error = status.last_error.as_ref().map(ToString::to_string).unwrap_or_default();
        return Some(format!("failed: {error}"));
    }
    if let Some(absence) = status.report.absence.filter(|_| !allow_absent) {
        let help = "is the URL right? `--allow-absent` takes this for a success";
        return Some(format!("is absent: {absence}; {help}"));
    }
    // It may have delivered a part of what is there.
    (!is_done).then(|| "has not finished its poll".to_owned())
}
