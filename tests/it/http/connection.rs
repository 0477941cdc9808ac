//! Connections and encodings.

use koprs_external::http::HttpPoller;
use koprs_external_tests::{Reply, Server};

use super::faults::{coded, encoded};
use super::stage::{Stage, declare, poll, source, value};

#[tokio::test]
async fn a_connection_is_kept_over_polls() {
    for mut stage in Stage::both().await {
        let words = stage.plays([value(1), value(1), value(2), Reply::json("3").chunked()]).await;
        assert_eq!(words, "+1 . ~2 ~3", "{}", stage.kind);
        assert_eq!(stage.server.connections(), 1, "{}", stage.kind);
    }
}

#[tokio::test]
async fn a_connection_that_the_server_closed_between_polls_is_made_anew() {
    let other = Server::start().await;
    other.set("/", value(1));
    for mut stage in Stage::both().await {
        for n in 1..4 {
            let word = stage.sees(value(n).close_after()).await;
            assert_eq!(word, format!("{}{n}", if n == 1 { '+' } else { '~' }), "{}", stage.kind);
            stage.server.wait_until_idle().await;
            // Something else in between, so that the client has looked at its sockets.
            assert_eq!(poll(&mut HttpPoller::new(other.url("/"))).await, "+1");
        }
        assert_eq!(stage.server.connections(), 3, "{}", stage.kind);
    }
}

#[tokio::test]
async fn a_server_that_restarts_between_polls_is_found_again() {
    for mut stage in Stage::both().await {
        assert_eq!(stage.sees(value(1)).await, "+1", "{}", stage.kind);
        let address = stage.server.address();
        stage.server.stop().await;
        assert_eq!(super::stage::word(&stage.source.look().await), "!connect", "{}", stage.kind);
        stage.server = Server::start_at(address).await;
        assert_eq!(stage.sees(value(2)).await, "~2", "{}", stage.kind);
    }
}

#[tokio::test]
async fn all_pollers_share_one_pool_of_connections() {
    let server = Server::start().await;
    server.set("/a", value(1));
    server.set("/b", value(2));
    assert_eq!(poll(&mut HttpPoller::new(server.url("/a"))).await, "+1");
    assert_eq!(poll(&mut HttpPoller::new(server.url("/b"))).await, "+2");
    assert_eq!(poll(&mut source::<u32>(declare(server.url("/a")))).await, "+1");
    assert_eq!(server.connections(), 1);
    // But for one that brings a client.
    let own = HttpPoller::new(server.url("/a")).with_client(koprs_external_tests::client());
    assert_eq!(poll(&mut { own }).await, "+1");
    assert_eq!(server.connections(), 2);
}

#[tokio::test]
async fn gzip_brotli_and_zstd_are_asked_for_and_decoded() {
    for mut stage in Stage::both().await {
        for (n, encoding) in (1..).zip(["gzip", "br", "zstd", "identity"]) {
            let body = encoded(encoding, n.to_string().as_bytes());
            let word = stage.sees(body.clone()).await;
            assert_eq!(word, format!("{}{n}", if n == 1 { '+' } else { '~' }), "{encoding}");
            assert_eq!(stage.sees(body.chunked()).await, ".", "{encoding}, {}", stage.kind);
        }
        let request = stage.server.request(0).await;
        let asked = request.header("accept-encoding").unwrap_or_default();
        for encoding in ["gzip", "br", "zstd"] {
            assert!(asked.split(',').any(|asked| asked.trim() == encoding), "{asked}");
        }
        assert!(!asked.contains("deflate"), "{asked}");
    }
}

#[tokio::test]
async fn the_same_content_in_another_encoding_is_not_a_change() {
    for mut stage in Stage::both().await {
        let words = ["gzip", "br", "zstd", "identity"].map(|encoding| encoded(encoding, b"1"));
        assert_eq!(stage.plays(words).await, "+1 . . .", "{}", stage.kind);
    }
}

#[tokio::test]
async fn a_content_encoding_that_is_none_does_no_harm() {
    for mut stage in Stage::both().await {
        let words = ["", "utf-8", "aws-chunked"]
            .map(|encoding| Reply::json("1").header("content-encoding", encoding));
        assert_eq!(stage.plays(words).await, "+1 . .", "{}", stage.kind);
    }
}

#[tokio::test]
async fn bodies_come_in_any_framing() {
    for mut stage in Stage::both().await {
        let bodies = [
            Reply::json("1"),
            Reply::json("22").chunked(),
            Reply::json("333").no_length(),
            Reply::json("4444").chunked().slow(1, std::time::Duration::ZERO),
            Reply::json("55555").close_after(),
        ];
        assert_eq!(stage.plays(bodies).await, "+1 ~22 ~333 ~4444 ~55555", "{}", stage.kind);
    }
}

#[tokio::test]
async fn a_body_of_several_members_is_read_to_its_end() {
    for coding in ["gzip", "x-gzip", "GZIP", "zstd"] {
        let members = |parts: [&str; 2]| {
            let part =
                |part: &str| coded(&coding.to_lowercase().replace("x-", ""), part.as_bytes());
            Reply::json(parts.map(part).concat()).header("content-encoding", coding)
        };
        for mut stage in Stage::both().await {
            let words = stage.plays([members(["1", "2"]), members(["1", "3"])]).await;
            assert_eq!(words, "+12 ~13", "{coding}, {}", stage.kind);
        }
    }
}

#[tokio::test]
async fn a_body_of_nothing_is_that_in_any_coding() {
    for mut stage in Stage::both().await {
        let nothing = Reply::json("").header("content-encoding", "gzip");
        let empty = if stage.kind == "bare" { "~" } else { "!decode" };
        assert_eq!(stage.plays([value(1), nothing]).await, format!("+1 {empty}"));
    }
}

#[tokio::test]
async fn a_connection_is_used_again_whatever_the_coding() {
    for coding in ["gzip", "br", "zstd", "identity"] {
        let mut stage = Stage::declared().await;
        let late = encoded(coding, b"1").chunked().slow(1, std::time::Duration::ZERO);
        assert_eq!(stage.plays(vec![late; 4]).await, "+1 . . .", "{coding}");
        assert_eq!(stage.server.connections(), 1, "{coding}");
    }
}

#[tokio::test]
async fn a_header_of_ones_own_says_which_coding_is_wanted() {
    let server = Server::start().await;
    server.set("/v", value(1));
    let own = HttpPoller::new(server.url("/v")).with_header("accept-encoding", "identity");
    for mut poller in [own, HttpPoller::new(server.url("/v"))] {
        assert_eq!(poll(&mut poller).await, "+1");
    }
    let requests = server.requests();
    let asked: Vec<_> = requests.iter().map(|request| request.header("accept-encoding")).collect();
    assert_eq!(asked, [Some("identity"), Some("gzip, br, zstd")]);
}

#[tokio::test]
async fn a_coding_that_a_header_of_ones_own_asks_for_is_undone_or_a_failure() {
    let server = Server::start().await;
    for (coding, seen) in
        [("gzip", "+1"), ("br", "+1"), ("zstd", "+1"), ("deflate", "!contentcoding")]
    {
        let reply = match coding {
            "deflate" => value(1).header("content-encoding", coding),
            _ => encoded(coding, b"1"),
        };
        server.set("/v", reply);
        let declared = declare(server.url("/v")).header("accept-encoding", coding);
        assert_eq!(poll(&mut source::<u32>(declared)).await, seen, "{coding}");
    }
}

#[tokio::test]
async fn what_was_not_asked_for_is_never_taken_for_content() {
    for mut stage in Stage::both().await {
        let gzip = || coded("gzip", b"12");
        let replies = [
            value(1),
            Reply::json(gzip()).header("content-encoding", "deflate"),
            Reply::json(coded("gzip", &gzip())).header("content-encoding", "gzip, gzip"),
            Reply::json([gzip(), b"garbage".to_vec()].concat()).header("content-encoding", "gzip"),
            Reply::json([coded("br", b"12"), vec![0]].concat()).header("content-encoding", "br"),
            Reply::json(gzip()[..20].to_vec()).header("content-encoding", "gzip"),
            value(1),
        ];
        let words = stage.plays(replies).await;
        assert_eq!(
            words, "+1 !contentcoding !contentcoding !interrupted !interrupted !interrupted .",
            "{}",
            stage.kind
        );
    }
}
