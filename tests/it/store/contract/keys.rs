//! Which keys are followed, and that they are told as they are.

use futures::stream::{self, StreamExt};
use koprs_external::store::ObjectStorePoller;
use koprs_external::watcher::ExternalSource;

use crate::store::stage::{Eyes, Stage};

fn below(prefix: &str) -> impl FnMut(ObjectStorePoller) -> ObjectStorePoller {
    move |poller| poller.with_prefix(prefix)
}

pub(crate) async fn a_prefix_is_of_whole_segments<S: Stage>(stage: &S) {
    stage.put_all(&["data/a", "data/b/c", "database/d", "data.json", "other/data/e"]).await;
    for prefix in ["data", "data/"] {
        Eyes::made(stage, below(prefix)).see("+data/a +data/b/c").await;
    }
    let mut deeper = Eyes::made(stage, below("data/b"));
    deeper.see("+data/b/c").await;
    stage.delete("data/a").await;
    stage.put("database/d", "22").await;
    deeper.see(".").await;
    let mut nowhere = Eyes::made(stage, below("nowhere"));
    if S::EMPTY_PREFIXES {
        nowhere.see(".").await;
    } else {
        nowhere.fail().await;
    }
}

pub(crate) async fn a_prefix_of_any_characters_is_taken_as_it_is(stage: &impl Stage) {
    for prefix in keys(stage) {
        let inside = format!("{prefix}/in side");
        stage.put(&inside, "1").await;
        Eyes::made(stage, below(prefix)).see(&format!("+{inside}")).await;
    }
}

pub(crate) async fn globs_say_what_is_followed(stage: &impl Stage) {
    stage.put_all(&["a.json", "a.txt", "d/b.json", "d/b.yaml", "tmp/c.json", "d/tmp/c.json"]).await;
    let json = |poller: ObjectStorePoller| poller.with_include("**/*.json");
    let mut included = Eyes::made(stage, json);
    included.see("+a.json +d/b.json +d/tmp/c.json +tmp/c.json").await;
    let settled = |poller| json(poller).with_include("**/*.yaml").with_exclude("**/tmp/**");
    let mut both = Eyes::made(stage, settled);
    both.see("+a.json +d/b.json +d/b.yaml").await;
    stage.delete("a.txt").await;
    stage.delete("tmp/c.json").await;
    stage.put("d/b.yaml", "22").await;
    included.see("-tmp/c.json").await;
    both.see("~d/b.yaml").await;
}

pub(crate) async fn thousands_of_objects_are_seen_over_several_pages(stage: &impl Stage) {
    let keys: Vec<_> = (0..2_500).map(|n| format!("d{}/{n:04}", n % 3)).collect();
    stream::iter(&keys).for_each_concurrent(16, |key| stage.put(key, "1")).await;
    let mut eyes = Eyes::on(stage);
    eyes.see(&words("+", &keys)).await;
    eyes.see(".").await;
    for key in ["d0/0000", "d0/1500", "d1/2497"] {
        stage.put(key, "22").await;
    }
    for key in ["d0/0003", "d1/1234", "d2/2498"] {
        stage.delete(key).await;
    }
    stage.put("d2/9999", "1").await;
    eyes.see("~d0/0000 -d0/0003 ~d0/1500 -d1/1234 ~d1/2497 -d2/2498 +d2/9999").await;
    eyes.see(".").await;
}

/// Keys that some part on the way may take for something else.
const KEYS: [&str; 16] = [
    "with space",
    " around ",
    "two  spaces",
    "ünïcödé",
    "日本語",
    "e\u{301}",
    "100%",
    "%20",
    "a%2Fb",
    "a+b",
    "a&b=c",
    "a#b",
    "a?b",
    "a<b>\"c\"'d'",
    "[a]{b}~c^d`e|f",
    "a\\b",
];

fn keys(stage: &impl Stage) -> impl Iterator<Item = &'static str> {
    let backslashes = stage.can().backslashes;
    KEYS.into_iter().filter(move |key| backslashes || !key.contains('\\'))
}

pub(crate) async fn keys_of_any_characters_are_told_as_they_are(stage: &impl Stage) {
    let mut keys: Vec<_> = keys(stage).map(str::to_owned).collect();
    keys.extend(self::keys(stage).map(|key| format!("d/{key}.txt")));
    for key in &keys {
        stage.put(key, "1").await;
    }
    let mut eyes = Eyes::made(stage, |poller| poller.with_hold(1., u64::MAX));
    eyes.see(&words("+", &keys)).await;
    for key in &keys {
        stage.put(key, "22").await;
    }
    eyes.see(&words("~", &keys)).await;
    for key in &keys {
        stage.delete(key).await;
    }
    eyes.see(&words("-", &keys)).await;
}

fn words(sign: &str, keys: &[String]) -> String {
    let mut keys = keys.to_vec();
    keys.sort();
    keys.iter().map(|key| format!("{sign}{key}")).collect::<Vec<_>>().join(" ")
}

pub(crate) async fn a_key_without_a_path_is_reported_and_the_others_are_followed(
    stage: &impl Stage,
) {
    if !stage.can().raw_keys {
        return;
    }
    for bad in ["a//b", "d/../e", "d/./e", "/lead", "c\rd", "c\u{1}d"] {
        stage.put_all(&["a", bad, "z"]).await;
        let mut eyes = Eyes::on(stage);
        for told in ["+a +z", "."] {
            eyes.watch(|poller, observed| {
                let report = poller.report();
                let named = bad.escape_debug().to_string();
                assert_eq!(observed.words(), told, "{bad}");
                assert_eq!(report.bad_items, 1, "{bad}");
                assert!(report.last_bad_item.is_some_and(|it| it.contains(&named)), "{bad}");
            })
            .await;
        }
        stage.delete(bad).await;
        eyes.watch(|poller, observed| {
            assert_eq!((observed.words().as_str(), poller.report().bad_items), (".", 0), "{bad}");
        })
        .await;
    }
}
