//! WebDAV, as Apache's `mod_dav_fs` and rclone serve it from a directory.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::sync::Arc;

use koprs_external::spec::WatcherBuilder;
use koprs_external::store::CheckedConnector;
use koprs_external::store::object_store::http::{HttpBuilder, HttpStore};
use koprs_external::store::object_store::path::Path;
use koprs_external::store::object_store::{
    ClientOptions, ObjectMeta, ObjectStore, ObjectStoreExt, RetryConfig,
};
use tempfile::TempDir;

use crate::declare;
use crate::process::{Program, Server};
use crate::store::stage::{Can, Rewrites, Stage};

const PROGRAM: Program =
    Program { variable: "APACHE2", name: "apache2", install: "apt-get install apache2-bin" };

/// Where Debian puts the modules.
const MODULES: &str = "/usr/lib/apache2/modules";

/// An ETag is made of the time to the microsecond and the size; it is weak in the first second of a file.
pub(crate) struct Apache {
    store: Arc<HttpStore>,
    server: Server,
    directory: TempDir,
}

impl Apache {
    /// With these directives for the folder that is served.
    pub(crate) async fn with(directives: &str) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let root = directory.path().join("www");
        fs::create_dir(&root).unwrap();
        // Run by root, Apache serves as another user.
        for folder in [directory.path(), &root] {
            fs::set_permissions(folder, Permissions::from_mode(0o777)).unwrap();
        }
        let file = directory.path().join("httpd.conf");
        let server = Server::start(PROGRAM, |command, port| {
            let place = directory.path().to_str().unwrap();
            fs::write(&file, configuration(place, port, directives)).unwrap();
            // One process: killed, it leaves no other one behind.
            command.arg("-X").arg("-f").arg(&file);
        })
        .await;
        let store = store(&server);
        Self { store, server, directory }
    }

    /// The folder that is served.
    pub(crate) fn www(&self) -> PathBuf {
        self.directory.path().join("www")
    }

    pub(crate) async fn head(&self, key: &str) -> ObjectMeta {
        self.store.head(&Path::parse(key).unwrap()).await.unwrap()
    }

    /// The declaration of a watcher of this server, with these options instead of the ones that are right.
    pub(crate) fn declared(&self, options: &[(&str, &str)]) -> WatcherBuilder {
        self.declared_folder("", options)
    }

    pub(crate) fn declared_folder(&self, folder: &str, options: &[(&str, &str)]) -> WatcherBuilder {
        let url = format!("http://127.0.0.1:{}/{folder}", self.server.port);
        declare(&url, &[("allow_http", "true")], options)
    }
}

fn store(server: &Server) -> Arc<HttpStore> {
    let store = HttpBuilder::new()
        .with_url(format!("http://127.0.0.1:{}", server.port))
        .with_client_options(ClientOptions::new().with_allow_http(true))
        .with_retry(RetryConfig { max_retries: 0, ..RetryConfig::default() })
        .with_http_connector(CheckedConnector::default())
        .build();
    Arc::new(store.unwrap())
}

/// Two writes that make one folder are in each other's way: the second attempt finds it.
async fn put(store: &HttpStore, key: &str, content: &str) {
    let path = Path::parse(key).unwrap();
    if store.put(&path, content.to_owned().into()).await.is_err() {
        store.put(&path, content.to_owned().into()).await.unwrap();
    }
}

fn configuration(place: &str, port: u16, directives: &str) -> String {
    let modules = [
        ("mpm_event", "mod_mpm_event"),
        ("authz_core", "mod_authz_core"),
        ("authz_user", "mod_authz_user"),
        ("authn_core", "mod_authn_core"),
        ("authn_file", "mod_authn_file"),
        ("auth_basic", "mod_auth_basic"),
        ("mime", "mod_mime"),
        ("alias", "mod_alias"),
        ("dav", "mod_dav"),
        ("dav_fs", "mod_dav_fs"),
    ];
    let modules =
        modules.map(|(name, file)| format!("LoadModule {name}_module {MODULES}/{file}.so\n"));
    format!(
        "{modules}
        ServerName 127.0.0.1
        ServerRoot {place}
        Listen 127.0.0.1:{port}
        PidFile {place}/pid
        ErrorLog {place}/error.log
        User www-data
        Group www-data
        TypesConfig /dev/null
        DavLockDB {place}/locks
        DocumentRoot {place}/www
        <Directory {place}/www>
            {directives}
        </Directory>
        ",
        modules = modules.concat()
    )
}

impl Stage for Apache {
    const CAN: Can =
        Can { etags: true, rewrites: Rewrites::EachWrite, raw_keys: false, backslashes: true };

    const EMPTY_PREFIXES: bool = false;

    async fn start() -> Self {
        Self::with("Dav On\nDavDepthInfinity On\nRequire all granted").await
    }

    fn store(&self) -> Arc<dyn ObjectStore> {
        Arc::clone(&self.store) as _
    }

    async fn put(&self, key: &str, content: &str) {
        put(&self.store, key, content).await;
    }
}

/// Also serves a directory; its ETags are made of time and size, and are never weak.
pub(crate) struct Rclone {
    store: Arc<HttpStore>,
    _server: Server,
    _directory: TempDir,
}

impl Stage for Rclone {
    const CAN: Can =
        Can { etags: true, rewrites: Rewrites::EachWrite, raw_keys: false, backslashes: true };

    const EMPTY_PREFIXES: bool = false;

    async fn start() -> Self {
        const PROGRAM: Program =
            Program { variable: "RCLONE", name: "rclone", install: "apt-get install rclone" };
        let directory = tempfile::tempdir().unwrap();
        let server = Server::start(PROGRAM, |command, port| {
            command
                .args(["serve", "webdav", "--config", "/dev/null"])
                .args(["--addr", &format!("127.0.0.1:{port}")])
                .arg(directory.path());
        })
        .await;
        Self { store: store(&server), _server: server, _directory: directory }
    }

    fn store(&self) -> Arc<dyn ObjectStore> {
        Arc::clone(&self.store) as _
    }

    async fn put(&self, key: &str, content: &str) {
        put(&self.store, key, content).await;
    }
}
