//! Objects that cannot be read, beside others that can: bad items that slow and stop nobody. When nothing can be read, the
//! poll fails.

use std::fmt::Display;
use std::time::Duration;

use koprs_external::store::{ContentPoller, Object, ObjectStorePoller};
use koprs_external::watcher::{ExternalEvent, ExternalSource, Pace};
use koprs_external_tests::Reply;
use koprs_external_tests::s3::{Asked, Op, error};
use tokio::time::Instant;

use super::faulty::{Fault, Faulty, Lost};
use super::stage::Stage;
use super::stages::Scripted;

type Spoil = fn(Reply) -> Reply;

const FAULTS: [(&str, Spoil); 12] = [
    ("an archived object", |_| error(403, "InvalidObjectState")),
    ("another 403", |_| error(403, "AccessDenied")),
    ("a 403 of a proxy", |_| Reply::bytes("text/html", "<html>no</html>").status_code(403)),
    ("a 404 for ever", |_| error(404, "NoSuchKey")),
    ("a 401", |_| error(401, "Unauthorized")),
    ("a 429", |_| error(429, "TooManyRequests")),
    ("a 500", |_| error(500, "InternalError")),
    ("a 503", |_| error(503, "SlowDown")),
    ("a 412 whatever was asked", |_| error(412, "PreconditionFailed")),
    ("a reset", |_| Reply::reset()),
    ("a body that is cut", |body| body.truncate(0)),
    ("an encoding that is none", |body| body.header("content-encoding", "gzip")),
];

/// An observation: `+a=1 ~b=2 -c=3`, and the error at its end if it failed.
async fn see(source: &mut ContentPoller<u32>) -> String {
    let mut words = Vec::new();
    for _ in 0..1000 {
        match source.poll().await {
            Ok(told) => words.extend(told.into_iter().map(word)),
            Err(error) => {
                words.push(format!("! {error}"));
                break;
            }
        }
        if source.pace() != Pace::Now {
            break;
        }
    }
    words.join(" ")
}

fn word(event: ExternalEvent<Object<u32>>) -> String {
    let shown = |object: Object<u32>| -> Box<dyn Display> {
        Box::new(format!("{}={}", object.path, object.value))
    };
    event.map(|object| shown(object).to_string()).to_string().replacen(' ', "", 1)
}

/// Spoils what is asked of one key.
fn spoil(stage: &Scripted, key: &'static str, spoil: Spoil) {
    stage.s3.spoil_by_request(Op::Get, move |request, reply| {
        if request.path().ends_with(key) { spoil(reply) } else { reply }
    });
}

fn asked(stage: &Scripted, key: &str) -> usize {
    let is_of = |asked: &Asked| matches!(asked, Asked::Get(get) if get.key == key);
    stage.s3.asked().iter().filter(|asked| is_of(asked)).count()
}

fn poller(stage: &Scripted) -> ContentPoller<u32> {
    let [poller, _] = stage.pollers().try_into().unwrap();
    poller.contents::<u32>()
}

#[tokio::test]
async fn an_object_that_cannot_be_read_is_a_bad_item_and_slows_no_other() {
    for (what, fault) in FAULTS {
        let stage = Scripted::start().await;
        stage.put("live", "1").await;
        stage.put("old", "1").await;
        let mut source = poller(&stage);
        spoil(&stage, "old", fault);
        assert_eq!(see(&mut source).await, "+live=1", "{what}");
        for round in 2..40 {
            stage.put("live", &round.to_string()).await;
            assert_eq!(see(&mut source).await, format!("~live={round}"), "{what}");
        }
        let report = source.report();
        let last = report.last_bad_item.unwrap();
        assert!(last.contains("`old`"), "{what}: {last}");
        assert_eq!((report.bad_items, report.bad_items_seen), (1, 1), "{what}");
        assert!(source.complete(), "{what}");
        let times = asked(&stage, "old");
        assert!((4..=10).contains(&times), "{what}: asked {times} times in 39 polls");

        stage.s3.heal();
        let mut healed = String::new();
        for _ in 0..33 {
            healed += &see(&mut source).await;
        }
        assert_eq!(healed, "+old=1", "{what}");
        assert_eq!(source.report().bad_items, 0, "{what}");
    }
}

#[tokio::test]
async fn a_known_object_that_cannot_be_read_any_more_keeps_its_value_until_it_changes_or_is_gone() {
    for (what, fault) in FAULTS {
        let stage = Scripted::start().await;
        stage.put("live", "1").await;
        stage.put("old", "1").await;
        let mut source = poller(&stage);
        assert_eq!(see(&mut source).await, "+live=1 +old=1");
        // Alone: nothing else is to be read in these polls.
        stage.put("old", "22").await;
        spoil(&stage, "old", fault);
        for _ in 0..10 {
            assert!(!see(&mut source).await.contains(['+', '~', '-']), "{what}");
        }
        // Servers that answer for the credentials or for overload are believed once.
        assert_eq!(see(&mut source).await, "", "{what}");
        assert_eq!(source.report().bad_items, 1, "{what}");
        stage.s3.heal();
        stage.put("old", "33").await;
        assert_eq!(see(&mut source).await, "~old=33", "{what}: a change is read at once");

        spoil(&stage, "old", fault);
        stage.put("old", "44").await;
        assert_eq!(see(&mut source).await, "", "{what}");
        stage.delete("old").await;
        stage.s3.heal();
        assert_eq!(see(&mut source).await, "-old=33", "{what}");
        assert_eq!(source.report().bad_items, 0, "{what}");
    }
}

#[tokio::test]
async fn a_store_that_serves_nothing_is_a_failed_poll() {
    for (what, fault) in FAULTS {
        // A store that denies what it lists is not told from objects that are gone; one archive is no outage.
        if what.contains("archived") || what.contains("404") || what.contains("encoding") {
            continue;
        }
        let stage = Scripted::start().await;
        for n in 0..40 {
            stage.put(&format!("a{n:02}"), "1").await;
        }
        let mut source = poller(&stage);
        assert_eq!(see(&mut source).await.matches('+').count(), 40);
        stage.put("a01", "22").await;
        stage.put("a20", "22").await;
        stage.put("b", "22").await;
        stage.s3.spoil(Op::Get, .., fault);
        for round in 0..4 {
            let seen = see(&mut source).await;
            // What does not match is read without a condition from the third time on.
            let failed = seen.starts_with("! ") || (what.contains("412") && round < 2);
            assert!(failed && !seen.contains(['~', '-']), "{what}: {seen}");
        }
        assert_eq!(source.report().bad_items, 0, "{what}");
        stage.s3.heal();
        assert_eq!(see(&mut source).await, "~a01=22 ~a20=22 +b=22", "{what}");
    }
}

#[tokio::test]
async fn several_refusals_of_the_credentials_at_once_are_a_failed_poll_though_others_were_served() {
    for (status, code) in
        [(400, "ExpiredToken"), (403, "ExpiredToken"), (429, ""), (503, "SlowDown")]
    {
        let stage = Scripted::start().await;
        for n in 0..6 {
            stage.put(&format!("a{n}"), "1").await;
        }
        let mut source = poller(&stage).with_concurrency(1);
        stage.s3.spoil(Op::Get, 3.., move |_| error(status, code));
        let seen = see(&mut source).await;
        assert!(seen.contains("! ") && seen.contains(&status.to_string()), "{seen}");
        assert_eq!(source.report().bad_items, 0);
        stage.s3.heal();
        assert_eq!(see(&mut source).await, "+a3=1 +a4=1 +a5=1");
    }
}

/// A folder with credentials of its own, or a range of keys that is throttled for ever.
#[tokio::test]
async fn objects_that_are_refused_again_and_again_while_others_are_served_are_bad_items() {
    for status in [401, 429, 503] {
        let stage = Scripted::start().await;
        for key in ["live", "1.old", "2.old", "3.old"] {
            stage.put(key, "1").await;
        }
        let mut source = poller(&stage);
        stage.s3.spoil_by_request(Op::Get, move |request, reply| {
            if request.path().ends_with(".old") { error(status, "Refused") } else { reply }
        });
        let first = see(&mut source).await;
        assert!(first.starts_with("+live=1 ! "), "{status}: it may be all of the store: {first}");
        for round in 2..20 {
            stage.put("live", &round.to_string()).await;
            assert_eq!(see(&mut source).await, format!("~live={round}"), "{status}");
        }
        assert_eq!(source.report().bad_items, 3, "{status}");
    }
}

#[tokio::test]
async fn many_unreadable_objects_hide_no_readable_one() {
    for (what, fault) in FAULTS {
        let stage = Scripted::start().await;
        for n in 0..300 {
            stage.put(&format!("archived/{n:03}.old"), "1").await;
        }
        stage.put("z", "1").await;
        let mut source = poller(&stage);
        spoil(&stage, ".old", fault);
        let mut seen = String::new();
        for _ in 0..25 {
            seen += &see(&mut source).await;
            if seen.contains("+z") {
                break;
            }
        }
        assert!(seen.contains("+z=1"), "{what}: {seen}");
    }
}

/// A body that never comes holds up neither what others brought nor, after a while, the polls.
#[tokio::test(start_paused = true)]
async fn an_object_that_stalls_takes_a_small_part_of_the_time_and_is_a_bad_item() {
    let store = Faulty::start().await;
    store.put("live", "1").await;
    store.put("stalls", "1").await;
    store.lost_below("stalls", Lost::Stall);
    let mut source = ObjectStorePoller::new(store.store()).contents::<u32>();
    let began = Instant::now();
    let first = source.poll().await.unwrap();
    assert_eq!(first.into_iter().map(word).collect::<Vec<_>>(), ["+live=1"]);
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
    assert_eq!(source.pace(), Pace::Now);
    assert_eq!(see(&mut source).await, "");
    assert_eq!(source.report().bad_items, 1);

    let (began, mut polls) = (Instant::now(), 0);
    while began.elapsed() < Duration::from_secs(3600) {
        polls += 1;
        store.put("live", &polls.to_string()).await;
        if polls > 1 {
            assert_eq!(see(&mut source).await, format!("~live={polls}"));
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    assert!(polls > 3200, "{polls} polls in 3600 s of an interval of 1 s");
}

/// The consumer takes its time, or a failed poll waits. The time that a read has is not used up by that.
#[tokio::test(start_paused = true)]
async fn a_read_that_nobody_waited_for_is_no_read_that_takes_too_long() {
    let store = Faulty::start().await;
    store.put("live", "1").await;
    store.put("slow", "1").await;
    store.lost_below("slow", Lost::Stall);
    let mut source = ObjectStorePoller::new(store.store()).contents::<u32>();
    let first = source.poll().await.unwrap();
    assert_eq!(first.into_iter().map(word).collect::<Vec<_>>(), ["+live=1"]);
    store.lost(None);
    tokio::time::advance(Duration::from_secs(60)).await;
    assert_eq!(see(&mut source).await, "+slow=1");
    let report = source.report();
    assert_eq!((report.bad_items, report.bad_items_seen), (0, 0));
}

#[tokio::test(start_paused = true)]
async fn one_known_object_that_stalls_does_not_keep_others_from_being_judged() {
    let store = Faulty::start().await;
    for key in ["a", "b", "c"] {
        store.put(key, "1").await;
    }
    let mut source = ObjectStorePoller::new(store.store()).contents::<u32>();
    assert_eq!(see(&mut source).await, "+a=1 +b=1 +c=1");
    // What is new cannot be read, and neither can one of those that were.
    store.lost_below("a", Lost::Stall);
    store.put("a.new", "1").await;
    let began = Instant::now();
    let seen = see(&mut source).await;
    assert_eq!((seen.as_str(), source.report().bad_items), ("", 1));
    assert!(began.elapsed() < Duration::from_secs(25), "{:?}", began.elapsed());
}

/// A poll that is cut off while it is unclear whose fault it is has learned nothing: the store may be well by now.
#[tokio::test(start_paused = true)]
async fn an_outage_that_ends_after_a_poll_was_cut_off_is_no_fault_of_an_object() {
    let store = Faulty::start().await;
    store.put("a", "1").await;
    let mut source = ObjectStorePoller::new(store.store()).contents::<u32>();
    assert_eq!(see(&mut source).await, "+a=1");
    store.put("b", "1").await;
    store.lost(Some(Lost::Stall));
    let deadline = Duration::from_secs(10);
    while let Ok(polled) = tokio::time::timeout(deadline, source.poll()).await {
        assert_eq!((polled.unwrap().len(), source.pace()), (0, Pace::Now));
    }
    store.lost(None);
    assert_eq!(see(&mut source).await, "+b=1");
    assert_eq!(source.report().bad_items_seen, 0);
}

#[tokio::test]
async fn an_object_that_never_is_what_was_listed_is_read_though_it_changes_all_the_time() {
    let store = Faulty::start().await;
    store.lost_below("a", Lost::Unmatched);
    let mut source = ObjectStorePoller::new(store.store()).contents::<u32>();
    let mut seen = Vec::new();
    for n in 1..=3 {
        store.put("a", &n.to_string()).await;
        seen.push(see(&mut source).await);
    }
    assert_eq!(seen, ["", "", "+a=3"]);
}

#[tokio::test]
async fn an_object_at_which_the_store_panics_is_a_bad_item_and_slows_no_other() {
    let store = Faulty::start().await;
    store.put_all(&["bad", "live"]).await;
    store.lost_below("bad", Lost::Panic);
    let mut source = ObjectStorePoller::new(store.store()).contents::<u32>();
    assert_eq!(see(&mut source).await, "+live=1");
    let last = source.report().last_bad_item.unwrap();
    assert_eq!(last, "cannot read `bad`: `object_store` panicked: request must be valid");
    for round in 2..10 {
        store.put("live", &round.to_string()).await;
        assert_eq!(see(&mut source).await, format!("~live={round}"));
    }
    store.lost_below("", Lost::Panic);
    store.put("live", "10").await;
    let failed = see(&mut source).await;
    assert!(failed.starts_with("! ") && failed.contains("panicked"), "{failed}");
    store.lost(None);
    let mut healed = String::new();
    for _ in 0..33 {
        healed += &see(&mut source).await;
    }
    assert_eq!(healed, "~live=10+bad=1");
}

#[tokio::test]
async fn a_listing_at_which_the_store_panics_fails_the_poll_and_removes_nothing() {
    let store = Faulty::start().await;
    store.put_all(&["a", "b", "c"]).await;
    let mut source = ObjectStorePoller::new(store.store()).contents::<u32>();
    assert_eq!(see(&mut source).await, "+a=1 +b=1 +c=1");
    store.put("a", "2").await;
    store.faults([Fault::PanicAt(2)]);
    let failed = see(&mut source).await;
    let expected = "~a=2 ! object store error: Faulty: cannot list: `object_store` panicked: request must be valid";
    assert_eq!(failed, expected);
    store.faults([]);
    assert_eq!(see(&mut source).await, "");
}
