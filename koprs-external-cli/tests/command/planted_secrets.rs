//! What the command prints while secrets are planted in every place, and servers hand them back in every way.
//!
//! The table is [`koprs_external_tests::planted_secrets`]; what the library shows is looked at by
//! `tests/it/planted_secrets`. An environment of the table is one file with all of its sources, and each command is a
//! process in that environment. The command has no verbosity to raise: it prints all that it has to say, and no logs.

#![allow(clippy::print_stdout, reason = "says how much was played")]

use std::path::Path;

use koprs_external_tests::authority::Authority;
use koprs_external_tests::planted_secrets::environments::certificates;
use koprs_external_tests::planted_secrets::sources::file_of;
use koprs_external_tests::planted_secrets::{
    Declared, ENVIRONMENTS, Environment, Marks, Servers, Source, each, echo,
};
use serde_json::Value;

use crate::{Ended, Folder, command};

/// An environment, its file, and the servers of its sources.
struct Stage {
    environment: &'static Environment,
    marks: Marks,
    sources: Vec<&'static Source>,
    servers: Vec<Servers>,
    declared: Vec<Declared>,
    variables: Vec<(String, String)>,
    folder: Folder,
    commands: usize,
    /// What the last one printed.
    last: String,
}

impl Stage {
    async fn new(
        test: &str,
        environment: &'static Environment,
        wanted: impl Fn(&Source) -> bool,
    ) -> Self {
        let name = format!("{test}-{}", environment.name.replace(' ', "-"));
        let folder = Folder::new(&name, &[]);
        let (authority, mut marks) = (Authority::new(), Marks::default());
        std::fs::write(certificates(&folder.0), authority.pem()).unwrap();
        let variables = environment.plant(&mut marks, &folder.0).into_iter();
        let mut variables: Vec<_> = variables.map(|(name, it)| (name.to_owned(), it)).collect();
        let (mut servers, mut declared) = (Vec::new(), Vec::new());
        let sources: Vec<_> = environment.sources.iter().filter(|it| wanted(it)).collect();
        for source in &sources {
            let of_source = Servers::start(source, &authority).await;
            declared.push(source.declare(of_source.at(), &mut marks));
            servers.push(of_source);
        }
        variables.extend(declared.iter().flat_map(|it| it.variables.clone()));
        std::fs::write(folder.0.join("watchers.yaml"), file_of(&declared)).unwrap();
        Self {
            environment,
            sources,
            marks,
            servers,
            declared,
            variables,
            folder,
            commands: 0,
            last: String::new(),
        }
    }

    fn run(&mut self, arguments: &[&str]) -> Ended {
        let variables = self.variables.iter().map(|(name, value)| (name, value));
        self.commands += 1;
        command(arguments).envs(variables).output().unwrap().into()
    }

    #[track_caller]
    fn is_clean(&self, what: &str, text: &str) {
        if let Some((mark, part)) = self.marks.find(text) {
            let line = text.lines().find(|line| self.marks.find(line).is_some());
            let environment = self.environment.name;
            panic!("{environment}, {what}: `{part}` of {mark}:\n{}", line.unwrap_or(text));
        }
    }

    #[track_caller]
    fn prints_no_secret(&self, what: &str, ended: &Ended) {
        self.is_clean(&format!("{what}, the output"), &without_events(&ended.out));
        self.is_clean(&format!("{what}, the errors"), &ended.err);
        for request in self.servers.iter().flat_map(Servers::elsewhere) {
            self.is_clean(&format!("{what}, another origin"), &request);
        }
    }

    /// What is printed of a file that is as it should be, and of one with a mistake beside each secret.
    fn is_explained(&mut self) {
        let file = self.folder.path("watchers.yaml");
        let mistaken = self.folder.path("mistaken.yaml");
        mistake(&self.folder.0);
        let readings = [&["--env"][..], &["--env", "--strict"], &[]];
        for (file, first) in [(&file, 0), (&mistaken, 1)] {
            for (n, format) in ["human", "json", "github"].into_iter().enumerate() {
                let is_checked = |at: usize| each() == 1 || (first + n).abs_diff(at) % 3 == 0;
                for (_, reading) in readings.iter().enumerate().filter(|(at, _)| is_checked(*at)) {
                    let arguments = [&["check", file, "--format", format], *reading].concat();
                    let ended = self.run(&arguments);
                    self.prints_no_secret(&arguments.join(" "), &ended);
                }
            }
        }
        let names: Vec<_> = self.declared.iter().map(|it| it.name.clone()).collect();
        for (n, name) in names.iter().enumerate() {
            let formats = ["human", "json"].into_iter().enumerate();
            for (_, format) in formats.filter(|(at, _)| is_played(n + at)) {
                let arguments = ["explain", "--env", &file, name, "--format", format];
                let ended = self.run(&arguments);
                assert_eq!(ended.status, Some(0), "{}", ended.err);
                self.prints_no_secret(&arguments.join(" "), &ended);
            }
        }
    }

    /// Polls each source once. One that cannot be opened keeps the others from being polled.
    fn polls_once(&mut self, what: &str, format: &str) {
        let file = self.folder.path("watchers.yaml");
        for is_refused in [false, true] {
            let sources = self.sources.iter().zip(&self.declared);
            let names = sources.filter(|(source, _)| source.is_refused == is_refused);
            let names: Vec<_> = names.map(|(_, declared)| &*declared.name).collect();
            let names = names.join(",");
            if names.is_empty() {
                continue;
            }
            let arguments = ["run", "--once", "--env", &file, "--format", format, "--only", &names];
            let ended = self.run(&arguments);
            assert!(ended.err.contains("error"), "{what}: {} {}", ended.out, ended.err);
            self.prints_no_secret(&format!("{what}, {format}"), &ended);
            self.last = ended.err;
        }
    }

    fn says(&self) {
        println!(
            "{}: {} sources, {} secrets, {} commands",
            self.environment.name,
            self.declared.len(),
            self.marks.count(),
            self.commands
        );
    }
}

/// All commands are run where `KOPRS_EXTERNAL_TEST_ALL` is set.
fn is_played(n: usize) -> bool {
    each() == 1 || n.is_multiple_of(FEW)
}

/// One command in so many is run otherwise.
const FEW: usize = 37;

/// Beside the file, one with a misspelt setting in each watcher, and a value of the wrong type.
fn mistake(folder: &Path) {
    let text = std::fs::read_to_string(folder.join("watchers.yaml")).unwrap();
    let text = text.replace("    interval: 1h\n", "    intervall: 1h\n").replace("auth:", "auht:");
    let text = text.replace("option:", "options:").replace("retries: 0", "retries: many");
    std::fs::write(folder.join("mistaken.yaml"), text).unwrap();
}

/// What is followed is printed: it is what the user asked for.
fn without_events(out: &str) -> String {
    let is_event = |line: &str| {
        let words: Vec<_> = line.split_whitespace().take(3).collect();
        let is_human = matches!(words.as_slice(), [time, _, "+" | "~" | "-"] if time.contains(':'));
        let event = || serde_json::from_str::<Value>(line).ok();
        is_human || event().is_some_and(|event| event.get("event").is_some())
    };
    out.lines().filter(|line| !is_event(line)).map(|line| format!("{line}\n")).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn no_planted_secret_is_printed() {
    for environment in ENVIRONMENTS {
        let mut stage = Stage::new("planted", environment, |_| true).await;
        stage.is_explained();
        let rows = stage.servers.iter().map(|servers| servers.rows().into_iter());
        let mut rows: Vec<_> = rows.collect();
        // Other rows in each environment.
        let first = 8 * environment.name.len();
        for n in 0.. {
            let row: Vec<_> = rows.iter_mut().filter_map(Iterator::next).collect();
            let Some((what, _)) = row.first().cloned() else { break };
            for (servers, (_, reply)) in stage.servers.iter().zip(row) {
                servers.own().fallback(reply);
            }
            for (at, format) in ["human", "ndjson"].into_iter().enumerate() {
                if is_played(first + 2 * n + at) {
                    stage.polls_once(&what, format);
                }
            }
        }
        let sent: String = stage.servers.iter().map(Servers::sent).collect();
        let is_silent = environment.sources.iter().all(|source| source.sends_nothing);
        let is_sent = stage.marks.find(&sent).is_some();
        assert!(is_silent || is_sent, "{}: {sent} {}", environment.name, stage.last);
        stage.says();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_secret_of_a_token_request_is_printed() {
    let has_token = |source: &Source| source.has_token;
    let environments = ENVIRONMENTS.iter().filter(|it| it.sources.iter().any(has_token));
    for environment in environments {
        let mut stage = Stage::new("tokens", environment, has_token).await;
        // A process that was never granted a token does not know it in an error.
        let rows = echo::at_token_endpoint(&stage.marks.token(), "no-token");
        for (n, (what, reply)) in rows.into_iter().enumerate() {
            for servers in &stage.servers {
                servers.answer_tokens(reply.clone());
            }
            let format = if n.is_multiple_of(2) { "human" } else { "ndjson" };
            stage.polls_once(&what, format);
        }
        stage.says();
    }
}
