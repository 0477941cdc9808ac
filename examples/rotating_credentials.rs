//! Credentials that change while they are in use: a token file that is rotated as the kubelet does it, and OAuth
//! 2.0 client credentials, whose tokens are short-lived. No event is lost, and no secret is shown.
//!
//! It needs symbolic links, and so a Unix.
//!
//! ```bash
//! cargo run --example rotating_credentials
//! ```

use std::collections::HashSet;
use std::fmt::Debug;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
use std::time::Duration;
use std::{fs, io};

use koprs_external::Watch;
use koprs_external::error::Result;
use koprs_external::set::WatcherSet;
use koprs_external::watcher::WatchHandle;
use koprs_external_tests::{Folder, Recorded, Reply, Server};
use serde::Deserialize;
use tokio::time::{Instant, sleep};

/// No secret stands here: `file` says where one is, and relative paths begin in the folder of this file. The two
/// watchers behind OAuth 2.0 have the same declaration, by an anchor, and so one token.
const WATCHERS: &str = "
apiVersion: koprs-external/v1
x-oauth2: &oauth2
  oauth2:
    tokenUrl: http://127.0.0.1:PORT/oauth2/token
    clientId: example
    clientSecret: { file: client-secret }
    margin: 1s
defaults:
  interval: 1m
watchers:
  - name: flags
    http:
      url: http://127.0.0.1:PORT/flags
      auth: { bearer: { file: mounted/token } }
  - name: limits
    http:
      url: http://127.0.0.1:PORT/limits
      auth: *oauth2
  - name: quotas
    http:
      url: http://127.0.0.1:PORT/quotas
      auth: *oauth2
";

#[derive(Clone, Debug, Deserialize)]
#[allow(dead_code, reason = "the fields are printed")]
struct Flags {
    rollout_percent: u8,
}

#[derive(Clone, Debug, Deserialize)]
#[allow(dead_code, reason = "the fields are printed")]
struct Limit {
    requests_per_second: u32,
}

#[tokio::main]
async fn main() -> Result<()> {
    let server = Server::start().await;
    let story = Story { began: Instant::now(), server: &server };
    let folder = Folder::create("rotating_credentials")?;
    let file = folder.path().join("watchers.yaml");
    fs::write(&file, WATCHERS.replace("PORT", &server.address().port().to_string()))?;
    let set = WatcherSet::from_path(&file)?;

    mounted_token(&story, &set, &folder.path().join("mounted")).await?;
    println!();
    fs::write(folder.path().join("client-secret"), "the-secret-of-the-client")?;
    client_credentials(&story, &set).await
}

/// A token in a file, as a projected service account token or a mounted Secret is.
async fn mounted_token(story: &Story<'_>, set: &WatcherSet, mount: &Path) -> Result<()> {
    let server = story.server;
    story.tell("a token is mounted, and the server takes it");
    fs::create_dir(mount)?;
    rotate(mount, "..version-1", "the-first-token")?;
    symlink("..data/token", mount.join("token"))?;
    server.set("/flags", rollout(10, "the-first-token"));
    let flags = story.print("flags", set.watch::<Flags>("flags")?);
    story.first(&[&flags]).await;

    story.tell("it is rotated; the server takes only the new one, and the value changes meanwhile");
    rotate(mount, "..version-2", "the-second-token")?;
    server.set("/flags", rollout(20, "the-second-token"));
    story.poll(&[&flags]).await;

    story.tell("the file is half written, when the server refuses the token for a moment");
    fs::write(mount.join("token"), "")?;
    server.queue("/flags", [Reply::status(401)]);
    story.poll(&[&flags]).await;

    story.tell("it is still half written: the last good token stays, and the value keeps coming");
    server.set("/flags", rollout(30, "the-second-token"));
    story.poll(&[&flags]).await;

    story.tell("the file is whole again, with the token that the server takes from now on");
    fs::write(mount.join("token"), "the-third-token\n")?;
    server.set("/flags", rollout(40, "the-third-token"));
    story.poll(&[&flags]).await;

    flags.handle.shutdown().await;
    Ok(())
}

/// Puts a token into a folder as the kubelet does it: what links to `..data` is replaced at one stroke.
fn rotate(mount: &Path, version: &str, token: &str) -> io::Result<()> {
    fs::create_dir(mount.join(version))?;
    fs::write(mount.join(version).join("token"), token)?;
    symlink(version, mount.join("..data_tmp"))?;
    fs::rename(mount.join("..data_tmp"), mount.join("..data"))
}

/// A value for whoever has this token.
fn rollout(percent: u8, token: &str) -> Reply {
    let bearer = format!("Bearer {token}");
    Reply::with(move |request| match request.header("authorization") {
        Some(given) if given == bearer => {
            Reply::json(format!(r#"{{"rollout_percent": {percent}}}"#))
        }
        _ => Reply::status(401),
    })
}

/// A client's secret, which is traded for a token that is good for two seconds.
async fn client_credentials(story: &Story<'_>, set: &WatcherSet) -> Result<()> {
    story.tell("OAuth 2.0: two watchers with one declaration need one token");
    let issuer = Arc::new(Issuer::default());
    issuer.serve(story.server);
    let limits = story.print("limits", set.watch::<Limit>("limits")?);
    let quotas = story.print("quotas", set.watch::<Limit>("quotas")?);
    story.first(&[&limits, &quotas]).await;

    story.tell("it is good for the next poll as well");
    story.poll(&[&limits, &quotas]).await;

    sleep(Duration::from_millis(1200)).await;
    story.tell("it is renewed before it expires; the values change");
    issuer.limit.store(250, Relaxed);
    story.poll(&[&limits, &quotas]).await;

    story.tell(
        "it is revoked: who is refused asks again in the same poll, with one new token for both",
    );
    issuer.revoked.store(issuer.issued.load(Relaxed), Relaxed);
    issuer.limit.store(500, Relaxed);
    story.poll(&[&limits, &quotas]).await;

    tokio::join!(limits.handle.shutdown(), quotas.handle.shutdown());
    story.tell("the watchers have stopped");
    Ok(())
}

/// Gives tokens and takes them. They are numbered; those up to `revoked` are refused.
struct Issuer {
    issued: AtomicU32,
    revoked: AtomicU32,
    limit: AtomicU32,
}

impl Default for Issuer {
    fn default() -> Self {
        Self { issued: 0.into(), revoked: 0.into(), limit: 100.into() }
    }
}

impl Issuer {
    fn serve(self: &Arc<Self>, server: &Server) {
        let issuer = Arc::clone(self);
        let token = Reply::with(move |_| {
            let n = issuer.issued.fetch_add(1, Relaxed) + 1;
            Reply::json(format!(
                r#"{{"access_token": "token-{n}", "token_type": "Bearer", "expires_in": 2}}"#
            ))
        });
        server.set("/oauth2/token", token);
        let issuer = Arc::clone(self);
        let value = Reply::with(move |request| match number(request) {
            Some(n) if n > issuer.revoked.load(Relaxed) => {
                let limit = issuer.limit.load(Relaxed);
                Reply::json(format!(r#"{{"requests_per_second": {limit}}}"#))
            }
            _ => Reply::status(401),
        });
        server.set("/limits", value.clone());
        server.set("/quotas", value);
    }
}

/// Which token a request has.
fn number(request: &Recorded) -> Option<u32> {
    request.header("authorization")?.strip_prefix("Bearer token-")?.parse().ok()
}

/// Prints what happens, with the time; of secrets only how many there were.
#[derive(Clone, Copy)]
struct Story<'a> {
    began: Instant,
    server: &'a Server,
}

struct Watcher {
    name: &'static str,
    handle: WatchHandle,
}

impl Story<'_> {
    fn tell(&self, what: &str) {
        tell(self.began, what);
    }

    /// Prints the events of a watcher as they come.
    fn print<T>(&self, name: &'static str, mut watch: Watch<T>) -> Watcher
    where
        T: Debug + Send + 'static,
    {
        let (handle, began) = (watch.handle(), self.began);
        tokio::spawn(async move {
            while let Some(event) = watch.recv().await {
                tell(began, &format!("  {name:<6}  {event:?}"));
            }
        });
        Watcher { name, handle }
    }

    /// Waits for the first polls, and tells how they went.
    async fn first(&self, watchers: &[&Watcher]) {
        for watcher in watchers {
            watcher.handle.synced().await.expect("nobody stops it");
        }
        self.tell_status(watchers, 0);
    }

    /// Polls now, as the story would be long with one poll a minute, and tells how it went.
    async fn poll(&self, watchers: &[&Watcher]) {
        let requests = self.server.requests().len();
        let before: Vec<_> = watchers.iter().map(|watcher| watcher.polled()).collect();
        watchers.iter().for_each(|watcher| watcher.handle.poll_now());
        for (watcher, before) in watchers.iter().zip(before) {
            while watcher.polled() == before {
                sleep(Duration::from_millis(5)).await;
            }
        }
        self.tell_status(watchers, requests);
    }

    /// How the watchers are doing, after polls that began at so many requests.
    fn tell_status(&self, watchers: &[&Watcher], before: usize) {
        let requests = self.server.requests().split_off(before);
        let sent = |path: &str| -> Vec<_> {
            let requests = requests.iter().filter(|request| request.path() == path);
            requests.map(|request| request.headers.get("authorization")).collect()
        };
        for Watcher { name, handle } in watchers {
            let sent = sent(&format!("/{name}"));
            let (requests, tokens) = (sent.len(), sent.iter().collect::<HashSet<_>>().len());
            let status = handle.status();
            self.tell(&format!(
                "  {name:<6}  {:?}, requests: {requests}, tokens sent: {tokens}",
                status.state
            ));
            if let Some(error) = status.last_error.filter(|_| status.consecutive_failures > 0) {
                self.tell(&format!("  {name:<6}  {error}"));
            }
        }
        match sent("/oauth2/token").len() {
            0 => {}
            n => self.tell(&format!("  requests for a token: {n}")),
        }
    }
}

impl Watcher {
    /// When it has polled last.
    fn polled(&self) -> [Option<Instant>; 2] {
        let status = self.handle.status();
        [status.last_success, status.last_failure]
    }
}

fn tell(began: Instant, what: &str) {
    println!("{:5.1}s  {what}", began.elapsed().as_secs_f32());
}
