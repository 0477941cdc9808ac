//! nginx in front of a server that fails.

use koprs_external_tests::{Reply, Server};

use crate::nginx::Nginx;
use crate::{both, polls};

/// `12`, of which `1` would be a value as well.
fn whole() -> Reply {
    Reply::json("12").etag("\"v1\"")
}

#[tokio::test]
async fn what_the_server_behind_it_breaks_off_is_no_value() {
    let gzip = "gzip on; gzip_types application/json; gzip_min_length 1; proxy_http_version 1.1;";
    for how in ["", "proxy_http_version 1.1;", "proxy_buffering off;", gzip] {
        let behind = Server::start().await;
        let url = behind.url("");
        let nginx = Nginx::start(&format!("{how} location / {{ proxy_pass {url}; }}")).await;
        for (kind, mut source) in both(&nginx.url("/v")) {
            behind.set("/v", whole());
            assert_eq!(polls(&mut *source, 2).await, "+12 .", "{kind} {how}");
            let parts = || Reply::json("12").etag("\"v2\"");
            for part in [
                parts().truncate(1),
                parts().truncate(0),
                parts().chunked().truncate(1),
                parts().reset_after(1),
                parts().chunked().reset_after(1),
            ] {
                behind.set("/v", part);
                let words = polls(&mut *source, 2).await;
                let failures = ["!interrupted", "!502"];
                assert!(words.split(' ').all(|it| failures.contains(&it)), "{kind} {how} {words}");
            }
            for nothing in [Reply::close(), Reply::reset(), Reply::garbage("1")] {
                behind.set("/v", nothing);
                assert!(!polls(&mut *source, 2).await.contains(['+', '~', '-']), "{kind} {how}");
            }
            behind.set("/v", whole());
            assert_eq!(polls(&mut *source, 2).await, ". .", "{kind} {how}");
        }
    }
}
