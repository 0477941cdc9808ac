//! With the default features of the library, a declaration that needs another feature does not compile; the compiler names
//! the feature. This one needs none:
//!
//! ```
//! use koprs_external::ExternalSource;
//! use serde::Deserialize;
//!
//! #[derive(Clone, Debug, Deserialize, ExternalSource)]
//! #[external(http(url = "https://h/x"), interval = "30s")]
//! struct Json {}
//! ```
//!
//! `aws`:
//!
//! ```compile_fail,E0277
//! use koprs_external::ExternalSource;
//! use serde::Deserialize;
//!
//! #[derive(Clone, Debug, Deserialize, ExternalSource)]
//! #[external(object_store(url = "s3://models/"), interval = "30s")]
//! struct Bucket {}
//! ```
//!
//! `gcp`:
//!
//! ```compile_fail,E0277
//! use koprs_external::ExternalSource;
//! use serde::Deserialize;
//!
//! #[derive(Clone, Debug, Deserialize, ExternalSource)]
//! #[external(object_store(url = "gs://models/"), interval = "30s")]
//! struct Gcs {}
//! ```
//!
//! `azure`:
//!
//! ```compile_fail,E0277
//! use koprs_external::ExternalSource;
//! use serde::Deserialize;
//!
//! #[derive(Clone, Debug, Deserialize, ExternalSource)]
//! #[external(object_store(url = "az://models/"), interval = "30s")]
//! struct Azure {}
//! ```
//!
//! `http`:
//!
//! ```compile_fail,E0277
//! use koprs_external::ExternalSource;
//! use serde::Deserialize;
//!
//! #[derive(Clone, Debug, Deserialize, ExternalSource)]
//! #[external(object_store(url = "https://dav.example.com/models/"), interval = "30s")]
//! struct WebDav {}
//! ```
//!
//! `object-store`:
//!
//! ```compile_fail,E0277
//! use koprs_external::ExternalSource;
//! use serde::Deserialize;
//!
//! #[derive(Clone, Debug, Deserialize, ExternalSource)]
//! #[external(object_store(url = "file:///var/models/"), interval = "30s")]
//! struct Folder {}
//! ```
//!
//! `yaml`:
//!
//! ```compile_fail,E0277
//! use koprs_external::ExternalSource;
//! use serde::Deserialize;
//!
//! #[derive(Clone, Debug, Deserialize, ExternalSource)]
//! #[external(http(url = "https://h/x"), decode = yaml, interval = "30s")]
//! struct Yaml {}
//! ```
//!
//! `csv`:
//!
//! ```compile_fail,E0277
//! use koprs_external::ExternalSource;
//! use serde::Deserialize;
//!
//! #[derive(Clone, Debug, Deserialize, ExternalSource)]
//! #[external(http(url = "https://h/x"), decode = csv, items(key = "/id"), interval = "30s")]
//! struct Csv {}
//! ```
//!
//! `oauth2`:
//!
//! ```compile_fail,E0277
//! use koprs_external::ExternalSource;
//! use serde::Deserialize;
//!
//! #[derive(Clone, Debug, Deserialize, ExternalSource)]
//! #[external(
//!     http(
//!         url = "https://h/x",
//!         auth(oauth2(token_url = "https://h/t", client_id = "a", client_secret(env = "S"))),
//!     ),
//!     interval = "30s"
//! )]
//! struct OAuth2 {}
//! ```
