//! Tokens that an API refuses: when they are renewed, and that they are not sent again while there is no other.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use koprs_external::spec::SecretSource;
use koprs_external::watcher::ExternalSource;
use koprs_external_tests::Reply;

use super::oauth2::Issuer;
use super::stage::{declare, poll, source, value};
use super::token::pass;

/// The API takes each token this often, and refuses it with this answer then.
fn takes_each(issuer: &Issuer, most: u32, refusal: Reply) {
    let (token, uses) = (Arc::new(AtomicU32::new(0)), Arc::new(AtomicU32::new(0)));
    let answer = move |request: &koprs_external_tests::Recorded| {
        let sent = request.header("authorization").unwrap_or_default();
        let sent: u32 = sent.trim_start_matches("Bearer s3cr3t-").parse().unwrap_or_default();
        if token.swap(sent, Ordering::Relaxed) != sent {
            uses.store(0, Ordering::Relaxed);
        }
        if uses.fetch_add(1, Ordering::Relaxed) < most { value(1) } else { refusal.clone() }
    };
    issuer.server.set("/v", Reply::with(answer));
}

fn invalid_token(status: u16) -> Reply {
    let challenge = r#"Bearer error="invalid_token", error_description="it has expired""#;
    Reply::status(status).header("www-authenticate", challenge)
}

#[tokio::test]
async fn a_token_whose_end_shows_as_403_is_renewed() {
    for rest in ["", r#","expires_in":3600"#, r#","expires_in":"0""#] {
        let issuer = Issuer::giving(rest).await;
        takes_each(&issuer, 3, Reply::status(403));
        let mut source = issuer.source();
        let mut words = Vec::new();
        for _ in 0..6 {
            words.push(poll(&mut source).await);
        }
        assert_eq!(words, ["+1", ".", ".", ".", ".", "."], "{rest}");
        assert_eq!((issuer.sent(), issuer.tokens()), (vec![1, 1, 1, 1, 2, 2, 2], 2));
        // A 403 may mean something else: not more than once a minute.
        for _ in 0..3 {
            assert_eq!(poll(&mut source).await, "!403");
            pass(10).await;
        }
        assert_eq!(issuer.tokens(), 2, "{rest}");
        pass(31).await;
        assert_eq!((poll(&mut source).await, issuer.tokens()), (".".into(), 3));
    }
}

#[tokio::test]
async fn a_403_that_stays_takes_a_token_a_minute_however_many_ask() {
    let issuer = Issuer::giving(r#","expires_in":3600"#).await;
    issuer.server.set("/v", Reply::status(403));
    let mut sources: Vec<_> = (0..5).map(|_| issuer.source()).collect();
    for minutes in 1..=3 {
        for _ in 0..6 {
            for source in &mut sources {
                assert_eq!(poll(source).await, "!403");
            }
            pass(10).await;
        }
        assert_eq!(issuer.tokens(), 1 + minutes);
    }
}

#[tokio::test]
async fn an_invalid_token_is_renewed_at_once_whatever_the_status() {
    for status in [400, 401, 403] {
        let issuer = Issuer::giving("").await;
        takes_each(&issuer, 1, invalid_token(status));
        let mut source = issuer.source();
        let mut words = Vec::new();
        for _ in 0..4 {
            words.push(poll(&mut source).await);
        }
        assert_eq!(words, ["+1", ".", ".", "."], "{status}");
        assert_eq!(issuer.sent(), [1, 1, 2, 2, 3, 3, 4], "{status}");
    }
}

#[tokio::test]
async fn a_rate_limit_is_no_refusal_of_the_token() {
    let issuer = Issuer::giving("").await;
    let mut source = issuer.source();
    assert_eq!(poll(&mut source).await, "+1");
    issuer.server.set(
        "/v",
        Reply::status(403).header("x-ratelimit-remaining", "0").header("x-ratelimit-reset", "30"),
    );
    assert_eq!((poll(&mut source).await, issuer.tokens()), ("!403".into(), 1));
}

#[tokio::test]
async fn a_refused_token_is_not_sent_again_while_the_token_endpoint_asks_for_a_pause() {
    for refusal in [Reply::status(401), invalid_token(403)] {
        let issuer = Issuer::giving(r#","expires_in":3600"#).await;
        let mut sources = [issuer.source(), issuer.source()];
        for source in &mut sources {
            assert_eq!(poll(source).await, "+1");
        }
        issuer.server.set("/v", refusal);
        issuer.server.set("/token", Reply::status(429).header("retry-after", "60"));
        for _ in 0..5 {
            for source in &mut sources {
                let error = source.poll().await.unwrap_err();
                assert_eq!(error.status(), Some(429), "{error}");
                assert!(error.to_string().contains("the last token was refused"), "{error}");
                assert!(error.retry_after().is_some_and(|wait| wait > Duration::from_secs(10)));
            }
            pass(10).await;
        }
        assert_eq!((issuer.sent(), issuer.tokens()), (vec![1; 4], 2), "once more by each");
        issuer.gives("");
        issuer.takes(3);
        pass(11).await;
        for source in &mut sources {
            assert_eq!(poll(source).await, ".");
        }
        assert_eq!(issuer.tokens(), 3);
    }
}

/// A 403 may be about something else, so it is held back only while the token endpoint asks for that.
#[tokio::test]
async fn a_token_that_a_403_refused_is_not_sent_while_the_token_endpoint_asks_for_a_pause() {
    let issuer = Issuer::giving("").await;
    let mut sources = [issuer.source(), issuer.source()];
    for source in &mut sources {
        assert_eq!(poll(source).await, "+1");
    }
    issuer.server.set("/v", Reply::status(403));
    issuer.server.set("/token", Reply::status(429).header("retry-after", "90"));
    for _ in 0..8 {
        for source in &mut sources {
            let error = source.poll().await.unwrap_err();
            assert_eq!(error.status(), Some(429), "{error}");
            assert!(error.to_string().contains("the last token was refused"), "{error}");
        }
        pass(10).await;
    }
    assert_eq!((issuer.sent(), issuer.tokens()), (vec![1; 4], 2), "once more by each");
    issuer.server.set("/token", Reply::status(500));
    pass(11).await;
    for source in &mut sources {
        assert_eq!(poll(source).await, "!500");
    }
    issuer.gives("");
    pass(2).await;
    for source in &mut sources {
        assert_eq!(poll(source).await, "!403", "with another token");
    }
    assert_eq!((issuer.sent(), issuer.tokens()), (vec![1, 1, 1, 1, 4, 4], 4));
    // An endpoint that fails without asking for a pause.
    let (issuer, mut words) = (Issuer::giving("").await, Vec::new());
    let mut source = issuer.source();
    assert_eq!(poll(&mut source).await, "+1");
    issuer.server.set("/token", Reply::status(500));
    issuer.server.queue("/v", [Reply::status(403), Reply::status(403)]);
    for _ in 0..3 {
        words.push(poll(&mut source).await);
    }
    assert_eq!((words.join(" ").as_str(), issuer.sent()), ("!403 !403 .", vec![1; 4]));
}

#[tokio::test]
async fn a_token_that_the_issuer_gives_again_is_sent_again() {
    let issuer = Issuer::giving("").await;
    issuer.server.set("/token", Reply::json(r#"{"access_token":"s3cr3t-1"}"#));
    let mut source = issuer.source();
    assert_eq!(poll(&mut source).await, "+1");
    issuer.server.set("/v", Reply::status(401));
    for sent in 2..=4 {
        assert_eq!(poll(&mut source).await, "!401");
        assert_eq!(issuer.polls().len(), sent);
    }
    issuer.server.set("/v", value(1));
    assert_eq!(poll(&mut source).await, ".");
}

#[tokio::test]
async fn a_secret_in_a_file_is_read_again_at_once_where_the_answer_says_that_it_is_invalid() {
    for status in [400, 401, 403] {
        let server = koprs_external_tests::Server::start().await;
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), "one").unwrap();
        server.set("/v", value(1));
        let secret = SecretSource::File(file.path().to_owned());
        let mut source = source::<u32>(declare(server.url("/v")).bearer(secret));
        assert_eq!(poll(&mut source).await, "+1");
        // Unchanged, it is sent once a poll.
        server.queue("/v", [invalid_token(status)]);
        assert_eq!(poll(&mut source).await, format!("!{status}"));
        assert_eq!(server.hits("/v"), 2);
        std::fs::write(file.path(), "two").unwrap();
        server.queue("/v", [invalid_token(status)]);
        assert_eq!(poll(&mut source).await, ".", "{status}");
        assert_eq!(server.requests().last().unwrap().header("authorization"), Some("Bearer two"));
    }
}
