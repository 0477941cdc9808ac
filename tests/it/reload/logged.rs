//! What is logged of the file, and of the watchers that it declares.

use std::fs;

use tokio::time::timeout;

use super::SECOND;
use super::stage::Stage;
use crate::logs::Log;

#[tokio::test(start_paused = true)]
async fn what_becomes_of_the_file_is_logged_once_for_each_content() {
    let (log, _guard) = Log::start();
    let mut stage = Stage::start("a b");
    let good = stage.yaml("a b");
    assert_eq!(stage.told_sorted(5).await, "a+one=1 b+one=1");
    let bad = good.replace("interval: 10s", "interval: s3cr3t");
    for content in [&bad, &good, &bad] {
        stage.write(content);
        assert_eq!(stage.told(20).await, "");
    }
    let refused = log.lines("ERROR", "the watchers of the file are refused");
    assert_eq!(refused.len(), 2, "{refused:#?}");
    assert_eq!(log.lines("INFO", "the watchers of the file are taken").len(), 2);
    fs::remove_file(stage.file()).unwrap();
    assert_eq!(stage.told(60).await, "");
    assert_eq!(log.lines("ERROR", "cannot read").len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_warning_is_logged_when_a_content_that_is_taken_is_the_first_to_have_it() {
    let (log, _guard) = Log::start();
    let mut stage = Stage::start("a");
    let literal = "auth: { bearer: { value: s3cr3t } }";
    let literal = format!(
        "  - {{ name: z, interval: 1h, http: {{ url: 'https://localhost:1/', {literal} }} }}\n"
    );
    let never = |watchers: &str| {
        stage.yaml(watchers).replace("jitter", "removal: { holdAbove: 100% }, jitter")
    };
    let contents =
        [never("a") + &literal, never("a b") + &literal + "    x: y\n", never("a b") + &literal];
    let lines = |code: &str| {
        let lines = log.lines("WARN", "legal but unwise").into_iter();
        lines.filter(|line| line.contains(code)).collect::<Vec<_>>()
    };
    let mut counts = Vec::new();
    for content in contents {
        stage.write(&content);
        stage.told(20).await;
        counts.push((lines("held-never").len(), lines("literal-secret").len()));
    }
    assert_eq!(counts, [(1, 1), (1, 1), (2, 1)], "{:#?}", lines(""));
    assert!(lines("held-never")[0].contains("watchers.yaml:3:"), "{:#?}", lines(""));
    assert_eq!(log.lines("", "s3cr3t"), [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn edits_of_one_watcher_log_no_warning_of_the_others_again() {
    const WATCHERS: usize = 30;
    const EDITS: usize = 200;
    let (log, _guard) = Log::start();
    let mut stage = Stage::start("a");
    let literal = "auth: { bearer: { value: s3cr3t } }";
    let others: String = (0..WATCHERS)
        .map(|n| {
            format!("  - {{ name: z{n}, interval: 1h, http: {{ url: 'https://localhost:1/', {literal} }} }}\n")
        })
        .collect();
    let warnings = || log.lines("WARN", "legal but unwise").len();
    stage.told(3).await;
    for edit in 0..EDITS {
        // The lines of the others move, and the warning of the one that is edited stays what it was.
        let watcher = format!("a:{}", 10 + edit % 2);
        let edited = stage.yaml(&watcher).replace("jitter", "removal: { holdAbove: 100% }, jitter");
        stage.write(&format!("{}{edited}{others}", "#\n".repeat(edit)));
        stage.told(3).await;
        assert_eq!(warnings(), WATCHERS + 1, "edit {edit}");
    }
    assert_eq!(stage.events.reload().loads, 1 + EDITS as u64);
    let lines = log.lines("", "").len();
    let per_edit = lines / EDITS;
    assert!(per_edit < WATCHERS, "{lines} lines in {EDITS} edits");
    stage.write(&stage.yaml("a").replace("jitter", "removal: { holdAbove: 100% }, jitter"));
    stage.told(3).await;
    stage.write(&format!("{}{others}", stage.yaml("a")));
    stage.told(3).await;
    assert_eq!(warnings(), 2 * WATCHERS + 1, "what comes back is new");
    assert_eq!(log.lines("", "s3cr3t"), [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn a_file_that_is_another_at_each_look_is_not_taken_and_logged_once() {
    let (log, _guard) = Log::start();
    let mut stage = Stage::start("a");
    assert_eq!(stage.told(5).await, "a+one=1");
    let restless = || log.lines("WARN", "file keeps changing").len();
    for number in 0..60 {
        stage.write(&format!("{}# {number}\n", stage.yaml("a b")));
        assert!(timeout(SECOND / 2, stage.events.recv()).await.is_err());
        assert!(restless() == 0 || number >= 15, "fewer than ten looks: {number}");
    }
    assert_eq!((stage.events.reload().loads, stage.names()), (1, "a".to_owned()));
    assert_eq!(stage.told(5).await, "b+one=1");
    assert_eq!((stage.events.reload().loads, restless()), (2, 1));
}

#[tokio::test(start_paused = true)]
async fn the_lines_of_a_watcher_are_in_its_span_with_its_place() {
    let (log, _guard) = Log::start();
    let mut stage = Stage::start("a b");
    stage.put("a/one", "{");
    assert_eq!(stage.told(30).await, "b+one=1");
    stage.declare("b c");
    assert_eq!(stage.told(30).await, "c+one=1");
    let fails = log.lines("WARN", "poll failed; will retry");
    assert_eq!(fails.len(), 1, "{fails:#?}");
    assert!(fails[0].contains(r#"watcher{name=a declared="#), "{fails:?}");
    assert!(fails[0].contains("watchers.yaml:3:13}:poll{source=a "), "{fails:?}");
    for (name, place) in [("a", "3:13"), ("b", "4:13"), ("c", "4:13")] {
        let started = log.lines("INFO", &format!("watcher started source={name}"));
        let span = format!(r#"watcher{{name={name} declared={}:{place}}}"#, stage.file().display());
        assert!(started.len() == 1 && started[0].contains(&span), "{started:?}");
        assert_eq!(started[0].matches("watcher{").count(), 1, "{started:?}");
    }
    let stopped = log.lines("INFO", "watcher stopped");
    assert!(stopped.len() == 1 && stopped[0].contains("watcher{name=a "), "{stopped:?}");
}
