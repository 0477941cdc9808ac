//! An nginx of a test's own.

use std::fs::{self, File};
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, SystemTime};

use tempfile::TempDir;
use tokio::task::yield_now;
use tokio::time::{interval, timeout};

/// What the access log says of a request.
const COLUMNS: [&str; 9] = [
    "status",
    "request_uri",
    "http_if_none_match",
    "http_if_modified_since",
    "http_range",
    "sent_http_etag",
    "connection",
    "server_protocol",
    "ssl_client_serial",
];

/// Stopped when it is dropped.
pub(crate) struct Nginx {
    directory: TempDir,
    port: u16,
    child: Option<Child>,
    /// Of the file that was written last. An `ETag` of nginx is the second and the length of a file, so
    /// that each file has a second of its own.
    modified: SystemTime,
}

impl Nginx {
    /// With this in its `server`, where `ADDRESS` is that of the server and `DIR` its directory. Files
    /// are in `DIR/www`.
    pub(crate) async fn start(server: &str) -> Self {
        let mut nginx = Self::new();
        nginx.begin(server).await;
        nginx
    }

    /// Not started.
    pub(crate) fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        fs::create_dir(directory.path().join("www")).unwrap();
        let modified = SystemTime::now() - Duration::from_secs(86_400);
        Self { directory, port: 0, child: None, modified }
    }

    pub(crate) async fn begin(&mut self, server: &str) {
        // A port that was free a moment ago may be taken.
        for _ in 0..5 {
            self.port = TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port();
            self.conf(server);
            if self.runs().await {
                return;
            }
        }
        panic!("nginx does not start: {}", self.read("error.log"));
    }

    /// Another configuration, for the next start or reload.
    pub(crate) fn conf(&self, server: &str) {
        let listen = if server.contains("listen ADDRESS") { "" } else { "listen ADDRESS;" };
        let log = COLUMNS.map(|column| format!("${column}")).join("\\t");
        let temp = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];
        let temp = temp.map(|name| format!("{name}_temp_path temp_{name};")).concat();
        let conf = format!(
            r#"daemon off;
            user root;
            worker_processes 1;
            pid nginx.pid;
            error_log error.log notice;
            events {{ worker_connections 64; }}
            http {{
                log_format columns "{log}";
                access_log access.log columns;
                {temp}
                types {{ application/json json; text/html html; }}
                default_type application/json;
                limit_req_zone $server_addr zone=requests:64k rate=1r/m;
                limit_conn_zone $server_addr zone=connections:64k;
                server {{ {listen} root www; {server} }}
            }}"#
        );
        let conf = conf.replace("ADDRESS", &self.address());
        let conf = conf.replace("DIR", self.directory.path().to_str().unwrap());
        fs::write(self.at("nginx.conf"), conf).unwrap();
    }

    /// Starts it again, at the same address.
    pub(crate) async fn start_again(&mut self) {
        assert!(self.runs().await, "nginx does not start: {}", self.read("error.log"));
    }

    /// Takes the configuration anew, and waits until the old one is out of use and its connections are
    /// known to be closed.
    pub(crate) async fn reload(&self) {
        let gone = || self.read("error.log").matches("exited with code").count();
        let before = gone();
        self.signal("reload");
        let reloaded = until(|| (gone() > before).then_some(())).await;
        assert!(reloaded.is_some(), "not reloaded: {}", self.read("error.log"));
        for _ in 0..4 {
            yield_now().await;
        }
    }

    fn signal(&self, what: &str) {
        let output = self.command(&["-s", what]).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }

    pub(crate) fn stop(&mut self) {
        if let Some(mut child) = self.child.take() {
            // Killed, it would leave its worker behind.
            let asked = self.command(&["-s", "stop"]).output().is_ok_and(|it| it.status.success());
            if !asked {
                let _ = child.kill();
            }
            let _ = child.wait();
        }
    }

    /// Whether it starts.
    async fn runs(&mut self) -> bool {
        let child = self.command(&[]).spawn();
        let child = child.unwrap_or_else(|error| {
            panic!("these tests need nginx (`apt-get install nginx-light`), and it cannot be run: {error}")
        });
        self.child = Some(child);
        // The file is there when the socket is.
        let (pid_file, port) = (self.at("nginx.pid"), self.port);
        let child = self.child.as_mut().unwrap();
        let pid = child.id().to_string();
        let runs = until(|| match child.try_wait().unwrap() {
            Some(_) => Some(false),
            None => {
                let ours = fs::read_to_string(&pid_file).is_ok_and(|it| it.trim() == pid);
                (ours && TcpStream::connect(("127.0.0.1", port)).is_ok()).then_some(true)
            }
        });
        let runs = runs.await.unwrap_or_default();
        if !runs {
            self.stop();
        }
        runs
    }

    fn command(&self, arguments: &[&str]) -> Command {
        // Not in everybody's path.
        let places = ["/usr/sbin/nginx", "/usr/local/sbin/nginx"];
        let place = places.into_iter().find(|it| fs::exists(it).is_ok_and(|it| it));
        let mut command = Command::new(place.unwrap_or("nginx"));
        command.arg("-p").arg(self.directory.path()).args(["-e", "error.log", "-c", "nginx.conf"]);
        command.args(arguments).stdout(Stdio::null());
        if arguments.is_empty() {
            command.stderr(Stdio::null());
        }
        command
    }

    pub(crate) fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address())
    }

    /// A file beside the configuration.
    pub(crate) fn at(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.at(name)).unwrap_or_default()
    }

    /// Writes a file that is served; it is newer than all before.
    pub(crate) fn write(&mut self, name: &str, content: impl AsRef<[u8]>) {
        self.modified += Duration::from_secs(10);
        self.write_of(name, content, self.modified);
    }

    /// Writes a file that is older than all others.
    pub(crate) fn write_older(&self, name: &str, content: impl AsRef<[u8]>) {
        self.write_of(name, content, SystemTime::now() - Duration::from_secs(2 * 86_400));
    }

    /// In one step, as a file is put in place that is to be served whole.
    pub(crate) fn write_of(&self, name: &str, content: impl AsRef<[u8]>, modified: SystemTime) {
        let (new, path) = (self.at("new"), self.at("www").join(name));
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&new, content).unwrap();
        File::options().write(true).open(&new).unwrap().set_modified(modified).unwrap();
        fs::rename(new, path).unwrap();
    }

    pub(crate) fn remove(&self, name: &str) {
        fs::remove_file(self.at("www").join(name)).unwrap();
    }

    /// A column of the access log, which is of just so many requests.
    pub(crate) async fn log(&self, requests: usize, column: &str) -> Vec<String> {
        let at = COLUMNS.iter().position(|it| *it == column).unwrap();
        // It is written when the answer has been sent.
        let log = until(|| {
            let log = self.read("access.log");
            (log.lines().count() >= requests).then_some(log)
        });
        let log = log.await.unwrap_or_else(|| panic!("too few: {}", self.read("access.log")));
        assert_eq!(log.lines().count(), requests, "{log}");
        log.lines().map(|line| line.split('\t').nth(at).unwrap().to_owned()).collect()
    }

    /// The statuses of all answers, which are so many.
    pub(crate) async fn statuses(&self, requests: usize) -> String {
        self.log(requests, "status").await.join(" ")
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        self.stop();
    }
}

/// Looks again and again, not for ever.
pub(crate) async fn until<T>(mut look: impl FnMut() -> Option<T>) -> Option<T> {
    let mut ticks = interval(Duration::from_millis(5));
    let looked = timeout(Duration::from_secs(10), async {
        loop {
            ticks.tick().await;
            if let Some(seen) = look() {
                return seen;
            }
        }
    });
    looked.await.ok()
}
