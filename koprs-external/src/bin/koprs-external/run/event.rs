//! An event as a line.

use chrono::{DateTime, Local, SecondsFormat, Utc};
use koprs_external::ExternalEvent;
use serde::Serialize;
use serde_json::Value;

use crate::style::{Role, Style};
use crate::text::{cut, inert, visible};

/// One JSON object, without a line break in it.
#[derive(Serialize)]
struct Line<'a> {
    time: String,
    watcher: &'a str,
    event: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    key: Option<&'a str>,
    value: &'a Value,
}

/// A line of NDJSON.
pub(super) fn ndjson(
    time: DateTime<Utc>,
    watcher: &str,
    key: Option<&str>,
    event: &ExternalEvent<Value>,
) -> serde_json::Result<String> {
    let name = match event {
        ExternalEvent::Added(_) => "added",
        ExternalEvent::Modified(_) => "modified",
        ExternalEvent::Removed(_) => "removed",
    };
    let time = time.to_rfc3339_opts(SecondsFormat::Millis, true);
    let line = Line { time, watcher, event: name, key, value: event.value() };
    Ok(inert(&serde_json::to_string(&line)?) + "\n")
}

/// How lines for a person look.
pub(super) struct Human {
    pub(super) style: Style,
    /// The columns of the terminal; without one, lines are whole.
    pub(super) columns: Option<usize>,
    /// Those of the longest name of a watcher.
    pub(super) names: usize,
}

impl Human {
    /// `12:04:07  flags  + t-1 {"id":"t-1"}`. `key` is what tells the item from others.
    pub(super) fn line(
        &self,
        time: DateTime<Local>,
        watcher: &str,
        event: &ExternalEvent<Value>,
        key: Option<&str>,
    ) -> String {
        let (sign, role) = match event {
            ExternalEvent::Added(_) => ("+", Role::Good),
            ExternalEvent::Modified(_) => ("~", Role::Notable),
            ExternalEvent::Removed(_) => ("-", Role::Bad),
        };
        let time = time.format("%H:%M:%S").to_string();
        let width = self.names;
        let before = time.len() + 2 + watcher.chars().count().max(width) + 2 + sign.len() + 1;
        let key = key.map(|key| visible(key) + " ").unwrap_or_default();
        let value = key + &visible(&event.value().to_string());
        let value = match self.columns {
            Some(columns) => cut(&value, columns.saturating_sub(before)),
            None => value,
        };
        let time = self.style.paint(Role::Faint, &time);
        let watcher = self.style.paint(Role::Strong, &format!("{watcher:width$}"));
        format!("{time}  {watcher}  {} {value}\n", self.style.paint(role, sign))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn human(columns: Option<usize>) -> String {
        let human = Human { style: Style::PLAIN, columns, names: 7 };
        let event = ExternalEvent::Modified(json!({ "id": "t-1", "plan": "premium\n" }));
        human.line(Local::now(), "flags", &event, Some("t-1"))
    }

    #[test]
    fn a_line_for_a_person_begins_with_the_key_and_is_cut_to_the_terminal() {
        let line = human(None);
        let (time, rest) = line.split_at("12:04:07".len());
        assert!(time.chars().all(|c| c.is_ascii_digit() || c == ':'), "{time}");
        assert_eq!(rest, "  flags    ~ t-1 {\"id\":\"t-1\",\"plan\":\"premium\\n\"}\n");
        let line = human(Some(30));
        assert_eq!(line.trim_end().chars().count(), 30);
        assert!(line.ends_with("  flags    ~ t-1 {\"id…\n"), "{line}");
    }

    #[test]
    fn a_line_of_ndjson_has_all_and_no_line_break() {
        let event = ExternalEvent::Removed(json!("two\nlines"));
        let line = ndjson(DateTime::UNIX_EPOCH, "flags", Some("a"), &event).unwrap();
        assert_eq!(
            line,
            "{\"time\":\"1970-01-01T00:00:00.000Z\",\"watcher\":\"flags\",\"event\":\"removed\",\"key\":\"a\",\"value\":\"two\\nlines\"}\n"
        );
    }
    #[test]
    fn a_line_of_ndjson_has_nothing_that_a_terminal_would_obey() {
        let event = ExternalEvent::Added(json!("\u{9b}2J\u{202e}"));
        let line = ndjson(DateTime::UNIX_EPOCH, "flags", Some("\u{9b}"), &event).unwrap();
        assert!(line.ends_with("\"key\":\"\\u009b\",\"value\":\"\\u009b2J\\u202e\"}\n"), "{line}");
    }
}
