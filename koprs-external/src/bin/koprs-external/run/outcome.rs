//! What is said at the end of `--once`, and the status that it ends with.

use std::collections::HashSet;
use std::io::{self, Write};
use std::process::ExitCode;
use std::sync::Arc;

use koprs_external::watcher::Status;

use super::NOTHING;
use super::seen::left_out;
use crate::style::Style;
use crate::tell;

/// Names each watcher that found nothing, what is left out, and each that failed or has not finished its poll.
pub(super) fn told(
    statuses: &[(Arc<str>, Status)],
    nothing: &HashSet<Arc<str>>,
    done: impl Fn(&str) -> bool,
    style: Style,
) -> ExitCode {
    for (name, _) in statuses.iter().filter(|(name, _)| nothing.contains(name)) {
        let _ = writeln!(io::stderr(), "{name}  {NOTHING}");
    }
    for (name, status) in statuses {
        if let Some(left) = left_out(&status.report) {
            let _ = writeln!(io::stderr(), "{name}  {left}");
        }
    }
    let mut code = ExitCode::SUCCESS;
    for (name, status) in statuses {
        if let Some(fault) = fault(status, done(name)) {
            tell(&format!("`{name}` {fault}"), style);
            code = ExitCode::FAILURE;
        }
    }
    code
}

/// Why a watcher has not polled once with success, and told it.
fn fault(status: &Status, done: bool) -> Option<String> {
    if status.consecutive_failures > 0 {
        let error = status.last_error.as_ref().map(ToString::to_string).unwrap_or_default();
        return Some(format!("failed: {error}"));
    }
    // It may have told a part of what is there.
    (!done).then(|| "has not finished its poll".to_owned())
}
