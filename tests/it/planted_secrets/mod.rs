//! Promise 17 as a table: secrets planted in every place, sources of every kind, servers that hand them back in every
//! way. Nothing that is shown holds one of them in any spelling, and nothing that reaches another origin does.
//!
//! The table is [`koprs_external_tests::planted_secrets`]. What is looked at here: the logs of all crates at TRACE,
//! errors with their causes, reports and statuses, the `Debug` of sources, watchers, handles, declarations and sets, and
//! what `explain` says. `koprs-external-cli/tests/command/planted_secrets.rs` checks the output of the command, with
//! the same table.
//!
//! Each environment of the table is one of a child process, which runs the same test.

mod listen;
mod polled;

use std::panic::AssertUnwindSafe;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use futures::FutureExt;
use futures::future::join_all;
use koprs_external::set::WatcherSet;
use koprs_external::watcher::{WatchConfig, WatchHandle};
use koprs_external_tests::Reply;
use koprs_external_tests::authority::Authority;
use koprs_external_tests::planted_secrets::environments::certificates;
use koprs_external_tests::planted_secrets::{
    Declared, ENVIRONMENTS, Environment, Marks, Servers, Source, each, echo,
};
use tokio::time::sleep;

use self::listen::Listener;
use self::polled::{Polled, load, open, shown_error, shown_status};

/// Nothing takes as long; what does not happen is named.
const LONG: Duration = Duration::from_secs(120);

/// A watcher and its servers.
struct Stage {
    /// Which one it is, of all environments.
    n: usize,
    source: &'static Source,
    servers: Servers,
    declared: Declared,
}

/// What is looked for, and where.
struct Looks {
    marks: Marks,
    listener: Listener,
    polls: AtomicUsize,
    texts: AtomicUsize,
}

impl Looks {
    #[track_caller]
    fn is_clean(&self, what: &str, text: &str) {
        self.texts.fetch_add(1, Ordering::Relaxed);
        if let Some((mark, part)) = self.marks.find(text) {
            let line = text.lines().find(|line| self.marks.find(line).is_some());
            panic!("{what}: `{part}` of {mark}:\n{}", line.unwrap_or(text));
        }
    }

    #[track_caller]
    fn log_is_clean(&self, what: &str) {
        self.is_clean(&format!("the log, {what}"), &self.listener.text());
    }
}

impl Stage {
    /// What is seen before anything is polled.
    fn looks_clean(&self, looks: &Looks) {
        let set = load(&self.declared);
        let name = &self.declared.name;
        let (explained, spec) = (set.explain(name), set.spec(name).unwrap());
        let shown = format!("{set:?} {set:#?} {spec:?} {spec:#?} {explained:?} {explained:#?}");
        looks.is_clean(&format!("{}, declared", self.source.title()), &shown);
        let (loader, warnings) = (WatcherSet::loader().env(), set.warnings());
        let shown = format!("{loader:?} {warnings:?} {:?}", set.reloading("watchers.yaml"));
        looks.is_clean(&format!("{}, loaded", self.source.title()), &shown);
    }

    /// A source that knows nothing of what came before.
    fn opened(&self, looks: &Looks) -> Option<Box<dyn Polled>> {
        let opened = open(&self.declared, &load(&self.declared));
        let refused = opened.as_ref().err().map(shown_error).unwrap_or_default();
        looks.is_clean(&format!("{}, refused", self.source.title()), &refused);
        opened.ok()
    }

    async fn poll(&self, source: &mut dyn Polled, looks: &Looks, what: &str) {
        let what = format!("{}, {what}", self.source.title());
        // `object_store` panics at the name of a role that no URL can hold.
        let polled = AssertUnwindSafe(source.poll()).catch_unwind().await;
        let shown = polled.unwrap_or_else(|panic| format!("{:?}", panic.downcast_ref::<String>()));
        looks.polls.fetch_add(1, Ordering::Relaxed);
        looks.is_clean(&what, &shown);
        looks.log_is_clean(&what);
        self.elsewhere_is_clean(looks, &what);
    }

    fn elsewhere_is_clean(&self, looks: &Looks, what: &str) {
        for request in self.servers.elsewhere() {
            looks.is_clean(&format!("{what}, another origin"), &request);
        }
    }

    /// One in so many rows is played, another one for each source.
    async fn fails(&self, looks: &Looks) {
        self.looks_clean(looks);
        let Some(mut source) = self.opened(looks) else { return };
        // First, since the last row has a server left alone.
        self.is_watched(looks).await;
        self.is_watched_in_a_set(looks).await;
        let rows = self.servers.rows().into_iter().enumerate();
        for (_, (what, reply)) in rows.filter(|(n, _)| n % each() == self.n % each()) {
            self.servers.own().fallback(reply);
            if self.source.is_left_alone {
                source = self.opened(looks).unwrap();
            }
            self.poll(&mut *source, looks, &what).await;
        }
        // Proves that the secrets were on their way.
        let sent = self.servers.sent();
        let is_sent = looks.marks.find(&sent).is_some();
        assert!(is_sent || self.source.sends_nothing, "{}: {sent}", self.source.title());
    }

    /// What a watcher says of itself while its server fails.
    async fn is_watched(&self, looks: &Looks) {
        let what = format!("{}, watched", self.source.title());
        self.servers.own().fallback(Reply::with(|request| echo::plainly(request, 400)));
        let config = WatchConfig::new(Duration::from_millis(1)).with_max_backoff(Duration::ZERO);
        looks.is_clean(&what, &format!("{config:?}"));
        let mut watched = self.opened(looks).unwrap().watch(config);
        let handle = watched.handle();
        tokio::select! {
            () = watched.recv() => panic!("{what}: an event"),
            () = has_failed(&handle) => {}
            () = sleep(LONG) => panic!("{what}: no failure, {:?}", handle.status()),
        }
        looks.is_clean(&what, &watched.shown());
        handle.shutdown().await;
        looks.is_clean(&what, &watched.shown());
        looks.log_is_clean(&what);
    }

    /// What the events and handles of a set show once its watcher has failed.
    async fn is_watched_in_a_set(&self, looks: &Looks) {
        let what = format!("{}, in a set", self.source.title());
        let mut values = load(&self.declared).values().unwrap();
        let handle = values.handle();
        let watcher = handle.watcher(&self.declared.name).unwrap();
        watcher.poll_now();
        tokio::select! {
            event = values.recv() => assert!(event.is_none(), "{what}: an event"),
            () = has_failed(&watcher) => {}
            () = sleep(LONG) => panic!("{what}: no failure, {:?}", watcher.status()),
        }
        let statuses = handle.statuses();
        let shown: String = statuses.iter().map(|(_, status)| shown_status(status)).collect();
        looks.is_clean(&what, &format!("{shown} {values:?} {values:#?} {handle:?} {handle:#?}"));
        looks.is_clean(&what, &format!("{watcher:?} {watcher:#?} {:?}", handle.watchers()));
        values.shutdown().await;
        looks.is_clean(&what, &format!("{:?} {handle:?} {watcher:?}", handle.statuses()));
        looks.log_is_clean(&what);
    }

    async fn fails_at_its_token_endpoint(&self, looks: &Looks) {
        let token = looks.marks.token();
        for (what, reply) in echo::at_token_endpoint(&token, &token) {
            self.servers.answer_tokens(reply);
            let mut source = self.opened(looks).unwrap();
            self.poll(&mut *source, looks, &what).await;
        }
    }

    /// A server that is gone.
    async fn polls_nobody(self, looks: &Looks) {
        let Self { n, source, servers, declared } = self;
        let servers = servers.stop().await;
        let stage = Self { n, source, servers, declared };
        if let Some(mut opened) = stage.opened(looks) {
            stage.poll(&mut *opened, looks, "nobody").await;
        }
    }
}

async fn has_failed(watcher: &WatchHandle) {
    while watcher.status().consecutive_failures == 0 {
        sleep(Duration::from_millis(5)).await;
    }
}

/// The environment of this process, where it is a child, with the folder of its files.
struct Child {
    environment: &'static Environment,
    folder: PathBuf,
}

const CHILD: &str = "KOPRS_EXTERNAL_TEST_ENVIRONMENT";
const FOLDER: &str = "KOPRS_EXTERNAL_TEST_FOLDER";

impl Child {
    fn of_process() -> Option<Self> {
        let name = std::env::var(CHILD).ok()?;
        let environment = ENVIRONMENTS.iter().find(|it| it.name == name).unwrap();
        Some(Self { environment, folder: std::env::var_os(FOLDER).unwrap().into() })
    }

    /// The stages of these sources, and what is looked for.
    async fn stages(&self, wanted: impl Fn(&Source) -> bool) -> (Vec<Stage>, Looks) {
        let authority = Authority::new();
        std::fs::write(certificates(&self.folder), authority.pem()).unwrap();
        let mut marks = Marks::default();
        self.environment.plant(&mut marks, &self.folder);
        let before = ENVIRONMENTS.iter().take_while(|it| it.name != self.environment.name);
        let before: usize = before.map(|it| it.sources.len()).sum();
        let sources = self.environment.sources.iter().enumerate();
        let mut stages = Vec::new();
        for (n, source) in sources.filter(|(_, source)| wanted(source)) {
            let servers = Servers::start(source, &authority).await;
            let declared = source.declare(servers.at(), &mut marks);
            stages.push(Stage { n: before + n, source, servers, declared });
        }
        let (polls, texts) = Default::default();
        (stages, Looks { marks, listener: Listener::start(), polls, texts })
    }

    fn says(&self, looks: &Looks, sources: usize) {
        let Looks { marks, polls, texts, .. } = looks;
        let (polls, texts) = (polls.load(Ordering::Relaxed), texts.load(Ordering::Relaxed));
        println!(
            "{}: {sources} sources, {} secrets, {polls} polls, {texts} texts",
            self.environment.name,
            marks.count()
        );
    }
}

/// Runs a test again in each environment, and shows what it says.
fn run_in_environments(test: &str, wanted: impl Fn(&Source) -> bool) {
    let environments =
        ENVIRONMENTS.iter().filter(|environment| environment.sources.iter().any(&wanted));
    std::thread::scope(|scope| {
        for environment in environments {
            scope.spawn(|| run_in(environment, test));
        }
    });
}

fn run_in(environment: &Environment, test: &str) {
    let folder = tempfile::tempdir().unwrap();
    let mut child = command(folder.path());
    child.args([&format!("planted_secrets::{test}"), "--exact", "--nocapture"]);
    child.env(CHILD, environment.name);
    child.envs(environment.plant(&mut Marks::default(), folder.path()));
    let output = child.output().unwrap();
    let (out, err) =
        (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success() && out.contains("1 passed"), "{out}\n{err}");
    out.lines().filter(|line| line.starts_with(environment.name)).for_each(|it| println!("{it}"));
}

fn command(folder: &Path) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.env(FOLDER, folder);
    command
}

/// All rows of all sources take minutes; they are played where `KOPRS_EXTERNAL_TEST_ALL` is set.
#[tokio::test]
async fn no_planted_secret_is_shown_or_reaches_another_origin() {
    let Some(child) = Child::of_process() else {
        let test = "no_planted_secret_is_shown_or_reaches_another_origin";
        return run_in_environments(test, |_| true);
    };
    let (stages, looks) = child.stages(|_| true).await;
    join_all(stages.iter().map(|stage| stage.fails(&looks))).await;
    child.says(&looks, stages.len());
    join_all(stages.into_iter().map(|stage| stage.polls_nobody(&looks))).await;
}

#[tokio::test]
async fn no_secret_of_a_token_request_or_its_answer_is_shown() {
    let Some(child) = Child::of_process() else {
        let test = "no_secret_of_a_token_request_or_its_answer_is_shown";
        return run_in_environments(test, |source| source.has_token);
    };
    let (stages, looks) = child.stages(|source| source.has_token).await;
    join_all(stages.iter().map(|stage| stage.fails_at_its_token_endpoint(&looks))).await;
    child.says(&looks, stages.len());
}
