//! Watchers whose declaration changes, over folders.

use super::stage::Stage;

/// The file declares a watcher `a` of its folder, with this beside.
fn declare(stage: &Stage, with: &str) {
    stage.write(&stage.yaml("a").replace("settle: 0s", &format!("settle: 0s{with}")));
}

#[tokio::test(start_paused = true)]
async fn what_a_narrower_glob_leaves_out_is_removed() {
    let mut stage = Stage::removing("a");
    stage.put("a/small1.yaml", "1");
    stage.put("a/small2.yaml", "2");
    declare(&stage, ", include: ['*.yaml', one]");
    assert_eq!(stage.told(5).await, "a+one=1 a+small1.yaml=1 a+small2.yaml=2");
    declare(&stage, ", include: ['small*.yaml']");
    assert_eq!(stage.told(5).await, "a-one=1");
    declare(&stage, ", include: ['*1.yaml', one]");
    stage.put("a/small1.yaml", "3");
    assert_eq!(stage.told(5).await, "a+one=1 a~small1.yaml=3 a-small2.yaml=2");
}

#[tokio::test(start_paused = true)]
async fn an_item_that_vanishes_while_its_watcher_restarts_is_removed() {
    let mut stage = Stage::removing("a");
    stage.put("a/two", "2");
    assert_eq!(stage.told(5).await, "a+one=1 a+two=2");
    stage.declare("a:20");
    stage.delete("a/two");
    assert_eq!(stage.told(5).await, "a-two=2");
    stage.declare("");
    assert_eq!(stage.told(5).await, "a-one=1");
}

#[tokio::test(start_paused = true)]
async fn the_items_of_another_kind_are_removed_before_those_of_the_next() {
    let mut stage = Stage::removing("a");
    assert_eq!(stage.told(5).await, "a+one=1");
    stage.write(&stage.yaml("a").replace("decode: json, ", ""));
    assert_eq!(stage.told(5).await, "a-one=1 a+one");
}
