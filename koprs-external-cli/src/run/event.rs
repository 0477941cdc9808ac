//! An event as a line.

use std::collections::HashSet;
use std::sync::Arc;

use chrono::{DateTime, Local, SecondsFormat, Utc};
use koprs_external::ExternalEvent;
use koprs_external::set::ValueEvent;
use serde::Serialize;
use serde_json::Value;

use super::diff::changes;
use crate::style::{Role, Style};
use crate::text::{cut, inert, visible};

/// The members of an object of a store, those first that matter most. Its path is its key.
const OBJECT: [&str; 5] = ["value", "size", "lastModified", "version", "etag"];
const PATH: &str = "path";

/// One JSON object, without a line break in it.
#[derive(Serialize)]
struct Line<'a> {
    time: String,
    watcher: &'a str,
    event: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    key: Option<&'a str>,
    value: &'a Value,
    #[serde(skip_serializing_if = "Option::is_none")]
    before: Option<&'a Value>,
}

/// A line of NDJSON.
pub(super) fn ndjson(
    time: DateTime<Utc>,
    event: &ValueEvent,
    before: Option<&Value>,
) -> serde_json::Result<String> {
    let ValueEvent { watcher, key, event, .. } = event;
    let name = match event {
        ExternalEvent::Added(_) => "added",
        ExternalEvent::Modified(_) => "modified",
        ExternalEvent::Removed(_) => "removed",
    };
    let time = time.to_rfc3339_opts(SecondsFormat::Millis, true);
    let (key, value) = (key.as_deref(), event.value());
    let line = Line { time, watcher, event: name, key, value, before };
    Ok(inert(&serde_json::to_string(&line)?) + "\n")
}

/// How lines for a person look.
pub(super) struct Human {
    pub(super) style: Style,
    /// The columns of the terminal; without one, lines are whole.
    pub(super) columns: Option<usize>,
    /// Those of the longest name of a watcher.
    pub(super) names: usize,
    /// The watchers that follow objects of a store.
    pub(super) of_objects: HashSet<Arc<str>>,
}

impl Human {
    /// `12:04:07  flags  + t-1 {"id":"t-1"}`; on a terminal, a change as `~ t-1 plan: "free" → "premium"`.
    pub(super) fn line(
        &self,
        time: DateTime<Local>,
        event: &ValueEvent,
        before: Option<&Value>,
    ) -> String {
        let ValueEvent { watcher, key, event, .. } = event;
        let (sign, role) = match event {
            ExternalEvent::Added(_) => ("+", Role::Good),
            ExternalEvent::Modified(_) => ("~", Role::Notable),
            ExternalEvent::Removed(_) => ("-", Role::Bad),
        };
        let time = time.format("%H:%M:%S").to_string();
        let width = self.names;
        let head = time.len() + 2 + watcher.chars().count().max(width) + 2 + sign.len() + 1;
        let is_object = self.of_objects.contains(watcher);
        let before = before.filter(|_| self.columns.is_some());
        let content = match before {
            Some(before) => changes(before, event.value(), &OBJECT).join(" · "),
            None if is_object => object(event.value(), key.as_deref()),
            None => event.value().to_string(),
        };
        let key = key.as_ref().map(|key| visible(key) + " ").unwrap_or_default();
        let content = key + &visible(&content);
        let content = match self.columns {
            Some(columns) => cut(&content, columns.saturating_sub(head)),
            None => content,
        };
        let time = self.style.paint(Role::Faint, &time);
        let watcher = self.style.paint(Role::Strong, &format!("{watcher:width$}"));
        format!("{time}  {watcher}  {} {content}\n", self.style.paint(role, sign))
    }
}

/// An object of a store as JSON: what matters least comes last, where a line is cut.
fn object(value: &Value, key: Option<&str>) -> String {
    let Value::Object(members) = value else { return value.to_string() };
    let rank = |name: &str| OBJECT.iter().position(|it| *it == name).unwrap_or(OBJECT.len());
    let is_key = |(name, value): &(&String, &Value)| *name == PATH && value.as_str() == key;
    let mut members: Vec<_> = members.iter().filter(|member| !is_key(member)).collect();
    members.sort_by_key(|(name, _)| rank(name));
    let members =
        members.into_iter().map(|(name, value)| format!("{}:{value}", Value::from(&**name)));
    format!("{{{}}}", members.collect::<Vec<_>>().join(","))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn human(columns: Option<usize>) -> Human {
        let of_objects = ["models".into()].into();
        Human { style: Style::PLAIN, columns, names: 7, of_objects }
    }

    fn event(watcher: &str, key: Option<&str>, event: ExternalEvent<Value>) -> ValueEvent {
        ValueEvent::new(watcher.into(), key.map(str::to_owned), event)
    }

    /// Without its time.
    fn line(columns: Option<usize>, event: &ValueEvent, before: Option<&Value>) -> String {
        let line = human(columns).line(Local::now(), event, before);
        let (time, rest) = line.split_at("12:04:07".len());
        assert!(time.chars().all(|c| c.is_ascii_digit() || c == ':'), "{time}");
        rest.to_owned()
    }

    #[test]
    fn a_line_for_a_person_begins_with_the_key_and_is_cut_to_the_terminal() {
        let value = json!({ "id": "t-1", "plan": "premium\n" });
        let event = event("flags", Some("t-1"), ExternalEvent::Modified(value));
        let whole = line(None, &event, None);
        assert_eq!(whole, "  flags    ~ t-1 {\"id\":\"t-1\",\"plan\":\"premium\\n\"}\n");
        let cut = line(Some(30), &event, None);
        assert_eq!(cut.trim_end().chars().count(), 30 - "12:04:07".len());
        assert!(cut.ends_with("  flags    ~ t-1 {\"id…\n"), "{cut}");
    }

    #[test]
    fn a_change_is_shown_by_its_members_on_a_terminal_and_as_its_value_elsewhere() {
        let before = json!({ "id": "t-1", "plan": "free" });
        let value = json!({ "id": "t-1", "plan": "premium" });
        let event = event("flags", Some("t-1"), ExternalEvent::Modified(value));
        let shown = line(Some(80), &event, Some(&before));
        assert_eq!(shown, "  flags    ~ t-1 plan: \"free\" → \"premium\"\n");
        let shown = line(None, &event, Some(&before));
        assert_eq!(shown, "  flags    ~ t-1 {\"id\":\"t-1\",\"plan\":\"premium\"}\n");
    }

    #[test]
    fn of_an_object_the_value_comes_first_and_the_path_is_its_key() {
        let value = json!({ "etag": "\"x\"", "lastModified": "2024", "path": "a.json", "size": 3, "value": [1] });
        let event = event("models", Some("a.json"), ExternalEvent::Added(value));
        let shown = line(None, &event, None);
        let object = r#"{"value":[1],"size":3,"lastModified":"2024","etag":"\"x\""}"#;
        assert_eq!(shown, format!("  models   + a.json {object}\n"));
    }

    #[test]
    fn a_line_of_ndjson_has_all_and_no_line_break() {
        let removed = event("flags", Some("a"), ExternalEvent::Removed(json!("two\nlines")));
        let line = ndjson(DateTime::UNIX_EPOCH, &removed, None).unwrap();
        assert_eq!(
            line,
            "{\"time\":\"1970-01-01T00:00:00.000Z\",\"watcher\":\"flags\",\"event\":\"removed\",\"key\":\"a\",\"value\":\"two\\nlines\"}\n"
        );
        let modified = event("flags", None, ExternalEvent::Modified(json!(2)));
        let line = ndjson(DateTime::UNIX_EPOCH, &modified, Some(&json!(1))).unwrap();
        assert!(line.ends_with("\"event\":\"modified\",\"value\":2,\"before\":1}\n"), "{line}");
    }

    #[test]
    fn a_line_of_ndjson_has_nothing_that_a_terminal_would_obey() {
        let event = event("flags", Some("\u{9b}"), ExternalEvent::Added(json!("\u{9b}2J\u{202e}")));
        let line = ndjson(DateTime::UNIX_EPOCH, &event, None).unwrap();
        assert!(line.ends_with("\"key\":\"\\u009b\",\"value\":\"\\u009b2J\\u202e\"}\n"), "{line}");
    }
}
