//! The command on a terminal: that of `script`, with a screen that shows what is printed.

use std::io::{Read, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use koprs_external_tests::Reply;

use crate::Folder;
use crate::run::stage;

const ROWS: u16 = 30;
const COLUMNS: u16 = 100;

/// A terminal in which a command runs.
struct Terminal {
    child: Child,
    keys: ChildStdin,
    output: ChildStdout,
    screen: vt100::Parser,
}

impl Terminal {
    /// Runs a command line of `sh` in a folder; the command under test is on the `PATH`.
    fn run(line: &str, folder: &Folder) -> Self {
        let bin = std::path::Path::new(env!("CARGO_BIN_EXE_koprs-external")).parent().unwrap();
        let path = format!("{}:{}", bin.display(), std::env::var("PATH").unwrap());
        let line = format!("stty rows {ROWS} cols {COLUMNS}; exec {line}");
        let mut child = Command::new("script")
            .args(["--quiet", "--return", "--command", &line, "/dev/null"])
            .current_dir(&folder.0)
            .env("PATH", path)
            .env("SHELL", "/bin/sh")
            .env("TERM", "xterm")
            .env_remove("NO_COLOR")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let (keys, output) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
        Self { child, keys, output, screen: vt100::Parser::new(ROWS, COLUMNS, 0) }
    }

    /// The lines on the screen. Those that fill it are not one with the next.
    fn shown(&self) -> String {
        let rows = self.screen.screen().rows(0, COLUMNS);
        rows.map(|row| row.trim_end().to_owned() + "\n").collect()
    }

    fn press(&mut self, keys: &str) {
        self.keys.write_all(keys.as_bytes()).unwrap();
        self.keys.flush().unwrap();
    }

    /// Returns what is on the screen as soon as it is as it should be, or the terminal has closed.
    fn until(&mut self, is_right: impl Fn(&str) -> bool) -> String {
        loop {
            let shown = self.shown();
            if is_right(&shown) {
                return shown;
            }
            self.read();
        }
    }

    /// Waits until the cursor is at the start of a line, where the status lines leave it. While they are drawn it is in the
    /// last column, and what a key echoes there would wrap.
    fn until_cursor_rests(&mut self) {
        while self.screen.screen().cursor_position().1 != 0 {
            self.read();
        }
    }

    /// Reads what is printed next.
    fn read(&mut self) {
        let mut bytes = [0; 4096];
        match self.output.read(&mut bytes) {
            Ok(read @ 1..) => self.screen.process(bytes.get(..read).unwrap()),
            _ => panic!("the terminal has closed:\n{}", self.shown()),
        }
    }

    /// Returns the exit status, and what is on the screen in the end.
    fn ended(mut self) -> (Option<i32>, String) {
        let mut rest = Vec::new();
        let _ = self.output.read_to_end(&mut rest);
        self.screen.process(&rest);
        (self.child.wait().unwrap().code(), self.shown())
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// With an interval of a second.
fn hurry(folder: &Folder) {
    let file = folder.path("watchers.yaml");
    let text = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, text.replace("1h", "1s")).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn ctrl_c_leaves_the_events_and_no_status_line() {
    let (_server, folder) = stage("ctrl-c").await;
    let mut terminal = Terminal::run("koprs-external run watchers.yaml --for 60s", &folder);
    let running = terminal
        .until(|shown| shown.matches("healthy").count() == 2 && shown.matches("  + ").count() == 3);
    assert!(running.contains("next in"), "{running}");
    terminal.until_cursor_rests();
    terminal.press("\u{3}");
    let (status, shown) = terminal.ended();
    assert_eq!(status, Some(0), "{shown}");
    assert_eq!(shown.matches("  + ").count(), 3, "{shown}");
    for part in ["next in", "healthy", "last success", "^C"] {
        assert!(!shown.contains(part), "{part}: {shown}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_absent_value_is_seen_in_its_status_line() {
    let (server, folder) = stage("absent-line").await;
    server.set("/flags", Reply::status(404));
    let mut terminal = Terminal::run("koprs-external run watchers.yaml --for 60s", &folder);
    let shown = terminal.until(|shown| shown.contains("absent") && shown.contains("healthy"));
    let line = shown.lines().find(|line| line.contains("absent")).unwrap();
    assert!(line.starts_with("flags ") && line.contains("the server answered 404"), "{shown}");
    assert!(!line.contains("healthy") && !line.contains("0 items"), "{shown}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_is_shown_by_its_members() {
    let (server, folder) = stage("members").await;
    hurry(&folder);
    let mut terminal = Terminal::run("koprs-external run watchers.yaml --for 60s", &folder);
    terminal.until(|shown| shown.matches("  + ").count() == 3);
    server.set("/flags", Reply::json(r#"{"dark":false,"beta":1}"#));
    server.set("/tenants", Reply::json(r#"[{"id":"a","plan":1},{"id":"b","plan":7}]"#));
    let shown = terminal.until(|shown| shown.matches("  ~ ").count() == 2);
    assert!(shown.contains("  flags    ~ +beta: 1 · dark: true → false"), "{shown}");
    assert!(shown.contains("  tenants  ~ b plan: 2 → 7"), "{shown}");
}

/// An interactive bash with the completions of the command.
fn bash(folder: &Folder) -> Terminal {
    let mut terminal = Terminal::run("timeout --foreground 60 bash --norc --noprofile -i", folder);
    terminal.press("PS1='$ '; source <(koprs-external completions bash); echo rea''dy\n");
    terminal.until(|shown| shown.contains("\nready"));
    terminal
}

#[tokio::test(flavor = "multi_thread")]
async fn bash_completes_the_names_of_the_watchers_in_a_file() {
    let (_server, folder) = stage("bash-names").await;
    let mut terminal = bash(&folder);
    terminal.press("koprs-external explain watchers.yaml fl\t--format human\n");
    let shown = terminal.until(|shown| shown.contains("user-agent"));
    assert!(shown.contains("explain watchers.yaml flags --format human"), "{shown}");
    terminal.press("clear\nkoprs-external explain watchers.yaml \t\t");
    let shown = terminal.until(|shown| shown.contains("tenants"));
    assert!(shown.contains("flags") && !shown.contains("watchers.yaml  "), "{shown}");
}

#[tokio::test(flavor = "multi_thread")]
async fn bash_completes_several_names_for_only_and_files_where_a_file_belongs() {
    let (_server, folder) = stage("bash-only").await;
    let mut terminal = bash(&folder);
    terminal.press("koprs-external run watch\t--only flags,te\t--once\n");
    let shown = terminal.until(|shown| shown.matches("  + ").count() == 3);
    assert!(shown.contains("run watchers.yaml --only flags,tenants --once"), "{shown}");
}

#[tokio::test(flavor = "multi_thread")]
async fn bash_completes_no_name_of_a_file_with_mistakes() {
    let files = [("w.yaml", &*crate::file("  - { name: flags }"))];
    let folder = Folder::new("bash-mistakes", &files);
    let mut terminal = bash(&folder);
    terminal.press("koprs-external explain w.yaml fl\tx; echo rea''dy again\n");
    let shown = terminal.until(|shown| shown.contains("\nready again"));
    assert!(shown.contains("explain w.yaml flx; echo"), "{shown}");
    assert!(shown.contains("error[missing-choice]"), "{shown}");
}
