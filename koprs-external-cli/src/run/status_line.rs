//! The status of a watcher, in a line.

use std::time::Duration;

use koprs_external::watcher::{Absence, Report, State, Status, Unsettled};
use tokio::time::Instant;

use crate::style::{Role, Style};
use crate::text::{cut, visible};

/// What is shown of a [`Status`], with times that are counted from now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct StatusLine {
    pub(super) state: State,
    pub(super) items: u64,
    /// The last poll found nothing.
    pub(super) absence: Option<Absence>,
    /// What is left out.
    pub(super) left: Option<String>,
    pub(super) failures: u32,
    pub(super) error: Option<String>,
    /// Events that wait to be printed, and how long.
    pub(super) undelivered: Option<(u64, Duration)>,
    pub(super) success_ago: Option<Duration>,
    pub(super) next_in: Option<Duration>,
}

impl StatusLine {
    pub(super) fn of(status: &Status, now: Instant) -> Self {
        let error = status.last_error.as_ref().filter(|_| status.consecutive_failures > 0);
        Self {
            state: status.state,
            items: status.items,
            absence: status.report.absence,
            left: left_out(&status.report),
            failures: status.consecutive_failures,
            error: error.map(|error| visible(short_of(&error.to_string()))),
            undelivered: (status.undelivered.filter(|_| status.state == State::Blocked))
                .map(|it| (it.events, now.saturating_duration_since(it.since))),
            success_ago: status.last_success.map(|at| now.saturating_duration_since(at)),
            next_in: status.next_poll.map(|at| at.saturating_duration_since(now)),
        }
    }

    /// `tenants  failing   3 failures: …  next in 40s`
    pub(super) fn line(&self, name: &str, names: usize, columns: usize, style: Style) -> String {
        let (word, role) = match self.state {
            State::Pending => ("pending", Role::Faint),
            State::Healthy if self.absence.is_some() => ("absent", Role::Notable),
            State::Healthy => ("healthy", Role::Good),
            State::Failing => ("failing", Role::Bad),
            State::Blocked => ("blocked", Role::Notable),
            State::Suspended => ("suspended", Role::Notable),
            _ => ("stopped", Role::Bad),
        };
        let head = format!("{name:names$}  ");
        let word = format!("{word:9}");
        let room = columns.saturating_sub(head.chars().count() + word.len() + 2);
        let rest = cut(&self.rest(), room);
        format!("{head}{}  {}", style.paint(role, &word), style.paint(Role::Faint, &rest))
    }

    /// What is most worth knowing comes first, since the end may be cut.
    fn rest(&self) -> String {
        let next = self.next_in.map(|wait| format!("next in {}", short(rounded_up(wait))));
        let success = self.success_ago.map(|ago| format!("last success {} ago", short(ago)));
        let undelivered = self.undelivered.map(|(events, waited)| {
            let (events, are) = match events {
                1 => ("1 event".to_owned(), "is"),
                events => (format!("{events} events"), "are"),
            };
            format!("{events} {are} not read for {}", short(waited))
        });
        let failed = self.error.as_ref().map(|error| {
            let failures = if self.failures == 1 { "failure" } else { "failures" };
            format!("{} {failures}: {error}", self.failures)
        });
        let items = match (self.items, self.success_ago) {
            (_, None) => None,
            (0, _) if self.absence.is_some() => None,
            (1, _) => Some("1 item".to_owned()),
            (items, _) => Some(format!("{items} items")),
        };
        let absence = self.absence.map(|absence| absence.to_string());
        let parts = [undelivered, next, absence, success, items, self.left.clone(), failed];
        parts.into_iter().flatten().collect::<Vec<_>>().join(" · ")
    }
}

/// That a watcher found nothing.
pub(super) fn absent(report: &Report) -> Option<String> {
    report.absence.map(|absence| format!("nothing is there: {absence}"))
}

/// What a source leaves out: items that cannot be read, and removals that may be an outage.
pub(super) fn left_out(report: &Report) -> Option<String> {
    let last = report
        .last_bad_item
        .as_deref()
        .map(|last| format!(", the last one: {}", visible(short_of(last))));
    let bad = (report.bad_items > 0).then(|| {
        let items = if report.bad_items == 1 { "item" } else { "items" };
        format!("{} {items} cannot be read{}", report.bad_items, last.unwrap_or_default())
    });
    let held = report.held_removals.map(|held| {
        let removals = if held.items == 1 { "removal is" } else { "removals are" };
        format!("{} {removals} held", held.items)
    });
    let partial = report.partial_list.as_ref().map(|how| {
        format!(
            "the server says that there are more items than it sent ({}); declare `pages`",
            visible(how)
        )
    });
    let unsettled = report.unsettled.as_ref().map(|Unsettled { items, key }| {
        let objects = if *items == 1 { "object waits" } else { "objects wait" };
        format!("{items} {objects} until settled (`{}`)", visible(key))
    });
    let parts: Vec<_> = held.into_iter().chain(bad).chain(partial).chain(unsettled).collect();
    (!parts.is_empty()).then(|| parts.join("; "))
}

/// What went wrong, without who asked whom: that is known, or `explain` tells it.
fn short_of(error: &str) -> &str {
    match error.split_once("): ") {
        Some((asked, what)) if asked.contains("watcher `") => what,
        _ => error,
    }
}

/// The seconds that are not over yet.
fn rounded_up(time: Duration) -> Duration {
    time + Duration::from_millis(999)
}

/// A time, to the second.
fn short(time: Duration) -> String {
    humantime::format_duration(Duration::from_secs(time.as_secs())).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failing() -> StatusLine {
        StatusLine {
            state: State::Failing,
            items: 3,
            absence: None,
            left: None,
            failures: 2,
            error: Some("the server answered 503".to_owned()),
            undelivered: None,
            success_ago: Some(Duration::from_millis(61_500)),
            next_in: Some(Duration::from_secs(40)),
        }
    }

    #[test]
    fn a_watcher_is_a_line_with_what_matters_first() {
        let line = failing().line("tenants", 8, 200, Style::PLAIN);
        assert_eq!(
            line,
            "tenants   failing    next in 40s · last success 1m 1s ago · 3 items · 2 failures: the server answered 503"
        );
        let pending = StatusLine {
            state: State::Pending,
            items: 0,
            absence: None,
            left: None,
            failures: 0,
            error: None,
            undelivered: None,
            success_ago: None,
            next_in: None,
        };
        assert_eq!(pending.line("flags", 5, 80, Style::PLAIN).trim_end(), "flags  pending");
    }

    #[test]
    fn a_watcher_that_finds_nothing_is_absent_and_says_why() {
        let nothing = StatusLine {
            state: State::Healthy,
            items: 0,
            absence: Some(Absence::new(404, true)),
            failures: 0,
            error: None,
            next_in: Some(Duration::from_millis(40)),
            ..failing()
        };
        assert_eq!(
            nothing.line("flags", 5, 200, Style::PLAIN),
            "flags  absent     next in 1s · the server answered 404 · last success 1m 1s ago"
        );
        let known = StatusLine { items: 1, absence: Some(Absence::new(404, false)), ..nothing };
        let line = known.line("flags", 5, 200, Style::PLAIN);
        assert!(line.contains("404") && line.ends_with("1 item"), "{line}");
    }

    #[test]
    fn a_watcher_whose_events_are_not_read_says_so_first() {
        let blocked = StatusLine {
            state: State::Blocked,
            failures: 0,
            error: None,
            undelivered: Some((12, Duration::from_millis(15_900))),
            next_in: None,
            ..failing()
        };
        let line = |seen: &StatusLine| seen.line("flags", 5, 200, Style::PLAIN);
        assert_eq!(
            line(&blocked),
            "flags  blocked    12 events are not read for 15s · last success 1m 1s ago · 3 items"
        );
        let one = StatusLine { undelivered: Some((1, Duration::from_secs(10))), ..blocked };
        assert!(line(&one).contains("1 event is not read for 10s"), "{}", line(&one));
    }

    #[test]
    fn an_error_is_told_without_who_asked_whom() {
        let error = "HTTP error: watcher `flags` (http://h/x): the server answered 503";
        assert_eq!(short_of(error), "the server answered 503");
        assert_eq!(short_of("I/O error: gone (a): b"), "I/O error: gone (a): b");
    }

    #[test]
    fn a_line_is_no_wider_than_the_terminal() {
        for columns in 22..120 {
            let line = failing().line("tenants", 8, columns, Style::PLAIN);
            assert!(line.chars().count() <= columns, "{columns}: {line}");
        }
    }

    #[test]
    fn objects_that_wait_are_counted_and_one_is_named() {
        let mut report = Report::default();
        report.unsettled = Some(Unsettled { items: 1, key: "in/a.json".to_owned() });
        assert_eq!(left_out(&report).unwrap(), "1 object waits until settled (`in/a.json`)");
        report.unsettled = Some(Unsettled { items: 3, key: "in/\u{1b}".to_owned() });
        let left = left_out(&report).unwrap();
        assert!(left.starts_with("3 objects wait") && !left.contains('\u{1b}'), "{left}");
    }

    #[test]
    fn a_list_that_is_a_part_names_the_remedy() {
        let mut report = Report::default();
        assert_eq!(left_out(&report), None);
        report.partial_list = Some("`Content-Range: items 0-24/100`".to_owned());
        let left = left_out(&report).unwrap();
        assert!(left.contains("items 0-24/100") && left.contains("declare `pages`"), "{left}");
    }
}
