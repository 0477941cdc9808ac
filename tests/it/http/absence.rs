//! A value or a list that is not there: it is told from one that is, in the report, the status and the log.

use std::time::Duration;

use koprs_external::ExternalSource;
use koprs_external::watcher::{Absence, State, WatchConfig, watch};
use koprs_external_tests::{Reply, Server};

use super::shelf::{Item, list, page};
use super::stage::{Look, bare, declare, source, value};
use crate::logs::Log;

/// Looks as often as there are answers: `404?` is an absence that is to be confirmed, `404!` one that is certain, `.`
/// none.
async fn absences(source: &mut dyn Look, server: &Server, answers: &[u16], here: Reply) -> String {
    let mut words = Vec::new();
    for answer in answers {
        let reply = if *answer == 200 { here.clone() } else { Reply::status(*answer) };
        server.set("/v", reply);
        let (Ok(_) | Err(_)) = source.look().await;
        words.push(match source.report().absence {
            None => ".".to_owned(),
            Some(Absence { status, is_confirmed: true, .. }) => format!("{status}!"),
            Some(Absence { status, .. }) => format!("{status}?"),
        });
    }
    words.join(" ")
}

#[tokio::test]
async fn what_a_poll_did_not_find_is_in_the_report_until_it_is_there_or_cannot_be_seen() {
    let answers = [404, 404, 404, 200, 404, 200, 404, 503, 404, 404, 410, 503, 410, 200];
    let seen = "404? 404! 404! . 404? . 404? . 404? 404! 410! . 410! .";
    let server = Server::start().await;
    let url = || server.url("/v");
    let mut flags = source::<u32>(declare(url()));
    assert_eq!(absences(&mut flags, &server, &answers, value(1)).await, seen);
    let mut raw = bare(url());
    // It takes the first answer for certain.
    let certain = seen.replace('?', "!");
    assert_eq!(absences(&mut raw, &server, &answers, value(1)).await, certain);
    let mut items = source::<Item>(list(url()));
    assert_eq!(absences(&mut items, &server, &answers, page("a=1")).await, seen);
}

#[tokio::test]
async fn an_empty_list_is_not_absent() {
    let server = Server::start().await;
    server.set("/v", page(""));
    let mut items = source::<Item>(list(server.url("/v")));
    assert!(items.poll().await.unwrap().is_empty());
    assert_eq!(ExternalSource::report(&items).absence, None);
}

#[tokio::test]
async fn a_watcher_of_what_is_absent_is_healthy_and_says_so_in_its_status_and_once_in_the_log() {
    let (log, _guard) = Log::start();
    let server = Server::start().await;
    server.set("/v", Reply::status(404));
    let flags = source::<u32>(declare(server.url("/v")));
    let mut flags = watch(flags, WatchConfig::new(Duration::from_millis(1)).with_jitter(0.0));
    let handle = flags.handle();
    // The first complete observation is the one that confirms it.
    handle.synced().await.unwrap();
    let status = handle.status();
    assert_eq!((status.state, status.items), (State::Healthy, 0));
    assert_eq!(status.report.absence, Some(Absence::new(404, true)));
    server.set("/v", value(1));
    assert!(flags.recv().await.is_some());
    let absent = log.lines("WARN", "nothing is there");
    assert_eq!(absent.len(), 1, "{absent:#?}");
    assert!(absent[0].contains("the server answered 404"), "{absent:?}");
    handle.shutdown().await;
}
