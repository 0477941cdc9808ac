//! Secrets planted in every place, sources of every kind, and servers that hand secrets back in every way: one table.
//!
//! Two tests play it. `tests/it/planted_secrets` looks at what the library shows: logs, errors, reports, statuses,
//! `Debug`. `koprs-external-cli/tests/command/planted_secrets.rs` looks at what the command prints; it is there
//! because Cargo tells only the tests of that package where the command is.

pub mod echo;
pub mod environments;
mod marks;
pub mod sources;

use std::net::SocketAddr;

use self::echo::Row;
use crate::authority::{Authority, Leaf};
use crate::door::Door;
use crate::{Recorded, Reply, Server};

pub use self::environments::{ENVIRONMENTS, Environment};
pub use self::marks::Marks;
pub use self::sources::{Declared, Follows, Source};

/// Where a server is.
#[derive(Clone, Copy, Debug)]
pub struct At {
    /// `http` or `https`.
    pub scheme: &'static str,
    /// Where it listens.
    pub address: SocketAddr,
}

impl At {
    /// The URL of a path, which begins with a slash.
    #[must_use]
    pub fn url(self, path: &str) -> String {
        format!("{}://{}{path}", self.scheme, self.address)
    }
}

enum Own {
    Plain(Server),
    Tls(Door),
    /// Nobody is there any more.
    Gone(At, Server),
}

/// The server of a source, and servers of other origins.
pub struct Servers {
    own: Own,
    plain: Server,
    tls: Door,
}

impl Servers {
    /// Servers of a source, with a certificate.
    pub async fn start(source: &Source, authority: &Authority) -> Self {
        let leaf: Leaf = authority.issues();
        let own = match source.is_tls {
            true => Own::Tls(Door::open(&leaf, None).await),
            false => Own::Plain(Server::start().await),
        };
        let (plain, tls) = (Server::start().await, Door::open(&leaf, None).await);
        for other in [&plain, &tls.server] {
            other.fallback(Reply::with(|request| echo::plainly(request, 200)));
        }
        Self { own, plain, tls }
    }

    /// The server of the source.
    pub fn own(&self) -> &Server {
        match &self.own {
            Own::Plain(server) | Own::Gone(_, server) => server,
            Own::Tls(door) => &door.server,
        }
    }

    /// Where the source finds its server.
    #[must_use]
    pub fn at(&self) -> At {
        match &self.own {
            Own::Plain(server) => At { scheme: "http", address: server.address() },
            Own::Tls(door) => At { scheme: "https", address: door.address() },
            Own::Gone(at, _) => *at,
        }
    }

    /// With the server of the source gone.
    pub async fn stop(self) -> Self {
        let Self { own, plain, tls } = self;
        let own = match own {
            Own::Plain(server) => {
                let address = server.address();
                server.stop().await;
                Own::Gone(At { scheme: "http", address }, Server::start().await)
            }
            Own::Tls(Door { server, address, .. }) => {
                Own::Gone(At { scheme: "https", address }, server)
            }
            gone @ Own::Gone(..) => gone,
        };
        Self { own, plain, tls }
    }

    /// All that a server does.
    #[must_use]
    pub fn rows(&self) -> Vec<Row> {
        let others = [self.plain.url(""), self.tls.url("")];
        let rows = echo::failures().into_iter().chain(echo::redirects(self.at(), &others));
        rows.chain([echo::delay()]).collect()
    }

    /// What came to another origin: another port, another scheme, another host.
    #[must_use]
    pub fn elsewhere(&self) -> Vec<String> {
        let is_elsewhere = |request: &Recorded| {
            let is_other = |host: &str| host.starts_with(echo::OTHER_HOST);
            request.header("host").is_some_and(is_other)
        };
        let own = self.own().requests().into_iter().filter(|it| is_elsewhere(it));
        let others = [&self.plain, &self.tls.server].map(Server::requests);
        own.chain(others.into_iter().flatten()).map(|it| everything(&it)).collect()
    }

    /// What came to the server of the source.
    #[must_use]
    pub fn sent(&self) -> String {
        self.own().requests().iter().map(|it| everything(it)).collect()
    }

    /// A server that answers requests for tokens like this, and others with what they hold.
    pub fn answer_tokens(&self, reply: Reply) {
        self.own().fallback(Reply::with(move |request| {
            let places = ["/token", "/latest", "/oauth2", "/msi"];
            let is_for_token = places.iter().any(|at| request.path().contains(at));
            match is_for_token || request.method == "POST" {
                true => reply.clone(),
                false => echo::plainly(request, 400),
            }
        }));
    }
}

fn everything(request: &Recorded) -> String {
    format!("{request:?} {}", String::from_utf8_lossy(&request.body))
}

/// One in so many rows is played: all of them take minutes, and need `KOPRS_EXTERNAL_TEST_ALL`.
#[must_use]
pub fn each() -> usize {
    match std::env::var_os("KOPRS_EXTERNAL_TEST_ALL") {
        Some(_) => 1,
        None => ENVIRONMENTS.iter().map(|it| it.sources.len()).sum(),
    }
}
