//! Azure Blob Storage as Azurite serves it: a server and a container of a test's own.

use std::env;
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use http::{Method, Request};
use koprs_external::store::object_store::azure::{
    AzureAccessKey, AzureAuthorizer, AzureCredential, MicrosoftAzure, MicrosoftAzureBuilder,
};
use koprs_external::store::object_store::client::{HttpConnector, HttpRequestBody};
use koprs_external::store::object_store::{ClientOptions, ObjectStore, RetryConfig};
use koprs_external::store::{CheckedConnector, ObjectStorePoller};
use tokio::time::{interval, timeout};

use crate::store::stage::{Can, Rewrites, Stage};

const CONTAINER: &str = "container";
const ACCOUNT: &str = "devstoreaccount1";
/// Public: it is the same in every emulator.
const KEY: &str =
    "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";

/// Stopped when it is dropped.
pub(crate) struct Azurite {
    store: Arc<MicrosoftAzure>,
    _child: Killed,
}

struct Killed(Child);

impl Drop for Killed {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Stage for Azurite {
    const CAN: Can =
        Can { etags: true, rewrites: Rewrites::EachWrite, raw_keys: false, backslashes: false };

    async fn start() -> Self {
        let (child, port) = server().await;
        let endpoint = format!("http://127.0.0.1:{port}/{ACCOUNT}");
        make_container(&endpoint).await;
        let store = MicrosoftAzureBuilder::new()
            .with_endpoint(endpoint)
            .with_account(ACCOUNT)
            .with_access_key(KEY)
            .with_container_name(CONTAINER)
            .with_client_options(options())
            .with_retry(RetryConfig { max_retries: 0, ..RetryConfig::default() })
            .with_http_connector(CheckedConnector::default())
            .build()
            .unwrap();
        Self { store: Arc::new(store), _child: child }
    }

    fn store(&self) -> Arc<dyn ObjectStore> {
        Arc::clone(&self.store) as _
    }

    fn pollers(&self) -> Vec<ObjectStorePoller> {
        let paginated = ObjectStorePoller::paginated(Arc::clone(&self.store));
        vec![
            ObjectStorePoller::new(self.store()).with_name("new"),
            paginated.with_name("paginated"),
        ]
    }
}

fn options() -> ClientOptions {
    ClientOptions::new().with_allow_http(true)
}

async fn server() -> (Killed, u16) {
    // A port that was free a moment ago may be taken.
    for _ in 0..5 {
        let port = TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port();
        let mut child = spawn(port);
        if is_up(&mut child.0, port).await {
            return (child, port);
        }
    }
    panic!("azurite-blob does not start");
}

fn spawn(port: u16) -> Killed {
    let program = env::var_os("AZURITE_BLOB").unwrap_or_else(|| "azurite-blob".into());
    let child = Command::new(program)
        .args(["--inMemoryPersistence", "--silent", "--skipApiVersionCheck", "--disableTelemetry"])
        .args(["--blobHost", "127.0.0.1", "--blobPort", &port.to_string()])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn();
    Killed(child.unwrap_or_else(|error| {
        panic!(
            "these tests need azurite-blob (`npm install azurite`), and it cannot be run: {error}"
        )
    }))
}

/// Whether it comes to listen: looks again and again, not for ever.
async fn is_up(child: &mut Child, port: u16) -> bool {
    let mut ticks = interval(Duration::from_millis(20));
    let looked = timeout(Duration::from_secs(60), async {
        loop {
            ticks.tick().await;
            if child.try_wait().unwrap().is_some() {
                return false;
            }
            if TcpStream::connect(("127.0.0.1", port)).is_ok() {
                return true;
            }
        }
    });
    looked.await.unwrap_or_default()
}

/// `object_store` makes no containers, but lends what makes one.
async fn make_container(endpoint: &str) {
    let mut request = Request::new(HttpRequestBody::empty());
    *request.method_mut() = Method::PUT;
    *request.uri_mut() = format!("{endpoint}/{CONTAINER}?restype=container").parse().unwrap();
    request.headers_mut().insert("content-length", "0".parse().unwrap());
    let key = AzureCredential::AccessKey(AzureAccessKey::try_new(KEY).unwrap());
    AzureAuthorizer::new(&key, ACCOUNT).try_authorize(&mut request).unwrap();
    let client = CheckedConnector::default().connect(&options()).unwrap();
    let response = client.execute(request).await.unwrap();
    assert_eq!(response.status(), 201);
}
