//! Azure Blob Storage, as Azurite serves it.

use std::sync::Arc;

use http::{Method, Request};
use koprs_external::spec::WatcherBuilder;
use koprs_external::store::object_store::azure::{
    AzureAccessKey, AzureAuthorizer, AzureCredential, MicrosoftAzure, MicrosoftAzureBuilder,
};
use koprs_external::store::object_store::client::{HttpConnector, HttpRequestBody};
use koprs_external::store::object_store::path::Path;
use koprs_external::store::object_store::{
    Attributes, ClientOptions, ObjectStore, PutOptions, RetryConfig,
};
use koprs_external::store::{CheckedConnector, ObjectStorePoller};

use crate::declare;
use crate::process::{Program, Server};
use crate::store::stage::{Can, Rewrites, Stage};

const PROGRAM: Program = Program {
    variable: "AZURITE_BLOB",
    name: "azurite-blob",
    install: "npm install --global azurite",
};
const CONTAINER: &str = "container";
const ACCOUNT: &str = "devstoreaccount1";
/// Public: it is the same in every emulator.
const KEY: &str =
    "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";

/// A container of a test's own.
pub(crate) struct Azurite {
    store: Arc<MicrosoftAzure>,
    server: Server,
}

impl Azurite {
    /// The declaration of a watcher of this container, with these options instead of the ones that are right.
    pub(crate) fn declared(&self, options: &[(&str, &str)]) -> WatcherBuilder {
        self.declared_container(CONTAINER, options)
    }

    pub(crate) fn declared_container(
        &self,
        container: &str,
        options: &[(&str, &str)],
    ) -> WatcherBuilder {
        let endpoint = endpoint(&self.server);
        let right = [
            ("azure_storage_endpoint", endpoint.as_str()),
            ("azure_allow_http", "true"),
            ("azure_storage_account_name", ACCOUNT),
            ("azure_storage_account_key", KEY),
        ];
        declare(&format!("az://{container}/"), &right, options)
    }

    pub(crate) async fn put_with(&self, key: &str, content: &[u8], attributes: Attributes) {
        let options = PutOptions { attributes, ..PutOptions::default() };
        let path = Path::parse(key).unwrap();
        self.store.put_opts(&path, content.to_vec().into(), options).await.unwrap();
    }
}

fn endpoint(server: &Server) -> String {
    format!("http://127.0.0.1:{}/{ACCOUNT}", server.port)
}

impl Stage for Azurite {
    const CAN: Can =
        Can { etags: true, rewrites: Rewrites::EachWrite, raw_keys: false, backslashes: false };

    async fn start() -> Self {
        let server = server().await;
        let endpoint = endpoint(&server);
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
        Self { store: Arc::new(store), server }
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

async fn server() -> Server {
    Server::start(PROGRAM, |command, port| {
        command
            .args(["--inMemoryPersistence", "--silent", "--skipApiVersionCheck"])
            .args(["--disableTelemetry", "--blobHost", "127.0.0.1"])
            .args(["--blobPort", &port.to_string()]);
    })
    .await
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
