//! A server that takes its configuration anew, is stopped, and comes back.

use koprs_external::watcher::{ExternalEvent, watch};

use crate::nginx::{Nginx, until};
use crate::{Item, both, declare, page, poll, polls, source};

#[tokio::test]
async fn polls_go_on_while_the_configuration_is_taken_anew() {
    let mut nginx = Nginx::start("").await;
    // An idle connection may be closed when a request is on its way: such a one is sent again.
    let mut source = source::<u32>(declare(nginx.url("/v")).retries(2));
    nginx.write("v", "0");
    assert_eq!(poll(&mut source).await, "+0");
    for n in 1..20 {
        nginx.write("v", n.to_string());
        let ((), words) = tokio::join!(nginx.reload(), polls(&mut source, 50));
        assert_eq!(words, format!("~{n}{}", " .".repeat(49)));
    }
}

#[tokio::test]
async fn a_server_that_is_stopped_has_removed_nothing() {
    let mut nginx = Nginx::start("").await;
    let mut items: Vec<_> = ["a", "b", "c"].into_iter().map(|id| (id, 1)).collect();
    nginx.write("v", "1");
    nginx.write("list", page(&items));
    let mut values = both(&nginx.url("/v"));
    let mut list = source::<Item>(declare(nginx.url("/list")).items("").key("/id"));
    for (kind, value) in &mut values {
        assert_eq!(polls(&mut **value, 1).await, "+1", "{kind}");
    }
    assert_eq!(poll(&mut list).await, "+a=1+b=1+c=1");
    nginx.stop();
    for (kind, value) in &mut values {
        // The first may be sent on the connection of before.
        assert!(polls(&mut **value, 1).await.starts_with('!'), "{kind}");
        assert_eq!(polls(&mut **value, 2).await, "!connect !connect", "{kind}");
    }
    assert_eq!(polls(&mut list, 2).await, "!connect !connect");
    nginx.start_again().await;
    for (kind, value) in &mut values {
        assert_eq!(polls(&mut **value, 1).await, ".", "{kind}");
    }
    nginx.stop();
    nginx.write("v", "2");
    items.remove(1);
    items.push(("d", 1));
    nginx.write("list", page(&items));
    nginx.start_again().await;
    for (kind, value) in &mut values {
        assert_eq!(polls(&mut **value, 2).await, "~2 .", "{kind}");
    }
    assert_eq!(polls(&mut list, 2).await, "-b=1+d=1 .");
}

#[tokio::test]
async fn a_watcher_lives_through_an_outage() {
    let mut nginx = Nginx::start("").await;
    nginx.write("v", "1");
    let source = source::<u32>(declare(nginx.url("/v")));
    let config = source.config();
    let mut watcher = watch(source, config);
    let handle = watcher.handle();
    assert!(matches!(watcher.recv().await, Some(ExternalEvent::Added(1))));
    nginx.stop();
    let outage = tokio::join!(
        async { tokio::time::timeout(std::time::Duration::from_secs(60), watcher.recv()).await },
        async {
            for failures in 1..4 {
                handle.poll_now();
                let failed = || handle.status().consecutive_failures >= failures;
                until(|| failed().then_some(())).await.expect("a failed poll");
            }
            assert_eq!(handle.status().items, 1);
            nginx.write("v", "2");
            nginx.start_again().await;
            handle.poll_now();
        }
    );
    assert!(matches!(outage.0, Ok(Some(ExternalEvent::Modified(2)))), "{:?}", outage.0);
    nginx.write("v", "3");
    handle.poll_now();
    assert!(matches!(watcher.recv().await, Some(ExternalEvent::Modified(3))));
    assert_eq!(handle.status().consecutive_failures, 0);
}
