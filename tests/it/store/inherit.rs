//! What a poller knows goes to its successor: by what changed in the declaration, and in the store.

use std::fs;
use std::path::Path;

use koprs_external::declared::{DeclaredSource, Payload};
use koprs_external::spec::{Format, WatcherBuilder, WatcherSpec};
use koprs_external::store::{Object, StoredObject};
use koprs_external::watcher::{ExternalEvent, ExternalSource, Pace};
use tempfile::TempDir;

type With = fn(WatcherBuilder) -> WatcherBuilder;

const SAME: With = |it| it;

fn declared(folder: &Path, with: With) -> WatcherSpec {
    let url = format!("file://{}/", folder.display());
    let builder = WatcherSpec::object_store("files", url).settle(std::time::Duration::ZERO);
    with(builder.interval(std::time::Duration::from_secs(10))).build().unwrap()
}

fn source<T: Payload<Value: PartialEq>>(folder: &Path, with: With) -> DeclaredSource<T> {
    DeclaredSource::distinct(declared(folder, with)).unwrap()
}

/// The next source takes over what this one knows, if it can.
fn takes_over(old: &mut impl ExternalSource, new: &mut impl ExternalSource) -> bool {
    let known = old.hand_over().unwrap();
    let taken = new.inherit(known);
    if let Err(known) = taken {
        old.inherit(known).unwrap();
        return false;
    }
    true
}

trait Shown {
    fn shown(&self) -> String;
}

impl Shown for StoredObject {
    fn shown(&self) -> String {
        self.path.rsplit('/').next().unwrap().to_owned()
    }
}

impl Shown for Object<u32> {
    fn shown(&self) -> String {
        format!("{}={}", self.path.rsplit('/').next().unwrap(), self.value)
    }
}

fn words<T: Shown>(events: Vec<ExternalEvent<T>>) -> String {
    let word = |event: ExternalEvent<T>| event.map(|it| it.shown()).to_string().replace(' ', "");
    let mut words: Vec<_> = events.into_iter().map(word).collect();
    words.sort_by(|one, other| one[1..].cmp(&other[1..]));
    words.join(" ")
}

/// An observation, with a `!` at its end if it failed.
async fn see<S: ExternalSource<Item: Shown>>(source: &mut S) -> String {
    let mut events = Vec::new();
    let failed = loop {
        match source.poll().await {
            Ok(told) => events.extend(told),
            Err(_) => break "!",
        }
        if source.pace() != Pace::Now {
            break "";
        }
    };
    words(events) + failed
}

fn removed<S: ExternalSource<Item: Shown>>(source: &mut S) -> String {
    let mut all = Vec::new();
    loop {
        let events = source.retract();
        if events.is_empty() {
            return words(all);
        }
        all.extend(events);
    }
}

fn folder(files: &str) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    put(folder.path(), files);
    folder
}

/// `a.yaml=1 b/c.yaml=2`
fn put(folder: &Path, files: &str) {
    for file in files.split_whitespace() {
        let (name, content) = file.split_once('=').unwrap();
        let path = folder.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }
}

#[tokio::test]
async fn of_a_listing_only_what_differs_is_told_by_the_next_source() {
    let small: With = |it| it.include("small*");
    let others: With = |it| it.exclude("small*");
    let few: With = |it| it.object_limit(2);
    // What changes, what is put and deleted meanwhile, and what is told.
    let rows: [(&str, With, With, &str, &str, &str); 8] = [
        ("nothing that counts", SAME, SAME, "", "", ""),
        ("a narrower glob", SAME, small, "", "", "-large"),
        ("another glob", small, others, "", "", "+large -small1 -small2"),
        ("a wider glob", small, SAME, "", "", "+large"),
        ("an item vanishes meanwhile", SAME, SAME, "", "small1", "-small1"),
        ("one changes, one is new", SAME, SAME, "small1=22 new=1", "", "+new ~small1"),
        (
            "a narrower glob, and a change",
            SAME,
            small,
            "small1=22",
            "small2",
            "-large ~small1 -small2",
        ),
        ("a lower limit", SAME, few, "", "large", "-large"),
    ];
    for (what, before, after, puts, deletes, expected) in rows {
        let folder = folder("small1=1 small2=1 large=1");
        let mut old = source::<StoredObject>(folder.path(), before);
        see(&mut old).await;
        put(folder.path(), puts);
        deletes.split_whitespace().for_each(|it| fs::remove_file(folder.path().join(it)).unwrap());
        let mut new = source::<StoredObject>(folder.path(), after);
        assert!(takes_over(&mut old, &mut new), "{what}");
        assert_eq!(see(&mut new).await, expected, "{what}");
        assert_eq!(see(&mut new).await, "", "{what}");
    }
}

#[tokio::test]
async fn of_contents_only_what_differs_is_told_by_the_next_source() {
    let json: With = |it| it.decode(Format::Json);
    let yaml: With = |it| it.decode(Format::Yaml);
    let small: With = |it| it.include("small*").decode(Format::Json);
    let rows: [(&str, With, With, &str, &str, &str); 6] = [
        ("nothing that counts", json, json, "", "", ""),
        ("the format", json, yaml, "", "", ""),
        ("a narrower glob", json, small, "", "", "-large=1"),
        ("a wider glob", small, json, "", "", "+large=1"),
        ("the same text again", json, json, "small1=1", "small2", "-small2=1"),
        ("another text", json, small, "small1=2", "", "-large=1 ~small1=2"),
    ];
    for (what, before, after, puts, deletes, expected) in rows {
        let folder = folder("small1=1 small2=1 large=1");
        let mut old = source::<Object<u32>>(folder.path(), before);
        see(&mut old).await;
        put(folder.path(), puts);
        deletes.split_whitespace().for_each(|it| fs::remove_file(folder.path().join(it)).unwrap());
        let mut new = source::<Object<u32>>(folder.path(), after);
        assert!(takes_over(&mut old, &mut new), "{what}");
        assert_eq!(see(&mut new).await, expected, "{what}");
        assert_eq!(see(&mut new).await, "", "{what}");
    }
}

#[tokio::test]
async fn another_folder_has_other_paths() {
    let (one, other) = (folder("a=1 b=1"), folder("a=1"));
    let mut old = source::<StoredObject>(one.path(), SAME);
    assert_eq!(see(&mut old).await, "+a +b");
    let mut new = source::<StoredObject>(other.path(), SAME);
    assert!(takes_over(&mut old, &mut new));
    let told = see(&mut new).await;
    assert!(told == "+a -a -b" || told == "-a +a -b", "{told}");
}

#[tokio::test]
async fn an_object_that_vanishes_over_several_restarts_is_removed_once() {
    let stage = folder("a=1 b=1");
    let mut old = source::<StoredObject>(stage.path(), SAME);
    assert_eq!(see(&mut old).await, "+a +b");
    let away = stage.path().with_extension("away");
    fs::rename(stage.path(), &away).unwrap();
    for _ in 0..3 {
        let mut new = source::<StoredObject>(stage.path(), SAME);
        assert!(takes_over(&mut old, &mut new));
        assert_eq!(see(&mut new).await, "!", "the folder is away");
        old = new;
    }
    fs::rename(away, stage.path()).unwrap();
    fs::remove_file(stage.path().join("a")).unwrap();
    put(stage.path(), "c=1");
    let mut new = source::<StoredObject>(stage.path(), SAME);
    assert!(takes_over(&mut old, &mut new));
    assert_eq!(see(&mut new).await, "-a +c");
    assert_eq!(removed(&mut new), "-b -c");
}

#[tokio::test]
async fn a_bad_object_keeps_its_last_good_value_over_a_restart() {
    let folder = folder("a=1 b=1");
    let mut old = source::<Object<u32>>(folder.path(), |it| it.decode(Format::Json));
    assert_eq!(see(&mut old).await, "+a=1 +b=1");
    put(folder.path(), "a=bad");
    assert_eq!(see(&mut old).await, "");
    let mut new = source::<Object<u32>>(folder.path(), |it| it.decode(Format::Json).concurrency(1));
    assert!(takes_over(&mut old, &mut new));
    assert_eq!(see(&mut new).await, "");
    assert_eq!(new.report().bad_items, 1);
    put(folder.path(), "a=3");
    assert_eq!(see(&mut new).await, "~a=3");
}

#[tokio::test]
async fn what_is_listed_and_what_objects_hold_cannot_be_compared() {
    let folder = folder("a=1");
    let mut listed = source::<StoredObject>(folder.path(), SAME);
    assert_eq!(see(&mut listed).await, "+a");
    let mut read = source::<Object<u32>>(folder.path(), |it| it.decode(Format::Json));
    assert!(!takes_over(&mut listed, &mut read));
    assert_eq!(removed(&mut listed), "-a");
}

#[tokio::test]
async fn many_objects_that_a_glob_leaves_out_are_held() {
    let files: Vec<_> = (0..20).map(|n| format!("f{n}=1")).collect();
    let folder = folder(&(files.join(" ") + " small=1"));
    let mut old = source::<StoredObject>(folder.path(), SAME);
    see(&mut old).await;
    let few: With = |it| it.include("small*").object_limit(1);
    let mut new = source::<StoredObject>(folder.path(), few);
    assert!(takes_over(&mut old, &mut new));
    assert_eq!(see(&mut new).await, "");
    assert_eq!(new.report().held_removals.unwrap().items, 20);
    fs::rename(folder.path().join("small"), folder.path().join("small2")).unwrap();
    assert_eq!(see(&mut new).await, "+small2", "what is held takes no room from what is there");
    assert_eq!(see(&mut new).await.split(' ').count(), 20);
}
