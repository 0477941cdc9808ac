//! What a list says of its items, observation by observation.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use proptest::collection::{btree_map, vec};
use proptest::prelude::*;

use super::*;
use crate::change::Missing;
use crate::watcher::ExternalEvent;

const RULE: Rule = Rule { confirm: 2, hold_above: 0.5, hold_min: 4 };
const FREE: Rule = Rule { confirm: 1, hold_above: 1.0, hold_min: 1 };

/// An item: its key, and a content. `x` cannot be decoded; of `Aa` only the first letter counts, and capital
/// and small letters are equal.
#[derive(Clone, Debug)]
struct Item(Option<String>, String);

impl RawItem<String> for Item {
    type Bad = &'static str;

    fn content(&self) -> Fingerprint {
        Fingerprint::of(format!("{self:?}").as_bytes())
    }

    fn length(&self) -> usize {
        0
    }

    fn counted(&self) -> Option<Fingerprint> {
        let [first, _] = self.1.as_bytes() else { return None };
        Some(Fingerprint::of(&[*first]))
    }

    fn key(&self) -> Result<String, &'static str> {
        self.0.clone().ok_or("no key")
    }

    fn size(&self) -> u64 {
        self.1.len() as u64
    }

    fn decode(&self) -> Result<String, &'static str> {
        if self.1.starts_with('x') { Err("bad") } else { Ok(self.0.clone().unwrap() + &self.1) }
    }
}

/// A list as it is written in a test: `a1 b2 -x` are the items `a` and `b`, and a bad one without a key.
fn items(list: &str) -> Vec<Item> {
    let item = |word: &str| {
        let (key, content) = word.split_at(1);
        Item((key != "-").then(|| key.to_owned()), content.to_owned())
    };
    list.split_whitespace().map(item).collect()
}

fn show(events: Vec<ExternalEvent<String>>) -> String {
    let events: Vec<_> = events.iter().map(|event| event.to_string().replace(' ', "")).collect();
    events.join(" ")
}

fn observe(keyed: &mut Keyed<String>, list: &[Item]) -> String {
    let mut round = keyed.begin();
    keyed.changed(&mut round, None);
    for item in list {
        keyed.saw(&mut round, item);
    }
    keyed.settle(&mut round);
    let news: Vec<_> = round
        .news()
        .0
        .into_iter()
        .map(|bad| format!("!{}:{}", bad.key.unwrap_or_default(), shown(bad.why)))
        .collect();
    let events = show(keyed.end(round, |_| true));
    [news.join(" "), events].join(" ").trim().to_owned()
}

fn shown(why: Why<&str>) -> String {
    match why {
        Why::Refused(why) => why.to_owned(),
        Why::Conflict(Some((first, last))) => format!("{first}≠{last}"),
        Why::Conflict(None) => "≠".to_owned(),
    }
}

/// Plays observations: a list, `404`, `410`, `release` or `fails`; or what is known goes to a successor, which may read
/// contents differently: `restart`, `reread`. Returns what each came to.
fn play(rule: Rule, observations: &[&str]) -> Vec<String> {
    let mut keyed = Keyed::new(rule, None);
    let seen = observations.iter().map(|observation| match *observation {
        "404" => show(keyed.absent(Missing::NotFound)),
        "410" => show(keyed.absent(Missing::Gone)),
        "release" => {
            keyed.release();
            String::new()
        }
        "fails" => {
            keyed.failed();
            String::new()
        }
        "restart" | "reread" => {
            let mut known = keyed.hand_over();
            if *observation == "reread" {
                known.forget_contents();
            }
            keyed = Keyed::new(rule, None);
            keyed.inherit(known, Some(String::eq));
            String::new()
        }
        list => {
            let seen = observe(&mut keyed, &items(list));
            let held = keyed
                .held()
                .map(|held| format!("({} of {}, {})", held.items, held.of, held.agreed));
            [seen, held.unwrap_or_default()].join(" ").trim().to_owned()
        }
    });
    seen.collect()
}

#[test]
fn items_come_change_and_go_in_the_order_of_their_keys() {
    let seen = play(FREE, &["b1 a1 c1", "b1 a1 c1", "c2 a1", "d1 c2 b2", ""]);
    assert_eq!(seen, ["+a1 +b1 +c1", "", "-b1 ~c2", "-a1 +b2 +d1", "-b2 -c2 -d1"]);
}

#[test]
fn a_successor_knows_what_its_predecessor_knew() {
    let cases: [(&[&str], &[&str]); 7] = [
        (&["a1 b1 c1", "restart", "a1 b2 d1"], &["+a1 +b1 +c1", "", "~b2 -c1 +d1"]),
        (
            &["a1", "restart", "restart", "fails", "restart", "", ""],
            &["+a1", "", "", "", "", "-a1", ""],
        ),
        // Bad items keep their last good values, and are none where they never had one.
        (
            &["a1 b1", "ax cx", "restart", "ax", "a2"],
            &["+a1 +b1", "!a:bad !c:bad -b1", "", "", "~a2"],
        ),
        // Equal values are no change, however they are read.
        (&["a1 b1", "reread", "a1 b2", "a1"], &["+a1 +b1", "", "~b2", "-b2"]),
        (&["a1", "ax", "reread", "ax", "a1"], &["+a1", "!a:bad", "", "!a:bad", ""]),
        (&["a1", "restart", "404", "404"], &["+a1", "", "", "-a1"]),
        (&["a1 b1", "restart", "410"], &["+a1 +b1", "", "-a1 -b1"]),
    ];
    for (observations, expected) in cases {
        let rule = Rule { hold_min: 100, ..RULE };
        assert_eq!(play(rule, observations), expected, "{observations:?}");
    }
}

#[test]
fn removals_that_are_held_are_held_by_a_successor_and_released_ones_go() {
    let seen = play(RULE, &["a1 b1 c1 d1", "a1", "a1", "restart", "a1", "a1", "a1"]);
    assert_eq!(
        seen[1..],
        ["(3 of 4, 1)", "(3 of 4, 2)", "", "(3 of 4, 1)", "(3 of 4, 2)", "-b1 -c1 -d1"]
    );
    let seen = play(RULE, &["a1 b1 c1 d1", "a1", "release", "restart", "a1"]);
    assert_eq!(seen[1..], ["(3 of 4, 1)", "", "", "-b1 -c1 -d1"]);
}

#[test]
fn a_moved_item_has_not_changed() {
    assert_eq!(
        play(FREE, &["a1 b1 c1 d1", "d1 c1 b1 a1", "b1 d1 a1 c1"]),
        ["+a1 +b1 +c1 +d1", "", ""]
    );
}

#[test]
fn a_bad_item_is_told_once_keeps_its_last_value_and_removes_nothing() {
    let seen = play(FREE, &["a1 b1", "ax b2", "ax b2", "axx b2", "a1 b2", "ax b2", "b2"]);
    assert_eq!(seen, ["+a1 +b1", "!a:bad ~b2", "", "!a:bad", "", "!a:bad", "-a1"]);
}

#[test]
fn an_item_that_was_never_good_is_added_when_it_is() {
    assert_eq!(
        play(FREE, &["ax b1", "a1 b1", "cx", "b1"]),
        ["!a:bad +b1", "+a1", "!c:bad -a1 -b1", "+b1"]
    );
}

#[test]
fn an_item_without_a_key_may_be_any_so_that_nothing_is_removed_beside_it() {
    let seen = play(FREE, &["a1 b1 c1", "a2 -x", "a2 -x", "a2 -y", "a2"]);
    assert_eq!(
        seen,
        [
            "+a1 +b1 +c1",
            "!:no key ~a2 (2 of 3, 1)",
            "(2 of 3, 2)",
            "!:no key (2 of 3, 3)",
            "-b1 -c1"
        ]
    );
}

#[test]
fn equal_rows_are_one_item() {
    let seen = play(FREE, &["a1 b1", "a1 b1 a1 c1", "a2 b1 a2 c1", "a2 c1", "d1 d1 c1 d1", "c1"]);
    assert_eq!(seen, ["+a1 +b1", "+c1", "~a2", "-b1", "-a2 +d1", "-d1"]);
}

#[test]
fn rows_that_differ_in_what_does_not_count_are_one_item() {
    assert_eq!(play(FREE, &["apq apr b1", "apr apq b1", "ars art"]), ["+apq +b1", "", "~ars -b1"]);
}

#[test]
fn rows_that_differ_are_one_bad_item_which_keeps_its_value_and_holds_up_no_other() {
    let seen = play(FREE, &["a1 b1", "a2 b1 a1 c1", "a1 b2 a2", "a2 a1 a1", "a2 a3", "a2", "c1"]);
    let expected = ["+a1 +b1", "!a:0≠2 +c1", "~b2 -c1", "-b2", "!a:0≠1", "~a2", "-a2 +c1"];
    assert_eq!(seen, expected);
    let again = play(FREE, &["a1 a2 b1", "a2 a1 b1", "a1 b1", "a1 a2 b1", "a1 b1", "b1"]);
    assert_eq!(again, ["!a:0≠1 +b1", "", "+a1", "!a:0≠1", "", "-a1"]);
}

#[test]
fn a_bad_row_beside_a_good_one_is_a_conflict_and_told_once() {
    let seen = play(FREE, &["a1 b1", "a1 ax b1", "ax a1 b1", "ax ax b1", "a1 b1"]);
    assert_eq!(seen, ["+a1 +b1", "!a:0≠1", "", "!a:bad", ""]);
    let seen = play(FREE, &["ax ax b1", "ax ax b1", "-x ax a1 b1", "b1"]);
    assert_eq!(seen, ["!a:bad +b1", "", "!:no key !a:≠", ""]);
}

#[test]
fn an_item_in_conflict_counts_as_one_bad_item() {
    let mut keyed = Keyed::new(FREE, None);
    for (list, bad) in [("a1 a2 b1 b2 c1", 2), ("a1 a2 b1 c1", 1), ("c1", 0), ("c1 c2 c3", 1)] {
        observe(&mut keyed, &items(list));
        assert_eq!(keyed.bad_items(), bad, "{list}");
    }
}

/// The item of a repeated row is there as long as one of its pages has it.
#[test]
fn an_item_of_two_pages_is_there_as_long_as_one_of_them_is_kept() {
    let mut keyed = Keyed::new(FREE, None);
    observe(&mut keyed, &items("a1 b1 a1 c1"));
    let mut round = keyed.begin();
    keyed.changed(&mut round, Some(0..2));
    items("b1").iter().for_each(|item| keyed.saw(&mut round, item));
    keyed.kept(&mut round, 2..4);
    assert_eq!(show(keyed.end(round, |_| true)), "");
    let mut round = keyed.begin::<&str>();
    keyed.kept(&mut round, 0..1);
    keyed.kept(&mut round, 1..3);
    assert_eq!(show(keyed.end(round, |_| true)), "");
}

#[test]
fn a_page_that_is_kept_and_a_row_that_differs_are_in_conflict() {
    for kept_first in [true, false] {
        let mut keyed = Keyed::new(FREE, None);
        observe(&mut keyed, &items("a1 b1"));
        let mut round = keyed.begin();
        if kept_first {
            keyed.kept(&mut round, 0..2);
        }
        keyed.changed(&mut round, None);
        items("a2 c1").iter().for_each(|item| keyed.saw(&mut round, item));
        if !kept_first {
            keyed.kept(&mut round, 0..2);
        }
        keyed.settle(&mut round);
        assert!(round.repeats_anew() && round.has_conflicts());
        assert_eq!(show(keyed.end(round, |_| true)), "+c1");
        assert_eq!(keyed.bad_items(), 1);
    }
}

#[test]
fn only_a_key_that_is_repeated_anew_says_that_a_list_may_have_moved() {
    let mut keyed = Keyed::new(FREE, None);
    let lists = ["a1 b1", "a1 b1 a1", "a2 a2 b1", "a2 a1 b1", "a1 a2 b1", "a1 b1", "a1 a1 c1 c1"];
    let anew = lists.map(|list| {
        let mut round = keyed.begin();
        keyed.changed(&mut round, None);
        items(list).iter().for_each(|item| keyed.saw(&mut round, item));
        keyed.settle(&mut round);
        let anew = round.repeats_anew();
        keyed.end(round, |_| true);
        anew
    });
    assert_eq!(anew, [false, true, false, true, false, false, true]);
}

#[test]
fn a_row_that_is_repeated_does_not_hide_that_another_item_is_held() {
    let mut keyed = Keyed::new(RULE, None);
    observe(&mut keyed, &items("a1 b1 c1 d1"));
    observe(&mut keyed, &items("a1 a1 a1 a1"));
    for agreed in [2, 3] {
        let mut round = keyed.begin::<&str>();
        keyed.kept(&mut round, 0..4);
        let events = show(keyed.end(round, |_| true));
        assert_eq!(events, if agreed == 3 { "-b1 -c1 -d1" } else { "" });
    }
}

#[test]
fn what_does_not_count_is_no_change() {
    assert_eq!(play(FREE, &["apq", "apr", "ars", "ars", "arp"]), ["+apq", "", "~ars", "", ""]);
}

#[test]
fn what_is_equal_is_no_change_where_that_is_asked_for() {
    let mut keyed =
        Keyed::new(FREE, Some(|one: &String, other: &String| one.eq_ignore_ascii_case(other)));
    let seen = ["ap", "aP", "aq", "aQ", "aq"].map(|list| observe(&mut keyed, &items(list)));
    assert_eq!(seen, ["+ap", "", "~aq", "", ""]);
}

#[test]
fn a_mass_removal_is_held_until_three_whole_observations_in_a_row_agree() {
    let seen = play(RULE, &["a1 b1 c1 d1", "a1", "a1", "fails", "a1", "a1", "a1"]);
    let held = ["(3 of 4, 1)", "(3 of 4, 2)", "", "(3 of 4, 1)", "(3 of 4, 2)", "-b1 -c1 -d1"];
    assert_eq!(seen[1..], held);
}

#[test]
fn held_removals_end_with_the_items_return() {
    let seen = play(RULE, &["a1 b1 c1 d1", "a1", "a1 b1 d2", "a1 b1 c1 d2"]);
    assert_eq!(seen[1..], ["(3 of 4, 1)", "-c1 ~d2", "+c1"]);
    let seen = play(RULE, &["a1 b1 c1 d1", "a1", "a1 b1 c1 d1", "a1", "a1", "a1"]);
    assert_eq!(seen[2..], ["", "(3 of 4, 1)", "(3 of 4, 2)", "-b1 -c1 -d1"]);
}

#[test]
fn held_removals_are_released_on_demand_and_not_those_that_came_back() {
    let seen = play(RULE, &["a1 b1 c1 d1", "a1", "release", "fails", "a1 b1"]);
    assert_eq!(seen[4], "-c1 -d1");
    let seen = play(RULE, &["a1 b1 c1 d1", "a1 b1", "release", "a1", ""]);
    assert_eq!(seen[1..], ["-c1 -d1", "", "-b1", "-a1"]);
}

/// As where a list moved under two walks: what only one of them lacks is judged by the next.
#[test]
fn an_item_that_was_not_judged_is_known_to_be_lacking_although_all_pages_are_kept() {
    let mut keyed = Keyed::new(FREE, None);
    observe(&mut keyed, &items("a1 b1 c1"));
    let mut round = keyed.begin();
    keyed.changed(&mut round, None);
    for item in items("b1 c1") {
        keyed.saw(&mut round, &item);
    }
    assert_eq!(show(keyed.end(round, |_| false)), "");
    let mut round = keyed.begin::<&str>();
    keyed.kept(&mut round, 0..2);
    assert_eq!(keyed.lacking(&mut round).len(), 1);
    assert_eq!(show(keyed.end(round, |_| true)), "-a1");
}

#[test]
fn an_item_without_a_key_is_known_to_be_gone_although_all_other_pages_are_kept() {
    let mut keyed = Keyed::new(FREE, None);
    observe(&mut keyed, &items("a1 -x"));
    assert_eq!(keyed.bad_items(), 1);
    let mut round = keyed.begin::<&str>();
    keyed.kept(&mut round, 0..1);
    assert_eq!(show(keyed.end(round, |_| true)), "");
    assert_eq!(keyed.bad_items(), 0);
}

/// What is held, and was seen by the first of two walks, begins its row anew.
#[test]
fn an_item_that_only_the_second_of_two_walks_lacks_was_there() {
    let mut keyed = Keyed::new(RULE, None);
    observe(&mut keyed, &items("a1 b1 c1 d1"));
    let held = |keyed: &Keyed<String>| keyed.held().map(|held| held.agreed);
    observe(&mut keyed, &items("a1"));
    observe(&mut keyed, &items("a1"));
    assert_eq!(held(&keyed), Some(2));
    let mut round = keyed.begin();
    keyed.changed(&mut round, None);
    items("a1").iter().for_each(|item| keyed.saw(&mut round, item));
    assert_eq!(show(keyed.end(round, |_| false)), "");
    assert_eq!(observe(&mut keyed, &items("a1")), "");
    assert_eq!(held(&keyed), Some(1));
}

#[test]
fn items_of_which_none_was_ever_good_are_strange() {
    let mut keyed = Keyed::new(FREE, None);
    let mut strange = |list: &str| {
        let mut round = keyed.begin();
        keyed.changed(&mut round, None);
        for item in items(list) {
            keyed.saw(&mut round, &item);
        }
        keyed.settle(&mut round);
        let strange = keyed.strange(&mut round).is_some();
        if !strange {
            keyed.end(round, |_| true);
        }
        strange
    };
    let seen = ["ax", "-x", "", "a1 bx", "cx -y", "ax", "bx a1", "bx", ""].map(&mut strange);
    assert_eq!(seen, [true, true, false, false, true, false, false, false, false]);
}

#[test]
fn all_items_that_a_body_without_content_lacks_are_held_however_few_they_are() {
    let mut keyed = Keyed::new(FREE, None);
    observe(&mut keyed, &items("a1 b1"));
    let mut blank = |rows: &str| {
        let mut round = keyed.begin();
        keyed.changed(&mut round, None);
        round.has_blank_body();
        items(rows).iter().for_each(|item| keyed.saw(&mut round, item));
        show(keyed.end(round, |_| true))
    };
    // A page behind others may be empty.
    assert_eq!(["a1", "", "", ""].map(&mut blank), ["-b1", "", "", "-a1"]);
}

#[test]
fn few_items_and_small_shares_are_not_held() {
    assert_eq!(play(RULE, &["a1 b1 c1", ""])[1], "-a1 -b1 -c1");
    assert_eq!(play(RULE, &["a1 b1 c1 d1", "a1 b1"])[1], "-c1 -d1");
}

#[test]
fn a_list_that_is_not_found_is_confirmed_and_then_held_as_any_mass_removal() {
    let few = play(RULE, &["a1 b1", "404", "404", "404", "a1"]);
    assert_eq!(few, ["+a1 +b1", "", "-a1 -b1", "", "+a1"]);
    let many = play(RULE, &["a1 b1 c1 d1", "404", "404", "404"]);
    assert_eq!(many[1..], ["", "", "-a1 -b1 -c1 -d1"]);
    let between = play(RULE, &["a1 b1", "404", "fails", "404", "404"]);
    assert_eq!(between[1..], ["", "", "", "-a1 -b1"]);
    let again = play(RULE, &["a1 b1", "404", "a1 b1", "404", "404"]);
    assert_eq!(again[1..], ["", "", "", "-a1 -b1"]);
}

#[test]
fn a_list_that_is_gone_is_gone_at_once() {
    assert_eq!(play(RULE, &["a1 b1 c1 d1", "410"])[1], "-a1 -b1 -c1 -d1");
}

#[test]
fn slots_of_items_that_are_gone_are_used_no_longer() {
    let mut keyed = Keyed::new(FREE, None);
    for n in 0..200 {
        let list = [n, n + 1].map(|n| Item(Some(n.to_string()), "1".into()));
        observe(&mut keyed, &list);
    }
    assert!(keyed.slots.len() < 30, "{}", keyed.slots.len());
    assert_eq!(keyed.by_key.len(), 2);
}

type List = BTreeMap<u8, u8>;

fn list() -> impl Strategy<Value = List> {
    btree_map(0_u8..24, 0_u8..3, 0..24)
}

/// A list in some order, cut into pages.
fn raw(list: &List, order: u64, pages: usize) -> Vec<Vec<Item>> {
    let mut items: Vec<_> = list
        .iter()
        .map(|(key, content)| Item(Some(format!("k{key:02}")), content.to_string()))
        .collect();
    items.sort_by_key(|Item(key, _)| {
        let mut hasher = DefaultHasher::new();
        (order, key).hash(&mut hasher);
        hasher.finish()
    });
    let size = items.len().div_ceil(pages).max(1);
    items.chunks(size).map(<[Item]>::to_vec).collect()
}

fn observe_pages(keyed: &mut Keyed<String>, pages: &[Vec<Item>]) -> Vec<ExternalEvent<String>> {
    let mut round = keyed.begin();
    for page in pages {
        keyed.changed(&mut round, None);
        for item in page {
            keyed.saw(&mut round, item);
        }
    }
    keyed.end(round, |_| true)
}

fn apply(known: &mut BTreeMap<String, String>, events: &[ExternalEvent<String>]) {
    for event in events {
        let value = event.value();
        let key = value[..3].to_owned();
        let before = match event {
            ExternalEvent::Removed(_) => known.remove(&key),
            _ => known.insert(key, value.clone()),
        };
        match event {
            ExternalEvent::Added(_) => assert_eq!(before, None),
            ExternalEvent::Modified(_) => assert!(before.is_some_and(|before| before != *value)),
            ExternalEvent::Removed(last) => assert_eq!(before.as_ref(), Some(last)),
        }
    }
}

fn values(list: &List) -> BTreeMap<String, String> {
    let value = |(key, content): (&u8, &u8)| (format!("k{key:02}"), format!("k{key:02}{content}"));
    list.iter().map(value).collect()
}

proptest! {
    /// Each event says something that is so and was not before, so that there are as few as can be.
    #[test]
    fn the_events_applied_to_the_old_list_give_the_new_one_minimal_and_in_key_order(
        lists in vec((list(), any::<u64>(), 1_usize..5), 1..8),
    ) {
        let mut keyed = Keyed::new(FREE, None);
        let mut known = BTreeMap::new();
        for (list, order, pages) in lists {
            let changed = values(&list).into_iter().filter(|(key, value)| known.get(key) != Some(value)).count();
            let gone = known.keys().filter(|key| !values(&list).contains_key(*key)).count();
            let events = observe_pages(&mut keyed, &raw(&list, order, pages));
            let keys: Vec<_> = events.iter().map(|event| event.value()[..3].to_owned()).collect();
            prop_assert!(keys.is_sorted(), "{keys:?}");
            prop_assert_eq!(events.len(), changed + gone);
            apply(&mut known, &events);
            prop_assert_eq!(&known, &values(&list));
        }
    }

    #[test]
    fn any_interleaving_of_failures_and_successes_ends_in_the_state_of_the_last_success_alone(
        polls in vec((list(), any::<u64>(), 0_u8..3), 1..10),
    ) {
        let mut keyed = Keyed::new(FREE, None);
        let mut known = BTreeMap::new();
        let mut last = List::new();
        for (list, order, fate) in polls {
            let pages = raw(&list, order, 3);
            match fate {
                0 => keyed.failed(),
                1 => {
                    // It fails on its last page.
                    let mut round = keyed.begin::<&str>();
                    for page in pages.iter().rev().skip(1) {
                        keyed.changed(&mut round, None);
                        page.iter().for_each(|item| keyed.saw(&mut round, item));
                    }
                    keyed.failed();
                }
                _ => {
                    apply(&mut known, &observe_pages(&mut keyed, &pages));
                    last = list;
                }
            }
        }
        prop_assert_eq!(known, values(&last));
    }

    /// Pages that are what they were may as well be read anew.
    #[test]
    fn a_page_that_is_kept_counts_as_one_that_is_read(
        one in list(), other in list(), order in any::<u64>(), kept in vec(any::<bool>(), 4),
    ) {
        let first = raw(&one, order, 4);
        let mut keyed = Keyed::new(FREE, None);
        observe_pages(&mut keyed, &first);
        let mut begin = 0;
        let ranges: Vec<_> = first.iter().map(|page| {
            let range = begin..begin + page.len();
            begin = range.end;
            range
        }).collect();
        // Some pages stay, and what else there is comes behind them.
        let stay: Vec<_> = (0..first.len()).filter(|n| kept[*n]).collect();
        let keys: Vec<_> = stay.iter().flat_map(|n| &first[*n]).map(|item| item.0.clone().unwrap()).collect();
        let rest: Vec<_> = raw(&other, order, 1).concat().into_iter()
            .filter(|item| !keys.contains(item.0.as_ref().unwrap())).collect();
        let mut round = keyed.begin();
        for n in &stay {
            keyed.kept(&mut round, ranges[*n].clone());
        }
        if !rest.is_empty() || stay.len() < first.len() {
            keyed.changed(&mut round, None);
        }
        rest.iter().for_each(|item| keyed.saw(&mut round, item));
        let mut known = values(&one);
        apply(&mut known, &keyed.end(round, |_| true));
        let expected: Vec<_> = stay.iter().flat_map(|n| first[*n].clone()).chain(rest).collect();
        let expected: BTreeMap<_, _> = expected.iter().map(|item| {
            let key = item.0.clone().unwrap();
            (key.clone(), key + &item.1)
        }).collect();
        prop_assert_eq!(known, expected);
    }

    /// Rows may have any key any number of times, on pages that are read, or kept where no rows were in conflict.
    #[test]
    fn rows_of_one_key_are_one_item_if_they_agree_and_else_keep_the_last_value(
        lists in vec((vec(vec((0_u8..5, 0_usize..6), 0..5), 3), vec(any::<bool>(), 3)), 1..8),
    ) {
        let contents = ["1", "2", "Aa", "Ab", "Bb", "xx"];
        let row = |(key, content): &(u8, usize)| Item(Some(format!("k{key:02}")), contents[*content].to_owned());
        let mut keyed = Keyed::new(FREE, None);
        let mut known: BTreeMap<String, String> = BTreeMap::new();
        let mut before: Vec<Vec<Item>> = Vec::new();
        let mut had_conflicts = false;
        for (pages, kept) in lists {
            let mut pages: Vec<Vec<Item>> = pages.iter().map(|page| page.iter().map(row).collect()).collect();
            let kept: Vec<_> = kept.iter().map(|kept| *kept && !had_conflicts).collect();
            for n in (0..before.len()).filter(|n| kept[*n]) {
                pages[n] = before[n].clone();
            }
            let mut round = keyed.begin();
            let mut at = 0;
            for (n, page) in pages.iter().enumerate() {
                let was = before.get(n).map(|page| at..at + page.len());
                at = was.clone().map_or(at, |was| was.end);
                match was {
                    Some(was) if kept[n] => keyed.kept(&mut round, was),
                    was => {
                        keyed.changed(&mut round, was);
                        page.iter().for_each(|item| keyed.saw(&mut round, item));
                    }
                }
            }
            keyed.settle(&mut round);
            had_conflicts = round.has_conflicts();
            let events = keyed.end(round, |_| true);
            let mut rows: BTreeMap<String, Vec<Item>> = BTreeMap::new();
            for item in pages.concat() {
                rows.entry(item.0.clone().unwrap()).or_default().push(item);
            }
            let mut expected = known.clone();
            let mut bad = 0;
            expected.retain(|key, _| rows.contains_key(key));
            for (key, rows) in rows {
                let counted = |item: &Item| item.counted().unwrap_or(item.content());
                let is_one = rows.iter().all(|row| row.1 == rows[0].1 || row.decode().is_ok() && counted(row) == counted(&rows[0]));
                match rows[0].decode() {
                    Ok(value) if is_one => {
                        let is_known = expected.get(&key).is_some_and(|old| counted(&Item(Some(key.clone()), old[3..].to_owned())) == counted(&rows[0]));
                        if !is_known {
                            expected.insert(key, value);
                        }
                    }
                    _ => bad += 1,
                }
            }
            apply(&mut known, &events);
            prop_assert_eq!(&known, &expected);
            prop_assert_eq!(keyed.bad_items(), bad);
            before = pages;
        }
    }

    /// An item goes only where few go, or where three whole observations in a row lack it.
    #[test]
    fn the_guard_lets_no_mass_removal_pass_that_three_observations_do_not_agree_on(
        polls in vec((list(), any::<bool>()), 1..12),
    ) {
        let rule = Rule { confirm: 2, hold_above: 0.5, hold_min: 4 };
        let mut keyed = Keyed::new(rule, None);
        let mut known: BTreeMap<String, String> = BTreeMap::new();
        let mut absent: BTreeMap<String, u8> = BTreeMap::new();
        for (list, fails) in polls {
            if fails {
                keyed.failed();
                absent.clear();
                continue;
            }
            let now = values(&list);
            absent.retain(|key, _| !now.contains_key(key));
            let missing: Vec<_> = known.keys().filter(|key| !now.contains_key(*key)).cloned().collect();
            missing.iter().for_each(|key| *absent.entry(key.clone()).or_default() += 1);
            let mass = known.len() >= 4 && missing.len() * 2 > known.len();
            let expected: Vec<_> = missing.into_iter().filter(|key| !mass || absent[key] >= 3).collect();
            let events = observe_pages(&mut keyed, &raw(&list, 7, 1));
            let removed: Vec<_> = events.iter().filter_map(|event| match event {
                ExternalEvent::Removed(value) => Some(value[..3].to_owned()),
                _ => None,
            }).collect();
            prop_assert_eq!(&removed, &expected);
            apply(&mut known, &events);
            prop_assert_eq!(keyed.held().is_some(), known.len() > now.len());
            removed.iter().for_each(|key| { absent.remove(key); });
        }
    }
}
