//! Everything that an operator follows, in one file and one `match`: the file says where things are and how often to
//! look, the enum says what they are.
//!
//! ```bash
//! cargo run --example watcher_set
//! ```

use koprs_external::error::Result;
use koprs_external::set::WatcherSet;
use koprs_external::{ExternalEvent, WatcherEvents};
use koprs_external_tests::{Reply, Server};
use serde::Deserialize;

const WATCHERS: &str = "
apiVersion: koprs-external/v1
defaults:
  interval: 1s
watchers:
  - name: flags
    http:
      url: http://SERVER/flags
  - name: tenants
    items: { at: /data, key: /id }
    http:
      url: http://SERVER/tenants
";

#[derive(Clone, Debug, Deserialize)]
struct Flags {
    dark_mode: bool,
}

#[derive(Clone, Debug, Deserialize)]
struct Tenant {
    id: String,
    plan: String,
}

/// One variant for each watcher.
#[derive(Debug, WatcherEvents)]
enum Change {
    Flags(ExternalEvent<Flags>),
    #[watcher(name = "tenants")]
    Tenant(ExternalEvent<Tenant>),
}

#[tokio::main]
async fn main() -> Result<()> {
    let server = Server::start().await;
    server.set("/flags", Reply::json(r#"{"dark_mode": false}"#));
    server.set("/tenants", tenants(r#"{"id": "acme", "plan": "free"}"#));

    let set: WatcherSet = WATCHERS.replace("SERVER", &server.address().to_string()).parse()?;
    let mut changes = set.events::<Change>()?;

    while let Some(change) = changes.recv().await {
        match change {
            Change::Flags(ExternalEvent::Removed(_)) => println!("flags    gone: defaults hold"),
            Change::Flags(flags) => println!("flags    dark mode: {}", flags.value().dark_mode),
            Change::Tenant(ExternalEvent::Added(tenant)) => {
                println!("tenant   {} came, with the plan {}", tenant.id, tenant.plan);
                server.set("/tenants", tenants(r#"{"id": "acme", "plan": "premium"}"#));
            }
            Change::Tenant(ExternalEvent::Modified(tenant)) => {
                println!("tenant   {} has the plan {} now", tenant.id, tenant.plan);
                server.set("/tenants", tenants(""));
            }
            Change::Tenant(ExternalEvent::Removed(tenant)) => {
                println!("tenant   {} is gone", tenant.id);
                break;
            }
        }
    }

    for (name, status) in changes.statuses() {
        println!("{name:<8} {:?}", status.state);
    }
    changes.shutdown().await;
    Ok(())
}

fn tenants(items: &str) -> Reply {
    Reply::json(format!(r#"{{"data": [{items}]}}"#))
}
